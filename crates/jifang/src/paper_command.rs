//! `jifang paper …`: the templates of official documents, for an office that changes how its papers look. Needs no server, database or network.
//!
//! ```text
//! export ─▶ every built-in file and a README in both languages ─▶ a new or empty folder
//! check  ─▶ each document, Chinese and English, with sample values, from the folder over the built-in files ─▶ faults by file and line
//! ```
//! Always true: export writes over nothing; check writes nothing at all, and a fault that many papers share is told once. Exit code 0: done, or
//! every paper can be set; 1: faults; 2: wrong usage, or the folder cannot be read or written.

use base::{Lang, Text};
use clap::{Args as ClapArgs, Subcommand};
use paper::{Content, FontChoice, Fonts, PaperError, Template, built_in_files, documents, draw_qr, render, sample};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Most documents that are named beside a fault.
const NAMED: usize = 5;

const README: &str = "\
# 文书模板 / Templates of official documents

每个文件是一种文书的模板（Typst 纯文本）。要改文书的样子：把改好的同名文件放进数据目录下的 `templates` 文件夹
（通常是 `/var/lib/jifang/templates`，服务账号能读），从下一份文书起生效，不用重启。没有改的文件不必放。

- `official.typ`：全部文书的版式（页边、字体、标题、页码、印章位置）
- `casework.typ`：案件文书的各个部分；`organ-ink` 是机关名称的颜色
- 其余：一种文书一个文件，各部分的顺序和引出它们的文字

可以改引号里的文字和各行的顺序；`needs(…)` 一行不要动，缺少部分的文书由它拦下。日期、金额和期限不写在模板里。
改完检查：`jifang paper check 文件夹`，逐种文书用样例内容排印，有错的指出文件和行。

Each file is the template of one document (Typst, plain text). To change how a document looks, put the changed file, under the same name, into the
folder `templates` below the data folder (usually `/var/lib/jifang/templates`, readable for the service); it counts from the next document on, without
a restart. Files that you did not change need not be there.

- `official.typ`: the look of all (margins, fonts, title, page number, place of the seal)
- `casework.typ`: the blocks that papers of cases are made of; `organ-ink` is the colour of the organ's name
- the others: one document each, its blocks in their order and the words that lead to them

Change the words between the quotes and the order of the lines; leave the line `needs(…)` as it is: it stops a paper that lacks a part. Days, sums and
terms never stand in a template. Then check: `jifang paper check FOLDER` sets every document with sample values and names faults by file and line.
";

/// `jifang paper …`
#[derive(ClapArgs)]
pub struct Args {
    /// Language of the answer: zh or en.
    #[arg(long, global = true, default_value = "zh", value_parser = ["zh", "en"])]
    lang: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Write the built-in templates and a README into a new or empty folder, to be changed there.
    Export {
        /// The folder; one that holds anything is refused.
        folder: PathBuf,
    },
    /// Set every document with sample values from the templates of a folder; where it has none of a name, the built-in one is used.
    Check {
        /// The folder.
        folder: PathBuf,
        /// Only these documents, e.g. penalty-decision; without them all.
        document: Vec<String>,
    },
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let lang = Lang::parse(&args.lang).unwrap_or_default();
    match &args.what {
        What::Export { folder } => export(folder, lang),
        What::Check { folder, document } => check(folder, document, lang),
    }
}

/// Every file that is exported, by its name.
fn files() -> BTreeMap<String, String> {
    let templates = built_in_files().map(|(name, text)| (name, text.to_owned()));
    templates.chain([("README.md".to_owned(), README.to_owned())]).collect()
}

fn export(folder: &Path, lang: Lang) -> anyhow::Result<ExitCode> {
    let files = files();
    crate::law_folder::write(folder, &files)?;
    let (shown, count) = (folder.display(), files.len());
    let done = Text::of(
        format!(
            "已写入 {shown}：{count} 个文件。改好后用 jifang paper check {shown} 检查，再放进数据目录下的 templates 文件夹。"
        ),
        format!(
            "Written to {shown}: {count} files. Change them, check them with `jifang paper check {shown}`, then put them into the folder \
             `templates` below the data folder."
        ),
    );
    println!("{}", done.get(lang));
    Ok(ExitCode::SUCCESS)
}

/// A fault, and the documents that have it.
struct Fault {
    what: Text,
    next: Text,
    documents: BTreeSet<String>,
}

/// What a person is told of a fault: with file and line where a template has it.
fn told(error: &PaperError) -> Text {
    match error {
        PaperError::Template { file, line, message } => {
            let place = if *line == 0 { file.clone() } else { format!("{file}:{line}") };
            Text::of(format!("{place}: {message}"), format!("{place}: {message}"))
        }
        other => other.what(),
    }
}

