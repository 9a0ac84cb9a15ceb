//! `jifang law …`: what the packs say, of the binary or of a folder. Needs no server, database or network.
//!
//! Exit code 0: it holds or was answered; 1: the check is not clean, or there is no such clause, or a question was not understood;
//! 2: wrong usage, or the packs cannot be read (then file, line and clause are named).

/// A line of the answer, as `println!`; see the function `line`.
macro_rules! say {
    ($($line:tt)*) => {
        $crate::law_command::line(format_args!($($line)*))?
    };
}

mod show;

use base::{CivilDate, Lang, Text};
use clap::{Args as ClapArgs, Subcommand};
use law::{Gate, Jurisdiction, Packs, TextKind};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The words of questions before and after those for provinces, which are data.
const EXPLAIN_WORDS: [&str; 2] = ["\
Questions are a few words or a sentence, in Chinese or English; what is not understood is told by name.
  topic      retention 留存 | view, officer 查看、民警 | install, stand 安装 | penalty, fine, what if 处罚、会怎样
             when, deadline, due 什么时候、最迟 | duties 义务
  province   ", ";
             without one, each province that has packs is answered
  unit       hotel 旅馆 | pawnshop 典当行 | massage 按摩 | private shop 商店 | key-unit 重点单位 | key-target 反恐重点目标
  place      lobby 大厅 | corridor 走廊 | toilet 卫生间 | square 广场 …
  installer  government 政府 | managing-unit 管理单位 | anybody 任何人; approved 经批准, sound 录音, facing-homes 对着住宅
  breach     the id of a clause, like B-16, or sign 标识 | private-place 禁止场所 | retention 留存 | public-area 公共区域 |
             filing 备案 | acceptance 未经验收 | plan 方案 | no-system | tampering 拆除 | rules 制度 | watch 值班 | upkeep 维护 |
             viewing 查看 | disclosure 公开 | voyeurism 偷拍 …; person 个人, serious 严重, overdue 逾期
  procedure  registration 登记 | filing 备案 | approval 批准 | review 复议 | lawsuit 诉讼 | penalty-case | enforcement … and a
             clock of it, like decide 决定, ask-for-hearing 听证, pay 缴纳; the day is that of the step that starts it
  day        2026-11-22, 2026年11月22日, before 2025-04-01, a year like 2013; without one, today

Examples:"];

/// The words and examples of questions.
fn explain_help() -> String {
    let [before, after] = EXPLAIN_WORDS;
    let province = |j: Jurisdiction| j.asked_as().collect::<Vec<_>>().join(" ");
    let help = format!("{before}{}{after}", Jurisdiction::ALL.map(province).join("\n             | "));
    law::questions().fold(help, |help, question| help + "\n  jifang law explain " + question)
}

/// `jifang law …`
#[derive(ClapArgs)]
pub struct Args {
    /// A folder of packs (like `law/` of the source) instead of those in this program.
    #[arg(long, global = true, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Language of the answer: zh or en.
    #[arg(long, global = true, default_value = "zh", value_parser = ["zh", "en"])]
    lang: String,
    /// The answer as JSON, in both languages.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List the packs: what they are, since when, how many clauses.
    List,
    /// The SHA-256 of the packs, over all and of each part: compare it with the entry "law.in_use" of a server's log.
    Digest,
    /// Show a clause: its article as printed, slips and readings, what overrides it, what carries it out, which cases hold it.
    /// Of an article or a part of it: its text, slips, gaps and clauses. Readings are the defaults: what a server decided is on its
    /// page /law/readings.
    Show {
        /// Clause id, e.g. B-28-1-1; or an article, e.g. B-28, or a part of it, e.g. B-28-1.
        clause: String,
        /// The law of this day (Shanghai); today without it.
        #[arg(long, value_name = "DAY", value_parser = day)]
        on: Option<CivilDate>,
    },
    /// Answer a question in words, with the clauses the answer rests on; without a question, say what can be asked. Slips are read by the
    /// defaults: what a server decided is on its page /law/readings, and what a breach costs there on the page of the clause.
    #[command(after_help = explain_help())]
    Explain {
        /// The question, e.g. when must a registration filed on 2013-02-08 be decided.
        question: Vec<String>,
    },
    /// What becomes of every clause: status, what carries it out and whether that runs, cases and tests.
    Coverage {
        /// Only this pack, e.g. B.
        #[arg(long)]
        pack: Option<String>,
        /// Only this status, e.g. gap.
        #[arg(long)]
        status: Option<String>,
    },
    /// Write the packs into a new or empty folder, to be amended there and named as `law_folder` in the configuration.
    Export {
        /// The folder; one that holds anything is refused.
        folder: PathBuf,
    },
    /// Check the packs: their files, what holds between them, and their cases. Clean is: nothing that known-findings.toml does not list.
    Check {
        /// Show what was accepted too, with the reason.
        #[arg(long)]
        all: bool,
    },
}

fn day(text: &str) -> Result<CivilDate, String> {
    CivilDate::parse(text).ok_or_else(|| "not a day like 2026-11-22".to_owned())
}

/// Files of the packs and the packs.
struct Law {
    files: BTreeMap<String, String>,
    packs: Packs,
    lang: Lang,
    json: bool,
    today: CivilDate,
}

impl Law {
    fn say<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.lang)
    }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if matches!(&args.what, What::Explain { question } if question.iter().all(|word| word.trim().is_empty())) {
        eprintln!("{}", explain_help());
        return Ok(ExitCode::from(2));
    }
    let files = match &args.packs {
        Some(folder) => crate::law_folder::read(folder)?,
        None => law::embedded_files(),
    };
    let lang = Lang::parse(&args.lang).unwrap_or_default();
    let packs = match Packs::from_files(&files) {
        Ok(packs) => packs,
        // For the check a pack that does not load is a finding like any other: told where it is, exit code 1.
        Err(error) if matches!(args.what, What::Check { .. }) => return defect(&error, args.json, lang),
        Err(error) => return Err(error.into()),
    };
    let today = site::clock::system_utc().shanghai_date();
    let law = Law { files, packs, lang, json: args.json, today };
    match &args.what {
        What::List => list(&law),
        What::Digest => digest(&law),
        What::Show { clause, on } => show::show(&law, clause, on.unwrap_or(today)),
        What::Explain { question } => explain(law, &question.join(" ")),
        What::Coverage { pack, status } => coverage(&law, pack.as_deref(), status.as_deref()),
        What::Export { folder } => export(&law, folder),
        What::Check { all } => check(law, *all),
    }
}

