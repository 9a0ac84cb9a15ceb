//! How long footage is kept and what then becomes of it: the longest of all terms that reach the place on that day.
//!
//! Counting (README of the packs, `retention`): the day of capture is not counted and the last day is kept to its end, so footage
//! of day D under 30 days may go from the first instant of D + 31, Shanghai. That is never less than 30 x 24 h and at most a day
//! more: of the two readings of "不少于三十日" it is the one that cannot fall short.

use crate::pack::{AfterTermRule, RetentionScope};
use crate::{PlaceKind, SiteProfile};
use base::time::DAY_MS;
use base::{Citation, CivilDate, UtcMs};
use serde::Serialize;

/// One term that reaches the place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Term {
    /// The clause.
    pub citation: Citation,
    /// Its days.
    pub days: u32,
}

/// What becomes of footage whose term is over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterTerm {
    /// It may be erased or sealed; the clause that says so, if any does.
    MayDelete(Option<Citation>),
    /// It must be erased once its purpose is met.
    MustDelete(Citation),
}

/// The answer for one place of one site on one day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Retention {
    /// Longest term, days; 0 where no clause in force asks for any (the unit's own rule decides then).
    pub min_days: u32,
    /// Every term that reaches the place, longest first.
    pub terms: Vec<Term>,
    /// After the longest term.
    pub then: AfterTerm,
}

impl Retention {
    /// First instant at which footage whose last frame is at `last_frame` may be erased: the start of day D + `min_days` + 1.
    /// With no term it may go at once.
    #[must_use]
    pub fn earliest_deletion(&self, last_frame: UtcMs) -> UtcMs {
        if self.min_days == 0 { last_frame } else { first_free_day(last_frame, self.min_days).start() }
    }

    /// Whether every term is over on a day.
    #[must_use]
    pub fn is_over(&self, last_frame: UtcMs, on: CivilDate) -> bool {
        self.open_terms(last_frame, on).is_empty()
    }

    /// Full days kept: whole days since the day of capture, which is not counted. Negative before the first one is over.
    #[must_use]
    pub fn full_days_kept(last_frame: UtcMs, on: CivilDate) -> i64 {
        on.start().since(last_frame.shanghai_date().start()) / DAY_MS - 1
    }

    /// The clauses whose term is not over on a day, longest first.
    #[must_use]
    pub fn open_terms(&self, last_frame: UtcMs, on: CivilDate) -> Vec<&str> {
        let kept = Self::full_days_kept(last_frame, on);
        self.terms.iter().filter(|t| kept < i64::from(t.days)).map(|t| t.citation.clause.0.as_str()).collect()
    }
}

fn first_free_day(last_frame: UtcMs, days: u32) -> CivilDate {
    last_frame.shanghai_date().plus_days(i32::try_from(days).unwrap_or(i32::MAX).saturating_add(1))
}

/// A retention clause in force, with the number of its day.
#[derive(Clone, Debug)]
pub(crate) struct RetentionRule {
    pub citation: Citation,
    pub scope: RetentionScope,
    pub days: Option<u32>,
    pub after: Option<AfterTermRule>,
}

/// The answer from the rules of a day; `rules` come in the order of the overlay `after_retention`.
pub(crate) fn decide(rules: &[RetentionRule], site: &SiteProfile, place: PlaceKind) -> Retention {
    let reaching: Vec<&RetentionRule> = rules.iter().filter(|r| reaches(r.scope, site, place)).collect();
    let mut terms: Vec<Term> =
        reaching.iter().filter_map(|r| Some(Term { citation: r.citation.clone(), days: r.days? })).collect();
    terms.sort_by_key(|t| std::cmp::Reverse(t.days));
    let then = reaching.iter().find_map(|r| Some((r, r.after?)));
    let then = match then {
        Some((rule, AfterTermRule::MustDelete)) => AfterTerm::MustDelete(rule.citation.clone()),
        Some((rule, AfterTermRule::MayDelete)) => AfterTerm::MayDelete(Some(rule.citation.clone())),
        None => AfterTerm::MayDelete(None),
    };
    Retention { min_days: terms.first().map_or(0, |t| t.days), terms, then }
}

const fn reaches(scope: RetentionScope, site: &SiteProfile, place: PlaceKind) -> bool {
    match scope {
        RetentionScope::EverySystem => true,
        RetentionScope::PublicAreaOrKeyUnit => site.key_unit || place.is_social_public_area(),
        RetentionScope::ListedPublicPlace => place.covers_public_place() && !site.security_duty_place,
        RetentionScope::CounterTerrorKeyTarget => site.counter_terror_key_target,
        RetentionScope::SpecialTrade => site.special_trade.is_some(),
    }
}
