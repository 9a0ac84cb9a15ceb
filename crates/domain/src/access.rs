//! Who may do what by role: the site's own rules, asked before the law gate.
//!
//! Two doors stand in a row. This one says which kind of person may try an act at all (deny by default);
//! the law gate (`law`) then says whether the act is lawful on its facts. The whole matrix is the committed file
//! `docs/ref/permissions.txt`, so that a change of right is a visible change of text.
//!
//! How far a right over cases reaches is no column of that table, because it follows from the office that an administrator entered for the account:
//! who handles, reviews or publishes reaches the own office; who approves (`ApproveCases`) or supervises (`SuperviseCases`) reaches the own
//! office and those under it, in lists, numbers, search and supervision; who supervises without an office reaches all. An applicant
//! reaches the cases of their party. To reach is to see: acts are done by those whose office has the case.

use base::{Refusal, Text};
use serde::{Deserialize, Serialize};

/// Role of an account. One account has one role; system, security and audit duties are kept apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 值班员: watches live, plays back, answers alarms (B-22-1-2 designated persons).
    DutyOfficer,
    /// 安全管理负责人: runs the site: cameras, places, signs, storage.
    SecurityManager,
    /// 信息管理员: checks requests to use information, grants, releases copies (A-24, B-28).
    InformationCustodian,
    /// 民警: asks for information and, with a second officer, views and copies it.
    PoliceOfficer,
    /// 接警员: takes the reports of protected sites at the police and says what was done (B-21-2, on an authority's server).
    PoliceDuty,
    /// 承办民警: receives and handles cases at the police: filings, examinations, inspections, penalties (on an authority's server).
    CaseOfficer,
    /// 审批负责人: decides what case officers propose; never a case they handled themselves (AP-57).
    CaseApprover,
    /// 法制审核员: reviews decisions before they are made (AP-58).
    LegalReviewer,
    /// 信息公开员: publishes registers, notices and decisions, and withdraws them (A-18, A-28, B-32, AP-48).
    Publisher,
    /// 执法监督员: sees cases, deadlines, repeated visits and draws of the own office and those under it, without an office all; handles none.
    Supervisor,
    /// 申请人: a citizen or unit with an account of their own at the authority; sees only their own cases.
    Applicant,
    /// 系统管理员: that accounts and settings exist; gives no rights and sees no footage.
    Administrator,
    /// 安全管理员: roles, areas, the rule of the second step, unlocking; makes no accounts and sees no footage.
    SecurityAdministrator,
    /// 审计员: reads the log and its proofs, confirms explanations of emergency accesses, records what it was offered; changes nothing.
    Auditor,
}

impl Role {
    /// All roles in the order pages list them.
    pub const ALL: [Self; 14] = [
        Self::DutyOfficer,
        Self::SecurityManager,
        Self::InformationCustodian,
        Self::PoliceOfficer,
        Self::PoliceDuty,
        Self::CaseOfficer,
        Self::CaseApprover,
        Self::LegalReviewer,
        Self::Publisher,
        Self::Supervisor,
        Self::Applicant,
        Self::Administrator,
        Self::SecurityAdministrator,
        Self::Auditor,
    ];

    /// Those who work here: all but the people from outside who made their account themselves. Forms of administrators offer these only.
    pub const STAFF: [Self; 13] = [
        Self::DutyOfficer,
        Self::SecurityManager,
        Self::InformationCustodian,
        Self::PoliceOfficer,
        Self::PoliceDuty,
        Self::CaseOfficer,
        Self::CaseApprover,
        Self::LegalReviewer,
        Self::Publisher,
        Self::Supervisor,
        Self::Administrator,
        Self::SecurityAdministrator,
        Self::Auditor,
    ];

