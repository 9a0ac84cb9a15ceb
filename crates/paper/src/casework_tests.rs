//! Papers of casework: every template with all parts, with the fewest, and with one too few; long names, long tables, codes in size.

use super::tests::{AT, FONTS, LOADED, gather};
use super::*;
use desk::Desk;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use typst::layout::{Frame, FrameItem};
use typst::visualize::Geometry;

/// Values of which every part is there, and says its name.
fn full() -> Value {
    let mut values = json!({
        "organ": "示范市公安局", "title": "示范文书名称", "date": "2026年11月22日", "number": "示公技〔2026〕1号",
        "to": "示范酒店有限公司", "copies": "本文书由双方各执一份。", "sample": true,
        "paragraphs": ["正文第一段。", "正文第二段。"],
        "facts": ["所查明的第一项。", "所查明的第二项。"],
        "basis": [{ "article": "《示范条例》第一条", "text": "条文按原文印出。" }, { "article": "《示范条例》第二条", "text": "" }],
        "decision": ["决定的内容。"],
        "remedies": ["救济途径的说明。"],
        "attachments": ["所附的清单"],
        "particulars": [
            { "name": "单位名称", "value": "示范酒店", "hint": "按营业执照填写" },
            { "name": "留空的一栏", "value": "" },
        ],
        "stub": [{ "name": "存根事由", "value": "例行检查" }, { "name": "批准人", "value": "" }],
        "tables": [
            { "title": "检查表", "heads": ["序", "检查项目", "结果"], "widths": [1, 5, 2], "rows": [["1", "探测器", "正常"]] },
            { "heads": ["甲", "乙"], "rows": [] },
        ],
        "talk": [{ "who": "问", "words": "何时启用？" }, { "who": "答", "words": "去年启用。" }],
        "opinions": [
            { "role": "承办部门意见", "words": "建议同意。", "by": "张三", "day": "2026年11月20日" },
            { "role": "负责人意见", "words": "", "by": "", "day": "" },
        ],
        "signatures": [
            { "role": "执法人员", "name": "李四", "number": "辽000001", "note": "" },
            { "role": "当事人", "name": "", "note": "拒绝签名的，注明情况。" },
        ],
        "qr": { "url": "https://gaj.example/verify/20261122-143205-000", "digest": "3fa2 91bc 0000 1111" },
    });
    draw_qr(&mut values).unwrap();
    values
}

/// What of a part is printed.
fn mark(part: &str) -> &'static str {
    match part {
        "organ" => "示范市公安局",
        "title" => "示范文书名称",
        "date" => "2026年11月22日",
        "number" => "示公技〔2026〕1号",
        "to" => "示范酒店有限公司：",
        "paragraphs" => "正文第二段。",
        "facts" => "（二）所查明的第二项。",
        "basis" => "《示范条例》第一条：条文按原文印出。",
        "decision" => "决定的内容。",
        "remedies" => "救济途径的说明。",
        "attachments" => "1.所附的清单",
        "particulars" => "按营业执照填写",
        "stub" => "存根事由",
        "tables" => "检查项目",
        "talk" => "答：去年启用。",
        "opinions" => "建议同意。",
        "signatures" => "李四（证件号辽000001）",
        other => panic!("no mark of {other}"),
    }
}

/// The parts that a template says it needs.
fn needs(name: &str) -> Vec<String> {
    let text = embedded::built_in(name).unwrap();
    let line = text.lines().find_map(|l| l.strip_prefix("#needs(")?.strip_suffix(')')).unwrap();
    line.split(", ").map(|part| part.trim_matches('"').to_owned()).collect()
}

/// Only these parts.
fn only(parts: &[String]) -> Value {
    let Value::Object(all) = full() else { panic!("no object") };
    Value::Object(all.into_iter().filter(|(name, _)| parts.contains(name)).collect())
}

fn papers() -> impl Iterator<Item = &'static str> {
    documents().filter(|name| *name != "duty-report")
}

