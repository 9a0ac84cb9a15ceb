//! Sensitive changes: what one administrator proposes and another confirms.
//!
//! ```text
//! proposed ─▶ confirmed (by another person; the change happens in that transaction)
//!         ├─▶ declined  (by another, or taken back by who proposed it)
//!         └─▶ expired   (nobody answered in time)
//! ```
//!
//! Always true: nobody confirms their own, also not under another account of theirs; the auditor confirms nothing; what is confirmed is
//! what was proposed, letter by letter; each step is an entry of the log. [`Kind::ALL`] is the whole table.
//!
//! While one of the three administrators is missing, that seat can be filled alone ([`needs_second`]): otherwise a new site, or one
//! from before the three, could never begin. Nothing else can be done alone. In a small site the security manager confirms, so that seat
//! is guarded like the three ([`Seats::guards`]): whoever could fill it alone would confirm their own changes under another name.

use crate::access::{Permission, Role};
use crate::area::AreaRight;
use base::{AccountId, ErrorKind, Refusal, Text, UtcMs};
use serde::{Deserialize, Serialize};

/// A proposal that nobody answered ends after so long, ms: three days, over a weekend.
pub const EXPIRES_MS: i64 = 3 * 86_400_000;
/// Most proposals that wait at once.
pub const OPEN_MOST: usize = 100;

/// Kinds of sensitive change.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// An account with the role of one of the three is made.
    MakeAdministrator,
    /// A role of the three is given to an account, or taken from one.
    ChangeRole,
    /// The areas of one of the three.
    Areas,
    /// A closed account of one of the three is opened again.
    Open,
    /// An account of one of the three, or with open duties, is closed.
    Close,
    /// A one-time password for one of the three.
    ResetPassword,
    /// The phone of one of the three is forgotten.
    ResetPhone,
    /// A role no longer has to have a second step.
    LoosenTwoStep,
    /// One person may hold system and security administration.
    SmallSite,
    /// Settings by which footage would be kept for fewer days.
    ShortenRetention,
    /// A slip of a law text is read as printed, or by its evident meaning.
    ChooseReading,
}

impl Kind {
    /// The table.
    pub const ALL: [Self; 11] = [
        Self::MakeAdministrator,
        Self::ChangeRole,
        Self::Areas,
        Self::Open,
        Self::Close,
        Self::ResetPassword,
        Self::ResetPhone,
        Self::LoosenTwoStep,
        Self::SmallSite,
        Self::ShortenRetention,
        Self::ChooseReading,
    ];

    /// Stable word for rows and entries.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MakeAdministrator => "make_administrator",
            Self::ChangeRole => "change_role",
            Self::Areas => "administrator_areas",
            Self::Open => "open_administrator",
            Self::Close => "close_account",
            Self::ResetPassword => "reset_administrator",
            Self::ResetPhone => "reset_administrator_phone",
            Self::LoosenTwoStep => "loosen_two_step",
            Self::SmallSite => "small_site",
            Self::ShortenRetention => "shorten_retention",
            Self::ChooseReading => "choose_reading",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }

    /// Who may propose it; it is asked again when it is confirmed.
    #[must_use]
    pub const fn proposes(self) -> Permission {
        match self {
            Self::MakeAdministrator | Self::Open | Self::Close | Self::ResetPassword => Permission::ManageAccounts,
            Self::ChangeRole | Self::Areas | Self::ResetPhone | Self::LoosenTwoStep => Permission::ManageRights,
            Self::SmallSite | Self::ShortenRetention => Permission::ManageSettings,
            Self::ChooseReading => Permission::ChooseReading,
        }
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::MakeAdministrator => {
                Text::new("新建管理员或审计员账号", "A new account for an administrator or auditor")
            }
            Self::ChangeRole => Text::new("授予或收回管理员、审计员角色", "Give or take a role of administration"),
            Self::Areas => Text::new("修改管理员的区域授权", "Change the areas of an administrator"),
            Self::Open => Text::new("重新启用管理员账号", "Open an administrator's account again"),
            Self::Close => Text::new("停用账号", "Close an account"),
            Self::ResetPassword => Text::new("重置管理员密码", "A one-time password for an administrator"),
            Self::ResetPhone => Text::new("重置管理员的二次验证", "Forget the phone of an administrator"),
            Self::LoosenTwoStep => Text::new("放宽二次验证规定", "Loosen the rule of the second step"),
            Self::SmallSite => Text::new("按小单位管理", "Run as a small site"),
            Self::ShortenRetention => {
                Text::new("缩短录像保存期限的设置", "Settings that shorten how long footage is kept")
            }
            Self::ChooseReading => Text::new("决定法规笔误的读法", "How a slip of a law text is read"),
        }
    }

    /// Why one person is not enough.
    #[must_use]
    pub const fn why(self) -> Text {
        match self {
            Self::MakeAdministrator | Self::ChangeRole | Self::Open => Text::new(
                "谁能管系统、管授权、管审计，不能由一个人说了算。",
                "Who runs the system, gives rights and audits is not one person's choice.",
            ),
            Self::Areas => Text::new(
                "管理员不能单独扩大管理员的范围。",
                "No administrator widens what an administrator reaches alone.",
            ),
            Self::Close => Text::new(
                "停用会中断此人正在履行的职责，或使三员缺位。",
                "Closing it breaks off a duty, or leaves one of the three seats empty.",
            ),
            Self::ResetPassword | Self::ResetPhone => Text::new(
                "重置后经手人可能冒用这个账号。",
                "Whoever resets it could use the account in the person's name.",
            ),
            Self::LoosenTwoStep => {
                Text::new("关闭后只凭密码就能登录。", "Afterwards a password alone opens these accounts.")
            }
            Self::SmallSite => Text::new(
                "系统管理和授权由一人兼任，少了一道制约。",
                "One person then runs the system and gives its rights: one check fewer.",
            ),
            Self::ShortenRetention => {
                Text::new("录像会更早到期并被删除。", "Footage falls due, and is deleted, earlier.")
            }
            Self::ChooseReading => Text::new(
                "法条怎么读，不能由一个人说了算；罚款仍须经法制审核。",
                "How a law is read is not one person's choice; a fine still waits for legal review.",
            ),
        }
    }
}

