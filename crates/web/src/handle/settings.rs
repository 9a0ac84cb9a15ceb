//! Settings of the site: the form, what a change would do, and the change. Shares its choices with the first run.

use crate::answer::{Reply, page, page_with, status};
use crate::call::{Call, Fields};
use crate::pages::settings::{ChangedLine, Connection, EffectLine, SettingsCheckPage, SettingsPage};
use crate::pages::{Choice, FormErrors, Mark, Nav, State};
use crate::tls::{Origin, Shown, WARN_DAYS};
use axum::http::StatusCode;
use base::{ErrorKind, Refusal, Text, UtcMs};
use law::{Jurisdiction, PlaceKind, SiteProfile, SpecialTrade};
use site::proposals::Asked;
use site::settings::{CameraEffect, Effect};
use site::{Profile, Site};
use store::logbook::ActFilter;

type Get = fn(&SiteProfile) -> bool;
type Set = fn(&mut SiteProfile, bool);

/// Qualities of a unit: form value, label, and where they stand in the profile.
static TRAITS: [(&str, Text, Get, Set); 6] = [
    (
        "key_unit",
        Text::new("技术防范重点单位、治安保卫重点单位", "Key unit of technical prevention or public-order protection"),
        |p| p.key_unit,
        |p, on| p.key_unit = on,
    ),
    (
        "counter_terror",
        Text::new("防范恐怖袭击的重点目标", "Key target of counter-terrorism"),
        |p| p.counter_terror_key_target,
        |p, on| p.counter_terror_key_target = on,
    ),
    (
        "secret_related",
        Text::new("涉密单位", "Unit with state secrets"),
        |p| p.secret_related,
        |p, on| p.secret_related = on,
    ),
    (
        "security_duty_place",
        Text::new(
            "公共场所，但不在《公共安全视频图像信息系统管理条例》第七条所列之内",
            "Public place outside the list of Order 799, article 7",
        ),
        |p| p.security_duty_place,
        |p, on| p.security_duty_place = on,
    ),
    (
        "alarm_operator",
        Text::new("报警运营服务单位（为他人提供报警运营服务）", "Alarm operation service for others"),
        |p| p.alarm_operator,
        |p, on| p.alarm_operator = on,
    ),
    (
        "government_body",
        Text::new(
            "政府有关部门，或者政府指定建设、运行社会公共区域系统的单位",
            "Government department, or the body a government named to build and run systems of public areas",
        ),
        |p| p.government_body,
        |p, on| p.government_body = on,
    ),
];

/// The qualities that a unit has, by their names.
pub(crate) fn traits_of(law: SiteProfile) -> Vec<Text> {
    TRAITS.iter().filter(|t| (t.2)(&law)).map(|t| t.1.clone()).collect()
}

/// Form value of a trade; empty for none.
const fn trade_code(trade: Option<SpecialTrade>) -> &'static str {
    match trade {
        Some(SpecialTrade::Hotel) => "hotel",
        Some(SpecialTrade::Pawnshop) => "pawnshop",
        Some(SpecialTrade::Massage) => "massage",
        None => "",
    }
}

/// Days as people read them.
fn days_text(days: (u32, u32)) -> Text {
    let n = if days.0 == days.1 { days.1.to_string() } else { format!("{}–{}", days.0, days.1) };
    Text::of(format!("录像保存 {n} 天"), format!("footage is kept {n} days"))
}

/// Shortest and longest days of the cameras in service if the site were this one; of a lobby where there are none.
fn days_if(site: &Site, law: &SiteProfile) -> (u32, u32) {
    let kinds = site.cameras().iter().filter_map(|c| PlaceKind::parse(&c.row().place_kind)).collect::<Vec<_>>();
    let kinds = if kinds.is_empty() { vec![PlaceKind::Lobby] } else { kinds };
    let days = kinds.into_iter().map(|k| site.days_if(law, k));
    days.fold((u32::MAX, 0), |(least, most), d| (least.min(d), most.max(d)))
}

