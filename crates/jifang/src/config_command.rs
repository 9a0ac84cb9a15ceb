//! `jifang config`: prints the commented file, says whether a file can be used; and the reading of the file for all commands.

use anyhow::Context;
use clap::{Args as ClapArgs, Subcommand};
use config::Config;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `jifang config …`
#[derive(ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print a commented configuration with all defaults.
    Default,
    /// Read a configuration file and say whether it can be used.
    Check {
        /// The file.
        file: PathBuf,
    },
}

/// Reads a file.
///
/// # Errors
/// The file cannot be read, or what in it cannot be used: each fault with line, column and key.
pub fn read(file: &Path) -> anyhow::Result<Config> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    match config::read(&text) {
        Ok(config) => Ok(Config { text, ..config }),
        Err(faults) => {
            let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
            anyhow::bail!("不能使用 / cannot use `{}`:\n{}", file.display(), faults.join("\n"))
        }
    }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::Default => {
            print!("{}", config::DEFAULT);
            Ok(ExitCode::SUCCESS)
        }
        What::Check { file } => match read(file) {
            Ok(config) => {
                println!("{}: can be used", file.display());
                for warning in warnings(&config) {
                    println!("{warning}");
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                println!("{error:#}");
                Ok(ExitCode::from(1))
            }
        },
    }
}

/// What a server would start with all the same, since recording waits for no certificate, but a person should see to.
fn warnings(config: &Config) -> Vec<String> {
    let fault = config.http.tls.as_ref().and_then(|tls| web::tls::fault_of(&tls.source));
    let fault = fault.map(|f| {
        let zh = format!("警告：网页证书不能使用，将改用自行生成的证书。{}", f.zh);
        format!(
            "{zh}\nwarning: the certificate for pages cannot be used, one made here will be shown instead. {}",
            f.en
        )
    });
    let exposed = config.http.exposed().then(|| EXPOSED.to_owned());
    [fault, exposed].into_iter().flatten().collect()
}

/// Said where pages are in clear.
pub const EXPOSED: &str = "警告：网页未加密，密码和画面在网络上可被他人看到。请设置 [http.tls]，或在前面放置加密代理并写入 trusted_proxies。\n\
    warning: pages are not encrypted; others on the network can read passwords and pictures. Set [http.tls], or put a proxy that \
    encrypts in front and name it in trusted_proxies.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_in_clear_and_a_certificate_that_is_not_there_are_warned_of() {
        let told = |text: &str| warnings(&config::read(&format!("data = \"x\"\n{text}\n")).expect("a configuration"));
        assert_eq!(told(""), [EXPOSED]);
        assert!(told("http = \"127.0.0.1:80\"").is_empty());
        let given = told("[http.tls]\ncertificate = \"/nowhere/a\"\nkey = \"/nowhere/b\"");
        assert!(given.len() == 1 && given[0].contains("/nowhere/a: cannot be read"), "{given:?}");
    }

    #[test]
    fn each_fault_of_a_file_is_a_line_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("jifang.toml");
        std::fs::write(&file, "data = 7\nhtpp = 1\n").expect("written");
        let told = format!("{:#}", read(&file).expect_err("faults"));
        assert!(told.lines().count() == 3 && told.contains("`data`") && told.contains("`htpp`"), "{told}");
    }
}