/// For how many papers the layout remembers what none of them asked for again.
const KEPT: usize = 8;

/// Lays a document out with the stack that the product has, looks at its pages, and gives what `look` finds there.
fn laid<T: Send>(
    name: &str,
    values: &Value,
    lang: Lang,
    look: impl Fn(&PagedDocument) -> T + Send,
) -> Result<T, PaperError> {
    let work = move || -> Result<T, PaperError> {
        let template = Template::read(name, None)?;
        let data = value::set(values)?;
        FONTS.cover(&data.text, lang)?;
        let desk = Desk::new(&template, &Content { at: AT, lang, values }, data.value, &FONTS)?.sharing(&LOADED);
        let document = typst::compile::<PagedDocument>(&desk).output.map_err(|faults| desk.fault(&faults))?;
        check::look(&document)?;
        Ok(look(&document))
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK_BYTES).build().unwrap();
    let done = pool.install(work);
    // What the last papers had in common (the template that all share, parts with the same words) is not laid out again.
    comemo::evict(KEPT);
    done
}

/// What is printed, without spaces and places to break, and on how many pages.
fn print(name: &str, values: &Value, lang: Lang) -> Result<(String, usize), PaperError> {
    laid(name, values, lang, |document| {
        let mut out = String::new();
        document.pages().iter().for_each(|page| gather(&page.frame, &mut out));
        (out.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect(), document.pages().len())
    })
}

#[test]
fn every_paper_prints_all_that_it_needs() {
    let values = full();
    for name in papers() {
        let (text, _) = print(name, &values, Lang::Zh).unwrap_or_else(|e| panic!("{name}: {e}"));
        for part in needs(name) {
            assert!(text.contains(mark(&part)), "{name} does not print {part}: {text}");
        }
        for always in ["扫码核验", "3fa291bc00001111", "填写示范文本"] {
            assert!(text.contains(always), "{name} does not print {always}: {text}");
        }
    }
}

#[test]
fn the_fewest_parts_are_enough_and_english_is_there_too() {
    for name in papers() {
        let values = only(&needs(name));
        let (text, pages) = print(name, &values, Lang::En).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(pages <= 3 && text.contains("示范文书名称"), "{name}: {pages} pages, {text}");
        for absent in ["扫码核验", "Scantoverify", "filledsample", "依据："] {
            assert!(!text.contains(absent), "{name} prints {absent}: {text}");
        }
    }
}

#[test]
fn a_draft_says_so_on_each_page() {
    for name in papers() {
        let mut values = only(&needs(name));
        values["draft"] = json!(true);
        values["sample"] = json!(true);
        let (text, pages) = print(name, &values, Lang::Zh).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(text.contains("（草稿，没有编号，没有法律效力）") && !text.contains("填写示范文本"), "{name}: {text}");
        assert_eq!(text.matches("草稿—").count(), pages, "{name}: {text}");
        assert!(text.matches("草稿").count() > 2 * pages, "{name}: under the title, at the foot and across: {text}");
    }
    let (text, _) = print("certificate", &only(&needs("certificate")), Lang::Zh).unwrap();
    assert!(!text.contains("草稿"), "{text}");
}

#[test]
fn a_paper_that_is_void_says_so_on_each_page_and_is_no_draft() {
    for name in papers() {
        let mut values = only(&needs(name));
        values["void"] = json!(true);
        values["draft"] = json!(true);
        let (text, pages) = print(name, &values, Lang::Zh).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(text.contains("（本文书已经作废，没有法律效力）") && !text.contains("草稿"), "{name}: {text}");
        assert_eq!(text.matches("作废—").count(), pages, "{name}: {text}");
        assert!(text.matches("作废").count() > 2 * pages, "{name}: {text}");
    }
    let mut values = only(&needs("certificate"));
    let (text, _) = print("certificate", &values, Lang::En).unwrap();
    assert!(!text.contains("VOID") && !text.contains("DRAFT"), "{text}");
    values["void"] = json!(true);
    let (text, _) = print("certificate", &values, Lang::En).unwrap();
    assert!(text.contains("VOID") && text.contains("(thisdocumentcountsnomore)"), "{text}");
}

