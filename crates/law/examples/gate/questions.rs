//! Typical questions to the gate, for measuring it: `cargo xtask bench law` and `cargo run --release -p jifang-law --example gate`.
//!
//! Whoever includes this file imports the names below from the crate `law`, which the two call differently.

use super::{
    Act, BasisKind, Closing, Deletion, Fining, Installer, Jurisdiction, OfficialAccess, OrganKind, OwnUse, PlaceKind,
    Placement, Question, SiteProfile,
};
use base::UtcMs;

/// What is asked, in words, and the question: refused and allowed, few facts and many, one pack and several.
pub fn questions() -> Vec<(&'static str, Question)> {
    let access = |distinct_officers| OfficialAccess {
        organ: OrganKind::Police,
        basis: BasisKind::CriminalInvestigation,
        distinct_officers,
        badges_shown: true,
        unit_letter: true,
        registered: true,
        within_scope: true,
    };
    let placement = |place| Placement {
        place,
        faces_homes: false,
        has_audio: false,
        sign_recorded: true,
        installer: Installer::ManagingUnit,
        public_area_approved: false,
    };
    let deletion =
        Deletion { place: PlaceKind::Lobby, last_frame: UtcMs(1_790_000_000_000), on_hold: false, authorised: true };
    let fine = Fining {
        organ: OrganKind::Police,
        apart_from_case: true,
        not_party: true,
        reasons_given: true,
        correction_first_done: true,
        within_range: true,
        reviewed: true,
        on_the_spot: false,
        qualified_officers: 2,
        recusal_settled: true,
        party_told: true,
        party_heard: true,
        not_heavier: true,
    };
    let site = SiteProfile { key_unit: true, ..SiteProfile::new(Jurisdiction::Heilongjiang) };
    let elsewhere = SiteProfile { key_unit: true, ..SiteProfile::new(Jurisdiction::Liaoning) };
    let watch = OwnUse { designated: true, security_purpose: true, registered: false };
    vec![
        ("one officer (refused)", Question { site, act: Act::OfficialView(access(1)) }),
        ("two officers", Question { site, act: Act::OfficialView(access(2)) }),
        ("two officers, Liaoning", Question { site: elsewhere, act: Act::OfficialView(access(2)) }),
        ("watching live", Question { site, act: Act::ViewLive(watch) }),
        ("a camera in a lobby", Question { site: elsewhere, act: Act::AddCamera(placement(PlaceKind::Lobby)) }),
        (
            "a camera in a guest room (refused)",
            Question { site: elsewhere, act: Act::AddCamera(placement(PlaceKind::GuestRoom)) },
        ),
        (
            "closing an incident",
            Question {
                site,
                act: Act::CloseIncident(Closing { designated: true, verified: true, reported_if_real: true }),
            },
        ),
        ("deletion inside its term (refused)", Question { site, act: Act::Delete(deletion) }),
        ("a fine, with the penalty law", Question { site, act: Act::Fine(fine) }),
    ]
}
