//! `jifang law …` on the real binary: packs of a folder, questions in words, exit codes.

use crate::support;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::server::jifang;

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn law(arguments: &[&str]) -> Said {
    let all: Vec<&str> = std::iter::once("law").chain(arguments.iter().copied()).collect();
    let output = jifang(&all);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

fn parsed(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {}", said.out))
}

fn packs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_lawyer_amends_a_pack_and_is_told_where_she_slipped() {
    let folder = tempfile::tempdir().unwrap();
    copied(&packs(), folder.path());
    let dir = folder.path().to_str().unwrap();
    let check = || law(&["check", "--packs", dir, "--lang", "en"]);
    let clean = check();
    assert_eq!(clean.code, Some(0), "{}{}", clean.out, clean.err);
    assert!(clean.out.contains("0 open findings"), "{}", clean.out);

    let file = folder.path().join("heilongjiang/ordinance-2012/clauses.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("clause = \"B-38\"", "clause = \"B-380\"", 1)).unwrap();
    let line = text.lines().position(|l| l == "id = \"B-15\"").unwrap() + 1;
    let told = check();
    assert_eq!(told.code, Some(1));
    assert!(told.out.starts_with(&format!("heilongjiang/ordinance-2012/clauses.toml:{line} [B-15]: ")), "{}", told.out);
    assert!(told.out.contains("`B-380` does not exist"), "{}", told.out);
    // Everything else but the check cannot go on with such packs.
    let shown = law(&["show", "B-15", "--packs", dir]);
    assert_eq!(shown.code, Some(2));
    assert!(shown.err.contains("[B-15]"), "{}", shown.err);

    fs::write(&file, text.replacen("amount = 30, from = \"2012-11-01\"", "amount = 45, from = \"2012-11-01\"", 1))
        .unwrap();
    let cases = check();
    assert_eq!(cases.code, Some(1), "the cases hold the number");
    assert!(cases.out.contains("cases.toml: "), "{}", cases.out);
    let longer = law(&["explain", "--packs", dir, "--lang", "en", "retention heilongjiang office 2026-03-02"]);
    assert!(longer.out.contains("At least 45 days"), "{}", longer.out);

    fs::write(&file, text).unwrap();
    let file = folder.path().join("heilongjiang/ordinance-2012/sanctions.toml");
    let fines = fs::read_to_string(&file).unwrap();
    fs::write(&file, fines.replacen("max_yuan = 30_000", "max_yuan = 31_000", 1)).unwrap();
    let fined = check();
    assert_eq!(fined.code, Some(1), "the cases hold every end of a fine");
    assert!(fined.out.contains("sanction-cases.toml: B-35-1"), "{}", fined.out);
}

#[test]
fn the_packs_of_the_program_are_clean_and_their_findings_are_told() {
    let check = law(&["check", "--json"]);
    assert_eq!(check.code, Some(0), "{}", check.out);
    let json = parsed(&check);
    assert_eq!(json["clean"], true);
    let findings = json["findings"].as_array().unwrap();
    let b40 = findings.iter().find(|f| f["kind"] == "dangling_reference" && f["at"] == "B-40").unwrap();
    assert_eq!(b40["file"], "heilongjiang/ordinance-2012/text.md");
    assert!(b40["line"].is_u64() && b40["known"]["en"].is_string());
    let all = law(&["check", "--all", "--lang", "en"]);
    assert!(all.out.contains("fits if shifted by 4") && all.out.contains("accepted: "), "{}", all.out);
}

#[test]
fn a_clause_is_shown_whole_with_its_slip_and_its_days() {
    let b40 = law(&["show", "B-40-1", "--lang", "en"]);
    assert_eq!(b40.code, Some(0), "{}", b40.err);
    for part in ["第二十六条第一项、第二项、第三项", "slip B-40-article", "no fine rests on it", "status:"]
    {
        assert!(b40.out.contains(part), "{part}: {}", b40.out);
    }
    let json = parsed(&law(&["show", "B-28-1-1", "--json"]));
    assert_eq!(json["coverage"]["status"], "enforced");
    assert!(json["article"]["body"].as_str().unwrap().contains("不得少于二人"));
    assert!(!json["coverage"]["cases"].as_array().unwrap().is_empty());
    for (on, force) in [("2025-03-31", false), ("2025-04-01", true)] {
        assert_eq!(parsed(&law(&["show", "799-17", "--json", "--on", on]))["in_force"], force, "{on}");
    }
    let beside = law(&["show", "A-23-4", "--lang", "en"]).out;
    assert!(beside.contains("799-17  goes before this clause, in force from 2025-04-01"), "{beside}");
    for none in ["B-28-9", "B-280"] {
        let none = law(&["show", none, "--lang", "en"]);
        assert_eq!((none.code, none.err.contains("B-28-1-1")), (Some(1), true), "{}", none.err);
    }
    assert_eq!(law(&["show", "X-1"]).code, Some(1));
    assert_eq!(law(&["show", "B-28-1-1", "--on", "tomorrow"]).code, Some(2));
}