#[test]
fn a_part_too_few_is_told_by_name() {
    for name in papers() {
        let parts = needs(name);
        for missing in &parts {
            let mut values = only(&parts);
            values[missing.as_str()] = json!(null);
            let got = print(name, &values, Lang::Zh);
            let told = |message: &str| message.contains(&format!("the values have no {missing}"));
            assert!(matches!(&got, Err(PaperError::Template { message, .. }) if told(message)), "{name}: {got:?}");
        }
    }
}

#[test]
fn a_paper_in_english_has_no_chinese_of_its_own() {
    let mut values = only(&needs("order-with-limit"));
    values["organ"] = json!("Model City Police");
    values["title"] = json!("Order to correct");
    values["number"] = json!("No. 1");
    values["to"] = json!("Model Hotel");
    values["date"] = json!("2026-11-22");
    for part in ["facts", "decision", "remedies"] {
        values[part] = json!(["First.", "Second."]);
    }
    values["basis"] = json!([{ "article": "Model Ordinance, art. 1", "text": "As printed." }]);
    values["stub"] = json!([{ "name": "Cause", "value": "Inspection" }]);
    let (text, _) = print("order-with-limit", &values, Lang::En).unwrap();
    for part in ["Legalbasis:", "(1)First.", "(counterfoil)", "Ordertocorrect", "ModelHotel:"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.chars().any(|c| ('\u{3000}'..='\u{9fff}').contains(&c)), "{text}");
}

#[test]
fn a_checklist_of_sixty_lines_runs_over_pages_under_its_heads() {
    let mut values = full();
    let row = |n: usize| {
        json!([n.to_string(), format!("第{n}项：{}", "探测器的灵敏度和覆盖范围符合要求。".repeat(3)), "正常"])
    };
    values["tables"][0]["rows"] = (1..=60).map(row).collect();
    let (text, pages) = print("inspection-record", &values, Lang::Zh).unwrap();
    assert!(pages >= 3, "{pages}");
    assert!(text.matches("检查项目").count() >= 2, "the heads stand on every page of the table");
    assert!((1..=60).all(|n| text.contains(&format!("第{n}项："))), "no line is lost");
}

#[test]
fn long_names_stay_on_the_page() {
    let mut values = full();
    let long = |n: usize| json!("名称很长的示范单位".repeat(n));
    values["organ"] = long(12);
    values["title"] = long(8);
    values["to"] = long(20);
    values["number"] = long(6);
    values["particulars"][0]["value"] = json!("W".repeat(2_000));
    values["stub"][0]["value"] = long(30);
    values["signatures"][0]["name"] = long(10);
    values["facts"] = json!(["很长的事实。".repeat(400)]);
    values["qr"] =
        json!({ "url": format!("https://gaj.example/{}", "v".repeat(QR_BYTES - 20)), "digest": "3fa2 91bc" });
    draw_qr(&mut values).unwrap();
    for name in ["order-with-limit", "penalty-decision", "questioning-record", "certificate", "application"] {
        let (text, pages) = print(name, &values, Lang::Zh).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(pages >= 1 && text.contains(&"名称很长的示范单位".repeat(8)), "{name}: nothing is cut off");
    }
}

/// Sizes in millimetres of the dark modules of codes, and of all plain rectangles.
fn shapes(frame: &Frame, curves: &mut Vec<[f64; 2]>, rects: &mut Vec<[f64; 2]>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => shapes(&group.frame, curves, rects),
            FrameItem::Shape(shape, _) => {
                let size = shape.geometry.bbox(None).size();
                let size = [size.x.to_mm(), size.y.to_mm()];
                match shape.geometry {
                    Geometry::Curve(_) => curves.push(size),
                    Geometry::Rect(_) => rects.push(size),
                    Geometry::Line(_) => {}
                }
            }
            _ => {}
        }
    }
}

