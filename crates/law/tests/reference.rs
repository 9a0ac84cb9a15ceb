//! A second evaluator, written from the clauses in plain Rust and without the packs' policies, compared with the gate on many
//! random questions: same decision, same clauses.

use base::{CivilDate, UtcMs};
use jifang_law as law;
use law::{
    Act, AfterTerm, AlarmReport, BasisKind, Change, Deletion, EmergencyUse, Gate, HoldRelease, Installer, Jurisdiction,
    Networking, OfficialAccess, OrganKind, OwnUse, PlaceKind, Placement, Question, SiteProfile, SpecialTrade,
    Tampering,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static GATE: LazyLock<Gate> = LazyLock::new(|| Gate::embedded().unwrap());

/// What is in force.
#[derive(Clone, Copy)]
struct In {
    a: bool,
    b: bool,
    order: bool,
    terror: bool,
    trades: bool,
}

fn since(on: CivilDate, from: &str) -> bool {
    on >= CivilDate::parse(from).unwrap()
}

fn in_force(site: &SiteProfile, on: CivilDate) -> In {
    let ln = site.jurisdiction == Jurisdiction::Liaoning;
    In {
        a: ln && since(on, "2015-02-01"),
        b: site.jurisdiction == Jurisdiction::Heilongjiang && since(on, "2012-11-01"),
        order: since(on, "2025-04-01"),
        terror: since(on, "2016-01-01"),
        trades: ln && since(on, "2020-01-01"),
    }
}

/// Terms as (clause, days).
fn terms(site: &SiteProfile, place: PlaceKind, on: CivilDate) -> Vec<(&'static str, u32)> {
    let law = in_force(site, on);
    let mut out = Vec::new();
    if law.a && (site.key_unit || place.is_social_public_area()) {
        out.push(("A-23-2", 30));
    }
    if law.b {
        out.push(("B-25-1", 30));
    }
    if law.order && place.covers_public_place() && !site.security_duty_place {
        out.push(("799-17", 30));
    }
    if law.trades && site.special_trade.is_some() {
        out.push(("LT-17", 60));
    }
    if law.terror && site.counter_terror_key_target {
        out.push(("CT-32", 90));
    }
    out
}

/// Clauses that refuse and clauses that permit.
#[derive(Default)]
struct Verdict {
    no: BTreeSet<&'static str>,
    yes: BTreeSet<&'static str>,
    /// Permits that exist for the act, reached or not.
    could: BTreeSet<&'static str>,
}

impl Verdict {
    fn no(&mut self, when: bool, clauses: &[&'static str]) {
        if when {
            self.no.extend(clauses);
        }
    }

    fn yes(&mut self, exists: bool, when: bool, clause: &'static str) {
        if exists {
            self.could.insert(clause);
            if when {
                self.yes.insert(clause);
            }
        }
    }
}

fn reference(q: &Question, on: CivilDate) -> Verdict {
    let (site, law) = (&q.site, in_force(&q.site, on));
    let (listed, alone) = (!site.security_duty_place, law.order && !law.a && !law.b);
    let mut v = Verdict::default();
    let own = |v: &mut Verdict| {
        v.yes(law.a, true, "A-4-1");
        v.yes(law.b, true, "B-4-1");
        v.yes(alone, true, "799-3");
    };
    match &q.act {
        Act::AddCamera(p) | Act::UseCamera(p) => {
            own(&mut v);
            placement(&mut v, p, law, listed, matches!(q.act, Act::AddCamera(_)));
        }
        Act::ChangePurpose(c) => {
            own(&mut v);
            v.no(law.a && (site.key_unit || c.place.is_social_public_area()) && !c.authorised, &["A-21-1", "B-24-1-2"]);
            v.no(law.b && !c.authorised, &["B-24-1-2"]);
            v.no(law.order && listed && !c.authorised, &["799-23"]);
        }
        Act::StopRecording(c) => {
            own(&mut v);
            let area = c.place.is_social_public_area();
            v.no(law.a && area && !c.authorised, &["A-9-1-2"]);
            v.no(law.a && (site.key_unit || area) && !c.authorised, &["A-21-1", "B-24-1-4"]);
            v.no(law.b && !c.authorised, &["B-24-1-4"]);
            v.no(law.order && listed && !c.authorised, &["799-23"]);
        }
        Act::ViewLive(u) | Act::PlayBack(u) => {
            own(&mut v);
            let back = matches!(q.act, Act::PlayBack(_));
            v.no(law.a && back && site.key_unit && !u.registered, &["A-11-1-f3"]);
            v.no(law.a && !u.security_purpose, &["A-22-1", "B-29-1-1"]);
            v.no(law.b && !u.security_purpose, &["B-29-1-1"]);
            v.no(law.b && !u.designated, &["B-22-1-2"]);
            v.no(law.order && !u.security_purpose, &["799-16"]);
            v.no(law.order && listed && !u.designated, &["799-16"]);
            v.no(law.order && listed && back && !u.registered, &["799-16"]);
        }
        Act::OfficialView(o) | Act::OfficialCopy(o) | Act::OfficialRetrieve(o) => {
            official(&mut v, o, law, listed, alone)
        }
        Act::EmergencyUse(e) => {
            let organ = matches!(e.organ, OrganKind::Police | OrganKind::StateSecurity);
            v.yes(law.a, organ && e.emergency_stated, "A-24-3");
        }
        Act::NetworkView(n) => {
            let organ = matches!(n.organ, OrganKind::Police | OrganKind::StateSecurity);
            v.yes(law.a, organ && n.emergency_stated, "A-24-3");
            let police = n.organ == OrganKind::Police;
            v.yes(law.b, police && n.need_stated && !site.secret_related, "B-23-2-2");
        }
        Act::Hold => {
            v.yes(law.a, true, "A-23-4");
            v.yes(law.b, true, "B-4-1");
            v.yes(alone, true, "799-3");
        }
        Act::ReleaseHold(r) => {
            v.yes(law.a, true, "A-23-4");
            v.yes(law.b, true, "B-4-1");
            v.yes(alone, true, "799-3");
            let open = !(r.request_closed && r.reason_recorded);
            v.no(law.a && open, &["A-23-4"]);
            v.no(law.b && open, &["B-29-1-2"]);
            v.no(law.order && open, &["799-23"]);
        }
        Act::Delete(d) => deletion(&mut v, site, d, law, listed, on),
        Act::Tamper { way, place } => tampering(&mut v, site, *way, *place, law),
        Act::ReportAlarm(r) => {
            let confirmed = r.verified_real || r.raised_by_hand;
            v.yes(law.a, confirmed, "A-20-1");
            v.yes(law.a || law.b, confirmed, "B-21-2");
            v.yes(alone, true, "799-3");
        }
    }
    v
}

fn placement(v: &mut Verdict, p: &Placement, law: In, listed: bool, adding: bool) {
    use PlaceKind as P;
    let named =
        matches!(p.place, P::GuestRoom | P::Dormitory | P::Bath | P::ChangingRoom | P::Toilet | P::OtherPrivate);
    let meant = matches!(p.place, P::NursingRoom | P::FittingRoom);
    v.no(law.a && (named || meant), &["A-14"]);
    v.no(law.a && p.faces_homes, &["A-14"]);
    v.no(law.b && (named || meant), &["B-15"]);
    v.no(law.order && p.place.is_private(), &["799-8"]);
    if adding {
        let (area, government) = (p.place.is_social_public_area(), p.installer == Installer::Government);
        v.no(law.a && area && !government, &["A-9-1-1"]);
        v.no(law.b && area && !government && !p.public_area_approved, &["B-14-3"]);
        let entitled = government || p.installer == Installer::ManagingUnit;
        v.no(law.order && p.place.covers_public_place() && listed && !entitled, &["799-7"]);
        v.no(law.order && p.place.covers_public_place() && !listed && p.installer == Installer::Other, &["799-9"]);
    }
}

fn official(v: &mut Verdict, o: &OfficialAccess, law: In, listed: bool, alone: bool) {
    use BasisKind as B;
    use OrganKind as O;
    let of_a = match o.basis {
        B::CriminalInvestigation => matches!(o.organ, O::Police | O::StateSecurity | O::OtherInvestigator),
        B::EmergencyInvestigation => matches!(o.organ, O::Police | O::EmergencyInvestigator),
        B::StatutoryDuty | B::NoBasis => false,
    };
    let duty = o.organ != O::NotAnOrgan && o.basis != B::NoBasis;
    v.yes(law.a, of_a, "A-24-1");
    v.yes(law.b, duty, "B-27-1");
    v.yes(alone, duty, "799-20");
    let rules = [
        (o.distinct_officers < 2, "B-28-1-1"),
        (!o.badges_shown || !o.unit_letter, "B-28-1-2"),
        (!o.registered, "B-28-1-3"),
    ];
    for (broken, clause) in rules {
        v.no(law.a && broken, &["A-24-2", clause]);
        v.no(law.b && broken, &[clause]);
    }
    v.no(law.order && listed && !o.registered, &["799-16"]);
    v.no(law.order && (!duty || !o.within_scope), &["799-20"]);
}

fn deletion(v: &mut Verdict, site: &SiteProfile, d: &Deletion, law: In, listed: bool, on: CivilDate) {
    v.yes(law.a, true, "A-4-1");
    v.yes(law.b, true, "B-25-1");
    v.yes(law.order && !law.a && !law.b, true, "799-3");
    v.yes(law.order, d.place.covers_public_place() && listed, "799-17");
    for (clause, days) in terms(site, d.place, on) {
        // Written the other way round than the gate: walk to the first free day.
        let first_free = d.last_frame.shanghai_date().plus_days(1).plus_days(i32::try_from(days).unwrap());
        v.no(on < first_free, &[clause]);
    }
    v.no(law.a && d.on_hold, &["A-23-4"]);
    v.no(law.b && d.on_hold, &["B-29-1-2"]);
    v.no(law.order && d.on_hold, &["799-23"]);
    let key = site.key_unit || d.place.is_social_public_area();
    v.no(law.a && key && !d.authorised, &["A-21-1", "B-24-1-3"]);
    v.no(law.b && !d.authorised, &["B-24-1-3"]);
    v.no(law.order && !d.authorised, &["799-23"]);
}

fn tampering(v: &mut Verdict, site: &SiteProfile, way: Tampering, place: PlaceKind, law: In) {
    use Tampering as T;
    let area = place.is_social_public_area();
    let key = site.key_unit || area;
    v.no(law.a && area && way == T::Obstruct, &["A-9-1-2"]);
    v.no(law.a && key && way == T::Obstruct, &["A-21-1", "B-24-1-4"]);
    v.no(law.a && key && way == T::DamageRecords, &["A-21-1", "B-24-1-3"]);
    v.no(law.a && matches!(way, T::Modify | T::Conceal | T::Destroy), &["A-22-1", "B-29-1-2"]);
    v.no(law.b && matches!(way, T::Modify | T::Destroy | T::DamageRecords), &["B-24-1-3"]);
    v.no(law.b && way == T::Obstruct, &["B-24-1-4"]);
    v.no(law.b && matches!(way, T::Modify | T::Conceal | T::Destroy), &["B-29-1-2"]);
    v.no(law.order, &["799-23"]);
}

fn place() -> impl Strategy<Value = PlaceKind> + Clone {
    proptest::sample::select(PlaceKind::ALL)
}

fn organ() -> impl Strategy<Value = OrganKind> {
    use OrganKind as O;
    proptest::sample::select(
        &[
            O::Police,
            O::StateSecurity,
            O::OtherInvestigator,
            O::EmergencyInvestigator,
            O::OtherDepartment,
            O::NotAnOrgan,
        ][..],
    )
}

/// True most of the time, so that lawful acts occur too.
fn mostly() -> impl Strategy<Value = bool> + Clone {
    proptest::bool::weighted(0.8)
}

fn placements() -> impl Strategy<Value = Placement> {
    use Installer as I;
    let installer = proptest::sample::select(&[I::Government, I::ManagingUnit, I::SecurityDutyHolder, I::Other][..]);
    (place(), proptest::bool::weighted(0.2), any::<bool>(), any::<bool>(), installer, any::<bool>()).prop_map(
        |(place, faces_homes, has_audio, sign_recorded, installer, public_area_approved)| Placement {
            place,
            faces_homes,
            has_audio,
            sign_recorded,
            installer,
            public_area_approved,
        },
    )
}

fn officials() -> impl Strategy<Value = OfficialAccess> {
    use BasisKind as B;
    let basis = proptest::sample::select(
        &[B::CriminalInvestigation, B::EmergencyInvestigation, B::StatutoryDuty, B::NoBasis][..],
    );
    let officers = prop_oneof![4 => 0_u32..4, 1 => any::<u32>()];
    (organ(), basis, officers, mostly(), mostly(), mostly(), mostly()).prop_map(
        |(organ, basis, distinct_officers, badges_shown, unit_letter, registered, within_scope)| OfficialAccess {
            organ,
            basis,
            distinct_officers,
            badges_shown,
            unit_letter,
            registered,
            within_scope,
        },
    )
}

/// Days around every change of law, and others.
fn days() -> impl Strategy<Value = CivilDate> {
    const EDGES: &[&str] = &["2012-11-01", "2015-02-01", "2016-01-01", "2020-01-01", "2025-04-01"];
    let edge = (proptest::sample::select(EDGES), -1_i32..=1)
        .prop_map(|(day, off)| CivilDate::parse(day).unwrap().plus_days(off));
    let any_day = (0_i32..7_000).prop_map(|off| CivilDate::ymd(2010, 1, 1).unwrap().plus_days(off));
    prop_oneof![edge, any_day]
}

/// Ages on both sides of every term.
fn ages_days() -> impl Strategy<Value = i32> {
    prop_oneof![28_i32..=33, 58_i32..=63, 88_i32..=93, -3_i32..120]
}

fn acts(on: CivilDate) -> impl Strategy<Value = Act> {
    use Tampering as T;
    let change = (place(), mostly()).prop_map(|(place, authorised)| Change { place, authorised });
    let own = (mostly(), mostly(), mostly()).prop_map(|(designated, security_purpose, registered)| OwnUse {
        designated,
        security_purpose,
        registered,
    });
    let delete = (place(), ages_days(), 0_i64..86_400_000, proptest::bool::weighted(0.2), mostly()).prop_map(
        move |(place, age, ms, on_hold, authorised)| {
            let last_frame = UtcMs(on.plus_days(-age).start().0 + ms);
            Act::Delete(Deletion { place, last_frame, on_hold, authorised })
        },
    );
    let way = proptest::sample::select(&[T::Modify, T::Conceal, T::Destroy, T::DamageRecords, T::Obstruct][..]);
    prop_oneof![
        placements().prop_map(Act::AddCamera),
        placements().prop_map(Act::UseCamera),
        change.clone().prop_map(Act::ChangePurpose),
        change.prop_map(Act::StopRecording),
        own.clone().prop_map(Act::ViewLive),
        own.prop_map(Act::PlayBack),
        officials().prop_map(Act::OfficialView),
        officials().prop_map(Act::OfficialCopy),
        officials().prop_map(Act::OfficialRetrieve),
        (organ(), mostly())
            .prop_map(|(organ, emergency_stated)| Act::EmergencyUse(EmergencyUse { organ, emergency_stated })),
        (organ(), mostly(), any::<bool>()).prop_map(|(organ, need_stated, emergency_stated)| {
            Act::NetworkView(Networking { organ, need_stated, emergency_stated })
        }),
        Just(Act::Hold),
        (mostly(), mostly()).prop_map(|(request_closed, reason_recorded)| {
            Act::ReleaseHold(HoldRelease { request_closed, reason_recorded })
        }),
        delete,
        (way, place()).prop_map(|(way, place)| Act::Tamper { way, place }),
        (any::<bool>(), any::<bool>()).prop_map(|(verified_real, raised_by_hand)| {
            Act::ReportAlarm(AlarmReport { verified_real, raised_by_hand })
        }),
    ]
}

fn sites() -> impl Strategy<Value = SiteProfile> {
    let jurisdiction = proptest::sample::select(&Jurisdiction::ALL[..]);
    let trade = proptest::option::of(proptest::sample::select(&SpecialTrade::ALL[..]));
    (jurisdiction, any::<bool>(), any::<bool>(), trade, any::<bool>(), any::<bool>()).prop_map(
        |(jurisdiction, key_unit, counter_terror_key_target, special_trade, secret_related, security_duty_place)| {
            SiteProfile {
                jurisdiction,
                key_unit,
                counter_terror_key_target,
                special_trade,
                secret_related,
                security_duty_place,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_gate_and_the_reference_agree((site, on, act) in (sites(), days()).prop_flat_map(|(s, d)| (Just(s), Just(d), acts(d)))) {
        let question = Question { site, act };
        let (answer, verdict) = (GATE.decide(&question, on), reference(&question, on));
        prop_assert!(!answer.fault);
        let allow = verdict.no.is_empty() && !verdict.yes.is_empty();
        prop_assert_eq!(answer.allow, allow, "{:?}", answer);
        let expected = if allow { verdict.yes } else if verdict.no.is_empty() { verdict.could } else { verdict.no };
        let found: BTreeSet<&str> = answer.clause_ids().into_iter().collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(answer.allow, answer.missing.is_empty());
        prop_assert!(answer.allow || answer.duties.is_empty());
        prop_assert!(answer.missing.iter().all(|m| !m.what.zh.is_empty() && !m.next.en.is_empty()));
        let unfilled = answer.missing.iter().any(|m| m.next.en.contains('{') || m.what.en.contains('{'));
        prop_assert!(!unfilled);
    }

    #[test]
    fn retention_is_the_longest_term_and_never_short(site in sites(), place in place(), on in days(), ms in 0_i64..86_400_000) {
        let retention = GATE.retention(&site, place, on);
        let expected: BTreeSet<(&str, u32)> = terms(&site, place, on).into_iter().collect();
        let found: BTreeSet<(&str, u32)> = retention.terms.iter().map(|t| (t.citation.clause.0.as_str(), t.days)).collect();
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(retention.min_days, expected.iter().map(|t| t.1).max().unwrap_or(0));
        let must = in_force(&site, on).order && place.covers_public_place() && !site.security_duty_place;
        prop_assert_eq!(matches!(retention.then, AfterTerm::MustDelete(_)), must);

        let last = UtcMs(on.start().0 + ms);
        let earliest = retention.earliest_deletion(last);
        let kept_ms = earliest.since(last);
        let term_ms = i64::from(retention.min_days) * base::time::DAY_MS;
        prop_assert!(kept_ms >= term_ms && kept_ms <= term_ms + base::time::DAY_MS);
        prop_assert!(retention.is_over(last, earliest.shanghai_date()));
        prop_assert!(retention.min_days == 0 || !retention.is_over(last, earliest.plus_ms(-1).shanghai_date()));
    }

    #[test]
    fn a_fact_turned_stricter_never_opens_a_door((site, on, o) in (sites(), days(), officials())) {
        let allow = |o: OfficialAccess| GATE.decide(&Question { site, act: Act::OfficialView(o) }, on).allow;
        if !allow(o) {
            for worse in [
                OfficialAccess { distinct_officers: o.distinct_officers.min(1), ..o },
                OfficialAccess { badges_shown: false, ..o },
                OfficialAccess { unit_letter: false, ..o },
                OfficialAccess { registered: false, ..o },
                OfficialAccess { within_scope: false, ..o },
                OfficialAccess { basis: BasisKind::NoBasis, ..o },
                OfficialAccess { organ: OrganKind::NotAnOrgan, ..o },
            ] {
                prop_assert!(!allow(worse));
            }
        }
    }
}
