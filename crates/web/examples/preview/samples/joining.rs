//! The page of the counter that joins accounts: asked, found, with what is wrong, and empty.

use super::super::pages::joining::{JoinFound, JoinPage};
use super::casework::desk_bar;
use super::public::Ink;
use super::*;

fn asked(l: Lang, ink: Ink) -> JoinPage {
    let mut errors = FormErrors::default();
    errors.push("number", ink.t("没有登记过这个代码或者号码。", "Nobody with this code or number is entered."));
    JoinPage {
        l,
        bar: desk_bar(ink),
        kinds: vec![
            Choice::new("unit", ink.t("单位", "a unit"), true),
            Choice::new("person", ink.t("个人", "a person"), false),
        ],
        kind: "unit".into(),
        login: ink.s("longjiang10001"),
        number: ink.p("91350100M000100Y43"),
        found: None,
        errors,
    }
}

fn found(l: Lang, ink: Ink) -> JoinPage {
    let mut errors = FormErrors::default();
    errors.push(
        "seen",
        ink.t("所列证件、材料须逐项核对原件。", "Each of the papers listed is compared in the original."),
    );
    let found = JoinFound {
        holder: ink.p("王**"),
        party: ink.p("龙江路商业广场有限公司"),
        papers: vec![
            Choice::new("unit_certificate", ink.t("单位的营业执照", "the unit's licence"), true),
            Choice::new("own_card", ink.t("来人的居民身份证", "the identity card of the person who came"), false),
        ],
    };
    JoinPage { found: Some(found), errors, ..asked(l, ink) }
}

pub fn put_all(l: Lang, out: &mut Vec<(String, String)>) {
    for hostile in [false, true] {
        let ink = Ink { hostile };
        put(out, &ink.name("applicants"), &asked(l, ink));
        put(out, &ink.name("applicants-found"), &found(l, ink));
    }
    let bar = AppBar { csrf: "sample".into(), ..AppBar::default() };
    put(out, "applicants-empty", &JoinPage { l, bar, ..JoinPage::default() });
}