/// Provinces, with the days that footage of this site would be kept there.
pub(crate) fn jurisdictions(site: &Site, law: SiteProfile, chosen: Option<Jurisdiction>) -> Vec<Choice> {
    let one = |j: Jurisdiction| Choice {
        hint: days_text(days_if(site, &SiteProfile { jurisdiction: j, ..law })),
        ..Choice::new(j.key(), j.name(), chosen == Some(j))
    };
    Jurisdiction::ALL.map(one).to_vec()
}

/// Qualities, with what each changes.
pub(crate) fn traits(site: &Site, law: SiteProfile) -> Vec<Choice> {
    let one = |t: &(&str, Text, Get, Set)| {
        let (mut without, mut with) = (law, law);
        (t.3)(&mut without, false);
        (t.3)(&mut with, true);
        Choice { hint: difference(site, &without, &with), ..Choice::new(t.0, t.1.clone(), (t.2)(&law)) }
    };
    TRAITS.iter().map(one).collect()
}

/// Trades, with what each changes, and none.
pub(crate) fn trades(site: &Site, law: SiteProfile) -> Vec<Choice> {
    let without = SiteProfile { special_trade: None, ..law };
    let none = Choice::new("", Text::new("不属于以下行业", "None of these"), law.special_trade.is_none());
    let one = |trade: SpecialTrade| {
        let with = SiteProfile { special_trade: Some(trade), ..law };
        let hint = difference(site, &without, &with);
        let code = trade_code(Some(trade));
        Choice { hint, ..Choice::new(code, trade.name(), law.special_trade == Some(trade)) }
    };
    std::iter::once(none).chain(SpecialTrade::ALL.map(one)).collect()
}

fn difference(site: &Site, without: &SiteProfile, with: &SiteProfile) -> Text {
    let (a, b) = (days_if(site, without), days_if(site, with));
    if a == b {
        return Text::new("不改变保存天数", "does not change the days");
    }
    let (a, b) = (days_text(a), days_text(b));
    let number = |t: &str| t.chars().filter(|c| c.is_ascii_digit() || *c == '–').collect::<String>();
    Text::of(
        format!("录像保存由 {} 天变为 {} 天", number(&a.zh), number(&b.zh)),
        format!("footage is kept {} days instead of {}", number(&b.en), number(&a.en)),
    )
}

/// The legal profile that a form describes; `None` without a province.
pub(crate) fn law_of(f: &Fields) -> Option<SiteProfile> {
    let jurisdiction = Jurisdiction::ALL.into_iter().find(|j| j.key() == f.get("jurisdiction"))?;
    let mut law = SiteProfile::new(jurisdiction);
    let ticked = f.all("trait");
    for (code, _, _, set) in &TRAITS {
        set(&mut law, ticked.iter().any(|t| t == code));
    }
    // The first run asked for trades among the qualities; a form that does so is read too.
    let trade = |t: &SpecialTrade| {
        f.get("special_trade") == trade_code(Some(*t)) || ticked.iter().any(|x| x == trade_code(Some(*t)))
    };
    law.special_trade = SpecialTrade::ALL.into_iter().find(trade);
    Some(law)
}

fn profile_of(f: &Fields) -> Result<Profile, FormErrors> {
    let mut errors = FormErrors::default();
    let law = law_of(f);
    if law.is_none() {
        errors.push("jurisdiction", Text::new("请选择所在省份。", "Choose the province."));
    }
    let law = law.unwrap_or_else(|| SiteProfile::new(Jurisdiction::Other));
    let profile = Profile { name: f.get("site_name").to_owned(), address: f.get("address").to_owned(), law };
    if let Err(refusal) = profile.clone().checked() {
        errors.push(&refusal.code, refusal.what);
    }
    if errors.is_empty() { Ok(profile) } else { Err(errors) }
}