/// Sets the documents in both languages; faults in the order in which they were found, each once.
fn faults(folder: &Path, names: &[&str], fonts: &Fonts) -> Vec<Fault> {
    let mut found: Vec<Fault> = Vec::new();
    for name in names {
        for lang in [Lang::Zh, Lang::En] {
            let set = || -> Result<(), PaperError> {
                let template = Template::read(name, Some(folder))?;
                let mut values = sample(name, lang);
                draw_qr(&mut values)?;
                let at = site::clock::system_utc();
                render(&template, &Content { at, lang, values: &values }, fonts).map(drop)
            };
            let Err(error) = set() else { continue };
            let what = told(&error);
            match found.iter_mut().find(|fault| fault.what == what) {
                Some(fault) => {
                    fault.documents.insert((*name).to_owned());
                }
                None => {
                    let documents = BTreeSet::from([(*name).to_owned()]);
                    found.push(Fault { what, next: error.next(), documents });
                }
            }
        }
    }
    found
}

/// Files of the folder that end like a template and take the place of none: used only where another one includes them.
fn strangers(folder: &Path) -> anyhow::Result<Vec<String>> {
    let known: BTreeSet<String> = built_in_files().map(|(name, _)| name).collect();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_template = Path::new(&name).extension().is_some_and(|ending| ending == "typ");
        if is_template && !name.starts_with('.') && !known.contains(&name) {
            found.push(name);
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn check(folder: &Path, only: &[String], lang: Lang) -> anyhow::Result<ExitCode> {
    let all: Vec<&str> = documents().collect();
    if let Some(unknown) = only.iter().find(|name| !all.contains(&name.as_str())) {
        anyhow::bail!("there is no document `{unknown}`; the documents are: {}", all.join(" "));
    }
    let names: Vec<&str> = all.into_iter().filter(|name| only.is_empty() || only.iter().any(|o| o == name)).collect();
    for name in strangers(folder)? {
        let note = Text::of(
            format!("注意：{name} 不是任何文书的名称，只有别的模板引用它时才有用。"),
            format!("note: {name} is no document's name; it counts only where another template includes it."),
        );
        println!("{}", note.get(lang));
    }
    let found = faults(folder, &names, &Fonts::find(&FontChoice::usual()));
    for fault in &found {
        let some: Vec<&str> = fault.documents.iter().take(NAMED).map(String::as_str).collect();
        let more = if fault.documents.len() > NAMED { " …" } else { "" };
        println!("{}", fault.what.get(lang));
        println!("    {}{} ({}{more})", lang.t("改正：", "to do: "), fault.next.get(lang), some.join(" "));
    }
    let (count, wrong) = (names.len(), found.len());
    let sum = if found.is_empty() {
        Text::of(
            format!("{count} 种文书都能用样例内容排成，中文、英文各一份。"),
            format!("All {count} documents can be set with sample values, in Chinese and English."),
        )
    } else {
        Text::of(
            format!("检查了 {count} 种文书：{wrong} 处有错。"),
            format!("{count} documents were checked: {wrong} faults."),
        )
    };
    println!("{}", sum.get(lang));
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_exported_once_and_nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("templates");
        export(&to, Lang::Zh).unwrap();
        let written = std::fs::read_dir(&to).unwrap().count();
        assert_eq!(written, documents().count() + 3, "two shared files and the README");
        for name in documents() {
            let ours = Template::read(name, None).unwrap().digest();
            assert_eq!(Template::read(name, Some(&to)).unwrap().digest(), ours, "{name}: as it is built in");
        }
        assert!(strangers(&to).unwrap().is_empty());
        let readme = std::fs::read_to_string(to.join("README.md")).unwrap();
        assert!(readme.contains("文书模板") && readme.contains("paper check FOLDER"), "in both languages");
        assert!(export(&to, Lang::Zh).is_err(), "a folder that holds something is refused");
    }

    #[test]
    fn a_fault_is_told_once_by_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["penalty-decision", "order-at-once"];
        let fonts = Fonts::find(&FontChoice::usual());
        assert!(faults(folder.path(), &names, &fonts).is_empty(), "the built-in ones can be set");
        std::fs::write(folder.path().join("casework.typ"), "\n#panic(\"of the office\")\n").unwrap();
        let found = faults(folder.path(), &names, &fonts);
        assert_eq!(found.len(), 1);
        let [fault] = found.as_slice() else { panic!("one fault") };
        assert!(fault.what.zh.starts_with("casework.typ:2: "), "{}", fault.what.zh);
        assert_eq!(fault.documents.len(), 2, "of both documents");
        std::fs::write(folder.path().join("penalty-decison.typ"), "x").unwrap();
        assert_eq!(strangers(folder.path()).unwrap(), ["penalty-decison.typ"], "a slip in a name is told");
    }

    #[test]
    fn an_unknown_document_and_a_folder_that_is_not_there_are_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check(folder.path(), &["decree".to_owned()], Lang::En).is_err());
        assert!(check(&folder.path().join("gone"), &["duty-report".to_owned()], Lang::En).is_err());
    }
}