    /// Stable word for the database, API and command line.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DutyOfficer => "duty_officer",
            Self::SecurityManager => "security_manager",
            Self::InformationCustodian => "information_custodian",
            Self::PoliceOfficer => "police_officer",
            Self::PoliceDuty => "police_duty",
            Self::CaseOfficer => "case_officer",
            Self::CaseApprover => "case_approver",
            Self::LegalReviewer => "legal_reviewer",
            Self::Publisher => "publisher",
            Self::Supervisor => "supervisor",
            Self::Applicant => "applicant",
            Self::Administrator => "administrator",
            Self::SecurityAdministrator => "security_administrator",
            Self::Auditor => "auditor",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.code() == code)
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::DutyOfficer => Text::new("值班员", "Duty officer"),
            Self::SecurityManager => Text::new("安全管理负责人", "Security manager"),
            Self::InformationCustodian => Text::new("信息管理员", "Information custodian"),
            Self::PoliceOfficer => Text::new("民警", "Police officer"),
            Self::PoliceDuty => Text::new("接警员", "Police duty officer"),
            Self::CaseOfficer => Text::new("承办民警", "Case officer"),
            Self::CaseApprover => Text::new("审批负责人", "Approver"),
            Self::LegalReviewer => Text::new("法制审核员", "Legal reviewer"),
            Self::Publisher => Text::new("信息公开员", "Publisher"),
            Self::Supervisor => Text::new("执法监督员", "Supervisor"),
            Self::Applicant => Text::new("申请人", "Applicant"),
            Self::Administrator => Text::new("系统管理员", "Administrator"),
            Self::SecurityAdministrator => Text::new("安全管理员", "Security administrator"),
            Self::Auditor => Text::new("审计员", "Auditor"),
        }
    }

    /// Has somebody of this role anything to do at such a server? The three of administration have at each. Of a site are those who see
    /// footage and alarms, of an authority those who take reports, handle cases or apply.
    #[must_use]
    pub const fn works_at(self, here: Workplace) -> bool {
        match self {
            Self::DutyOfficer | Self::SecurityManager | Self::InformationCustodian | Self::PoliceOfficer => {
                matches!(here, Workplace::Site)
            }
            Self::PoliceDuty
            | Self::CaseOfficer
            | Self::CaseApprover
            | Self::LegalReviewer
            | Self::Publisher
            | Self::Supervisor
            | Self::Applicant => matches!(here, Workplace::Authority),
            Self::Administrator | Self::SecurityAdministrator | Self::Auditor => true,
        }
    }

    /// One of the three whose duties are kept apart (三员分立; GB/T 22239-2019, security management centre: system, security and audit
    /// administration): no person holds two of them.
    #[must_use]
    pub const fn is_of_the_three(self) -> bool {
        matches!(self, Self::Administrator | Self::SecurityAdministrator | Self::Auditor)
    }
}

/// Whose server it is that somebody works at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Workplace {
    /// A protected site's: cameras, alarms, a watch, requests to use information.
    Site,
    /// A supervising authority's: reports of its sites, and cases.
    Authority,
}

impl Workplace {
    /// Roles that administrators give out there, in the order pages list them.
    pub fn staff(self) -> impl Iterator<Item = Role> {
        Role::STAFF.into_iter().filter(move |role| role.works_at(self))
    }

    /// Whether a role is given out there.
    ///
    /// # Errors
    /// `role_elsewhere`: an account of it would open nothing, or is made by the person who wants it.
    pub fn gives(self, role: Role) -> Result<(), Refusal> {
        if self.staff().any(|given| given == role) {
            return Ok(());
        }
        let (name, own) = (role.name(), role.works_at(self));
        let what = if own {
            Text::of(
                format!("“{}”的账号由本人注册，不由管理员建立或授予。", name.zh),
                format!("An account of the role {} is made by the person, and not given by an administrator.", name.en),
            )
        } else {
            let whose = match self {
                Self::Site => ("受保护单位", "a protected site's"),
                Self::Authority => ("公安机关", "an authority's"),
            };
            Text::of(
                format!("本服务器是{}的，没有“{}”的工作。", whose.0, name.zh),
                format!("This is {} server: there is nothing to do for the role {}.", whose.1, name.en),
            )
        };
        let all: Vec<Text> = self.staff().map(Role::name).collect();
        let list = |of: fn(&Text) -> &str, with: &str| all.iter().map(of).collect::<Vec<_>>().join(with);
        let next = Text::of(
            format!("请选择本服务器的角色：{}。", list(|t| &t.zh, "、")),
            format!("Choose a role of this server: {}.", list(|t| &t.en, ", ")),
        );
        Err(Refusal::bad_input("role_elsewhere", what, next))
    }
}

