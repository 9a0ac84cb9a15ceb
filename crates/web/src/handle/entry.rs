//! Ways in and out: start page by role, first-run setup, signing in and out, language, walkthrough.

use super::settings;
use crate::answer::{self, Keep, Reply, Response, down, local, page, page_with, see_other, status};
use crate::app::{DemoAlarm, DemoAuthority};
use crate::call::{BEFORE, Call, SESSION, cookie_of};
use crate::limiter::{LOGIN_BY_ADDRESS, LOGIN_BY_NAME, SETUP_CODE, SETUP_CODES};
use crate::pages::entry::{LoginPage, PublicLoginPage, SetupPage, WelcomeAuthority, WelcomePage, WelcomeStep};
use crate::pages::public::PublicNav;
use crate::pages::{Choice, FormErrors, Nav};
use axum::http::{StatusCode, header};
use base::{ErrorKind, Lang, Refusal, Sha256, Text};
use domain::access::{Permission, Role};
use domain::account::{PASSWORD_MIN_CHARS, session_limits};
use law::{Jurisdiction, SiteProfile};
use site::Profile;
use site::accounts::{AccountForm, SignIn};
use store::accounts::Account;
use store::ledger_log::Outcome;
use store::logbook::ActFilter;
use store::sessions::NewSession;

/// `GET /`: where this role works.
pub(crate) async fn home(call: Call) -> Reply {
    Ok(see_other(start_of(&call)))
}

fn start_of(call: &Call) -> &'static str {
    if call.app.options.demo {
        return "/welcome";
    }
    call.kind().start(call.who.as_ref().map(|w| w.actor.role))
}

fn setup_page(call: &Call, errors: FormErrors) -> SetupPage {
    let f = &call.form;
    let law = settings::law_of(f);
    // Nothing is chosen yet: the hints beside the choices need some place, none of the choices is marked.
    let shown = law.unwrap_or_else(|| SiteProfile::new(Jurisdiction::default()));
    SetupPage {
        l: call.lang,
        bar: crate::pages::AppBar { site: String::new(), place: String::new(), ..call.plain_bar(Nav::None) },
        errors,
        code: f.get("code").to_owned(),
        code_file: call.site().setup_code_file().display().to_string(),
        site_name: f.get("site_name").to_owned(),
        address: f.get("address").to_owned(),
        jurisdictions: settings::jurisdictions(call.site(), shown, law.map(|l| l.jurisdiction)),
        traits: settings::traits(call.site(), shown),
        trades: settings::trades(call.site(), shown),
        name: f.get("name").to_owned(),
        login: f.get("login").to_owned(),
        password_chars_min: PASSWORD_MIN_CHARS,
        // Advised, and said so: whoever leaves it out does it knowingly.
        two_step: !f.has("login") || f.get("two_step") == "yes",
    }
}

/// `GET /setup`.
pub(crate) async fn setup(call: Call) -> Reply {
    page(&setup_page(&call, FormErrors::default()))
}

/// Does the one who sets up know the code of this server?
fn knows_code(call: &Call) -> Result<(), Refusal> {
    let (now, limiter) = (call.site().now().mono, &call.app.limiter);
    let allowed =
        limiter.allow("setup", &call.client_network(), SETUP_CODE, now) && limiter.allow("setup", "", SETUP_CODES, now);
    if !allowed {
        return Err(too_many_codes());
    }
    call.site().check_setup_code(call.form.get("code")).inspect_err(|_| {
        metrics::counter!("jifang_setup_codes_refused_total").increment(1);
        tracing::warn!(from = %call.client, "a wrong setup code");
    })
}

fn too_many_codes() -> Refusal {
    Refusal::new(
        ErrorKind::TooMany,
        "too_many_codes",
        Text::new("设置码试得过多。", "Too many tries of the setup code."),
        Text::new("请一分钟后再试。", "Try again in a minute."),
    )
}

