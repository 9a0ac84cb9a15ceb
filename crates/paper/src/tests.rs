//! Documents as a whole: what is printed is what was given, whatever was given; the same every time; and what stops one.

use super::*;
use desk::{Desk, Loaded};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};
use typst::layout::{Frame, FrameItem};

/// 2026-11-22 14:32:05 in Beijing.
pub(crate) const AT: UtcMs = UtcMs(1_795_329_125_000);

pub(crate) static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    Fonts::find(&FontChoice {
        title: list(&["FZXiaoBiaoSong-B05S", "Noto Serif CJK SC"]),
        heading: list(&["SimHei", "Noto Sans CJK SC"]),
        body: list(&["FangSong", "Noto Serif CJK SC"]),
        ..FontChoice::default()
    })
});

/// The files of these fonts, for what is laid out without the press.
pub(crate) static LOADED: LazyLock<Loaded> = LazyLock::new(|| (0..FONTS.len()).map(|_| OnceLock::new()).collect());

fn content(values: &serde_json::Value) -> Content<'_> {
    Content { at: AT, lang: Lang::Zh, values }
}

fn plain(source: &str) -> Template {
    Template::of("a.typ", BTreeMap::from([("a.typ".to_owned(), source.as_bytes().to_vec())])).unwrap()
}

/// Sets a small template of our own.
fn set(source: &str, values: &serde_json::Value) -> Result<Paper, PaperError> {
    render(&plain(source), &content(values), &FONTS)
}

/// A template that prints the one value.
const ONE: &str = "#set page(width: 100mm, height: 100mm, margin: 10mm)\n#set text(font: sys.inputs.fonts.body)\n#sys.inputs.data.text";

pub(crate) fn gather(frame: &Frame, out: &mut String) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => gather(&group.frame, out),
            FrameItem::Text(text) => out.push_str(&text.text),
            _ => {}
        }
    }
}