/// A thing an account may try.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Permission {
    /// Watch a camera live.
    ViewLive,
    /// Play recorded footage as the unit's own staff.
    PlayBack,
    /// See cameras and their state.
    SeeDevices,
    /// Add, place, change or stop cameras.
    ManageDevices,
    /// See days kept, forecasts and disks.
    SeeStorage,
    /// Try to delete footage (the law gate answers).
    DeleteFootage,
    /// Write an official request and see one's own.
    RequestUse,
    /// Check requests, grant, refuse, end a grant, place or release a hold, remove an export.
    DecideUse,
    /// View and copy under a grant, with a second officer.
    UseGrant,
    /// Read the register of information use.
    SeeRegister,
    /// Open the unit letter of a request (officers: of their own); each opening is an entry.
    OpenPapers,
    /// Read the log and its proofs.
    SeeLog,
    /// See alarms, their queue and their history.
    SeeAlarms,
    /// Take, verify, report and close alarms.
    HandleAlarms,
    /// Put sources and zones on test, say how detectors sense and whom the watch calls.
    ManageAlarms,
    /// Make accounts, import them, reset passwords, close and open.
    ManageAccounts,
    /// Give roles and areas, say who must have a second step, unlock, reset a lost phone.
    ManageRights,
    /// Confirm or decline a sensitive change that another proposed (`proposal` says which, and by whom).
    ConfirmChanges,
    /// See name and badge behind an account; each look is an entry.
    RevealPersons,
    /// Be on duty, hand over and take over, see the month.
    StandWatch,
    /// Change settings of the site.
    ManageSettings,
    /// Authority: read what sites reported.
    SeeReports,
    /// Authority: take reports, say what was done, close them.
    AnswerReports,
    /// Authority: apply for oneself or one's unit, and see one's own cases.
    Apply,
    /// Authority: see cases of one's office; with `ApproveCases` also of the offices under it.
    SeeCases,
    /// Authority: receive and handle cases, propose decisions, inspect.
    HandleCases,
    /// Authority: decide what others propose.
    ApproveCases,
    /// Authority: legal review before a decision (AP-58).
    ReviewCases,
    /// Authority: publish and withdraw (A-18, A-28, B-32, AP-48).
    PublishRecords,
    /// Authority: see cases, deadlines and draws of one's office and of those under it; without an office all.
    SuperviseCases,
    /// Authority: offices with level and territory, and who belongs to them.
    ManageOffices,
    /// See how a site stands with its authority: reports delivered, log witnessed.
    SeeLink,
    /// Admit and end the other servers: an authority its sites, a site its authority.
    ManagePeers,
    /// See what the unit owes and the papers about it.
    SeeDuties,
    /// Enter and withdraw papers, set own periods, have the duties looked at.
    ManageDuties,
    /// See emergency accesses and what was explained of them.
    SeeEmergencies,
    /// Confirm the explanation of an emergency access, or send it back (never one's own).
    ReviewEmergency,
    /// Propose how a slip of a law text is read on this server (another confirms it: `ConfirmChanges`).
    ChooseReading,
    /// Record that a benefit was offered or a product demanded, and see what one recorded oneself.
    RecordOffer,
    /// Read what everybody recorded of offers and demands.
    ReadOffers,
    /// Read law texts and readings.
    ReadLaw,
    /// One's own password, sessions and tokens.
    OwnAccount,
}