/// How pages come to the browser, as far as this server knows.
fn connection(call: &Call) -> Connection {
    let options = &call.app.options;
    if let Some(tls) = &options.tls {
        return encrypted(&tls.shown(), call.now());
    }
    let state = match (options.exposed, options.https_cookies) {
        (true, _) => State::new(Mark::Warning, "未加密", "none"),
        (false, true) => State::new(Mark::Ok, "由前置代理加密", "by the proxy in front"),
        (false, false) => State::new(Mark::Info, "未加密，不直接对外", "none; reached from this machine or by a proxy"),
    };
    let advice = Text::new(
        "网络上的其他人能看到密码和画面。请在配置文件中设置 [http.tls] 后重新启动，或在前面放置加密代理。",
        "Others on the network can read passwords and pictures. Set [http.tls] in the configuration and start again, or put a proxy \
         that encrypts in front.",
    );
    Connection { state, advice: if options.exposed { advice } else { Text::default() }, ..Connection::default() }
}

fn encrypted(shown: &Shown, now: UtcMs) -> Connection {
    let days = shown.days_left(now);
    let renew = Text::new(
        "请更换证书文件；新文件放好后自动启用。",
        "Replace the certificate files; new ones are taken up by themselves.",
    );
    let (state, advice) = match &shown.problem {
        Some(problem) => (
            State::new(Mark::Warning, "已加密，新证书不能使用", "TLS 1.3, but the newest certificate cannot be used"),
            Text::of(format!("{}。{}", problem.zh, renew.zh), format!("{}. {}", problem.en, renew.en)),
        ),
        None if days < 0 => (State::new(Mark::Critical, "证书已过期", "TLS 1.3, certificate ended"), renew),
        None if shown.origin == Origin::Given && days < WARN_DAYS => {
            (State::new(Mark::Attention, "证书即将到期", "TLS 1.3, certificate ends soon"), renew)
        }
        None => (State::new(Mark::Ok, "已加密（TLS 1.3）", "TLS 1.3"), Text::default()),
    };
    let origin = match shown.origin {
        Origin::Given => Text::new("配置文件指定", "given by the configuration"),
        Origin::Own => Text::new("本服务器自行生成，到期前自动更新", "made by this server, renewed by itself"),
        Origin::Substitute => Text::new(
            "本服务器临时生成，代替不能使用的证书",
            "made by this server in place of the one that cannot be used",
        ),
    };
    Connection { state, advice, fingerprint: shown.spoken(), origin, until: Some((shown.until, days)) }
}

async fn form_page(call: &Call, errors: FormErrors) -> Result<SettingsPage, Refusal> {
    let (f, site) = (&call.form, call.site());
    let sent = f.has("site_name") || !errors.is_empty();
    let kept = site.profile();
    let typed = |name: &str, kept: &str| if sent { f.get(name).to_owned() } else { kept.to_owned() };
    let law = if sent { law_of(f).unwrap_or(kept.law) } else { kept.law };
    let chosen = if sent { law_of(f).map(|l| l.jurisdiction) } else { Some(kept.law.jurisdiction) };
    let filter = ActFilter { kind: Some("settings.changed".into()), ..ActFilter::default() };
    let newest = site.store().acts(&filter, 1).await?;
    let cameras = site.cameras();
    Ok(SettingsPage {
        l: call.lang,
        bar: call.bar(Nav::Settings).await?,
        site_name: typed("site_name", &kept.name),
        address: typed("address", &kept.address),
        jurisdictions: jurisdictions(site, law, chosen),
        traits: traits(site, law),
        trades: trades(site, law),
        days: (!cameras.is_empty()).then(|| days_if(site, &kept.law)),
        cameras: cameras.len(),
        changed: newest.first().map(|a| (a.at, a.idx)),
        connection: connection(call),
        small_site: site.small_site().await?,
        errors,
    })
}

/// `GET /settings`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&form_page(&call, FormErrors::default()).await?)
}

/// `POST /settings/edit`: back to the form with what was typed.
pub(crate) async fn edit(call: Call) -> Reply {
    page(&form_page(&call, FormErrors::default()).await?)
}

