//! The public site of an authority for whoever comes: home and search, and what its other pages share.
//!
//! ```text
//! anybody ─▶ gate (no account, no cookie) ─▶ packs, public rows, publications ─▶ page that a browser or proxy may keep a minute
//! ```
//! Always true: only an authority's server has these pages; nothing here needs an account or sets a cookie; what is shown to whoever is not
//! signed in is the same for all, so it may be kept; what is searched or copied is slowed down by address.

use super::everyday;
use super::inbox::of;
use super::notices::{self, line_of};
use super::registers::{Open, OpenRegister, elsewhere, label_of, open_registers, state_of};
use super::sought;
use crate::answer::{Reply, Response, page};
use crate::call::Call;
use crate::limiter::{PUBLIC_SEARCH, Rate};
use crate::pages::public::{HitLine, PublicHomePage, PublicNav, PublicSearchPage, TaskCard};
use crate::pages::{AppBar, Nav};
use askama::Template;
use axum::http::{HeaderValue, header};
use base::{ErrorKind, OfficeId, Refusal, Text};
use store::casework::search::{QUERY_CHARS, normal};

/// Notices of the home page.
const LATEST: usize = 6;
/// Notices that are read for them: some were withdrawn.
const LATEST_READ: usize = 4 * LATEST;
/// Rows of one register that a search shows.
const ROWS_OF_ONE: u32 = 10;
/// Most hits of a search.
const HITS: usize = 60;
/// How long whoever is not signed in may keep a page: a row that was put right is seen after a minute.
const KEEP: &str = "public, max-age=60";

/// Where people come in person.
pub(super) struct Counter {
    /// Address.
    pub place: String,
    /// When it is open; empty: not said.
    pub hours: Text,
    /// Telephone; empty: not said.
    pub phone: String,
}

impl Counter {
    /// The counter in one line, as far as it is known; empty: nothing is.
    pub(super) fn words(&self) -> Text {
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        if !self.place.is_empty() {
            zh.push(format!("窗口地址：{}", self.place));
            en.push(format!("Counter: {}", self.place));
        }
        if !self.hours.zh.is_empty() {
            zh.push(format!("时间：{}", self.hours.zh));
            en.push(format!("open: {}", self.hours.en));
        }
        if !self.phone.is_empty() {
            zh.push(format!("电话：{}", self.phone));
            en.push(format!("telephone: {}", self.phone));
        }
        Text::of(zh.join("；"), en.join("; "))
    }
}

/// What is said of the counter where no office is meant: that of the first office of the server.
pub(super) async fn counter(call: &Call) -> Result<Counter, Refusal> {
    match call.site().store().first_office().await? {
        Some(office) => counter_of(call, office).await,
        None => Ok(Counter { place: call.site().profile().place(), hours: Text::default(), phone: String::new() }),
    }
}

/// What is said of the counter of an office: its own words; whoever has to do with it is sent to no other.
pub(super) async fn counter_of(call: &Call, office: OfficeId) -> Result<Counter, Refusal> {
    let own = of(call)?.office_facts(office).await?;
    let or = |own: String, other: String| if own.is_empty() { other } else { own };
    let hours = Text::of(own.hours_zh.clone(), or(own.hours_en, own.hours_zh));
    Ok(Counter { place: or(own.address, call.site().profile().place()), hours, phone: own.phone })
}

/// The bar of a public page.
pub(super) fn bar(call: &Call) -> AppBar {
    call.plain_bar(Nav::None)
}

/// Says that an answer may be kept by whoever is not signed in; it differs by the cookies of language and size, and by nothing else.
pub(super) fn keep(call: &Call, answer: &mut Response) {
    let own = call.who.is_some() || call.before.is_some() || call.cookie("flash").is_some();
    let how = if own { "private, no-store" } else { KEEP };
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(how));
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-language, authorization, cookie"));
}

/// A page of the public site.
pub(super) fn open_page(call: &Call, template: &impl Template) -> Reply {
    let mut answer = page(template)?;
    keep(call, &mut answer);
    Ok(answer)
}

/// Not more often than that from this address.
pub(super) fn slowly(call: &Call, kind: &'static str, rate: Rate) -> Result<(), Refusal> {
    if call.app.limiter.allow(kind, &call.client_network(), rate, call.site().now().mono) {
        return Ok(());
    }
    Err(too_often())
}

