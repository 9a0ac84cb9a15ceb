//! Offers and demands on record (A-29, B-33): somebody offered a benefit, wanted a product designated, or demanded that one be used.
//!
//! What flows through: [`OfferForm`] as filled in ─▶ [`check`] ─▶ [`Offer`] as it is kept. Always true: there is no word for a benefit that
//! was taken or a product that was designated; an offer is declined, handed in or reported, and what the law says to it is the gate's
//! answer, never the form's.

use crate::own_words::own_words;
use base::{CivilDate, Pii, Refusal, Text, limits};

/// Fewest letters of what happened, and most characters.
pub const WORDS_CHARS: (usize, usize) = (5, limits::FREE_TEXT_CHARS);
/// Earliest day that can be entered, days back from today.
pub const BACK: i32 = 3_660;
/// Most entries of one account within a day.
pub const PER_DAY: u32 = 50;

/// What was offered or demanded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OfferKind {
    /// A gift, fee or other benefit, offered or asked for.
    Benefit,
    /// Somebody wants a brand, seller or service unit designated.
    Designation,
    /// An officer demands that a given brand or unit be used.
    Demand,
}

impl OfferKind {
    /// All, in the order shown.
    pub const ALL: [Self; 3] = [Self::Benefit, Self::Designation, Self::Demand];

    /// Stable word for forms, rows and entries.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Benefit => "benefit",
            Self::Designation => "designation",
            Self::Demand => "demand",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Benefit => Text::new("礼品、费用或者其他利益", "a gift, fee or other benefit"),
            Self::Designation => Text::new("请求指定品牌或者单位", "a brand or unit to be designated"),
            Self::Demand => Text::new("要求使用指定的品牌或者单位", "a demand to use a given brand or unit"),
        }
    }
}

/// What became of it. That it was taken is none of these.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OfferOutcome {
    /// Declined.
    Declined,
    /// Could not be declined, so it was handed in.
    HandedIn,
    /// Reported to whoever supervises.
    Reported,
}

impl OfferOutcome {
    /// All, in the order shown.
    pub const ALL: [Self; 3] = [Self::Declined, Self::HandedIn, Self::Reported];

    /// Stable word for forms, rows and entries.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::HandedIn => "handed_in",
            Self::Reported => "reported",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.code() == code)
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Declined => Text::new("已拒绝", "declined"),
            Self::HandedIn => Text::new("已上交", "handed in"),
            Self::Reported => Text::new("已报告", "reported"),
        }
    }
}

/// An offer or demand as somebody filled it in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OfferForm {
    /// What it was.
    pub kind: Option<OfferKind>,
    /// Who offered or demanded.
    pub who: Pii<String>,
    /// On whose behalf; empty: on nobody's else.
    pub behalf: Pii<String>,
    /// On which day.
    pub on: Option<CivilDate>,
    /// What became of it.
    pub outcome: Option<OfferOutcome>,
    /// What happened, in one's own words.
    pub words: Pii<String>,
}

/// An offer or demand that can be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// What it was.
    pub kind: OfferKind,
    /// Who offered or demanded.
    pub who: Pii<String>,
    /// On whose behalf; empty: on nobody's else.
    pub behalf: Pii<String>,
    /// On which day.
    pub on: CivilDate,
    /// What became of it.
    pub outcome: OfferOutcome,
    /// What happened.
    pub words: Pii<String>,
}

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

/// One line of at most a name's length; `None` where it is longer, or shorter than it has to be.
fn line(text: &Pii<String>, least: usize) -> Option<Pii<String>> {
    own_words(text.expose(), (least, limits::NAME_CHARS)).filter(|kept| !kept.expose().contains('\n'))
}

