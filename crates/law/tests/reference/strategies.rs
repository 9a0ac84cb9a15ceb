//! Random questions: days around every change of law, sites and acts of every kind, lawful ones among them.

use base::{CivilDate, UtcMs};
use jifang_law as law;
use law::{
    Act, AlarmReport, BasisKind, CaseDecision, Change, CitizenBasis, CitizenViewing, Closing, Deletion, DoorOpening,
    EmergencyUse, Engagement, EvidenceRetrieval, Fining, Guarding, HandOut, HoldRelease, Installer, Jurisdiction,
    Networking, OfficialAccess, OrganKind, OwnUse, PlaceKind, Placement, Publication, RecordPublication,
    RecordWithdrawal, Relation, Relocation, Removal, Revocation, Silencing, SiteProfile, SoundUse, SpecialTrade,
    StartOfUse, Tampering, Verification, Works,
};
use proptest::prelude::*;

/// Kinds of place.
pub fn place() -> impl Strategy<Value = PlaceKind> + Clone {
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
pub fn days() -> impl Strategy<Value = CivilDate> {
    const EDGES: &[&str] =
        &["2012-11-01", "2015-02-01", "2016-01-01", "2016-02-03", "2020-01-01", "2021-07-15", "2025-04-01"];
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

prop_compose! {
    fn guarding()(designated in mostly(), authorised in mostly(), limited in mostly()) -> Guarding {
        Guarding { designated, authorised, limited }
    }
}

prop_compose! {
    fn sounds()(place in place(), designated in mostly(), security_purpose in mostly()) -> SoundUse {
        SoundUse { place, designated, security_purpose }
    }
}

prop_compose! {
    fn relocations()(
        p in placements(), public_area_system in any::<bool>(), authorised in mostly(), relocation_agreed in mostly(),
    ) -> Relocation {
        Relocation {
            place: p.place,
            faces_homes: p.faces_homes,
            has_audio: p.has_audio,
            sign_recorded: p.sign_recorded,
            installer: p.installer,
            public_area_approved: p.public_area_approved,
            public_area_system,
            authorised,
            relocation_agreed,
        }
    }
}

prop_compose! {
    fn citizens()(
        place in place(),
        basis in proptest::sample::select(
            &[CitizenBasis::OwnRight, CitizenBasis::LifeHealthProperty, CitizenBasis::NoBasis][..]),
        own_right_concerned in mostly(), id_card_shown in mostly(), police_document in mostly(),
        no_state_secret in mostly(), no_state_security in mostly(), others_privacy_kept in mostly(),
        relation in proptest::sample::select(
            &[Relation::Person, Relation::NearRelative, Relation::Guardian, Relation::Other][..]),
        (need_shown, unit_consents, registered) in (mostly(), mostly(), mostly()),
    ) -> CitizenViewing {
        CitizenViewing {
            place, basis, own_right_concerned, id_card_shown, police_document, no_state_secret, no_state_security,
            others_privacy_kept, relation, need_shown, unit_consents, registered,
        }
    }
}

/// The police most of the time.
fn deciding() -> impl Strategy<Value = OrganKind> {
    prop_oneof![3 => Just(OrganKind::Police), 1 => organ()]
}

prop_compose! {
    fn cases()(
        organ in deciding(), apart_from_case in mostly(), not_party in mostly(), reasons_given in mostly(),
        no_penalty in any::<bool>(), on_the_spot in proptest::bool::weighted(0.2), qualified_officers in 0_u32..4,
        (recusal_settled, party_told, party_heard) in (mostly(), mostly(), mostly()),
        not_heavier in mostly(), reviewed in mostly(),
    ) -> CaseDecision {
        CaseDecision {
            organ, apart_from_case, not_party, reasons_given, no_penalty, on_the_spot, qualified_officers,
            recusal_settled, party_told, party_heard, not_heavier, reviewed,
        }
    }
}

prop_compose! {
    fn fines()(c in cases(), correction_first_done in mostly(), within_range in mostly()) -> Fining {
        Fining {
            organ: c.organ,
            apart_from_case: c.apart_from_case,
            not_party: c.not_party,
            reasons_given: c.reasons_given,
            correction_first_done,
            within_range,
            reviewed: c.reviewed,
            on_the_spot: c.on_the_spot,
            qualified_officers: c.qualified_officers,
            recusal_settled: c.recusal_settled,
            party_told: c.party_told,
            party_heard: c.party_heard,
            not_heavier: c.not_heavier,
        }
    }
}

/// Acts on a running system.
fn operations() -> impl Strategy<Value = Act> {
    let two = || (mostly(), mostly());
    prop_oneof![
        sounds().prop_map(Act::Listen),
        sounds().prop_map(Act::Talk),
        (officials(), mostly()).prop_map(|(access, sealed)| Act::Export(HandOut::of(&access, sealed))),
        (place(), mostly()).prop_map(|(place, authorised)| Act::Mask(Change { place, authorised })),
        (mostly(), mostly(), mostly(), mostly()).prop_map(|(masked, authorised, security_purpose, free_of_secrets)| {
            Act::Publish(Publication { masked, authorised, security_purpose, free_of_secrets })
        }),
        guarding().prop_map(Act::Arm),
        guarding().prop_map(Act::Disarm),
        guarding().prop_map(Act::Bypass),
        two().prop_map(|(designated, alarm_stays_open)| Act::Silence(Silencing { designated, alarm_stays_open })),
        two().prop_map(|(designated, security_purpose)| Act::OpenDoor(DoorOpening { designated, security_purpose })),
        two().prop_map(|(designated, grounds_recorded)| {
            Act::VerifyAlarm(Verification { designated, grounds_recorded })
        }),
        (mostly(), mostly(), mostly()).prop_map(|(designated, verified, reported_if_real)| {
            Act::CloseIncident(Closing { designated, verified, reported_if_real })
        }),
        relocations().prop_map(Act::MoveDevice),
        (place(), mostly(), mostly()).prop_map(|(place, authorised, relocation_agreed)| {
            Act::RemoveDevice(Removal { place, authorised, relocation_agreed })
        }),
        (organ(), mostly(), any::<bool>()).prop_map(|(organ, need_stated, emergency_stated)| {
            Act::ConnectPlatform(Networking { organ, need_stated, emergency_stated })
        }),
        any::<bool>().prop_map(|acceptance_passed| Act::StartUse(StartOfUse { acceptance_passed })),
        (place(), mostly(), mostly(), mostly()).prop_map(|(place, plan_reviewed, follows_plan, plan_examined)| {
            Act::StartWorks(Works { place, plan_reviewed, follows_plan, plan_examined })
        }),
        two().prop_map(|(filed, secret_qualified)| Act::EngageProvider(Engagement { filed, secret_qualified })),
    ]
}

/// Acts of the authority and towards citizens.
fn decisions() -> impl Strategy<Value = Act> {
    prop_oneof![
        citizens().prop_map(Act::CitizenView),
        (place(), mostly(), mostly(), mostly(), mostly(), mostly()).prop_map(
            |(place, burden_of_proof, application_proved, police_papers, registered, sealed)| {
                Act::RetrieveEvidence(EvidenceRetrieval {
                    place,
                    burden_of_proof,
                    application_proved,
                    police_papers,
                    registered,
                    sealed,
                })
            }
        ),
        cases().prop_map(Act::DecideCase),
        fines().prop_map(Act::Fine),
        (deciding(), mostly(), mostly(), mostly(), mostly()).prop_map(
            |(organ, apart_from_case, not_party, reasons_given, improper_means_proved)| {
                Act::RevokeRegistration(Revocation {
                    organ,
                    apart_from_case,
                    not_party,
                    reasons_given,
                    improper_means_proved,
                })
            }
        ),
        (deciding(), mostly(), mostly(), mostly(), mostly(), any::<bool>(), mostly()).prop_map(
            |(organ, apart_from_case, not_party, verified, personal_data_limited, no_penalty, decision_stands)| {
                Act::PublishRecord(RecordPublication {
                    organ,
                    apart_from_case,
                    not_party,
                    verified,
                    personal_data_limited,
                    no_penalty,
                    decision_stands,
                })
            }
        ),
        (deciding(), mostly(), any::<bool>()).prop_map(|(organ, reasons_given, no_penalty)| {
            Act::WithdrawRecord(RecordWithdrawal { organ, reasons_given, no_penalty })
        }),
        Just(Act::DesignateProduct),
        Just(Act::TakeBenefit),
    ]
}

/// Acts of every kind.
pub fn every_act(on: CivilDate) -> impl Strategy<Value = Act> {
    prop_oneof![4 => acts(on), 4 => operations(), 3 => decisions()]
}

/// Sites of every kind.
pub fn sites() -> impl Strategy<Value = SiteProfile> {
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
                alarm_operator: false,
                government_body: false,
                security_duty_place,
            }
        },
    )
}
