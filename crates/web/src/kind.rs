//! What a server shows: of what a role may see, only what this server has. Values in, values out.
//!
//! A server is a site's or an authority's, by its configuration alone (`[authority]`): an authority's server has a police inbox, its sites and
//! its cases, and no cameras, footage, alarms or watch of its own. Invariant: what is not here is neither in a menu nor behind an address; what
//! a kind adds or hides never gives a role more than its permissions (`domain::access`). Inbox and cases answer for themselves on a site's.

use crate::pages::Can;
use domain::access::{Permission as P, Role, Workplace};

/// First parts of the addresses that only a site's server has. Storage and clocks are not among them: an authority has a disk and a
/// clock to look at, only no footage to tell of in its menu.
const OF_SITES: [&str; 22] = [
    "/desk",
    "/playback",
    "/alarms",
    "/shift",
    "/use",
    "/register",
    "/devices",
    "/panels",
    "/platforms",
    "/link",
    "/whep",
    "/api/v1/cameras",
    "/api/v1/bookmarks",
    "/api/v1/holds",
    "/api/v1/deletions",
    "/api/v1/alarms",
    "/api/v1/placement",
    "/api/v1/use",
    "/duties",
    "/api/v1/duties",
    "/emergencies",
    "/api/v1/emergencies",
];

/// Whose server this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A protected site's.
    Site,
    /// A supervising authority's.
    Authority,
}

impl Kind {
    /// The kind that a configuration with or without `[authority]` makes.
    pub(crate) const fn of(has_authority: bool) -> Self {
        if has_authority { Self::Authority } else { Self::Site }
    }

    /// Where the people of this server work: which roles are given out.
    pub(crate) const fn workplace(self) -> Workplace {
        match self {
            Self::Site => Workplace::Site,
            Self::Authority => Workplace::Authority,
        }
    }

    /// Has it cameras, and so footage, alarms and a watch?
    pub(crate) const fn has_cameras(self) -> bool {
        matches!(self, Self::Site)
    }

    /// Is there anything at the address of this route? The other way round, the inbox answers for itself (`handle::inbox`).
    pub(crate) fn has(self, route: &str) -> bool {
        let under = |part: &str| route.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.has_cameras() || !OF_SITES.iter().any(|part| under(part))
    }

    /// What pages of this server show to a role (none = nobody signed in).
    pub(crate) fn can(self, role: Option<Role>) -> Can {
        let may = |what: P| role.is_some_and(|r| r.may(what));
        let here = |what: P| self.has_cameras() && may(what);
        let there = |what: P| !self.has_cameras() && may(what);
        Can {
            desk: here(P::ViewLive),
            playback: here(P::PlayBack),
            bookmark: here(P::PlayBack),
            hold: here(P::DecideUse),
            request: here(P::RequestUse),
            decide: here(P::DecideUse),
            delete: here(P::DeleteFootage),
            use_list: here(P::SeeRegister),
            devices: here(P::SeeDevices),
            devices_manage: here(P::ManageDevices),
            storage: here(P::SeeStorage),
            log: may(P::SeeLog),
            accounts: may(P::ManageAccounts) || may(P::ManageRights),
            alarms: here(P::SeeAlarms),
            alarms_handle: here(P::HandleAlarms),
            settings: may(P::ManageSettings),
            inbox: there(P::SeeReports),
            sites: there(P::SeeReports) || there(P::ManagePeers),
            link: here(P::SeeLink),
            watch: here(P::StandWatch),
            // `Call::bar` says it: for a security manager it depends on the site.
            changes: false,
            duties: here(P::SeeDuties),
            cases: there(P::SeeCases),
            offices: there(P::SeeCases) || there(P::ManageOffices),
            supervise: there(P::SuperviseCases),
        }
    }

