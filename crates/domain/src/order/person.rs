//! A person's own request to see footage (Order 799 art. 21), handed on by the authority's server to the unit that decides it, and what the unit
//! tells in return.
//!
//! ```text
//! form of the person ─▶ PersonOrder ─▶ (bus) ─▶ held at once ─▶ entered by a custodian ─▶ decided by another one ─▶ shown, or over
//!                                                └──────────▶ Told with each answer ◀──────────────┴──────────────────────┘
//! ```
//! Always true: the authority hands it on and decides nothing; names and reasons never print; a stage goes forward only ([`Told::follows`]); what is
//! beyond a limit is not read. The bodies are sealed wherever they lie, and salted, so that their digests say nothing of a name; one without its whole
//! salt is none.

use super::show::pii;
use super::{CLAUSES, NAME_CHARS, WORDS_CHARS, is_text};
use base::limits::REQUEST_RANGE_MS;
use base::{ClauseId, Pii, UtcMs};
use law::Relation;
use serde::{Deserialize, Serialize};

/// Word of a person's own request that is handed on.
pub const PERSON: &str = "person";
/// Our own rule (`own-rules.toml`) that says in how many days the unit enters one: no clause does.
pub const ENTERED_WITHIN: &str = "own_request_entered";
/// Reason of the order that releases the footage, where the person took the request back.
pub const WITHDRAWN: &str = "withdrawn";
/// The same where it is over.
pub const OVER: &str = "request_over";
/// Most characters of why the footage is asked for.
pub const WHY_CHARS: usize = 500;
/// Most characters of the reason of a refusal, as it is told.
pub const REASON_CHARS: usize = 1_000;
/// Characters of the salt: 16 bytes, hexadecimal.
const SALT_CHARS: usize = 32;

/// What is to be protected (Order 799 art. 21).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protects {
    /// Life or health.
    LifeHealth,
    /// Property.
    Property,
}

/// A person's own request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PersonOrder {
    /// Number of the receipt that the person has.
    pub number: String,
    /// When the person asked: the minute of the receipt.
    pub asked: UtcMs,
    /// First moment of the footage.
    pub from: UtcMs,
    /// End of the footage.
    pub to: UtcMs,
    /// Where, in the person's words: the unit, the place, the camera.
    pub place: String,
    /// Who the person is to the person concerned.
    pub relation: Relation,
    /// What is to be protected.
    pub protects: Protects,
    /// Name of who asks.
    #[serde(with = "pii")]
    pub name: Pii<String>,
    /// Where they are reached.
    #[serde(with = "pii")]
    pub contact: Pii<String>,
    /// The person concerned, where it is another one; empty otherwise.
    #[serde(with = "pii")]
    pub concerned: Pii<String>,
    /// What happened and what is looked for.
    #[serde(with = "pii")]
    pub why: Pii<String>,
    /// On what ground.
    pub clauses: Vec<ClauseId>,
    /// Random, 32 hexadecimal digits, never empty: keeps the digest, which is in two logs, from being guessed back into a name.
    pub salt: String,
}

impl PersonOrder {
    /// Within every limit.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let length_ms = self.to.since(self.from);
        let line = |text: &Pii<String>| is_text(text.expose(), NAME_CHARS) && !text.expose().contains('\n');
        let named = !self.name.expose().trim().is_empty();
        let other = self.relation == Relation::Person || !self.concerned.expose().trim().is_empty();
        !self.number.is_empty()
            && is_text(&self.number, NAME_CHARS)
            && (1..=REQUEST_RANGE_MS).contains(&length_ms)
            && is_text(&self.place, WORDS_CHARS)
            && [&self.name, &self.contact, &self.concerned].into_iter().all(line)
            && named
            && other
            && is_text(self.why.expose(), WHY_CHARS)
            && self.clauses.len() <= CLAUSES
            && self.clauses.iter().all(|c| !c.0.is_empty() && is_text(&c.0, NAME_CHARS))
            && self.salt.len() == SALT_CHARS
            && self.salt.bytes().all(|b| b.is_ascii_hexdigit())
    }
}