#[test]
fn a_code_is_drawn_in_its_exact_size_with_white_around_it() {
    let values = full();
    assert_eq!(values["qr"]["size"], json!(33), "46 letters are a code of version 4");
    let modules = 33.0;
    let (curves, rects) = laid("order-at-once", &values, Lang::Zh, |document| {
        let (mut curves, mut rects) = (Vec::new(), Vec::new());
        document.pages().iter().for_each(|page| shapes(&page.frame, &mut curves, &mut rects));
        (curves, rects)
    })
    .unwrap();
    let is = |size: &[f64; 2], mm: f64| size.iter().all(|side| (side - mm).abs() < 0.01);
    assert_eq!(curves.iter().filter(|size| is(size, modules * 0.5)).count(), 1, "{curves:?}");
    assert_eq!(rects.iter().filter(|size| is(size, (modules + 8.0) * 0.5)).count(), 1, "{rects:?}");
}

/// What is printed, page by page.
fn by_page(name: &str, values: &Value, lang: Lang) -> Vec<String> {
    laid(name, values, lang, |document| {
        let page = |frame: &Frame| {
            let mut out = String::new();
            gather(frame, &mut out);
            out.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect::<String>()
        };
        document.pages().iter().map(|p| page(&p.frame)).collect::<Vec<_>>()
    })
    .unwrap()
}

#[test]
fn the_day_and_the_seal_never_stand_alone_on_the_last_page() {
    let mut values = only(&needs("non-acceptance"));
    let mut broken = 0;
    for lines in 1..=24 {
        let fact = |n: usize| json!(format!("第{n}项情况，写满了一行之后还有几个字落在下面的一行里。"));
        values["facts"] = (0..lines).map(fact).collect();
        let pages = by_page("non-acceptance", &values, Lang::Zh);
        let last = pages.last().unwrap();
        assert!(last.contains("救济途径的说明。") && last.contains("（印章）"), "{lines}: {last}");
        broken += usize::from(pages.len() > 1);
    }
    assert!(broken > 1, "some run over a page");
}

/// The part that a paper prints last before its end.
fn last_part(name: &str) -> &'static str {
    const PARTS: [&str; 10] = [
        "tables",
        "particulars",
        "paragraphs",
        "facts",
        "basis",
        "decision",
        "remedies",
        "attachments",
        "talk",
        "opinions",
    ];
    let text = embedded::built_in(name).unwrap();
    let printed = PARTS.into_iter().filter_map(|part| text.rfind(&format!("\n#{part}(")).map(|at| (at, part)));
    printed.max().unwrap_or_else(|| panic!("{name} prints none of them")).1
}

/// A part with so many rows, names or paragraphs.
fn grow(values: &mut Value, part: &str, count: usize, lang: Lang) {
    let line = |n: usize| match lang {
        Lang::Zh => format!("第{n}项情况，写满了一行之后还有几个字落在下面的一行里。"),
        Lang::En => format!("Item {n}: what was found here fills a line and a few words stand in the next one."),
    };
    let one = |n: usize| match part {
        "tables" => json!([n.to_string(), format!("项目{n}"), "正常"]),
        "particulars" => json!({ "name": format!("第{n}栏"), "value": "内容" }),
        "basis" => json!({ "article": format!("第{n}条"), "text": line(n) }),
        "talk" => json!({ "who": "问", "words": line(n) }),
        "opinions" => json!({ "role": "意见", "words": line(n), "by": "张三", "day": "2026年11月20日" }),
        _ => json!(line(n)),
    };
    let all: Vec<Value> = (0..count).map(one).collect();
    values[part] = if part == "tables" {
        json!([{ "title": "检查表", "heads": ["序", "检查项目", "结果"], "widths": [1, 5, 2], "rows": all }])
    } else {
        json!(all)
    };
}