fn export(law: &Law, folder: &Path) -> anyhow::Result<ExitCode> {
    crate::law_folder::write(folder, &law.files)?;
    let (shown, count, all) = (folder.display(), law.files.len(), law.packs.digest().all.hex());
    if law.json {
        print_json(&json!({ "folder": folder, "files": count, "sha256": all }))?;
    } else {
        let next = Text::of(
            format!(
                "已写入 {shown}：{count} 个文件，摘要 {all}。修改后用 jifang law check --packs {shown} 检查，在配置中写 law_folder 后重启。"
            ),
            format!(
                "Written to {shown}: {count} files, digest {all}. Amend them, check them with `jifang law check --packs {shown}`, name \
                 the folder as law_folder in the configuration and restart."
            ),
        );
        say!("{}", law.say(&next));
    }
    Ok(ExitCode::SUCCESS)
}

fn defect(error: &law::PackError, as_json: bool, lang: Lang) -> anyhow::Result<ExitCode> {
    if as_json {
        let defect = json!({
            "file": error.file, "line": error.line, "clause": error.clause, "what": error.what, "text": error.text(),
            "remedy": error.remedy(),
        });
        print_json(&json!({ "clean": false, "defect": defect, "findings": [], "cases": 0, "failures": [] }))?;
    } else {
        let line = error.line.map(|n| format!(":{n}")).unwrap_or_default();
        let clause = error.clause.as_ref().map(|c| format!(" [{c}]")).unwrap_or_default();
        say!("{}{line}{clause}: {}", error.file, error.text().get(lang));
        say!("    {}{}", lang.t("改正：", "to do: "), error.remedy().get(lang));
        say!("{}", lang.t("规则包不能加载，其余没有检查。", "The packs do not load; nothing else was checked."));
    }
    Ok(ExitCode::from(1))
}