/// How far a person's own request is at the unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonStage {
    /// It came, and the footage is held as far as there is any; a custodian is to enter it.
    Held,
    /// A custodian entered it; another one decides.
    Entered,
    /// The unit consents.
    Agreed,
    /// The unit does not consent.
    Refused,
    /// The consent is over: it was shown, or nobody came.
    Over,
    /// The person took it back.
    Withdrawn,
}

impl PersonStage {
    /// Every one, in order.
    pub const ALL: [Self; 6] = [Self::Held, Self::Entered, Self::Agreed, Self::Refused, Self::Over, Self::Withdrawn];

    /// Stable word for rows.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Entered => "entered",
            Self::Agreed => "agreed",
            Self::Refused => "refused",
            Self::Over => "over",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }

    /// Nothing follows any more.
    #[must_use]
    pub const fn is_last(self) -> bool {
        matches!(self, Self::Refused | Self::Over | Self::Withdrawn)
    }
}

/// When and where the person is to come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Coming {
    /// From when they are expected.
    pub from: UtcMs,
    /// Until when.
    pub to: UtcMs,
    /// Where at the unit; names nobody.
    pub place: String,
}

impl Coming {
    /// Within every limit.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.from < self.to && is_text(&self.place, NAME_CHARS)
    }
}

/// What the unit tells of a person's own request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// How far it is.
    pub stage: PersonStage,
    /// Since when.
    pub at: UtcMs,
    /// Number of the request at the unit; empty before it was entered.
    pub number: String,
    /// Until when the consent lasts.
    pub until: Option<UtcMs>,
    /// When and where to come, as the unit says it.
    pub coming: Option<Coming>,
    /// When footage was first shown, and when that was over, by the unit's register; `None`: nothing was.
    pub seen: Option<(UtcMs, UtcMs)>,
    /// Why the unit does not consent; empty otherwise.
    #[serde(with = "pii")]
    pub reason: Pii<String>,
}

impl Told {
    /// At this stage since then, and nothing else.
    #[must_use]
    pub fn at(stage: PersonStage, at: UtcMs) -> Self {
        let reason = Pii::new(String::new());
        Self { stage, at, number: String::new(), until: None, coming: None, seen: None, reason }
    }