/// The change itself, as it was proposed. It may hold a name: it is stored sealed, and prints as its kind only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// `Kind::MakeAdministrator`.
    MakeAdministrator {
        /// Login name.
        login: String,
        /// Role.
        role: Role,
        /// Name of the person.
        name: String,
        /// Badge number.
        badge: Option<String>,
        /// Unit.
        unit: String,
    },
    /// `Kind::ChangeRole`.
    ChangeRole {
        /// Whose.
        account: AccountId,
        /// As it was when this was proposed; `None` in a proposal of a program that did not keep it.
        #[serde(default)]
        was: Option<Role>,
        /// From then on.
        role: Role,
    },
    /// `Kind::Areas`.
    Areas {
        /// Whose.
        account: AccountId,
        /// From then on.
        rights: Vec<AreaRight>,
    },
    /// `Kind::Open`.
    Open {
        /// Which.
        account: AccountId,
    },
    /// `Kind::Close`.
    Close {
        /// Which.
        account: AccountId,
    },
    /// `Kind::ResetPassword`.
    ResetPassword {
        /// Whose.
        account: AccountId,
    },
    /// `Kind::ResetPhone`.
    ResetPhone {
        /// Whose.
        account: AccountId,
    },
    /// `Kind::LoosenTwoStep`.
    TwoStepRule {
        /// Who must have it from then on.
        roles: Vec<Role>,
        /// Who had to when this was proposed; `None` in a proposal of a program that did not keep it.
        #[serde(default)]
        was: Option<Vec<Role>>,
    },
    /// `Kind::SmallSite`.
    SmallSite,
    /// `Kind::ShortenRetention`.
    Settings {
        /// The settings as they would be, as the site writes them.
        profile: String,
        /// Names the settings they were reckoned from.
        was: String,
    },
    /// `Kind::ChooseReading`.
    Reading {
        /// Id of the slip.
        reading: String,
        /// How it is read.
        choice: law::Choice,
        /// First day.
        from: base::CivilDate,
        /// Why.
        reason: String,
    },
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Change({})", self.kind().code())
    }
}

impl Change {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::MakeAdministrator { .. } => Kind::MakeAdministrator,
            Self::ChangeRole { .. } => Kind::ChangeRole,
            Self::Areas { .. } => Kind::Areas,
            Self::Open { .. } => Kind::Open,
            Self::Close { .. } => Kind::Close,
            Self::ResetPassword { .. } => Kind::ResetPassword,
            Self::ResetPhone { .. } => Kind::ResetPhone,
            Self::TwoStepRule { .. } => Kind::LoosenTwoStep,
            Self::SmallSite => Kind::SmallSite,
            Self::Settings { .. } => Kind::ShortenRetention,
            Self::Reading { .. } => Kind::ChooseReading,
        }
    }

    /// The account it is about.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::ChangeRole { account, .. }
            | Self::Areas { account, .. }
            | Self::Open { account }
            | Self::Close { account }
            | Self::ResetPassword { account }
            | Self::ResetPhone { account } => Some(*account),
            _ => None,
        }
    }
}

