//! The three administrators: who may what, the second person, the small site; accounts from a file.

use crate::harness::{Browser, PASSWORD, Server};
use domain::access::Role;
use site::accounts::AccountForm;
use store::logbook::ActFilter;

async fn acts(server: &Server, kind: &str) -> Vec<store::logbook::ActRow> {
    let filter = ActFilter { kind: Some(kind.into()), ..Default::default() };
    server.site.store().acts(&filter, 50).await.unwrap()
}

async fn signed<'a>(server: &'a Server, login: &str) -> Browser<'a> {
    let mut browser = server.browser();
    browser.login(login).await;
    browser
}

/// Path that answers the only open change.
async fn open_change(server: &Server, answer: &str) -> String {
    let open = server.site.store().open_proposals(server.site.now().utc).await.unwrap();
    assert_eq!(open.len(), 1);
    format!("/changes/{}/{answer}", open[0].id)
}

async fn role_of(server: &Server, login: &str) -> Role {
    server.site.store().account_by_login(login).await.unwrap().unwrap().role
}

#[tokio::test]
async fn a_new_administrator_is_proposed_by_one_and_confirmed_by_another() {
    let server = Server::with_people().await;
    let mut system = signed(&server, "administrator").await;
    let form = [("name", "钱二"), ("login", "qian"), ("role", "administrator"), ("unit", ""), ("badge", "")];
    assert_eq!(system.post("/accounts", &form).await.place(), "/changes");
    assert!(server.site.store().account_by_login("qian").await.unwrap().is_none(), "nothing happens before");
    assert_eq!(system.post("/accounts", &form).await.status, 409, "the same waits already");
    let confirm = open_change(&server, "confirm").await;
    let own = system.post(&confirm, &[]).await;
    assert!(own.status == 409 && own.text.contains("不能确认自己提出的变更"), "{}", own.text);
    let page = system.get("/changes").await.text;
    assert!(page.contains("qian") && page.contains("钱*") && !page.contains("钱二"), "who cannot answer sees no name");
    for login in ["auditor", "duty_officer", "information_custodian"] {
        let mut other = signed(&server, login).await;
        assert_eq!(other.post(&confirm, &[]).await.status, 403, "{login}");
        assert_eq!(other.get("/changes").await.status, 403, "{login}");
    }
    let mut manager = signed(&server, "security_manager").await;
    assert_eq!(manager.post(&confirm, &[]).await.status, 403, "not a small site");
    let mut security = signed(&server, "security_administrator").await;
    assert!(security.get("/changes").await.text.contains("钱二"), "who answers must know the person");
    let done = security.post(&confirm, &[]).await;
    assert_eq!(done.status, 200);
    let password = done.text.split("data-copy=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(security.post(&confirm, &[]).await.status, 409, "once");
    assert_eq!(role_of(&server, "qian").await, Role::Administrator);
    let mut new = server.browser();
    new.get("/login").await;
    assert_eq!(new.post("/login", &[("login", "qian"), ("password", &password)]).await.status, 303);
    assert_eq!(new.get("/accounts").await.place(), "/account", "a one-time password is changed first");
    for (kind, by) in [("change.proposed", "administrator"), ("change.confirmed", "security_administrator")] {
        let entries = acts(&server, kind).await;
        assert_eq!((entries.len(), entries[0].account), (1, Some(server.account(by).await)), "{kind}");
        assert!(!entries[0].text.zh.contains("钱二"));
    }
    assert_eq!(acts(&server, "account.made").await[0].account, Some(server.account("administrator").await));
}

#[tokio::test]
async fn what_needs_a_second_person_waits_and_is_declined_taken_back_or_expires() {
    let server = Server::with_people().await;
    let mut system = signed(&server, "administrator").await;
    let mut security = signed(&server, "security_administrator").await;
    let (auditor, own) = (server.account("auditor").await, server.account("administrator").await);
    let custodian = server.account("information_custodian").await;
    // Closing and a password of one of the three, by the system administrator.
    for act in ["close", "reset"] {
        assert_eq!(system.post(&format!("/accounts/{auditor}/{act}"), &[]).await.place(), "/changes", "{act}");
        let decline = open_change(&server, "decline").await;
        assert_eq!(security.post(&decline, &[]).await.status, 303);
        assert_eq!(security.post(&decline, &[]).await.status, 409, "answered once");
    }
    // Roles, areas, the rule, by the security administrator; each taken back by who proposed it.
    assert_eq!(
        security.post("/accounts/two-step", &[("role", "auditor")]).await.place(),
        "/accounts",
        "stricter alone"
    );
    for (path, fields) in [
        (format!("/accounts/{custodian}/role"), vec![("role", "auditor")]),
        (format!("/accounts/{own}/role"), vec![("role", "duty_officer")]),
        (format!("/accounts/{own}/areas"), vec![("area0", "")]),
        ("/accounts/two-step".into(), vec![]),
    ] {
        assert_eq!(security.post(&path, &fields).await.place(), "/changes", "{path}");
        assert_eq!(system.post(&path, &fields).await.status, 403, "{path}: not the system administrator's");
        let decline = open_change(&server, "decline").await;
        assert_eq!(security.post(&decline, &[]).await.status, 303);
    }
    assert_eq!(server.site.two_step_roles().await.unwrap(), [Role::Auditor]);
    let said: Vec<_> = acts(&server, "change.declined").await.into_iter().map(|a| a.text.en.to_string()).collect();
    assert_eq!(said.iter().filter(|t| t.starts_with("Change taken back")).count(), 4, "{said:?}");
    assert_eq!(said.iter().filter(|t| t.starts_with("Change declined")).count(), 2, "{said:?}");
    // Nobody answers: it ends to the millisecond, with one entry. The page of a refusal has no token of its own.
    system.get("/accounts").await;
    assert_eq!(system.post(&format!("/accounts/{auditor}/close"), &[]).await.place(), "/changes");
    let store = server.site.store();
    let ends = store.open_proposals(server.site.now().utc).await.unwrap()[0].ends;
    assert_eq!(store.expire_proposals(ends.plus_ms(-1)).await.unwrap(), 0);
    assert!(store.open_proposals(ends).await.unwrap().is_empty(), "over before anybody swept it");
    for swept in [1, 0] {
        assert_eq!(store.expire_proposals(ends).await.unwrap(), swept);
    }
    let entries = acts(&server, "change.expired").await;
    assert_eq!((entries.len(), entries[0].account), (1, None));
    assert!(store.account(auditor).await.unwrap().unwrap().disabled.is_none());
}

#[tokio::test]
async fn a_confirmed_role_and_closing_act_at_once() {
    let server = Server::with_people().await;
    let mut security = signed(&server, "security_administrator").await;
    let mut system = signed(&server, "administrator").await;
    let custodian = server.account("information_custodian").await;
    let (before, _) = server.session("information_custodian").await;
    assert_eq!(security.post(&format!("/accounts/{custodian}/role"), &[("role", "auditor")]).await.place(), "/changes");
    assert_eq!(system.post(&open_change(&server, "confirm").await, &[]).await.place(), "/changes");
    assert_eq!(role_of(&server, "information_custodian").await, Role::Auditor);
    assert_eq!(server.get("/use", &before).await.place(), "/login?next=%2Fuse", "sessions of the role before end");
    assert_eq!(acts(&server, "account.role").await.len(), 1);
    // An ordinary role is given by the security administrator alone, and never to oneself.
    let duty = server.account("duty_officer").await;
    assert_eq!(security.post(&format!("/accounts/{duty}/role"), &[("role", "security_manager")]).await.status, 303);
    assert_eq!(role_of(&server, "duty_officer").await, Role::SecurityManager);
    assert_eq!(security.post(&format!("/accounts/{duty}/role"), &[("role", "police_officer")]).await.status, 400);
    let own = server.account("security_administrator").await;
    assert_eq!(security.post(&format!("/accounts/{own}/role"), &[("role", "duty_officer")]).await.status, 409);
    // Whoever proposed it may not any more: nothing is done.
    let auditor = server.account("auditor").await;
    assert_eq!(system.post(&format!("/accounts/{auditor}/close"), &[]).await.place(), "/changes");
    let now = server.site.now().utc;
    let maker = server.account("administrator").await;
    server.site.store().set_role(maker, (Role::Administrator, Role::DutyOfficer), own, now).await.unwrap();
    assert_eq!(security.post(&open_change(&server, "confirm").await, &[]).await.status, 409);
    assert!(server.site.store().account(auditor).await.unwrap().unwrap().disabled.is_none());
}

#[tokio::test]
async fn who_is_on_duty_is_closed_by_two() {
    let server = Server::with_people().await;
    let mut duty = signed(&server, "duty_officer").await;
    assert_eq!(duty.post("/shift/begin", &[]).await.status, 303);
    let mut system = signed(&server, "administrator").await;
    let id = server.account("duty_officer").await;
    assert_eq!(system.post(&format!("/accounts/{id}/close"), &[]).await.place(), "/changes");
    let officer = server.account("officer2").await;
    assert_eq!(system.post(&format!("/accounts/{officer}/close"), &[]).await.place(), "/accounts");
    let mut security = signed(&server, "security_administrator").await;
    assert_eq!(security.post(&open_change(&server, "confirm").await, &[]).await.status, 303);
    assert_eq!(duty.get("/shift").await.status, 303, "its sessions end");
}

#[tokio::test]
async fn a_new_site_comes_to_three_people_and_one_person_is_never_two_of_them() {
    let server = Server::empty().await;
    let code = server.setup_code().await;
    let mut admin = server.browser();
    admin.get("/setup").await;
    let setup = [
        ("code", code.as_str()),
        ("site_name", "示范酒店"),
        ("jurisdiction", "heilongjiang"),
        ("name", "赵一"),
        ("login", "zhao"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    assert_eq!(admin.post("/setup", &setup).await.status, 303);
    let page = admin.get("/accounts").await.text;
    assert!(page.contains("三员尚缺：安全管理员、审计员"), "{page}");
    let make = |name, login, role| vec![("name", name), ("login", login), ("role", role), ("unit", ""), ("badge", "")];
    for role in ["security_administrator", "auditor"] {
        let got = admin.post("/accounts", &make(" 赵 一", "zhao2", role)).await;
        assert!(got.status == 409 && got.text.contains("同一个人"), "{role}: {}", got.text);
    }
    // An empty seat is filled alone; the second one of it is not.
    assert_eq!(admin.post("/accounts", &make("孙三", "sun", "auditor")).await.status, 200);
    assert_eq!(admin.post("/accounts", &make("李四", "li", "auditor")).await.place(), "/changes");
    assert!(admin.get("/accounts").await.text.contains("三员尚缺：安全管理员<"));
    // A small site joins two of them, by a recorded setting, and never the third.
    assert_eq!(admin.post("/settings/small-site", &[("on", "yes")]).await.place(), "/settings");
    assert!(acts(&server, "setting.changed").await.iter().any(|a| a.text.en.contains("small_site")), "it is recorded");
    assert_eq!(admin.post("/accounts", &make("赵一", "zhao2", "security_administrator")).await.status, 200);
    assert!(!admin.get("/accounts").await.text.contains("三员尚缺"));
    assert_eq!(admin.post("/accounts", &make("赵一", "zhao3", "auditor")).await.status, 409);
    assert_eq!(admin.post("/settings/small-site", &[("on", "no")]).await.status, 409, "one person holds both");
    // The second account of the same person confirms nothing; there the manager does.
    assert_eq!(admin.post("/accounts", &make("周安", "zhou", "security_manager")).await.status, 200);
    for login in ["zhao2", "zhou"] {
        let id = server.account(login).await;
        server.site.reset_password_locally(id, &base::Pii::new(PASSWORD.into())).await.unwrap();
    }
    let confirm = open_change(&server, "confirm").await;
    let mut self_again = signed(&server, "zhao2").await;
    assert_eq!(self_again.post(&confirm, &[]).await.status, 409);
    let mut manager = signed(&server, "zhou").await;
    assert!(manager.get("/changes").await.text.contains("李四"));
    assert_eq!(manager.post(&confirm, &[]).await.status, 200);
    assert_eq!(role_of(&server, "li").await, Role::Auditor);
}

#[tokio::test]
async fn in_a_small_site_nobody_makes_alone_whoever_confirms() {
    let server = Server::with_people().await;
    let store = server.site.store();
    store.set_setting("small_site", "yes", None, server.site.now().utc).await.unwrap();
    let mut system = signed(&server, "administrator").await;
    let mut security = signed(&server, "security_administrator").await;
    let (manager, duty) = (server.account("security_manager").await, server.account("duty_officer").await);
    // A second manager under any name, a manager's one-time password or phone, somebody else promoted: each waits.
    let form = [("name", "假名"), ("login", "puppet"), ("role", "security_manager"), ("unit", ""), ("badge", "")];
    assert_eq!(system.post("/accounts", &form).await.place(), "/changes");
    for act in ["reset", "close"] {
        assert_eq!(system.post(&format!("/accounts/{manager}/{act}"), &[]).await.place(), "/changes", "{act}");
    }
    let path = format!("/accounts/{duty}/role");
    assert_eq!(security.post(&path, &[("role", "security_manager")]).await.place(), "/changes");
    let open = store.open_proposals(server.site.now().utc).await.unwrap();
    assert_eq!(open.len(), 4);
    assert!(store.account_by_login("puppet").await.unwrap().is_none());
    assert_eq!(role_of(&server, "duty_officer").await, Role::DutyOfficer);
    let file = "login,name,role\npuppet,假名,security_manager\n";
    let page = system.upload("/accounts/import", &[("@file", file)]).await;
    assert!(page.status == 400 && page.text.contains("不能批量导入"), "{}", page.text);
    // The manager confirms, and nobody without one is stuck: the seat, once empty, is filled alone.
    let mut own = signed(&server, "security_manager").await;
    let close = open.iter().find(|p| p.change == domain::proposal::Change::Close { account: manager }).unwrap();
    assert_eq!(own.post(&format!("/changes/{}/confirm", close.id), &[]).await.status, 303);
    let again = [("name", "新人"), ("login", "new"), ("role", "security_manager"), ("unit", ""), ("badge", "")];
    system.get("/accounts").await;
    assert_eq!(system.post("/accounts", &again).await.status, 200);
}

#[tokio::test]
async fn what_changed_since_it_was_proposed_is_not_done() {
    let server = Server::with_people().await;
    let mut system = signed(&server, "administrator").await;
    let mut security = signed(&server, "security_administrator").await;
    let duty = server.account("duty_officer").await;
    // Proposed of a duty officer, who is a custodian by now.
    let path = format!("/accounts/{duty}/role");
    assert_eq!(security.post(&path, &[("role", "auditor")]).await.place(), "/changes");
    let confirm = open_change(&server, "confirm").await;
    assert_eq!(security.post(&path, &[("role", "information_custodian")]).await.place(), "/accounts");
    let page = system.get("/changes").await.text;
    assert!(page.contains("值班员 → 审计员"), "as it was proposed: {page}");
    let got = system.post(&confirm, &[]).await;
    assert!(got.status == 409 && got.text.contains("情况已经变化"), "{}", got.text);
    assert_eq!(role_of(&server, "duty_officer").await, Role::InformationCustodian);
    system.get("/changes").await;
    assert_eq!(system.post(&open_change(&server, "decline").await, &[]).await.status, 303);
    // A rule that was made stricter meanwhile is not loosened by the way.
    let rule = |roles: &[&'static str]| roles.iter().map(|r| ("role", *r)).collect::<Vec<_>>();
    security.get("/accounts").await;
    assert_eq!(security.post("/accounts/two-step", &rule(&["auditor", "police_officer"])).await.place(), "/accounts");
    assert_eq!(security.post("/accounts/two-step", &rule(&["auditor"])).await.place(), "/changes");
    let stricter = rule(&["auditor", "police_officer", "information_custodian"]);
    assert_eq!(security.post("/accounts/two-step", &stricter).await.place(), "/accounts");
    assert_eq!(system.post(&open_change(&server, "confirm").await, &[]).await.status, 409);
    assert_eq!(server.site.two_step_roles().await.unwrap().len(), 3);
}

#[tokio::test]
async fn with_a_security_administrator_a_small_site_needs_a_second_person() {
    let server = Server::with_people().await;
    let mut system = signed(&server, "administrator").await;
    assert_eq!(system.post("/settings/small-site", &[("on", "yes")]).await.place(), "/changes");
    assert!(!server.site.small_site().await.unwrap());
    let mut security = signed(&server, "security_administrator").await;
    assert_eq!(security.post(&open_change(&server, "confirm").await, &[]).await.status, 303);
    assert!(server.site.small_site().await.unwrap());
    assert_eq!(
        system.post("/settings/small-site", &[("on", "no")]).await.place(),
        "/settings",
        "stricter again, alone"
    );
    // Nobody makes two of the three at the machine itself either.
    let form = AccountForm {
        login: "double".into(),
        name: base::Pii::new("auditor".into()),
        badge: None,
        unit: String::new(),
        role: Role::Administrator,
        password: base::Pii::new(PASSWORD.into()),
    };
    assert_eq!(server.site.add_account_locally(&form).await.unwrap_err().code, "same_person");
}

#[tokio::test]
async fn setup_switches_the_second_step_on_where_it_was_ticked() {
    let server = Server::empty().await;
    let code = server.setup_code().await;
    let mut admin = server.browser();
    assert!(admin.get("/setup").await.text.contains("name=\"two_step\" value=\"yes\" checked"));
    let setup = [
        ("code", code.as_str()),
        ("site_name", "示范酒店"),
        ("jurisdiction", "heilongjiang"),
        ("name", "赵一"),
        ("login", "zhao"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
        ("two_step", "yes"),
    ];
    assert_eq!(admin.post("/setup", &setup).await.status, 303);
    assert_eq!(admin.get("/accounts").await.place(), "/account/two-step");
    let roles = server.site.two_step_roles().await.unwrap();
    assert!(roles.contains(&Role::SecurityAdministrator) && !roles.contains(&Role::DutyOfficer), "{roles:?}");
}

#[tokio::test]
async fn the_walkthrough_names_the_account_to_sign_in_with() {
    let server = Server::start(jifang_web::Options { demo: true, ..Default::default() }).await;
    server.people().await;
    let mut browser = signed(&server, "auditor").await;
    let page = browser.get("/welcome").await.text;
    let link = "/login?switch=1&amp;login=officer1&amp;next=%2Fuse%2Fnew";
    assert!(page.contains(link) || page.contains(&link.replace("&amp;", "&#38;")), "{page}");
    let got = browser.get("/login?switch=1&login=officer1&next=%2Fuse%2Fnew").await.text;
    assert!(got.contains("value=\"officer1\"") && got.contains("value=\"/use/new\""), "{got}");
    let got = browser.get("/login?switch=1&login=%22%3E%3Cscript%3E").await.text;
    assert!(!got.contains("<script>"), "{got}");
}

const FILE: &str = "登录名,姓名,角色,单位,警号\nwu,吴值班,值班员,保安部,\nwang,王警官,民警,市公安局,020001\n";

/// The digest that the preview page sends back.
fn digest(page: &str) -> String {
    page.split("name=\"sha256\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn accounts_of_a_file_are_shown_then_made_once() {
    let server = Server::with_people().await;
    let mut admin = signed(&server, "administrator").await;
    assert_eq!(admin.get("/accounts/import").await.status, 200);
    let page = admin.upload("/accounts/import", &[("@file", FILE)]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("吴**") && page.text.contains("****01"), "masked");
    assert!(!page.text.contains("吴值班") && !page.text.contains("020001"));
    assert!(server.site.store().account_by_login("wu").await.unwrap().is_none(), "a preview makes nothing");
    let sha256 = digest(&page.text);
    assert_eq!(admin.post("/accounts/import/confirm", &[("sha256", "00")]).await.status, 409, "another file");
    let made = admin.post("/accounts/import/confirm", &[("sha256", &sha256)]).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let password = made.text.split("<td class=\"mono\">wu</td><td class=\"mono strong\">").nth(1).unwrap();
    let password = password.split('<').next().unwrap();
    assert_eq!(
        (acts(&server, "accounts.imported").await.len(), role_of(&server, "wang").await),
        (1, Role::PoliceOfficer)
    );
    let mut new = server.browser();
    new.get("/login").await;
    assert_eq!(new.post("/login", &[("login", "wu"), ("password", password)]).await.status, 303);
    assert_eq!(new.get("/desk").await.place(), "/account", "it is changed first");
    assert_eq!(admin.post("/accounts/import/confirm", &[("sha256", &sha256)]).await.status, 409, "confirmed once");
    // The same file again changes nothing.
    let before = acts(&server, "account.made").await.len();
    let page = admin.upload("/accounts/import", &[("@file", FILE)]).await;
    assert!(page.text.contains("已有，不变"));
    let got = admin.post("/accounts/import/confirm", &[("sha256", &sha256)]).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, "/accounts"));
    assert_eq!(
        (acts(&server, "account.made").await.len(), acts(&server, "accounts.imported").await.len()),
        (before, 1)
    );
}

#[tokio::test]
async fn a_file_with_one_fault_makes_nothing_and_every_fault_is_told() {
    let server = Server::with_people().await;
    let mut admin = signed(&server, "administrator").await;
    let bad = format!("{FILE}!,,emperor,,\nofficer2,别人,民警,市公安局,020009\nsun,孙,审计员,,\n");
    let page = admin.upload("/accounts/import", &[("@file", &bad)]).await;
    assert_eq!(page.status, 400);
    for (line, part) in
        [(4, "登录名须为"), (4, "姓名未填写"), (4, "没有这个角色"), (5, "已有账号"), (6, "不能批量导入")]
    {
        assert!(
            page.text.contains(&format!("<td class=\"num\">{line}</td><td>")) && page.text.contains(part),
            "{part}"
        );
    }
    assert_eq!(admin.post("/accounts/import/confirm", &[("sha256", "00")]).await.status, 409, "nothing was kept");
    assert_eq!(admin.upload("/accounts/import", &[]).await.status, 400, "no file");
    let large = "x".repeat(domain::account::import::BYTES + 1);
    assert_eq!(admin.upload("/accounts/import", &[("@file", &large)]).await.status, 400);
    assert!(server.site.store().account_by_login("wu").await.unwrap().is_none());
    // A login that was taken between preview and confirmation: all or nothing.
    let page = admin.upload("/accounts/import", &[("@file", FILE)]).await;
    let form = AccountForm {
        login: "wang".into(),
        name: base::Pii::new("王五".into()),
        badge: None,
        unit: String::new(),
        role: Role::DutyOfficer,
        password: base::Pii::new(PASSWORD.into()),
    };
    server.site.add_account_locally(&form).await.unwrap();
    let got = admin.post("/accounts/import/confirm", &[("sha256", &digest(&page.text))]).await;
    assert_eq!(got.status, 400, "{}", got.text);
    assert!(server.site.store().account_by_login("wu").await.unwrap().is_none());
    assert!(acts(&server, "accounts.imported").await.is_empty());
    for login in ["security_administrator", "auditor", "security_manager"] {
        let mut other = signed(&server, login).await;
        assert_eq!(other.upload("/accounts/import", &[("@file", FILE)]).await.status, 403, "{login}");
    }
}

#[tokio::test]
async fn a_server_offers_and_gives_the_roles_that_have_something_to_do_there() {
    for (server, own, other, says) in [
        (Server::with_people().await, "duty_officer", "case_officer", "承办民警"),
        (Server::of_authority().await, "case_officer", "duty_officer", "值班员"),
    ] {
        let mut system = signed(&server, "administrator").await;
        let page = system.get("/accounts").await.text;
        let offered = |page: &str, role: &str| page.contains(&format!("name=\"role\" value=\"{role}\""));
        assert!(offered(&page, own) && offered(&page, "auditor"), "{own}");
        assert!(!offered(&page, other) && !offered(&page, "applicant"), "{other}");
        let make = |login, role| [("name", "钱二"), ("login", login), ("role", role), ("unit", ""), ("badge", "")];
        for (login, role) in [("qian", other), ("lai", "applicant")] {
            let told = system.post("/accounts", &make(login, role)).await;
            assert!(told.status == 400 && told.text.contains("class=\"field-error\""), "{role}: {}", told.text);
            assert!(server.site.store().account_by_login(login).await.unwrap().is_none(), "{role}");
        }
        assert_eq!(system.post("/accounts", &make("sun", own)).await.status, 200);

        // Of a file nothing is made while one row asks for a role of elsewhere.
        let file = format!("登录名,姓名,角色\nwu,吴,{own}\nzheng,郑,{other}\n");
        let told = system.upload("/accounts/import", &[("@file", &file)]).await;
        assert!(told.status == 400 && told.text.contains("<td class=\"num\">3</td><td>"), "{}", told.text);
        assert!(told.text.contains(&format!("没有“{says}”的工作")), "{}", told.text);

        // Nor is it given to somebody who is there; one who has it keeps it in the list.
        let mut security = signed(&server, "security_administrator").await;
        let id = server.account("sun").await;
        security.get(&format!("/accounts/{id}/areas")).await;
        let told = security.post(&format!("/accounts/{id}/role"), &[("role", other)]).await;
        assert!(told.status == 400 && told.text.contains(&format!("没有“{says}”的工作")), "{}", told.text);
        assert_eq!(role_of(&server, "sun").await, Role::parse(own).unwrap());
        let id = server.account(other).await;
        let page = security.get(&format!("/accounts/{id}/areas")).await.text;
        assert!(page.contains(&format!("value=\"{other}\" selected")), "{page}");
    }
}