/// What is printed, in the order of the pages, without spaces and places to break.
pub(crate) fn printed(template: &Template, content: &Content<'_>) -> String {
    let data = value::set(content.values).unwrap().value;
    let desk = Desk::new(template, content, data, &FONTS).unwrap().sharing(&LOADED);
    let document = typst::compile::<PagedDocument>(&desk).output.unwrap();
    let mut out = String::new();
    document.pages().iter().for_each(|page| gather(&page.frame, &mut out));
    out.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

fn duty(title: &str, facts: &[&str]) -> serde_json::Value {
    json!({
        "title": title, "state": "逾期", "when": "自2026-11-01", "cites": ["《黑龙江省公共安全技术防范条例》第二十二条第一项"], "gap": true,
        "missing": ["没有验收的记录。"], "facts": facts, "todo": ["请登记验收文件。"], "next": "2026-12-01",
    })
}

fn report(duties: &[serde_json::Value], papers: &[serde_json::Value]) -> serde_json::Value {
    json!({
        "title": "安全技术防范自查报告", "number": "20261122-143205-000", "unit": "示范酒店", "place": "黑龙江省哈尔滨市某路1号",
        "kind": "黑龙江省、旅馆业", "day": "2026年11月22日", "weighed": "2026年11月22日 14时32分05秒", "total": duties.len(),
        "tally": [{ "name": "逾期", "count": 1 }, { "name": "待履行", "count": 0 }], "duties": duties, "papers": papers,
        "papers_left": 0,
    })
}

fn paper_line(title: &str) -> serde_json::Value {
    json!({ "kind": "备案", "title": title, "number": "哈公备1号", "day": "2026-11-22", "until": "—" })
}

#[test]
fn the_report_is_set_and_says_what_it_was_given() {
    let values = report(&[duty("验收后使用", &["第一台摄像机自2026-10-02起录像。"])], &[paper_line("备案回执")]);
    let template = Template::read("duty-report", None).unwrap();
    let paper = render(&template, &content(&values), &FONTS).unwrap();
    assert!(paper.pdf.starts_with(b"%PDF-1.7") && paper.pdf.trim_ascii_end().ends_with(b"%%EOF"));
    assert!((1..=3).contains(&paper.pages), "{}", paper.pages);
    assert_eq!((paper.digest, paper.template), (Sha256::of(&paper.pdf), template.digest()));
    let names: Vec<_> = paper.fonts_used.iter().map(|f| f.name.as_str()).collect();
    assert!(names.contains(&"NotoSerifCJKsc-Regular") && names.contains(&"NotoSansCJKsc-Bold"), "{names:?}");
    assert!(paper.fonts_used.iter().all(|f| f.version.contains("2.")), "{:?}", paper.fonts_used);
    let text = printed(&template, &content(&values));
    for part in [
        "安全技术防范自查报告",
        "编号：20261122-143205-000",
        "示范酒店",
        "逾期1项，待履行0项",
        "验收后使用",
        "条文有残缺",
        "第一台摄像机自2026-10-02起录像。",
        "缺：没有验收的记录。",
        "应当：请登记验收文件。",
        "哈公备1号",
        "安全管理负责人（签名）：",
        "单位盖章处",
        "—1—",
        "一、总体情况",
        "四、核验",
    ] {
        assert!(text.contains(part), "{part} is not printed: {text}");
    }
}

#[test]
fn the_report_has_a_second_language() {
    let mut values = report(&[duty("Use after acceptance", &["The first camera records since 2026-10-02."])], &[]);
    values["title"] = json!("Self-check of technical prevention");
    let template = Template::read("duty-report", None).unwrap();
    let text = printed(&template, &Content { lang: Lang::En, ..content(&values) });
    for part in ["Self-checkoftechnicalprevention", "1.Summary", "1duty:", "3.Howtoverify", "Todo:"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("应当：") && !text.contains("Papersentered"));
}

#[test]
fn the_same_is_the_same_to_the_byte() {
    let values = report(&[duty("验收后使用", &["一。", "二。"]), duty("保存录像", &[])], &[paper_line("备案回执")]);
    let template = Template::read("duty-report", None).unwrap();
    let first = render(&template, &content(&values), &FONTS).unwrap();
    let again = render(&template, &content(&values), &FONTS.clone()).unwrap();
    assert!(first == again, "{} and {}", first.digest, again.digest);
    let later = render(&template, &Content { at: AT.plus_ms(1_000), ..content(&values) }, &FONTS).unwrap();
    assert_ne!(later.digest, first.digest, "the moment is in the file");
    assert!(String::from_utf8_lossy(&first.pdf).contains("2026-11-22T14:32:05+08:00"), "the date is the content's");
}

#[test]
fn no_value_is_read_as_markup() {
    let hostile = [
        "#panic(\"no\")",
        "$ x^2 $",
        "@nowhere",
        "\\u{41}",
        "*fett* _kursiv_ `code`",
        "= Kopf",
        "- Punkt",
        "<label>",
        "// still here",
        "/* still here */",
        "#set text(fill: white)",
        "]#sys.inputs[",
        "\"quoted\" ''",
        "{{ x }}",
        "#include \"/etc/passwd\"",
        "~--...",
    ];
    for text in hostile {
        let values = json!({ "text": text });
        let got = printed(&plain(ONE), &content(&values));
        assert_eq!(got, text.replace(' ', ""), "printed as it was given");
    }
    let duties: Vec<_> = hostile.iter().map(|text| duty(text, &[text])).collect();
    let papers: Vec<_> = hostile.iter().map(|text| paper_line(text)).collect();
    let values = report(&duties, &papers);
    let text = printed(&Template::read("duty-report", None).unwrap(), &content(&values));
    for part in hostile {
        assert!(text.matches(&part.replace(' ', "")).count() >= 3, "{part}");
    }
}

#[test]
fn hidden_and_endless_text_stays_on_the_page() {
    let endless = "W".repeat(4_000);
    let values = json!({ "text": format!("正\u{202e}\u{200b}\u{feff}文{endless}") });
    let got = printed(&plain(ONE), &content(&values));
    assert_eq!(got, format!("正文{endless}"));
    let long = report(&[duty(&endless, &[&endless, &"很长".repeat(2_000)])], &[paper_line(&endless)]);
    let paper = render(&Template::read("duty-report", None).unwrap(), &content(&long), &FONTS).unwrap();
    assert!(paper.pages > 2, "nothing leaves the page and nothing is dropped: {}", paper.pages);
}

#[test]
fn a_character_without_a_glyph_stops_the_document() {
    let values = json!({ "text": "姓名\u{f8ff}" });
    assert!(matches!(set(ONE, &values), Err(PaperError::NoGlyph { character: '\u{f8ff}', .. })));
    let of_the_template = set("#set text(font: sys.inputs.fonts.body)\n\u{f8ff}", &json!({}));
    assert!(matches!(of_the_template, Err(PaperError::NoGlyph { character: '\u{f8ff}', .. })), "{of_the_template:?}");
}

#[test]
fn text_beyond_the_paper_stops_the_document() {
    let far = "#set page(width: 50mm, height: 50mm, margin: 5mm)\n#place(dx: 48mm)[beyond]";
    assert!(matches!(set(far, &json!({})), Err(PaperError::OffThePage { page: 1, near }) if near == "beyond"));
    assert!(set(&far.replace("48mm", "4mm"), &json!({})).is_ok());
    let low = "#set page(width: 50mm, height: 50mm, margin: 5mm)\n#block(height: 10mm, place(dy: 60mm)[below])";
    assert!(matches!(set(low, &json!({})), Err(PaperError::OffThePage { .. })));
}

#[test]
fn pages_have_a_limit_and_loops_an_end() {
    let pages = |n: usize| set(&format!("#for n in range({}) [x #pagebreak()]\nx", n - 1), &json!({})).map(|p| p.pages);
    assert_eq!(pages(PAGES), Ok(PAGES));
    assert_eq!(pages(PAGES + 1), Err(PaperError::TooManyPages { pages: PAGES + 1 }));
    for endless in ["#while true { }", "#let f(x) = f(x + 1)\n#f(0)", "#let f(x) = [#box(f(x))]\n#f(0)"] {
        let got = set(endless, &json!({}));
        assert!(matches!(got, Err(PaperError::Template { .. })), "{endless}: {got:?}");
    }
}

#[test]
fn deep_content_on_many_pages_is_set() {
    // Runs of pages are laid out by the threads of the pool: these have the large stack too.
    let source =
        "#let nest(n) = if n == 0 [x] else { block(nest(n - 1)) }\n#for i in range(12) { nest(20); pagebreak() }\nx";
    assert_eq!(set(source, &json!({})).map(|p| p.pages), Ok(13));
}

#[test]
fn a_document_shown_for_debugging_tells_nothing_of_its_text() {
    let shown = format!("{:?}", set("secret name", &json!({})).unwrap());
    assert!(shown.contains("bytes") && !shown.contains("37, 80, 68, 70") && shown.len() < 600, "{shown}");
}

#[test]
fn a_template_reaches_nothing_but_its_files() {
    for wants in [
        "#read(\"/etc/passwd\")",
        "#read(\"../../../../etc/passwd\")",
        "#include \"/etc/hostname\"",
        "#import \"@preview/example:0.1.0\": *",
        "#image(\"/usr/share/pixmaps/x.png\")",
        "#image(\"http://example.org/x.png\")",
        "#plugin(\"x.wasm\")",
        "#json(\"data.json\")",
    ] {
        let got = set(wants, &json!({}));
        assert!(matches!(&got, Err(PaperError::Template { line: 1, .. })), "{wants}: {got:?}");
    }
    let day = printed(&plain("#datetime.today().display()"), &content(&json!({})));
    assert_eq!(day, "2026-11-22", "the only day is the document's");
    assert!(set("#datetime.today(offset: 0)", &json!({})).is_err(), "no other zone is answered");
}

#[test]
fn a_wrong_template_is_told_by_file_and_line() {
    let files = [("a.typ", "#import \"b.typ\": *\n#x()"), ("b.typ", "\n\n#let x() = missing\n")];
    let files: BTreeMap<_, _> = files.iter().map(|(n, t)| ((*n).to_owned(), t.as_bytes().to_vec())).collect();
    let got = render(&Template::of("a.typ", files).unwrap(), &content(&json!({})), &FONTS);
    assert!(matches!(&got, Err(PaperError::Template { file, line: 3, .. }) if file == "b.typ"), "{got:?}");
    let not_text = Template::of("a.typ", BTreeMap::from([("a.typ".to_owned(), vec![0xff, 0xfe])])).unwrap();
    assert!(matches!(render(&not_text, &content(&json!({})), &FONTS), Err(PaperError::Template { .. })));
}

#[test]
fn every_error_says_what_and_what_next_in_both_languages() {
    let near = "某处".to_owned();
    for error in [
        PaperError::NoFont { wanted: vec!["FangSong".into()], folders: vec![] },
        PaperError::NoGlyph { character: '㐀', near: near.clone() },
        PaperError::FontLost { path: "/f.ttc".into() },
        PaperError::TooMuch,
        PaperError::TooManyPages { pages: 201 },
        PaperError::OffThePage { page: 2, near },
        PaperError::QrText { bytes: 301 },
        PaperError::Template { file: "a.typ".into(), line: 3, message: "unknown variable".into() },
        PaperError::Broken("x".into()),
    ] {
        let refusal = base::Refusal::from(error.clone());
        for text in [&refusal.what, &refusal.next] {
            assert!(text.zh.ends_with('。') || text.zh.contains('：'), "{error:?}: {}", text.zh);
            assert!(!text.en.is_empty() && text.en != text.zh, "{error:?}");
        }
        assert_eq!(refusal.code, error.code());
    }
}