/// A page has nothing but organ, day, place of the seal and its number.
fn is_only_the_end(page: &str) -> bool {
    let ends = ["示范市公安局", "2026年11月22日", "（印章）", "(seal)"];
    let rest = ends.iter().fold(page.to_owned(), |rest, end| rest.replace(end, ""));
    rest.chars().all(|c| c.is_ascii_digit() || c == '—')
}

#[test]
fn no_kind_of_paper_leaves_the_day_and_the_seal_alone_on_its_last_page() {
    assert!(is_only_the_end("（印章）示范市公安局2026年11月22日—2—") && !is_only_the_end("正常（印章）—2—"));
    let mut broken = 0;
    for name in papers() {
        let part = last_part(name);
        // About as many as fill a page, a few less and a few more: each kind breaks somewhere among them.
        for (lang, counts) in [(Lang::Zh, &[18, 22, 26][..]), (Lang::En, &[25][..])] {
            for &count in counts {
                let mut values = only(&needs(name));
                grow(&mut values, part, count, lang);
                let pages = by_page(name, &values, lang);
                let last = pages.last().unwrap();
                assert!(!is_only_the_end(last), "{name}, {}, {count} of {part}: {last}", lang.tag());
                broken += usize::from(pages.len() > 1);
            }
        }
    }
    assert!(broken > 60, "{broken} run over a page");
}

#[test]
fn the_last_lines_of_a_long_last_paragraph_go_with_the_seal() {
    let wording = "销售安全技术防范产品的单位和个人应当到公安机关备案，并提交下列材料。".repeat(12);
    let mut broken = 0;
    for rows in 4..=24 {
        let mut values = only(&needs("filing-receipt"));
        grow(&mut values, "particulars", rows, Lang::En);
        values["basis"] = json!([{ "article": "art. 12", "text": wording }]);
        let pages = by_page("filing-receipt", &values, Lang::En);
        let last = pages.last().unwrap();
        assert!(last.contains("下列材料。") && last.contains("(seal)"), "{rows}: {last}");
        // Not the paragraph as a whole: the page before would be left empty.
        broken += usize::from(pages.len() > 1 && pages[0].contains("art.12"));
    }
    assert!(broken > 4, "{broken} are broken within the paragraph");
}

#[test]
fn the_last_row_of_a_table_goes_with_the_seal_under_the_heads_of_the_table() {
    let mut values = only(&needs("register-extract"));
    grow(&mut values, "tables", 24, Lang::Zh);
    let pages = by_page("register-extract", &values, Lang::Zh);
    assert_eq!(pages.len(), 2);
    assert!(pages[0].contains("项目22") && !pages[0].contains("项目23"), "{pages:?}");
    assert!(pages[1].contains("检查项目") && pages[1].contains("项目23"), "{pages:?}");
    // Where all fits on one page, the heads stand once.
    grow(&mut values, "tables", 3, Lang::Zh);
    let pages = by_page("register-extract", &values, Lang::Zh);
    assert_eq!((pages.len(), pages[0].matches("检查项目").count()), (1, 1), "{pages:?}");
}

/// The runs of text of a page, each as it stands in one line.
fn runs(frame: &Frame, out: &mut Vec<String>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => runs(&group.frame, out),
            FrameItem::Text(text) => out.push(text.text.to_string()),
            _ => {}
        }
    }
}

#[test]
fn no_line_ends_within_the_words_before_a_number() {
    let mut values = only(&needs("inspection-record"));
    for letters in 1..=30 {
        values["signatures"] = json!([{ "role": "执法人员", "name": "李".repeat(letters), "number": "辽000001" }]);
        let found = laid("inspection-record", &values, Lang::Zh, |document| {
            let mut out = Vec::new();
            document.pages().iter().for_each(|page| runs(&page.frame, &mut out));
            out
        })
        .unwrap();
        assert!(found.iter().any(|run| run.contains("证件号")), "{letters}: {found:?}");
    }
}