    /// Where somebody begins who has signed in.
    pub(crate) fn start(self, role: Option<Role>) -> &'static str {
        let Some(role) = role else { return "/login" };
        match (self, role) {
            (Self::Site, Role::DutyOfficer | Role::SecurityManager) => "/desk",
            (Self::Site, Role::InformationCustodian | Role::PoliceOfficer) => "/use",
            (Self::Site, Role::Administrator) | (_, Role::SecurityAdministrator) => "/accounts",
            (Self::Site, Role::Auditor) => "/log",
            (Self::Authority, Role::PoliceDuty | Role::Auditor) => "/inbox",
            (Self::Authority, Role::Administrator) => "/sites",
            (Self::Authority, Role::SecurityManager | Role::InformationCustodian) => "/log",
            (
                Self::Authority,
                Role::CaseOfficer | Role::CaseApprover | Role::LegalReviewer | Role::Publisher | Role::Supervisor,
            ) => "/cases",
            (Self::Authority, Role::Applicant) => "/my/cases",
            // A site's server has no cases.
            (
                Self::Site,
                Role::CaseOfficer
                | Role::CaseApprover
                | Role::LegalReviewer
                | Role::Publisher
                | Role::Supervisor
                | Role::Applicant,
            )
            | (Self::Site, Role::PoliceDuty)
            | (Self::Authority, Role::DutyOfficer | Role::PoliceOfficer) => "/account",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::{ROUTES, Verb};

    const KINDS: [Kind; 2] = [Kind::Site, Kind::Authority];

    #[test]
    fn an_authority_shows_its_inbox_and_sites_and_nothing_of_cameras() {
        for role in Role::ALL {
            let (site, police) = (Kind::Site.can(Some(role)), Kind::Authority.can(Some(role)));
            let kept = Can { log: site.log, accounts: site.accounts, settings: site.settings, ..Can::default() };
            let kept = Can { cases: role.may(P::SeeCases), supervise: role.may(P::SuperviseCases), ..kept };
            let kept = Can { offices: role.may(P::SeeCases) || role.may(P::ManageOffices), ..kept };
            assert_eq!(police, Can { inbox: police.inbox, sites: police.sites, ..kept }, "{role:?}");
            assert!(!site.cases, "{role:?}");
            assert_eq!((police.inbox, site.inbox, site.sites), (role.may(P::SeeReports), false, false), "{role:?}");
            assert_eq!(site.devices, role.may(P::SeeDevices), "{role:?}");
            assert_eq!(site.link, role.may(P::SeeLink), "{role:?}");
        }
        assert!(Kind::Authority.can(Some(Role::Administrator)).sites);
        assert!(Kind::Authority.can(Some(Role::Administrator)).manages(), "the menu stays");
        assert_eq!((Kind::of(true), Kind::of(false)), (Kind::Authority, Kind::Site));
        for kind in KINDS {
            assert_eq!(kind.can(None), Can::default());
        }
    }

    #[test]
    fn everybody_begins_at_a_page_that_is_there_and_theirs() {
        for kind in KINDS {
            for role in kind.workplace().staff() {
                assert_ne!(kind.start(Some(role)), "/account", "{kind:?} {role:?} has something to do here");
            }
            for role in Role::ALL {
                let start = kind.start(Some(role));
                let route = ROUTES.iter().find(|r| r.verb == Verb::Get && r.path == start);
                let route = route.unwrap_or_else(|| panic!("{start} is no page"));
                assert!(route.policy.admits(Some(role), false, false), "{kind:?} {role:?} {start}");
                assert!(kind.has(start), "{kind:?} {role:?} {start}");
            }
            assert_eq!(kind.start(None), "/login");
        }
        assert_eq!(Kind::Authority.start(Some(Role::PoliceDuty)), "/inbox");
        assert_eq!(Kind::Authority.start(Some(Role::Administrator)), "/sites");
        assert_eq!(Kind::Authority.start(Some(Role::CaseApprover)), "/cases");
        assert_eq!(Kind::Authority.start(Some(Role::Applicant)), "/my/cases");
    }

    #[test]
    fn an_authority_has_no_address_of_a_sites_things() {
        for part in OF_SITES {
            assert!(ROUTES.iter().any(|r| !Kind::Authority.has(r.path) && r.path.starts_with(part)), "{part} is stale");
            assert!(Kind::Site.has(part));
        }
        for there in ["/", "/inbox", "/sites/{id}/admit", "/accounts", "/settings", "/log", "/clocks", "/users"] {
            assert!(Kind::Authority.has(there), "{there}");
        }
        assert!(!Kind::Authority.has("/use") && !Kind::Authority.has("/use/{id}/export"));
    }
}