impl Permission {
    /// All permissions, in the order of the matrix.
    pub const ALL: [Self; 42] = [
        Self::ViewLive,
        Self::PlayBack,
        Self::SeeDevices,
        Self::ManageDevices,
        Self::SeeStorage,
        Self::DeleteFootage,
        Self::RequestUse,
        Self::DecideUse,
        Self::UseGrant,
        Self::SeeRegister,
        Self::OpenPapers,
        Self::SeeLog,
        Self::SeeAlarms,
        Self::HandleAlarms,
        Self::ManageAlarms,
        Self::ManageAccounts,
        Self::ManageRights,
        Self::ConfirmChanges,
        Self::RevealPersons,
        Self::StandWatch,
        Self::ManageSettings,
        Self::SeeReports,
        Self::AnswerReports,
        Self::Apply,
        Self::SeeCases,
        Self::HandleCases,
        Self::ApproveCases,
        Self::ReviewCases,
        Self::PublishRecords,
        Self::SuperviseCases,
        Self::ManageOffices,
        Self::SeeLink,
        Self::ManagePeers,
        Self::SeeDuties,
        Self::ManageDuties,
        Self::SeeEmergencies,
        Self::ReviewEmergency,
        Self::ChooseReading,
        Self::RecordOffer,
        Self::ReadOffers,
        Self::ReadLaw,
        Self::OwnAccount,
    ];

    /// The roles that hold it.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        use Role::{
            Administrator, Applicant, Auditor, CaseApprover, CaseOfficer, DutyOfficer, InformationCustodian,
            LegalReviewer, PoliceDuty, PoliceOfficer, Publisher, SecurityAdministrator, SecurityManager, Supervisor,
        };
        match self {
            Self::ViewLive | Self::StandWatch => &[DutyOfficer, SecurityManager],
            Self::PlayBack => &[DutyOfficer, SecurityManager, InformationCustodian],
            Self::SeeDevices => &[DutyOfficer, SecurityManager, InformationCustodian, Administrator, Auditor],
            Self::ManageDevices | Self::ManageDuties => &[SecurityManager],
            Self::SeeDuties => &[SecurityManager, Auditor],
            Self::SeeStorage => &[DutyOfficer, SecurityManager, InformationCustodian, Administrator, Auditor],
            Self::DeleteFootage => &[SecurityManager, InformationCustodian],
            Self::RequestUse | Self::UseGrant => &[PoliceOfficer],
            Self::DecideUse => &[InformationCustodian],
            Self::SeeRegister => &[SecurityManager, InformationCustodian, PoliceOfficer, Auditor],
            Self::OpenPapers => &[InformationCustodian, PoliceOfficer, Auditor],
            Self::SeeLog | Self::SeeEmergencies => &[SecurityManager, InformationCustodian, Auditor],
            // The auditor's only act: a word about what others explained, which changes nothing of the system.
            Self::ReviewEmergency => &[SecurityManager, Auditor],
            Self::SeeAlarms => &[DutyOfficer, SecurityManager, Auditor],
            Self::HandleAlarms => &[DutyOfficer, SecurityManager],
            Self::ManageAlarms => &[SecurityManager],
            Self::SeeReports => &[PoliceDuty, Auditor],
            Self::AnswerReports => &[PoliceDuty],
            Self::Apply => &[Applicant],
            Self::SeeCases => &[CaseOfficer, CaseApprover, LegalReviewer, Publisher, Supervisor, Auditor],
            Self::HandleCases => &[CaseOfficer],
            Self::ApproveCases => &[CaseApprover],
            Self::ReviewCases => &[LegalReviewer],
            Self::PublishRecords => &[Publisher],
            Self::SuperviseCases => &[Supervisor, Auditor],
            Self::ManageOffices => &[Administrator],
            Self::SeeLink => &[SecurityManager, Administrator, Auditor],
            Self::ManageAccounts | Self::ManageSettings | Self::ManagePeers => &[Administrator],
            Self::ManageRights => &[SecurityAdministrator],
            Self::RevealPersons => &[Administrator, SecurityAdministrator],
            // The manager only where a small site has no two administrators: `proposal::may_decide`.
            Self::ConfirmChanges => &[Administrator, SecurityAdministrator, SecurityManager],
            // On a site who answers for its duties, at an authority who works by the law; administration is the second pair of eyes.
            Self::ChooseReading => &[SecurityManager, PoliceDuty, LegalReviewer],
            Self::ReadOffers => &[SecurityManager, Administrator, Auditor],
            // Whoever works here can be offered something, an auditor too.
            Self::RecordOffer => &Role::STAFF,
            Self::ReadLaw | Self::OwnAccount => &Role::ALL,
        }
    }
}