/// `POST /setup`: makes the administrator and the profile, signs in.
pub(crate) async fn set_up(call: Call) -> Reply {
    let f = &call.form;
    let mut errors = FormErrors::default();
    if let Err(refusal) = knows_code(&call) {
        let (what, next) = (&refusal.what, &refusal.next);
        errors.push("code", Text::of(format!("{}{}", what.zh, next.zh), format!("{} {}", what.en, next.en)));
        return page_with(status(&refusal), &setup_page(&call, errors));
    }
    let law = settings::law_of(f);
    if law.is_none() {
        errors.push("jurisdiction", Text::new("请选择适用的地方条例。", "Choose the ordinance that applies."));
    }
    let profile = Profile {
        name: f.get("site_name").to_owned(),
        address: f.get("address").to_owned(),
        law: law.unwrap_or_else(|| SiteProfile::new(Jurisdiction::Other)),
    };
    let profile = profile.checked().map_err(|refusal| errors.push(&refusal.code, refusal.what));
    if f.raw("password") != f.raw("password_again") {
        errors.push("password_again", Text::new("两次输入的密码不同。", "The two passwords differ."));
    }
    let (Ok(profile), true) = (profile, errors.is_empty()) else {
        return page_with(StatusCode::BAD_REQUEST, &setup_page(&call, errors));
    };
    let form = AccountForm {
        login: f.get("login").to_owned(),
        name: base::Pii::new(f.get("name").to_owned()),
        badge: None,
        unit: f.get("site_name").to_owned(),
        role: Role::Administrator,
        password: f.secret("password"),
    };
    match call.site().set_up(&form, profile).await {
        Ok(id) => {
            // A crash before this leaves the site without the rule; the page of accounts then advises it.
            if f.get("two_step") == "yes" {
                call.site().begin_two_step_rule(id).await?;
            }
            let account = call.site().store().account_by_login(&form.login).await?;
            let account = account.ok_or_else(|| answer::fault("setup"))?;
            begin_session(&call, &account, see_other("/")).await
        }
        Err(refusal) if refusal.kind == ErrorKind::BadInput => {
            errors.push(account_field(&refusal), refusal.what.clone());
            page_with(StatusCode::BAD_REQUEST, &setup_page(&call, errors))
        }
        Err(refusal) => Err(refusal),
    }
}

/// Which field of an account form a refusal is about.
pub(crate) fn account_field(refusal: &Refusal) -> &'static str {
    match refusal.code.as_str() {
        "login" | "login_taken" => "login",
        "name" => "name",
        "badge" => "badge",
        "role_elsewhere" => "role",
        _ => "password",
    }
}

/// Where people go who have business of their own: the public site, their applications and cases.
const OF_PEOPLE: [&str; 4] = ["/public", "/apply", "/my", "/law"];