/// Checks the form; gives the offer as it is kept.
///
/// # Errors
/// `kind`, `who`, `behalf`, `on` (none, to come, or longer ago than [`BACK`]), `outcome`, `words`: the field that is wrong.
pub fn check(form: &OfferForm, today: CivilDate) -> Result<Offer, Refusal> {
    let most = limits::NAME_CHARS;
    let kind = form.kind.ok_or_else(|| bad("kind", Text::new("请选择是什么。", "Choose what it was.")))?;
    let who = line(&form.who, 1).ok_or_else(|| {
        let what = Text::of(
            format!("请写明是谁：一行，至多{most}个字符。"),
            format!("Say who it was: one line, at most {most} characters."),
        );
        bad("who", what)
    })?;
    let behalf = line(&form.behalf, 0).ok_or_else(|| {
        let what = Text::of(
            format!("代表谁：一行，至多{most}个字符，没有可以不填。"),
            format!("On whose behalf: one line, at most {most} characters, or nothing."),
        );
        bad("behalf", what)
    })?;
    let on = form.on.filter(|on| *on <= today && *on >= today.plus_days(-BACK)).ok_or_else(|| {
        let what = Text::new(
            "请填写日期，不晚于今天，不早于十年前。",
            "Enter the day: today at the latest, ten years ago at the earliest.",
        );
        bad("on", what)
    })?;
    let outcome =
        form.outcome.ok_or_else(|| bad("outcome", Text::new("请选择怎样处理。", "Choose what became of it.")))?;
    let words = own_words(form.words.expose(), WORDS_CHARS).ok_or_else(|| {
        let (least, most) = WORDS_CHARS;
        let what = Text::of(
            format!("请写明经过：至少{least}个字，至多{most}个字符。"),
            format!("Say what happened: at least {least} letters, at most {most} characters."),
        );
        bad("words", what)
    })?;
    Ok(Offer { kind, who, behalf, on, outcome, words })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> CivilDate {
        CivilDate::parse("2026-11-22").unwrap()
    }

    fn pii(text: &str) -> Pii<String> {
        Pii::new(text.to_owned())
    }

    fn good() -> OfferForm {
        OfferForm {
            kind: Some(OfferKind::Benefit),
            who: pii(" 王经理 "),
            behalf: pii("某安防公司"),
            on: Some(today()),
            outcome: Some(OfferOutcome::Declined),
            words: pii("验收后送来购物卡，当场退回。\r\n在场的还有李工。"),
        }
    }

    fn code(form: &OfferForm) -> String {
        check(form, today()).map_or_else(|r| r.code, |_| "kept".to_owned())
    }

    #[test]
    fn a_whole_form_is_kept_and_each_field_is_asked_for() {
        let kept = check(&good(), today()).unwrap();
        assert_eq!((kept.who.expose().as_str(), kept.behalf.expose().as_str()), ("王经理", "某安防公司"));
        assert!(kept.words.expose().contains("退回。\n在场"));
        assert_eq!(code(&OfferForm { behalf: pii("  "), ..good() }), "kept", "it may have been for themselves");
        let long = "长".repeat(limits::NAME_CHARS);
        for (form, is) in [
            (OfferForm { kind: None, ..good() }, "kind"),
            (OfferForm { who: pii(" "), ..good() }, "who"),
            (OfferForm { who: pii("——"), ..good() }, "who"),
            (OfferForm { who: pii("甲\n乙"), ..good() }, "who"),
            (OfferForm { who: pii(&long), ..good() }, "kept"),
            (OfferForm { who: pii(&format!("{long}长")), ..good() }, "who"),
            (OfferForm { behalf: pii(&long), ..good() }, "kept"),
            (OfferForm { behalf: pii(&format!("{long}长")), ..good() }, "behalf"),
            (OfferForm { behalf: pii("甲\u{7}"), ..good() }, "behalf"),
            (OfferForm { outcome: None, ..good() }, "outcome"),
            (OfferForm { words: pii("四个字啊"), ..good() }, "words"),
            (OfferForm { words: pii("五个字的话"), ..good() }, "kept"),
            (OfferForm { words: pii(&"字".repeat(WORDS_CHARS.1 + 1)), ..good() }, "words"),
        ] {
            assert_eq!(code(&form), is, "{:.80}", format!("{:?} {:?}", form.kind, form.outcome));
        }
    }

    #[test]
    fn nothing_is_entered_of_days_to_come() {
        for (days, is) in [(1, "on"), (0, "kept"), (-BACK, "kept"), (-BACK - 1, "on")] {
            assert_eq!(code(&OfferForm { on: Some(today().plus_days(days)), ..good() }), is, "{days}");
        }
        assert_eq!(code(&OfferForm { on: None, ..good() }), "on");
    }

    #[test]
    fn no_word_says_that_it_was_taken_or_designated() {
        for kind in OfferKind::ALL {
            assert_eq!(OfferKind::parse(kind.code()), Some(kind));
        }
        for outcome in OfferOutcome::ALL {
            assert_eq!(OfferOutcome::parse(outcome.code()), Some(outcome));
        }
        for word in ["", "taken", "accepted", "allowed", "designated"] {
            assert_eq!((OfferKind::parse(word), OfferOutcome::parse(word)), (None, None), "{word}");
        }
    }
}