/// How many people hold each seat without which, or against which, one person could change everything alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seats {
    /// Administrators in use.
    pub system: usize,
    /// Security administrators in use.
    pub security: usize,
    /// Auditors in use.
    pub audit: usize,
    /// Security managers in use, where they confirm changes: in a small site. `None` elsewhere.
    pub managers: Option<usize>,
}

impl Seats {
    /// Counts the roles of the accounts in use.
    pub fn of(roles: impl Iterator<Item = Role>, small_site: bool) -> Self {
        let begin = Self { managers: small_site.then_some(0), ..Self::default() };
        roles.fold(begin, |mut seats, role| {
            match role {
                Role::Administrator => seats.system += 1,
                Role::SecurityAdministrator => seats.security += 1,
                Role::Auditor => seats.audit += 1,
                Role::SecurityManager => seats.managers = seats.managers.map(|n| n + 1),
                _ => {}
            }
            seats
        })
    }

    /// How many hold a guarded role; `None` for other roles.
    #[must_use]
    pub const fn holding(self, role: Role) -> Option<usize> {
        match role {
            Role::Administrator => Some(self.system),
            Role::SecurityAdministrator => Some(self.security),
            Role::Auditor => Some(self.audit),
            Role::SecurityManager => self.managers,
            _ => None,
        }
    }

    /// Accounts of this role are made, opened, closed and reset by two persons.
    #[must_use]
    pub const fn guards(self, role: Role) -> bool {
        self.holding(role).is_some()
    }

    /// The roles of the three that nobody holds.
    #[must_use]
    pub fn missing(self) -> Vec<Role> {
        Role::ALL.into_iter().filter(|r| r.is_of_the_three() && self.holding(*r) == Some(0)).collect()
    }
}

/// Does giving `to` (to an account that has `from`) need a second administrator? An empty seat is filled alone; taking one never is.
#[must_use]
pub fn needs_second(seats: Seats, from: Option<Role>, to: Role) -> bool {
    from.is_some_and(|role| seats.guards(role)) || seats.holding(to).is_some_and(|n| n > 0)
}

/// What tells one person from another: the name, and a badge where both have one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Person<'a> {
    /// Name.
    pub name: &'a str,
    /// Badge number.
    pub badge: Option<&'a str>,
    /// Unit.
    pub unit: &'a str,
}

impl Person<'_> {
    /// Could the two be one person? Same name, and not told apart by two different badges. Two persons of one name who have no badges
    /// are told apart by an addition to the name (张伟（北门）), as colleagues do. Only letters and digits count: what nobody sees in a
    /// list (blanks, characters without width) makes no other person.
    #[must_use]
    pub fn may_be(&self, other: &Person<'_>) -> bool {
        let same = |a: &str, b: &str| {
            let plain =
                |t: &str| t.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
            plain(a) == plain(b)
        };
        let apart = match (self.badge, other.badge) {
            (Some(a), Some(b)) => !a.trim().is_empty() && !b.trim().is_empty() && !same(a, b),
            _ => false,
        };
        same(self.name, other.name) && !apart
    }
}

/// May one person hold both roles? A small site may join system and security administration; audit stays apart always.
///
/// # Errors
/// `same_person`.
pub fn may_hold_both(one: Role, other: Role, small_site: bool) -> Result<(), Refusal> {
    if one == other || !one.is_of_the_three() || !other.is_of_the_three() {
        return Ok(());
    }
    if small_site && one != Role::Auditor && other != Role::Auditor {
        return Ok(());
    }
    let (a, b) = (one.name(), other.name());
    Err(Refusal::new(
        ErrorKind::Conflict,
        "same_person",
        Text::of(
            format!("同一个人不能既是{}又是{}（三员分立，GB/T 22239）。", a.zh, b.zh),
            format!("One person cannot be {} and {} (three administrators kept apart, GB/T 22239).", a.en, b.en),
        ),
        Text::new(
            "请换一个人。确是同名的两个人，请在姓名后注明；人手不足的小单位可在设置中说明，审计员仍须另有其人。",
            "Choose another person. Two persons of one name are told apart by an addition to the name. A small site can say so in the \
             settings; the auditor stays another person.",
        ),
    ))
}

/// State of a proposal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// Waits.
    Open,
    /// Done.
    Confirmed,
    /// Declined, or taken back.
    Declined,
    /// Nobody answered in time.
    Expired,
}