#[test]
fn english_labels_have_room_and_no_word_of_them_is_divided() {
    let mut values = only(&needs("register-extract"));
    values["particulars"] = json!([
        { "name": "number of the certificate", "value": "1" },
        { "name": "name of the legal representative", "value": "2" },
    ]);
    values["tables"] =
        json!([{ "heads": ["No.", "name of the representative"], "widths": [3, 1], "rows": [["1", "x"]] }]);
    let found = laid("register-extract", &values, Lang::En, |document| {
        let mut out = Vec::new();
        document.pages().iter().for_each(|page| runs(&page.frame, &mut out));
        out
    })
    .unwrap();
    assert!(found.iter().any(|run| run.trim() == "Number of the certificate"), "one line of the column: {found:?}");
    let words = found.iter().flat_map(|run| run.split_whitespace());
    assert_eq!(words.filter(|word| *word == "representative").count(), 2, "in the label and in the head: {found:?}");
}

#[test]
fn papers_become_files_for_archives_the_same_each_time() {
    let values = full();
    let content = Content { at: AT, lang: Lang::Zh, values: &values };
    for name in ["certificate", "inspection-notice"] {
        let template = Template::read(name, None).unwrap();
        let paper = render(&template, &content, &FONTS).unwrap();
        assert!(paper.pdf.starts_with(b"%PDF-1.7") && paper.pages >= 1, "{name}");
        assert_eq!(render(&template, &content, &FONTS).unwrap().digest, paper.digest, "{name}");
    }
}

#[test]
fn no_value_of_a_paper_is_read_as_markup() {
    let mut values = full();
    let hostile = "#panic(\"no\") $x$ @ref *b* _i_ [x] // y = h";
    for part in ["organ", "title", "number", "to", "date"] {
        values[part] = json!(hostile);
    }
    values["facts"] = json!([hostile, hostile]);
    values["talk"][0]["words"] = json!(hostile);
    values["tables"][0]["rows"] = json!([[hostile, hostile, hostile]]);
    let squeezed = hostile.replace(' ', "");
    for name in ["penalty-decision", "hearing-record"] {
        let (text, _) = print(name, &values, Lang::Zh).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(text.matches(&squeezed).count() >= 4, "{name}: {text}");
    }
}

/// Places of a text where a number stands before a unit that laws count in.
fn terms(text: &str) -> Vec<String> {
    const UNITS: [&str; 13] =
        ["日", "天", "元", "个月", "个工作日", "年", "倍", "份", " day", " days", " month", " months", " yuan"];
    let is_number = |c: char| c.is_numeric() || "〇一二三四五六七八九十百千万两半".contains(c);
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut found = BTreeSet::new();
    for line in code {
        // The next day, no number.
        let line = &line.replace("下一日期", "下次日期");
        for at in UNITS.iter().flat_map(|unit| line.match_indices(*unit)).map(|(at, _)| at) {
            if line[..at].trim_end().chars().next_back().is_some_and(is_number) {
                found.insert(line.to_owned());
            }
        }
    }
    found.into_iter().collect()
}

#[test]
fn no_template_has_a_number_of_a_law() {
    for found in ["在60日内", "十五 日", "罚款２00元", "六个月内", "5个工作日", "within 60 days", "a year of 12 months"]
    {
        assert_eq!(terms(found), [found], "the test sees such numbers");
    }
    assert!(terms("// 在60日内\n截止日：\n#set text(size: 22pt)").is_empty());
    let texts = embedded::SHARED.iter().map(|(name, text)| (*name, *text));
    for (name, text) in texts.chain(documents().map(|name| (name, embedded::built_in(name).unwrap()))) {
        assert_eq!(terms(text), Vec::<String>::new(), "{name}: such a number comes as a value, with its clause");
    }
}