fn kind_of_unit(law: &SiteProfile) -> Text {
    let mut all: Vec<&Text> = TRAITS.iter().filter(|t| (t.2)(law)).map(|t| &t.1).collect();
    let trade = law.special_trade.map(SpecialTrade::name);
    all.extend(trade.as_ref());
    if all.is_empty() {
        return Text::new("一般单位", "an ordinary unit");
    }
    let join = |of: fn(&Text) -> &str, between: &str| all.iter().map(|t| of(t)).collect::<Vec<_>>().join(between);
    Text::of(join(|t| &t.zh, "；"), join(|t| &t.en, "; "))
}

fn changes_of(effect: &Effect) -> Vec<ChangedLine> {
    let (old, new) = (&effect.old, &effect.new);
    let plain = |text: &str| {
        if text.is_empty() {
            Text::new("（未填写）", "(none)")
        } else {
            Text::of(text.to_owned(), text.to_owned())
        }
    };
    let lines = [
        (Text::new("场所名称", "Name"), plain(&old.name), plain(&new.name)),
        (Text::new("地址", "Address"), plain(&old.address), plain(&new.address)),
        (Text::new("省份", "Province"), old.law.jurisdiction.name(), new.law.jurisdiction.name()),
        (Text::new("单位性质", "Kind of unit"), kind_of_unit(&old.law), kind_of_unit(&new.law)),
    ];
    lines.into_iter().filter(|l| l.1 != l.2).map(|(what, old, new)| ChangedLine { what, old, new }).collect()
}

fn effect_line(effect: CameraEffect) -> EffectLine {
    let kind = PlaceKind::parse(&effect.row.place_kind).map(PlaceKind::name).unwrap_or_default();
    EffectLine {
        id: effect.row.id.to_string(),
        place: Text::of(format!("{} · {}", effect.row.place, kind.zh), format!("{} · {}", effect.row.place, kind.en)),
        name: effect.row.name,
        days: effect.days,
        clauses: effect.terms.1,
        refused: effect.refused,
        duties: effect.new_duties,
    }
}

/// `POST /settings/check`: what would change, for the person to confirm. Changes nothing.
pub(crate) async fn check(call: Call) -> Reply {
    let new = match profile_of(&call.form) {
        Ok(new) => new,
        Err(errors) => return page_with(StatusCode::BAD_REQUEST, &form_page(&call, errors).await?),
    };
    let effect = call.site().settings_effect(call.actor()?, new)?;
    let f = &call.form;
    let single = ["site_name", "address", "jurisdiction", "special_trade"].map(|n| (n.to_owned(), f.get(n).to_owned()));
    let many = f.all("trait").into_iter().map(|t| ("trait".to_owned(), t));
    page(&SettingsCheckPage {
        l: call.lang,
        bar: call.bar(Nav::Settings).await?,
        fields: single.into_iter().chain(many).collect(),
        was: effect.was(),
        changes: changes_of(&effect),
        binds_until: effect.binds_until,
        effects: effect.cameras.into_iter().map(effect_line).collect(),
    })
}

/// `POST /settings/save`: what was confirmed.
pub(crate) async fn save(call: Call) -> Reply {
    let new = match profile_of(&call.form) {
        Ok(new) => new,
        Err(errors) => return page_with(StatusCode::BAD_REQUEST, &form_page(&call, errors).await?),
    };
    match call.site().change_settings(call.actor()?, new, call.form.get("was")).await {
        Ok(Asked::Done(_)) => call.done("/settings", "settings_changed"),
        Ok(Asked::Waits(_)) => call.done("/changes", "change_proposed"),
        Err(refusal) if matches!(refusal.kind, ErrorKind::TooMany | ErrorKind::BadInput) => {
            let mut errors = FormErrors::default();
            errors.push("jurisdiction", refusal.what.clone());
            page_with(status(&refusal), &form_page(&call, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}