impl State {
    const ALL: [Self; 4] = [Self::Open, Self::Confirmed, Self::Declined, Self::Expired];

    /// Stable word for rows.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::Declined => "declined",
            Self::Expired => "expired",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// Whoever proposes or answers.
#[derive(Clone, Copy)]
pub struct Party<'a> {
    /// Account.
    pub account: AccountId,
    /// Role.
    pub role: Role,
    /// Person.
    pub person: Person<'a>,
}

/// Does this role see and answer what waits?
///
/// # Errors
/// `no_permission`.
pub fn confirms(role: Role, small_site: bool) -> Result<(), Refusal> {
    if role.may(Permission::ConfirmChanges) && (small_site || role != Role::SecurityManager) {
        return Ok(());
    }
    let role = role.name();
    Err(Refusal::new(
        ErrorKind::Forbidden,
        "no_permission",
        Text::of(format!("{}无权确认变更。", role.zh), format!("The role {} confirms no changes.", role.en)),
        Text::new(
            "由另一名系统管理员或安全管理员确认；小单位也可由安全管理负责人确认。",
            "Another administrator or security administrator confirms; in a small site also the security manager.",
        ),
    ))
}

/// May `by` confirm (or decline) what `made_by` proposed?
///
/// # Errors
/// `not_open` (answered before, or its time is over), `no_permission`, `own_proposal`.
pub fn may_decide(
    state: State,
    ends: UtcMs,
    made_by: Party<'_>,
    by: Party<'_>,
    small_site: bool,
    now: UtcMs,
) -> Result<(), Refusal> {
    if state != State::Open || now >= ends {
        return Err(Refusal::new(
            ErrorKind::Conflict,
            "not_open",
            Text::new("这项变更已经处理，或已过期。", "This change was answered before, or its time is over."),
            Text::new("请刷新页面；如仍需要，请重新提出。", "Reload the page; propose it again if it is still needed."),
        ));
    }
    confirms(by.role, small_site)?;
    if by.account == made_by.account || by.person.may_be(&made_by.person) {
        return Err(Refusal::new(
            ErrorKind::Conflict,
            "own_proposal",
            Text::new("不能确认自己提出的变更。", "Nobody confirms what they proposed themselves."),
            Text::new(
                "请由另一个人确认，用另一个账号也不行。",
                "Another person confirms it; another account of yours will not do.",
            ),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn person(name: &str) -> Person<'_> {
        Person { name, badge: None, unit: "" }
    }

    fn party(n: u8, role: Role, name: &str) -> Party<'_> {
        Party { account: AccountId::new(1, [n; 10]), role, person: person(name) }
    }

    const T0: UtcMs = UtcMs(1_000_000);

    fn decide(by: Party<'_>, small: bool, now: UtcMs) -> Result<(), String> {
        let maker = party(1, Role::Administrator, "张三");
        may_decide(State::Open, T0.plus_ms(EXPIRES_MS), maker, by, small, now).map_err(|r| r.code)
    }

    #[test]
    fn nobody_confirms_their_own_under_any_account() {
        assert_eq!(decide(party(1, Role::Administrator, "张三"), false, T0), Err("own_proposal".into()));
        assert_eq!(decide(party(2, Role::SecurityAdministrator, " 张 三"), false, T0), Err("own_proposal".into()));
        assert_eq!(decide(party(2, Role::SecurityAdministrator, "李四"), false, T0), Ok(()));
        assert_eq!(decide(party(2, Role::Administrator, "李四"), false, T0), Ok(()));
    }

    #[test]
    fn the_auditor_confirms_nothing_and_the_manager_only_in_a_small_site() {
        for small in [false, true] {
            for role in Role::ALL {
                let may = matches!(role, Role::Administrator | Role::SecurityAdministrator)
                    || (small && role == Role::SecurityManager);
                assert_eq!(decide(party(2, role, "李四"), small, T0).is_ok(), may, "{role:?} {small}");
            }
        }
    }

    #[test]
    fn it_ends_to_the_millisecond_and_is_answered_once() {
        let by = party(2, Role::SecurityAdministrator, "李四");
        assert_eq!(decide(by, false, T0.plus_ms(EXPIRES_MS - 1)), Ok(()));
        assert_eq!(decide(by, false, T0.plus_ms(EXPIRES_MS)), Err("not_open".into()));
        let maker = party(1, Role::Administrator, "张三");
        for state in [State::Confirmed, State::Declined, State::Expired] {
            assert_eq!(may_decide(state, UtcMs(i64::MAX), maker, by, false, T0).unwrap_err().code, "not_open");
        }
    }

    #[test]
    fn an_empty_seat_is_filled_alone_and_nothing_else() {
        let one = Seats::of([Role::Administrator, Role::DutyOfficer].into_iter(), false);
        assert_eq!(one.missing(), [Role::SecurityAdministrator, Role::Auditor]);
        assert!(!needs_second(one, None, Role::SecurityAdministrator) && !needs_second(one, None, Role::Auditor));
        assert!(needs_second(one, None, Role::Administrator), "that seat is taken");
        assert!(needs_second(one, Some(Role::Administrator), Role::Auditor), "taking a seat is never done alone");
        assert!(!needs_second(one, None, Role::DutyOfficer));
        let full = Seats { system: 1, security: 1, audit: 1, managers: None };
        assert!(needs_second(full, Some(Role::DutyOfficer), Role::Auditor));
    }

    #[test]
    fn who_confirms_in_a_small_site_is_not_made_by_one_person() {
        let roles = [Role::Administrator, Role::SecurityAdministrator, Role::Auditor];
        let manager = Role::SecurityManager;
        let of = |managers: usize, small| Seats::of(roles.into_iter().chain(vec![manager; managers]), small);
        assert!(!needs_second(of(0, true), None, manager), "the empty seat");
        assert!(
            needs_second(of(1, true), None, manager) && needs_second(of(1, true), Some(Role::DutyOfficer), manager)
        );
        assert!(of(1, true).guards(manager) && needs_second(of(1, true), Some(manager), Role::DutyOfficer));
        assert!(
            !of(1, false).guards(manager) && !needs_second(of(1, false), None, manager),
            "elsewhere they confirm nothing"
        );
        assert_eq!(of(0, true).missing(), [], "it is none of the three");
        for (small, role) in [true, false].into_iter().flat_map(|s| Role::ALL.map(|r| (s, r))) {
            let confirms = decide(party(2, role, "李四"), small, T0).is_ok();
            assert!(!confirms || of(1, small).guards(role), "{role:?} {small}: whoever confirms is guarded");
        }
    }

    #[test]
    fn the_three_are_three_persons() {
        for a in Role::ALL {
            for b in Role::ALL {
                let three = a != b && a.is_of_the_three() && b.is_of_the_three();
                assert_eq!(may_hold_both(a, b, false).is_err(), three, "{a:?} {b:?}");
                let audit = three && (a == Role::Auditor || b == Role::Auditor);
                assert_eq!(may_hold_both(a, b, true).is_err(), audit, "small site: {a:?} {b:?}");
            }
        }
        let badge = |badge| Person { badge: Some(badge), ..person("张伟") };
        assert!(badge("01").may_be(&badge(" 01")) && !badge("01").may_be(&badge("02")));
        assert!(badge("01").may_be(&person("张伟")), "no badge does not tell them apart");
        assert!(!person("张伟").may_be(&person("张伟（北门）")));
        for unseen in ["张\u{200b}伟", "张伟\u{feff}", "\u{2060}张伟 ", "张·伟"] {
            assert!(person("张伟").may_be(&person(unseen)), "{unseen:?}");
        }
    }

    #[test]
    fn codes_round_trip_and_a_change_prints_nothing_of_a_person() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.code()), Some(kind));
            assert!(!kind.why().zh.is_empty() && !kind.name().en.is_empty());
            assert!(!Role::Auditor.may(kind.proposes()), "{kind:?}");
        }
        for state in State::ALL {
            assert_eq!(State::parse(state.code()), Some(state));
        }
        let change = Change::MakeAdministrator {
            login: "li".into(),
            role: Role::Auditor,
            name: "李四".into(),
            badge: None,
            unit: String::new(),
        };
        assert_eq!(format!("{change:?}"), "Change(make_administrator)");
        let text = serde_json::to_string(&change).unwrap();
        assert!(serde_json::from_str::<Change>(&text).unwrap() == change);
        // As a program before this one kept them.
        let old = format!(
            "{{\"change\":\"change_role\",\"account\":\"{}\",\"role\":\"auditor\"}}",
            party(1, Role::Auditor, "x").account
        );
        let read = serde_json::from_str::<Change>(&old).unwrap();
        assert!(matches!(read, Change::ChangeRole { was: None, role: Role::Auditor, .. }));
    }

    proptest! {
        #[test]
        fn no_proposal_is_ever_confirmed_by_its_maker(n in 0_usize..8, small: bool, at in 0_i64..10_000_000) {
            let maker = party(1, Role::ALL[n], "张三");
            prop_assert!(may_decide(State::Open, UtcMs(i64::MAX), maker, maker, small, UtcMs(at)).is_err());
        }
    }
}