    /// Within every limit.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        is_text(&self.number, NAME_CHARS)
            && is_text(self.reason.expose(), REASON_CHARS)
            && self.coming.as_ref().is_none_or(Coming::is_whole)
            && self.seen.is_none_or(|(begin, end)| begin <= end)
    }

    /// Can be told after what was told before: a stage never goes back, and after the last one nothing is told.
    #[must_use]
    pub fn follows(&self, before: &Self) -> bool {
        !before.stage.is_last() && self.stage >= before.stage
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Answer, Ended, Order};
    use super::*;
    use base::OrderId;

    fn request() -> PersonOrder {
        PersonOrder {
            number: "查阅〔2026〕1号".into(),
            asked: UtcMs(9_000_000),
            from: UtcMs(1_000_000),
            to: UtcMs(4_600_000),
            place: "示例广场 东入口".into(),
            relation: Relation::Guardian,
            protects: Protects::LifeHealth,
            name: Pii::new("王五".into()),
            contact: Pii::new("024-55550100".into()),
            concerned: Pii::new("王小五".into()),
            why: Pii::new("孩子走失。".into()),
            clauses: vec![ClauseId::new("799-21")],
            salt: "00".repeat(16),
        }
    }

    #[test]
    fn a_request_reads_back_names_nobody_in_print_and_is_none_beyond_a_limit() {
        let whole = Order::Person(request());
        assert_eq!(Order::read(PERSON, &whole.body()), Some(whole.clone()));
        assert_eq!((whole.kind(), whole.case()), (PERSON, "查阅〔2026〕1号"));
        let print = format!("{whole:?}");
        assert!(!print.contains("王") && !print.contains("024") && !print.contains("走失"), "{print}");
        for bad in [
            PersonOrder { number: String::new(), ..request() },
            PersonOrder { to: request().from, ..request() },
            PersonOrder { to: request().from.plus_ms(REQUEST_RANGE_MS + 1), ..request() },
            PersonOrder { place: "字".repeat(WORDS_CHARS + 1), ..request() },
            PersonOrder { name: Pii::new(" ".into()), ..request() },
            PersonOrder { name: Pii::new("字".repeat(NAME_CHARS + 1)), ..request() },
            PersonOrder { contact: Pii::new("1\n2".into()), ..request() },
            PersonOrder { concerned: Pii::new(String::new()), ..request() },
            PersonOrder { why: Pii::new("字".repeat(WHY_CHARS + 1)), ..request() },
            PersonOrder { clauses: vec![ClauseId::new("799-21"); CLAUSES + 1], ..request() },
            PersonOrder { salt: "0".repeat(SALT_CHARS + 1), ..request() },
            PersonOrder { salt: "0".repeat(SALT_CHARS - 1), ..request() },
            PersonOrder { salt: "x".repeat(SALT_CHARS), ..request() },
            PersonOrder { salt: String::new(), ..request() },
        ] {
            assert_eq!(Order::read(PERSON, &Order::Person(bad).body()), None);
        }
        let own = PersonOrder { relation: Relation::Person, concerned: Pii::new(String::new()), ..request() };
        assert!(own.is_whole(), "who asks for themselves names nobody else");
        // The longest of four bytes a sign still fits what a site takes.
        let longest = PersonOrder {
            place: "𠀀".repeat(WORDS_CHARS),
            why: Pii::new("𠀀".repeat(WHY_CHARS)),
            name: Pii::new("𠀀".repeat(NAME_CHARS)),
            contact: Pii::new("𠀀".repeat(NAME_CHARS)),
            concerned: Pii::new("𠀀".repeat(NAME_CHARS)),
            ..request()
        };
        let body = Order::Person(longest.clone()).body();
        assert!(longest.is_whole() && body.len() < 8 * 1024, "{}", body.len());
    }

    #[test]
    fn what_is_told_reads_back_and_goes_forward_only() {
        let id = OrderId::from_bytes([7; 16]);
        let coming = Coming { from: UtcMs(5), to: UtcMs(6), place: "监控室".into() };
        let told = Told {
            number: "2026-000001".into(),
            until: Some(UtcMs(9)),
            coming: Some(coming.clone()),
            seen: Some((UtcMs(1), UtcMs(2))),
            reason: Pii::new("王五没有证明".into()),
            ..Told::at(PersonStage::Agreed, UtcMs(3))
        };
        let answer = Answer { person: Some(told.clone()), ..Answer::plain(id, Ended::Done, vec![], vec![]) };
        assert_eq!(Answer::read(&answer.body()), Some(answer.clone()));
        assert!(!format!("{answer:?}").contains("王五"));
        for bad in [
            Told { number: "x".repeat(NAME_CHARS + 1), ..told.clone() },
            Told { reason: Pii::new("x".repeat(REASON_CHARS + 1)), ..told.clone() },
            Told { coming: Some(Coming { to: UtcMs(5), ..coming }), ..told.clone() },
            Told { seen: Some((UtcMs(2), UtcMs(1))), ..told.clone() },
        ] {
            let bad = Answer { person: Some(bad), ..Answer::plain(id, Ended::Done, vec![], vec![]) };
            assert_eq!(Answer::read(&bad.body()), None);
        }
        let old = Answer::plain(id, Ended::Done, vec![], vec![]);
        assert!(
            !String::from_utf8_lossy(&old.body()).contains("person"),
            "an answer to any other order has no such part"
        );
        for before in PersonStage::ALL {
            assert_eq!(PersonStage::parse(before.code()), Some(before));
            for after in PersonStage::ALL {
                let follows = Told::at(after, UtcMs(2)).follows(&Told::at(before, UtcMs(1)));
                assert_eq!(follows, !before.is_last() && after >= before, "{before:?} {after:?}");
            }
        }
    }
}