/// Prints a line. Where nobody reads on (`jifang law digest | head -1`) the rest goes nowhere, and the exit code says what it would
/// have said.
fn line(text: fmt::Arguments<'_>) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

fn print_json(value: &serde_json::Value) -> anyhow::Result<()> {
    say!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

fn list(law: &Law) -> anyhow::Result<ExitCode> {
    let mut lines = Vec::new();
    for pack in law.packs.all() {
        let head = &pack.head;
        if law.json {
            lines.push(json!({
                "id": head.id, "folder": pack.folder, "name": pack.name(), "from": head.from, "until": head.until,
                "jurisdictions": head.jurisdictions, "articles": pack.articles.len(), "clauses": pack.clauses.len(),
                "readings": pack.readings.len(), "text_sha256": head.text_sha256, "source": { "zh": head.source_zh, "en": head.source_en },
            }));
        } else {
            let (clauses, name) = (pack.clauses.len(), pack.name());
            let until = head.until.map(|d| format!(" – {d}")).unwrap_or_default();
            say!("{:<5} {}{until}  {clauses:>3}  {}", head.id, head.from, law.say(&name));
        }
    }
    if law.json {
        print_json(&json!(lines))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn digest(law: &Law) -> anyhow::Result<ExitCode> {
    let digest = law.packs.digest();
    if law.json {
        print_json(&serde_json::to_value(digest)?)?;
    } else {
        say!("{}  {}", digest.all.hex(), law.lang.t("全部", "all"));
        for (part, sha256) in &digest.parts {
            say!("{}  {part}", sha256.hex());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn explain(law: Law, question: &str) -> anyhow::Result<ExitCode> {
    let (lang, as_json, today) = (law.lang, law.json, law.today);
    let gate = Gate::new(law.packs)?;
    let answer = match law::explain(&gate, question, today) {
        Ok(answer) => answer,
        Err(told) => {
            eprintln!("jifang: {}", told.get(lang));
            return Ok(ExitCode::from(1));
        }
    };
    if as_json {
        let mut answer = serde_json::to_value(&answer)?;
        answer["readings_are"] = json!("default");
        print_json(&answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    say!("{}", answer.understood.get(lang));
    for sentence in &answer.sentences {
        let cited: Vec<String> = sentence
            .clauses
            .iter()
            .map(|c| {
                let flag = match c.reading {
                    base::Reading::Literal => "",
                    base::Reading::Evident => lang.t("，按明显文意", ", evident meaning"),
                    base::Reading::FlaggedDefault => lang.t("，暂行默认", ", flagged default"),
                };
                format!("{} {}{flag}", c.clause.0, c.article.get(lang))
            })
            .collect();
        let cited = if cited.is_empty() { String::new() } else { format!("  [{}]", cited.join("; ")) };
        say!("- {}{cited}", sentence.text.get(lang));
    }
    let slips = |c: &base::Citation| gate.packs().readings_of(&c.clause).iter().any(|r| r.is_open_to_choice());
    if answer.sentences.iter().flat_map(|s| &s.clauses).any(slips) {
        say!(
            "{}",
            lang.t(
                "笔误按规则包的默认读法；服务器的决定见它的 /law/readings 和条款页。",
                "Slips are read by the defaults of the packs; what a server decided is on its pages /law/readings and of the clause."
            )
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn coverage(law: &Law, pack: Option<&str>, status: Option<&str>) -> anyhow::Result<ExitCode> {
    let known = law::Status::ALL.iter().find(|s| Some(s.key()) == status);
    if status.is_some() && known.is_none() {
        let all: Vec<&str> = law::Status::ALL.iter().map(|s| s.key()).collect();
        anyhow::bail!("no status `{}`; there are {}", status.unwrap_or_default(), all.join(", "));
    }
    if let Some(id) = pack.filter(|id| law.packs.pack(id).is_none()) {
        anyhow::bail!("no pack `{id}`; `jifang law list` lists them");
    }
    let whole = law.packs.coverage();
    let wanted = |c: &&law::Coverage| pack.is_none_or(|p| c.pack == p) && known.is_none_or(|s| c.status == *s);
    let lines: Vec<&law::Coverage> = whole.iter().filter(wanted).collect();
    let complete = lines.iter().filter(|c| c.complete).count();
    if law.json {
        print_json(&serde_json::to_value(&lines)?)?;
    } else {
        for line in &lines {
            let carriers: Vec<String> = line
                .carriers
                .iter()
                .map(|c| if c.built { c.carrier.to_string() } else { format!("({})", c.carrier) })
                .collect();
            let reason = line.reason.get(law.lang);
            let held = line.cases.len() + line.held_by.len();
            say!("{:<12} {:<12} {held:>3}  {} {reason}", line.id.0, line.status.key(), carriers.join(" "));
        }
        let l = law.lang;
        let brackets = l.t("括号内的尚未建成。", "What stands in brackets is not built yet.");
        say!("{complete}/{} {} {brackets}", lines.len(), l.t("条有去向或理由。", "have a carrier or a reason."));
        if pack.is_none() && known.is_none() {
            let printed = |id: &str| law.packs.pack(id).is_some_and(|p| p.head.text == TextKind::AsGiven);
            let two: Vec<&law::Coverage> = whole.iter().filter(|c| printed(&c.pack)).collect();
            let complete = two.iter().filter(|c| c.complete).count();
            say!("{complete}/{} {}", two.len(), l.t("条属于两部条例。", "of them are clauses of the two ordinances."));
        }
    }
    Ok(if complete == lines.len() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn check(law: Law, all: bool) -> anyhow::Result<ExitCode> {
    let (lang, as_json) = (law.lang, law.json);
    let judged = match law.packs.check_between(&law.files) {
        Ok(judged) => judged,
        Err(error) => return defect(&error, as_json, lang),
    };
    let gate = Gate::new(law.packs)?;
    let failures = gate.run_cases();
    let open = judged.iter().filter(|j| j.is_open()).count();
    let clean = open == 0 && failures.is_empty();
    if as_json {
        let failed: Vec<_> =
            failures.iter().map(|f| json!({ "file": f.file, "case": f.case, "what": f.what })).collect();
        print_json(&json!({
            "clean": clean, "defect": null, "findings": judged, "cases": gate.case_count(), "failures": failed,
        }))?;
    } else {
        for one in judged.iter().filter(|j| all || j.is_open()) {
            let f = &one.finding;
            let line = f.line.map(|n| format!(":{n}")).unwrap_or_default();
            say!("{}{line} [{}] {}: {}", f.file, f.at, f.kind.name().get(lang), f.text.get(lang));
            if let Some(reason) = &one.known {
                say!("    {}{}", lang.t("已接受：", "accepted: "), reason.get(lang));
            }
        }
        for failure in &failures {
            say!("{}: {}: {}", failure.file, failure.case, failure.what);
        }
        let (known, cases) = (judged.iter().filter(|j| j.known.is_some()).count(), gate.case_count());
        let failed = failures.len();
        say!(
            "{}",
            match lang {
                Lang::Zh => format!("{open} 个未决问题，{known} 个已接受；{cases} 个案例，{failed} 个不符。"),
                Lang::En => format!("{open} open findings, {known} accepted; {cases} cases, {failed} failures."),
            }
        );
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