#[test]
fn an_article_or_a_part_of_it_is_shown_with_its_clauses() {
    for part in ["B-28-1", "B-28"] {
        let said = law(&["show", part, "--lang", "en"]);
        assert_eq!(said.code, Some(0), "{}", said.err);
        for holds in ["不得少于二人", "B-28-1-1", "B-28-1-2", "B-28-1-3", "carried out by: gate: ", "cases and tests: "]
        {
            assert!(said.out.contains(holds), "{holds}: {}", said.out);
        }
        let json = parsed(&law(&["show", part, "--json"]));
        assert_eq!((json["article"]["number"].as_u64(), json["clauses"].as_array().unwrap().len()), (Some(28), 3));
        assert_eq!(json["clauses"][0]["coverage"]["status"], "enforced");
    }
    let slip = law(&["show", "B-40", "--lang", "en"]);
    assert!(slip.code == Some(0) && slip.out.contains("slip B-40-article"), "{}", slip.out);
    let lost = law(&["show", "A-24", "--lang", "zh", "--on", "2015-01-31"]);
    assert!(lost.out.contains("缺文 ") && lost.out.contains("（这一天无效）"), "{}", lost.out);
}

#[test]
fn whoever_reads_only_the_beginning_is_not_told_of_a_fault() {
    for arguments in [["law", "digest"], ["law", "coverage"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_jifang"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), [].as_slice()), "{arguments:?}");
    }
}

#[test]
fn seeded_defects_are_told_in_both_languages_with_what_to_do() {
    const B: &str = "heilongjiang/ordinance-2012";
    for (name, from, to, zh, en, todo) in [
        (
            "clauses.toml",
            "actor = [\"alarm_operator\"]",
            "actor = [\"king\"]",
            "不认识的词",
            "king",
            "Use one of the words",
        ),
        (
            "sanctions.toml",
            "min_yuan = 10_000",
            "min_yuan = 40_000",
            "罚款下限高于上限",
            "above max_yuan",
            "Compare both sums",
        ),
        (
            "policies.cedar",
            "@clause(\"B-19-2-3\")",
            "@clause(\"B-19-9\")",
            "不存在（B-19-9",
            "`B-19-9` does not exist",
            "Correct the id",
        ),
        (
            "obligations.toml",
            "clauses = [\"B-13-1\"]",
            "clauses = []",
            "义务没有条款",
            "names its clauses",
            "Name `clauses`",
        ),
        (
            "procedures/product_registration.toml",
            "ends = [\"deliver\"]\n",
            "",
            "期限没有终点",
            "has no end",
            "Say with `ends`",
        ),
        ("text.md", "\n## ", "\n\n## ", "条文文本已经改动", "text.md changed", "Read its clauses again"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        copied(&packs(), folder.path());
        let dir = folder.path().to_str().unwrap();
        let file = folder.path().join(B).join(name);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{name} holds no {from}");
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        let english = law(&["check", "--packs", dir, "--lang", "en"]);
        assert_eq!(english.code, Some(1), "{name}: {}{}", english.out, english.err);
        assert!(english.out.starts_with(&format!("{B}/")), "{}", english.out);
        assert!(english.out.contains(en) && english.out.contains(&format!("to do: {todo}")), "{name}: {}", english.out);
        let chinese = law(&["check", "--packs", dir, "--lang", "zh"]);
        assert!(chinese.out.contains(zh) && chinese.out.contains("改正："), "{name}: {}", chinese.out);
        let json = parsed(&law(&["check", "--packs", dir, "--json"]));
        assert!(json["defect"]["line"].is_u64() && json["defect"]["remedy"]["zh"].is_string(), "{json}");
    }
}

#[test]
fn questions_in_words_are_answered_or_told_back() {
    let hotel = law(&["explain", "retention", "hotel", "liaoning", "2026-11-22", "--lang", "en"]);
    assert_eq!(hotel.code, Some(0), "{}", hotel.err);
    assert!(hotel.out.contains("At least 60 days") && hotel.out.contains("LT-17"), "{}", hotel.out);
    let zh = law(&["explain", "留存", "旅馆", "辽宁", "2026-11-22"]);
    assert!(zh.out.contains("不少于60日"), "{}", zh.out);
    let terror = law(&["explain", "retention key-target heilongjiang 2013-05-01", "--lang", "en"]);
    assert!(terror.out.contains("At least 30 days"), "{}", terror.out);
    let one = parsed(&law(&["explain", "--json", "may one officer view heilongjiang"]));
    assert_eq!(one["sentences"][0]["text"]["en"], "No.");
    let lost = law(&["explain", "retention", "spaceship", "liaoning", "--lang", "en"]);
    assert_eq!((lost.code, lost.err.contains("`spaceship`")), (Some(1), true), "{}", lost.err);
    let filed = law(&["explain", "when must a registration filed on 2013-02-08 be decided", "--lang", "en"]);
    assert_eq!(filed.code, Some(0), "{}", filed.err);
    assert!(filed.out.contains("The last day is 2013-02-20") && filed.out.contains("B-10-2"), "{}", filed.out);
    let zh = law(&["explain", "2013-02-08 登记的产品什么时候必须作出决定"]);
    assert!(zh.out.contains("最后一日：2013-02-20") && zh.out.contains("春节"), "{}", zh.out);
    let sign =
        law(&["explain", "what", "if", "a", "sign", "is", "missing", "at", "a", "private", "shop", "--lang", "en"]);
    assert!(sign.out.contains("799-13: Order to correct") && sign.out.contains("Heilongjiang: "), "{}", sign.out);
    for taught in [law(&["explain", "--help"]).out, law(&["explain"]).err, law(&["explain", " "]).err] {
        for question in ["retention hotel liaoning 2026-11-22", "2013-02-08 登记的产品什么时候必须作出决定"]
        {
            assert!(taught.contains(question), "{taught}");
        }
    }
    assert_eq!(law(&["explain"]).code, Some(2));
}

#[test]
fn a_command_that_asks_no_server_says_that_its_readings_are_the_defaults() {
    let cost = law(&["explain", "what if B-22-1-1 heilongjiang 2026-03-02", "--lang", "en"]);
    assert_eq!(cost.code, Some(0), "{}", cost.err);
    assert!(cost.out.contains("B-40-1") && cost.out.contains("read by the defaults of the packs"), "{}", cost.out);
    let zh = law(&["explain", "B-22-1-1 会怎样 黑龙江 2026-03-02"]);
    assert!(zh.out.contains("默认读法") && zh.out.contains("/law/readings"), "{}", zh.out);
    let plain = law(&["explain", "retention", "hotel", "liaoning", "2026-11-22", "--lang", "en"]);
    assert!(!plain.out.contains("/law/readings"), "no slip is read there: {}", plain.out);
    let shown = law(&["show", "B-40-1", "--lang", "en"]);
    assert!(shown.out.contains("the default; what a server decided is on its page /law/readings"), "{}", shown.out);
    for json in [law(&["show", "B-40-1", "--json"]), law(&["explain", "--json", "may one officer view heilongjiang"])] {
        assert_eq!(parsed(&json)["readings_are"], "default", "{}", json.out);
    }
    for what in ["show", "explain"] {
        assert!(law(&[what, "--help"]).out.contains("/law/readings"), "{what}");
    }
}

#[test]
fn coverage_lists_every_clause_of_both_ordinances() {
    let of = |pack: &str| parsed(&law(&["coverage", "--json", "--pack", pack])).as_array().unwrap().len();
    assert_eq!(of("A") + of("B"), 193);
    let text = law(&["coverage", "--lang", "en", "--pack", "B"]);
    assert_eq!(text.code, Some(0), "{}", text.out);
    let gaps = parsed(&law(&["coverage", "--json", "--status", "gap"]));
    assert!(gaps.as_array().unwrap().iter().all(|c| c["status"] == "gap"));
    assert_eq!(law(&["coverage", "--status", "none"]).code, Some(2));
    assert_eq!(law(&["coverage", "--pack", "Z"]).code, Some(2));
    let list = parsed(&law(&["list", "--json"]));
    assert!(list.as_array().unwrap().iter().any(|p| p["id"] == "B" && p["from"] == "2012-11-01"));
    assert_eq!(law(&["list", "--packs", "/nonexistent"]).code, Some(2));
}

#[test]
fn the_packs_of_the_program_are_written_out_whole_and_over_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("law");
    let shown = folder.to_str().unwrap();
    let said = law(&["export", shown, "--lang", "en"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let own = law(&["digest"]).out;
    assert_eq!(law(&["digest", "--packs", shown]).out, own, "the same law, part by part");
    assert!(said.out.contains(own.split_whitespace().next().unwrap()), "{}", said.out);
    assert_eq!(law(&["check", "--packs", shown]).code, Some(0));

    let file = folder.join("overlays.toml");
    fs::write(&file, "mine").unwrap();
    let again = law(&["export", shown]);
    assert!(again.code != Some(0) && again.err.contains("not empty"), "{:?} {}", again.code, again.err);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}