impl Permission {
    /// Asks for the area of the camera too (`area`): what shows or commands a camera. Officers under a granted request are bounded by
    /// its scope instead.
    #[must_use]
    pub const fn asks_area(self) -> bool {
        matches!(
            self,
            Self::ViewLive
                | Self::PlayBack
                | Self::SeeDevices
                | Self::ManageDevices
                | Self::DeleteFootage
                | Self::DecideUse
        )
    }
}

impl Role {
    /// True when this role may try `what`. Everything not listed is refused.
    #[must_use]
    pub fn may(self, what: Permission) -> bool {
        what.roles().contains(&self)
    }
}

/// The matrix as text: one line a permission, one column a role, `x` where held; `area` says that the area is asked too. Committed as `docs/ref/permissions.txt`.
#[must_use]
pub fn matrix() -> String {
    let mut out = String::from("# permission x role; made from domain::access, checked by a test\n");
    let head: Vec<_> = Role::ALL.iter().map(|r| format!("{:>23}", r.code())).collect();
    out.push_str(&format!("{:<16}{}{:>6}\n", "permission", head.concat(), "area"));
    for what in Permission::ALL {
        let row: Vec<_> = Role::ALL.iter().map(|r| format!("{:>23}", if r.may(what) { "x" } else { "." })).collect();
        let area = if what.asks_area() { "area" } else { "." };
        out.push_str(&format!("{:<16}{}{area:>6}\n", format!("{what:?}"), row.concat()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_both_asks_and_grants() {
        for role in Role::ALL {
            assert!(!(role.may(Permission::RequestUse) && role.may(Permission::DecideUse)), "{role:?}");
        }
    }

    #[test]
    fn system_security_and_audit_are_apart() {
        assert!(!Role::Administrator.may(Permission::PlayBack) && !Role::Administrator.may(Permission::ViewLive));
        for what in [Permission::ManageAccounts, Permission::ManageDevices, Permission::DeleteFootage] {
            assert!(!Role::Auditor.may(what), "{what:?}");
        }
        assert!(!Role::SecurityManager.may(Permission::ManageAccounts));
        for what in Permission::ALL {
            let of = |role: Role| role.may(what);
            // Seeing the state of things and knowing a person are both administrators' own; what each changes is not the other's.
            let shared = matches!(
                what,
                Permission::RevealPersons
                    | Permission::ConfirmChanges
                    | Permission::RecordOffer
                    | Permission::ReadLaw
                    | Permission::OwnAccount
            );
            assert!(shared || !(of(Role::Administrator) && of(Role::SecurityAdministrator)), "{what:?}");
        }
        for what in [Permission::ManageRights, Permission::ConfirmChanges, Permission::ManageSettings] {
            assert!(!Role::Auditor.may(what), "{what:?}");
        }
        assert!(!Role::SecurityAdministrator.may(Permission::PlayBack));
        assert_eq!(Role::ALL.into_iter().filter(|r| r.is_of_the_three()).count(), 3);
    }

    #[test]
    fn who_audits_sees_alarms_and_touches_none() {
        assert!(Role::Auditor.may(Permission::SeeAlarms));
        for role in Role::ALL {
            assert!(!role.may(Permission::HandleAlarms) || role.may(Permission::SeeAlarms), "{role:?}");
            assert!(!role.may(Permission::ManageAlarms) || role.may(Permission::HandleAlarms), "{role:?}");
        }
        assert!(!Role::Auditor.may(Permission::HandleAlarms) && !Role::PoliceOfficer.may(Permission::SeeAlarms));
    }

    #[test]
    fn who_enters_an_emergency_never_confirms_its_explanation() {
        for role in Role::ALL {
            assert!(!(role.may(Permission::DecideUse) && role.may(Permission::ReviewEmergency)), "{role:?}");
            for what in [Permission::DecideUse, Permission::ReviewEmergency] {
                assert!(!role.may(what) || role.may(Permission::SeeEmergencies), "{role:?}");
            }
        }
    }

    #[test]
    fn nobody_approves_what_they_handle_or_review() {
        let kept_apart =
            [Permission::HandleCases, Permission::ApproveCases, Permission::ReviewCases, Permission::Apply];
        for role in Role::ALL {
            assert!(kept_apart.iter().filter(|what| role.may(**what)).count() <= 1, "{role:?}");
            let acts = [
                Permission::HandleCases,
                Permission::ApproveCases,
                Permission::ReviewCases,
                Permission::PublishRecords,
            ];
            assert!(!acts.iter().any(|what| role.may(*what)) || role.may(Permission::SeeCases), "{role:?}");
            assert!(!role.may(Permission::SuperviseCases) || !acts.iter().any(|what| role.may(*what)), "{role:?}");
        }
        assert!(!Role::Applicant.may(Permission::SeeCases), "an applicant sees no other's case");
        assert!(Role::ALL.iter().all(|role| Role::STAFF.contains(role) != (*role == Role::Applicant)));
    }

    #[test]
    fn a_server_gives_out_the_roles_that_have_something_to_do_there() {
        for here in [Workplace::Site, Workplace::Authority] {
            let given: Vec<Role> = here.staff().collect();
            assert!(Role::ALL.into_iter().filter(|r| r.is_of_the_three()).all(|r| given.contains(&r)), "{here:?}");
            for role in Role::ALL {
                match here.gives(role) {
                    Ok(()) => assert!(given.contains(&role) && role != Role::Applicant, "{here:?} {role:?}"),
                    Err(refusal) => {
                        assert!(!given.contains(&role) && refusal.code == "role_elsewhere", "{here:?} {role:?}");
                        assert!(refusal.what.zh.contains(role.name().zh.as_ref()), "{refusal:?}");
                        assert!(
                            refusal.next.en.contains("Auditor") && refusal.next.zh.contains("审计员"),
                            "{refusal:?}"
                        );
                    }
                }
            }
        }
        // Each role but the three works at one of the two.
        for role in Role::ALL {
            let both = role.works_at(Workplace::Site) && role.works_at(Workplace::Authority);
            assert_eq!(both, role.is_of_the_three(), "{role:?}");
            assert!(role.works_at(Workplace::Site) || role.works_at(Workplace::Authority), "{role:?}");
            for what in [Permission::SeeCases, Permission::Apply, Permission::SeeReports] {
                assert!(!role.may(what) || role.works_at(Workplace::Authority), "{role:?} {what:?}");
            }
            for what in [Permission::ViewLive, Permission::PlayBack, Permission::RequestUse, Permission::StandWatch] {
                assert!(!role.may(what) || role.works_at(Workplace::Site), "{role:?} {what:?}");
            }
        }
    }

    #[test]
    fn codes_round_trip() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.code()), Some(role));
        }
        assert_eq!(Role::parse("root"), None);
    }
}