/// A path of the pages for people; one that merely begins like them is not.
fn is_of_people(path: &str) -> bool {
    OF_PEOPLE
        .iter()
        .any(|begin| path.strip_prefix(begin).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?'])))
}

/// Back from signing in: to the page itself where anybody may read it.
fn back_of(next: &str) -> String {
    if next.starts_with("/public") { next.to_owned() } else { "/public".to_owned() }
}

/// The page of signing in, in the frame of whoever comes: the public one on the way to a page for people, else that of the staff.
async fn login_page(call: &Call, code: StatusCode, errors: FormErrors, next: &str) -> Reply {
    let ended = call.cookie(SESSION).is_some() && call.who.is_none();
    // A link may name the account to sign in with (the walkthrough does); it is shown in the field, nothing else.
    let login = if call.form.has("login") { call.form.get("login") } else { call.query.get("login") };
    let login: String = login.chars().filter(|c| !c.is_control()).take(64).collect();
    let (l, bar, next) = (call.lang, call.plain_bar(Nav::None), next.to_owned());
    let notice = ended.then(|| Text::new("登录已结束，请重新登录。", "The session has ended; please sign in again."));
    let public = super::inbox::of(call).is_ok();
    if public && is_of_people(&next) {
        let (back, counter) = (back_of(&next), super::public::counter(call).await?.words());
        let at = PublicNav::None;
        return page_with(code, &PublicLoginPage { l, bar, at, errors, login, next, back, counter, notice });
    }
    page_with(code, &LoginPage { l, bar, errors, login, next, notice, public })
}

/// `GET /login?next=&login=`.
pub(crate) async fn login(call: Call) -> Reply {
    let next = local(call.query.get("next")).unwrap_or_default().to_owned();
    if call.who.is_some() && !call.query.has("switch") {
        // Whoever is signed in already goes on; never to this page again.
        return Ok(see_other(if next.is_empty() || next.starts_with("/login") { "/" } else { next.as_str() }));
    }
    login_page(&call, StatusCode::OK, FormErrors::default(), &next).await
}

/// `POST /login`.
pub(crate) async fn sign_in(call: Call) -> Reply {
    let login = call.form.get("login").to_owned();
    let next = local(call.form.get("next")).unwrap_or_default().to_owned();
    let tried = match may_try(&call, &login) {
        Ok(()) => call.site().first_step(&login, &call.form.secret("password")).await,
        Err(refusal) => Err(refusal),
    };
    match tried {
        Ok(SignIn::NeedsCode(step)) => super::second_step::ask_for_code(&call, step, &next),
        Ok(SignIn::Done(account)) => {
            let to = if next.is_empty() { "/" } else { next.as_str() };
            begin_session(&call, &account, see_other(to)).await
        }
        Err(refusal) if matches!(refusal.kind, ErrorKind::Unavailable | ErrorKind::Internal) => Err(refusal),
        Err(refusal) => {
            let mut errors = FormErrors::default();
            errors.push(
                "login",
                Text::of(
                    format!("{}{}", refusal.what.zh, refusal.next.zh),
                    format!("{} {}", refusal.what.en, refusal.next.en),
                ),
            );
            login_page(&call, status(&refusal), errors, &next).await
        }
    }
}

/// A password of this login name may be tried now, from this address.
pub(crate) fn may_try(call: &Call, login: &str) -> Result<(), Refusal> {
    let (limiter, now) = (&call.app.limiter, call.site().now().mono);
    let allowed = limiter.allow("login", &call.client_network(), LOGIN_BY_ADDRESS, now)
        && limiter.allow("name", &login.to_lowercase(), LOGIN_BY_NAME, now);
    if allowed { Ok(()) } else { Err(too_often()) }
}

pub(crate) fn too_often() -> Refusal {
    Refusal::new(
        ErrorKind::TooMany,
        "too_many_logins",
        Text::new("登录尝试过多。", "Too many attempts to sign in."),
        Text::new("请一分钟后再试。", "Try again in a minute."),
    )
}

/// Cookie that stays in a browser over sign-outs, so that a sign-in from another one is seen.
const BROWSER: &str = "jifang_browser";
/// For two years.
const BROWSER_S: u32 = 2 * 365 * 86_400;

/// Begins a session under a new random token: whatever the browser sent before is worth nothing afterwards.
pub(crate) async fn begin_session(call: &Call, account: &Account, mut answer: Response) -> Reply {
    let store = call.site().store();
    if let Some(old) = cookie_of(&call.headers, SESSION) {
        let old = Sha256::of(old.as_bytes()).hex();
        store.end_session(&old).await?;
        call.app.end_live_of_pass(&old);
    }
    let token = base::hex(&store::keys::random::<32>().map_err(down)?);
    let csrf = base::hex(&store::keys::random::<32>().map_err(down)?);
    let agent = call.header(header::USER_AGENT).unwrap_or_default();
    // Says only that it is the same browser as before; it opens nothing.
    let browser = match call.cookie(BROWSER).filter(|t| t.len() == 64) {
        Some(token) => token.to_owned(),
        None => base::hex(&store::keys::random::<32>().map_err(down)?),
    };
    let new = NewSession { token: &token, account: account.id, csrf: &csrf, agent, browser: &browser };
    let stranger = store.begin_session(&new, call.now()).await?;
    let text = if stranger {
        Text::new("登录（新的浏览器）。", "Signed in (a new browser).")
    } else {
        Text::new("登录。", "Signed in.")
    };
    call.site().log_sign_in(account.id, "session.began", Outcome::Done, text).await?;
    let keep = Keep::Seconds(u32::try_from(session_limits(account.role).max_ms / 1_000).unwrap_or(0));
    call.set_cookie(&mut answer, SESSION, &token, keep);
    call.set_cookie(&mut answer, BROWSER, &browser, Keep::Seconds(BROWSER_S));
    if stranger {
        call.set_cookie(&mut answer, "flash", "new_browser", Keep::Seconds(30));
    }
    call.set_cookie(&mut answer, BEFORE, "", Keep::Delete);
    Ok(answer)
}

/// `POST /logout`.
pub(crate) async fn sign_out(call: Call) -> Reply {
    // Whoever has business of their own stays on the public site.
    let mut answer = see_other(if call.may(Permission::Apply) { "/public" } else { "/login" });
    if let Some(session) = call.who.as_ref().and_then(|w| w.session.as_ref()) {
        call.site().store().end_session(&session.token_sha256).await?;
        call.app.end_live_of_pass(&session.token_sha256);
        let text = Text::new("退出登录。", "Signed out.");
        call.site().log_sign_in(session.account, "session.ended", Outcome::Done, text).await?;
    }
    call.set_cookie(&mut answer, SESSION, "", Keep::Delete);
    Ok(answer)
}

/// `GET /lang/{zh|en}?back=`.
pub(crate) async fn lang(call: Call) -> Reply {
    let Some(lang) = Lang::parse(call.param(0)) else { return Err(answer::no_page()) };
    let mut answer = see_other(local(call.query.get("back")).unwrap_or("/"));
    call.set_cookie(&mut answer, "lang", if lang == Lang::Zh { "zh" } else { "en" }, Keep::Seconds(365 * 86_400));
    Ok(answer)
}

/// `GET /text-size/{large|normal}?back=`: kept in a cookie of this browser; only on an authority's server, whose public pages link it.
pub(crate) async fn text_size(call: Call) -> Reply {
    let large = match call.param(0) {
        "large" => "1",
        "normal" => "0",
        _ => return Err(answer::no_page()),
    };
    super::inbox::of(&call)?;
    let mut answer = see_other(local(call.query.get("back")).unwrap_or("/public"));
    call.set_cookie(&mut answer, "large", large, Keep::Seconds(365 * 86_400));
    Ok(answer)
}

/// A step of the walkthrough.
struct Step {
    /// Begin of the kind of the log entry that shows it done, whether that is a refusal, and a clause it cites.
    done: (&'static str, bool, &'static str),
    /// What the account needs for it.
    permission: Option<Permission>,
    title: Text,
    body: Text,
    link: (&'static str, Text),
    account: Text,
    /// Login name of the account that does it.
    login: &'static str,
}

/// The way of an alarm, where the demo has a panel.
static ALARM_STEPS: [Step; 4] = [
    Step {
        done: ("alarm.opened", false, ""),
        permission: None,
        title: Text::new("让报警主机报警", "Make the alarm panel report"),
        body: Text::new(
            "紧急按钮直接上报公安机关；入侵报警先到值班台核实。一秒内弹出并响铃。",
            "The hold-up button goes to the police at once; a burglary comes to the desk to be verified. It pops up and sounds within a second.",
        ),
        link: ("", Text::new("", "")),
        account: Text::new("", ""),
        login: "",
    },
    Step {
        done: ("alarm.reported", false, ""),
        permission: Some(Permission::HandleAlarms),
        title: Text::new("值班台接警、核实", "Take it at the desk and verify it"),
        body: Text::new(
            "看报警前后的录像和实时画面，记下依据，确认警情即上报。",
            "Footage around the alarm beside the live picture; note what you see, confirm, and it is reported.",
        ),
        link: ("/desk", Text::new("打开值班台", "Open the desk")),
        account: Text::new("值班员 duty", "duty"),
        login: "duty",
    },
    Step {
        done: ("alarm.receipted", false, ""),
        permission: None,
        title: Text::new("公安接警台收到报警和影像", "The police have it, with picture and clip"),
        body: Text::new(
            "另一台服务器、另一个账号：几秒内收到报警和画面，30 秒后收到录像，签发回执。",
            "Another server, another account: report and picture within seconds, the clip after 30 s, and a signed receipt.",
        ),
        link: (POLICE, Text::new("打开接警台", "Open the police inbox")),
        account: Text::new("公安服务器 police", "police, on the police's server"),
        login: "",
    },
    Step {
        done: ("alarm.closed", false, ""),
        permission: Some(Permission::HandleAlarms),
        title: Text::new("看回执，人工复位", "See the receipt and reset by hand"),
        body: Text::new(
            "报警页上有每一步的时间、回执和随报影像；没有人复位就不会结束。",
            "Its page has the time of each step, the receipt and what was sent; nothing closes by itself.",
        ),
        link: ("/alarms", Text::new("打开报警记录", "Open the alarms")),
        account: Text::new("值班员 duty", "duty"),
        login: "duty",
    },
];

/// Stands for the address of the demo's police in a link.
const POLICE: &str = "police";

static STEPS: [Step; 9] = [
    Step {
        done: ("live.viewed", false, ""),
        permission: Some(Permission::ViewLive),
        title: Text::new("看实时画面", "Watch a camera live"),
        body: Text::new(
            "三路模拟摄像机：两路国标，一路 RTSP；酒店的走廊带声音，广场不录声音。",
            "Three simulated cameras: two GB/T 28181, one RTSP. The hotel's corridor has sound; on the square none is recorded.",
        ),
        link: ("/desk", Text::new("打开值班台", "Open the desk")),
        account: Text::new("值班员 duty", "duty"),
        login: "duty",
    },
    Step {
        done: ("footage.viewed", false, ""),
        permission: Some(Permission::PlayBack),
        title: Text::new("往回看录像", "Scrub back through its recording"),
        body: Text::new(
            "在时间轴上拖动；缺口用斜线标出并写明原因。",
            "Drag on the timeline; gaps are hatched, with their cause.",
        ),
        link: ("/playback", Text::new("打开回放", "Open playback")),
        account: Text::new("值班员 duty", "duty"),
        login: "duty",
    },
    Step {
        done: ("act.refused", true, "B-28-1-1"),
        permission: Some(Permission::RequestUse),
        title: Text::new("一名民警申请：被拒绝", "Ask with one officer: refused"),
        body: Text::new(
            "只填一名民警，看系统怎么拒绝、依据哪一条。",
            "Name one officer only and see the refusal and its clause.",
        ),
        link: ("/use/new", Text::new("提出申请", "Make a request")),
        account: Text::new("民警 officer1", "officer1"),
        login: "officer1",
    },
    Step {
        done: ("request.made", false, ""),
        permission: Some(Permission::RequestUse),
        title: Text::new("两名民警申请：受理", "Ask with two officers: accepted"),
        body: Text::new(
            "十分钟录像、两名民警和单位证明文件；提交的一刻录像即封存。",
            "Ten minutes, two officers and the unit letter; the footage is held from that moment.",
        ),
        link: ("/use/new", Text::new("提出申请", "Make a request")),
        account: Text::new("民警 officer1", "officer1"),
        login: "officer1",
    },
    Step {
        done: ("grant.made", false, ""),
        permission: Some(Permission::DecideUse),
        title: Text::new("信息管理员审批", "The custodian decides"),
        body: Text::new("逐条核对法律条件后批准。", "Checks each condition of the law, then grants."),
        link: ("/use", Text::new("打开申请", "Open the requests")),
        account: Text::new("信息管理员 custodian", "custodian"),
        login: "custodian",
    },
    Step {
        done: ("session.opened", false, ""),
        permission: Some(Permission::UseGrant),
        title: Text::new("两人登录并查看", "Both sign in and view"),
        body: Text::new("画面带水印和倒计时，范围之外看不到。", "Watermarked and timed; nothing beyond the scope."),
        link: ("/use", Text::new("登录查看", "Sign in and view")),
        account: Text::new("民警 officer1 和 officer2", "officer1 and officer2"),
        login: "officer1",
    },
    Step {
        done: ("export.made", false, ""),
        permission: Some(Permission::UseGrant),
        title: Text::new("导出", "Export"),
        body: Text::new(
            "原始片段、缺口清单、签名和日志证明装在一个文件里。",
            "Original segments, gaps, signature and proofs in one file.",
        ),
        link: ("/use", Text::new("制作导出", "Make the export")),
        account: Text::new("民警 officer1", "officer1"),
        login: "officer1",
    },
    Step {
        done: ("export.taken", false, ""),
        permission: None,
        title: Text::new("离线验证", "Verify offline"),
        body: Text::new(
            "断网也行；改动任何一个字节都会被指出来。",
            "No network needed; a change of any byte is named.",
        ),
        link: ("", Text::new("", "")),
        account: Text::new("", ""),
        login: "",
    },
    Step {
        done: ("act.refused", true, "B-25-1"),
        permission: Some(Permission::DeleteFootage),
        title: Text::new("试着删除期限内的录像", "Try to delete footage inside its term"),
        body: Text::new("会被拒绝，写明条款，并记入日志。", "Refused with the clause, and the log keeps it."),
        link: ("/playback", Text::new("去试试", "Try it")),
        account: Text::new("安全管理负责人 manager", "manager"),
        login: "manager",
    },
];

/// The page of signing in for another account, on the way to `next`.
fn sign_in_as(login: &str, next: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("switch", "1")
        .append_pair("login", login)
        .append_pair("next", next)
        .finish();
    format!("/login?{query}")
}

/// `GET /welcome`: the main jobs step by step, done marks from the log of this data folder.
pub(crate) async fn welcome(call: Call) -> Reply {
    let mut steps = Vec::new();
    let panel = call.app.options.demo_panel.as_ref();
    let alarm: &[Step] = if panel.is_some() { &ALARM_STEPS } else { &[] };
    for s in alarm.iter().chain(&STEPS) {
        let filter = ActFilter { kind: Some(s.done.0.to_owned()), refused: s.done.1, ..ActFilter::default() };
        let acts = call.site().store().acts(&filter, 200).await?;
        let found =
            acts.iter().rev().find(|a| s.done.2.is_empty() || a.clauses.iter().any(|c| c.starts_with(s.done.2)));
        let open = s.permission.is_none_or(|p| call.may(p));
        let href = match panel {
            Some(panel) if s.link.0 == POLICE => panel.police.clone(),
            _ if open => s.link.0.to_owned(),
            _ => sign_in_as(s.login, s.link.0),
        };
        steps.push(WelcomeStep {
            title: s.title.clone(),
            body: s.body.clone(),
            href,
            action: if open { s.link.1.clone() } else { Text::new("换账号登录", "Sign in as them") },
            account: s.account.clone(),
            done: found.is_some(),
            log_index: found.map(|a| a.idx).filter(|_| call.may(Permission::SeeLog)),
            alarms: if s.done.0 == "alarm.opened" { demo_alarms() } else { Vec::new() },
        });
    }
    let bar = call.bar(Nav::Welcome).await?;
    let authorities = panel.map_or_else(Vec::new, |p| p.authorities.iter().map(welcome_authority).collect());
    page(&WelcomePage {
        l: call.lang,
        bar,
        steps,
        verify_command: "jifang evidence verify FILE.zip".into(),
        authorities,
    })
}

fn welcome_authority(one: &DemoAuthority) -> WelcomeAuthority {
    WelcomeAuthority {
        name: one.name.clone(),
        public: format!("{}/public", one.address),
        cases: format!("{}/cases", one.address),
    }
}

fn demo_alarms() -> Vec<Choice> {
    vec![
        Choice::new("burglary", Text::new("入侵报警", "Burglary"), false),
        Choice::new("hold_up", Text::new("紧急按钮", "Hold-up button"), false),
    ]
}

/// `POST /demo/alarm` with `alarm`: the demo's simulated panel reports. No other server has it.
pub(crate) async fn demo_alarm(call: Call) -> Reply {
    let panel = call.app.options.demo_panel.as_ref().ok_or_else(answer::no_page)?;
    let alarm = match call.form.get("alarm") {
        "burglary" => DemoAlarm::Burglary,
        "hold_up" => DemoAlarm::HoldUp,
        _ => return Err(answer::no_page()),
    };
    if !(panel.raise)(alarm) {
        return Err(Refusal::new(
            ErrorKind::TooMany,
            "panel_busy",
            Text::new("报警主机正在发送上一个报警。", "The panel is still reporting the alarm before."),
            Text::new("请稍后再按。", "Press again in a moment."),
        ));
    }
    call.done("/welcome", "demo_alarm")
}