/// Too many tries.
pub(super) fn too_often() -> Refusal {
    Refusal::new(
        ErrorKind::TooMany,
        "too_many_requests",
        Text::new("来自这个地址的请求过多。", "Too many requests from this address."),
        Text::new("请过几分钟再试，或者到窗口办理。", "Try again in some minutes, or come to the counter."),
    )
}

fn task(href: &str, icon: &str, title: (&'static str, &'static str), hint: (&'static str, &'static str)) -> TaskCard {
    TaskCard {
        href: href.to_owned(),
        icon: icon.to_owned(),
        title: Text::new(title.0, title.1),
        hint: Text::new(hint.0, hint.1),
    }
}

/// What can be looked up here: whether a firm is filed is promised of those only that have a register in this province.
fn filed(registers: &[OpenRegister<'_>]) -> (&'static str, &'static str) {
    let has = |id: &str| registers.iter().any(|r| r.id == id);
    match (has("providers"), has("makers_and_sellers")) {
        (true, true) => (
            "某家安装、销售单位有没有备案，公开的登记里都能查。",
            "Whether an installer or seller is filed, and every other public register.",
        ),
        (true, false) => (
            "某家安装、维护公司有没有备案，公开的登记里都能查。",
            "Whether an installer is filed, and every other public register.",
        ),
        (false, true) => (
            "某家生产、销售单位有没有备案，公开的登记里都能查。",
            "Whether a maker or seller is filed, and every other public register.",
        ),
        (false, false) => ("公开的登记都能查。", "Every public register."),
    }
}

/// What is done here; `registers`: the public ones, `service`: a complaint of bad service is taken in.
fn tasks(registers: &[OpenRegister<'_>], service: bool) -> Vec<TaskCard> {
    let told = if service {
        ("违法安装、服务不好，都可以告诉我们。", "Unlawful installation, bad service: tell us.")
    } else {
        ("违法安装的摄像机、民警的问题，都可以告诉我们。", "A camera put up unlawfully, what an officer did: tell us.")
    };
    vec![
        task(
            "/public/services",
            "use",
            ("备案或者申请", "File or apply"),
            ("谁能办、要什么材料、多久办完，都写在这里。", "Who may apply, what to bring, how long it takes."),
        ),
        task(
            "/public/status",
            "clock",
            ("查我的办件", "Where is my case"),
            ("凭回执上的受理号和查询码，不用登录。", "By number and code of the receipt; no account needed."),
        ),
        task(
            "/public/footage",
            "playback",
            ("看监控录像", "See footage"),
            ("能不能看、带什么、去哪里、保存多久。", "Whether you may, what to bring, where, how long it is kept."),
        ),
        task(
            "/public/registers",
            "register",
            ("查单位、产品和项目", "Look up a unit, product or project"),
            filed(registers),
        ),
        task(
            "/public/verify",
            "seal",
            ("核验一份文书", "Check a document"),
            ("是不是本机关出的，有没有被改过。", "Whether it is this authority's, and unchanged."),
        ),
        task("/public/complaint", "p-info", ("举报投诉", "Complain or report"), told),
    ]
}

/// `GET /public`.
pub(crate) async fn home(call: Call) -> Reply {
    let ways = of(&call)?.complaint_ways(call.now().shanghai_date()).await?;
    let tasks = tasks(&open_registers(&call), everyday::takes_service(&ways));
    let counter = counter(&call).await?;
    let mut notices = notices::shown_now(&call, None, None, LATEST_READ).await?;
    // The list of all notices has those that were withdrawn, with the reason.
    notices.retain(|notice| notice.withdrawn.is_none());
    notices.truncate(LATEST);
    open_page(
        &call,
        &PublicHomePage {
            l: call.lang,
            bar: bar(&call),
            at: PublicNav::None,
            tasks,
            notices: notices.iter().map(|p| line_of(&call, p)).collect(),
            place: counter.place,
            hours: counter.hours,
            phone: counter.phone,
        },
    )
}

/// Services under whose words people look for a firm, and the register in which it would stand.
const FIRMS: [(&str, &str); 2] = [("provider_filing", "providers"), ("sales_filing", "makers_and_sellers")];

/// The words look for a register that this province has not: by its name, or by those of a filing that would make it.
fn asks_absent(absent: &[Text], here: &[OpenRegister<'_>], asked: &str) -> bool {
    let is_kept = |register: &str| here.iter().any(|open| open.id == register);
    let is_named = |name: &Text| normal(&name.zh).contains(asked) || normal(&name.en).contains(asked);
    let is_filed = || FIRMS.iter().any(|(service, register)| !is_kept(register) && sought::service(service, asked));
    !asked.is_empty() && !absent.is_empty() && (absent.iter().any(is_named) || is_filed())
}

/// `GET /public/search?q=`.
pub(crate) async fn search(call: Call) -> Reply {
    let authority = of(&call)?;
    slowly(&call, "public_search", PUBLIC_SEARCH)?;
    let query: String = call.query.get("q").chars().filter(|c| !c.is_control()).take(QUERY_CHARS).collect();
    let asked = normal(&query);
    let words: Vec<&str> = asked.split(' ').filter(|w| !w.is_empty()).collect();
    let fits = |text: &str| {
        let text = normal(text);
        !words.is_empty() && words.iter().all(|w| text.contains(*w))
    };
    let mut hits = Vec::new();
    let mut more = false;
    let today = call.now().shanghai_date();
    for guide in sought::guides(&asked) {
        let kind = Text::new("办事与指南", "task or guide");
        hits.push(HitLine { href: guide.href.to_owned(), kind, title: Text::new(guide.zh, guide.en) });
    }
    for service in authority.services(today).await? {
        let (id, name) = (&service.procedure.id, service.procedure.name());
        let about = everyday::about(service.procedure);
        if fits(&format!("{} {} {} {}", name.zh, name.en, about.zh, about.en)) || sought::service(id, &asked) {
            let kind = Text::new("服务事项", "service");
            hits.push(HitLine { href: format!("/public/services/{id}"), kind, title: name });
        }
    }
    let registers = open_registers(&call);
    for register in &registers {
        if fits(&format!("{} {}", register.name.zh, register.name.en)) {
            let kind = Text::new("公开登记", "register");
            let href = format!("/public/registers/{}", register.id);
            hits.push(HitLine { href, kind, title: register.name.clone() });
        }
        let found = call.site().store().search_shown_rows(register.id, &query, None, ROWS_OF_ONE).await?;
        let (rows, next) = found.unwrap_or_default();
        more |= next.is_some();
        for row in rows {
            let title = format!("{} {}", row.name, label_of(&row));
            let href = format!("/public/registers/{}/{}", register.id, row.row);
            // A unit that is only warned must not be taken for one that is filed.
            let state = state_of(&row, &Open::read(call.site().gate().packs(), &row), today).word;
            let kind = Text::of(
                format!("{} · {}", register.name.zh, state.zh),
                format!("{} · {}", register.name.en, state.en),
            );
            hits.push(HitLine { href, kind, title: Text::of(title.clone(), title) });
        }
    }
    for notice in notices::shown_now(&call, None, None, notices::LOOKED_THROUGH).await? {
        if fits(&notice.title) {
            let line = line_of(&call, &notice);
            let href = format!("/public/notices/{}", line.id);
            hits.push(HitLine { href, kind: line.kind, title: Text::of(line.title.clone(), line.title) });
        }
    }
    more |= hits.len() > HITS;
    hits.truncate(HITS);
    let counter = counter(&call).await?.words();
    let mut absent = elsewhere(&call, &registers);
    if !hits.is_empty() && !asks_absent(&absent, &registers, &asked) {
        absent.clear();
    }
    let (l, at) = (call.lang, PublicNav::None);
    open_page(&call, &PublicSearchPage { l, bar: bar(&call), at, query, hits, more, counter, absent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_looks_for_a_firm_of_which_nothing_is_kept_here_is_told_so() {
        let sellers =
            OpenRegister { id: "makers_and_sellers", name: Text::new("销售单位", "sellers"), columns: vec![] };
        let absent = [Text::new("设计、安装、维护、报警运营服务单位", "providers: design, installation")];
        for asked in ["安装公司", "installer", "资质", "报警运营服务"] {
            assert!(asks_absent(&absent, std::slice::from_ref(&sellers), &normal(asked)), "{asked}");
        }
        for asked in ["", "看监控", "销售"] {
            assert!(!asks_absent(&absent, std::slice::from_ref(&sellers), &normal(asked)), "{asked}");
        }
        assert!(!asks_absent(&[], &[sellers], "安装公司"), "a province that has them all");
    }
}
