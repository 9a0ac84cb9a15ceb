//! Kinds of place and part, and what each pack says of them on a day: what stands behind the answer to "may a camera hang there".

use crate::answer::{Reply, page_with};
use crate::call::Call;
use crate::pages::plan_views::{PlaceLine, PlacesPage, SayLine};
use crate::pages::{Choice, FormErrors, Nav};
use axum::http::StatusCode;
use base::{CivilDate, Reading, Text};
use law::{Installer, Jurisdiction, Packs, PlaceKind, PlaceRule, PlaceSays, PlaceSite, PlaceSubject};

fn who(installer: Installer) -> Text {
    match installer {
        Installer::Government => Text::new("政府", "the government"),
        Installer::ManagingUnit => Text::new("负责该场所的单位", "the unit responsible for the place"),
        Installer::SecurityDutyHolder => Text::new("负有安全防范义务的人", "whoever has a security duty for it"),
        Installer::Other => Text::new("其他人", "others"),
    }
}

fn say_line(rule: PlaceRule) -> SayLine {
    let names: Vec<Text> = rule.who.iter().map(|w| who(*w)).collect();
    let says = rule.says.name();
    let what = if names.is_empty() {
        says
    } else {
        let join = |pick: fn(&Text) -> &str, sep: &str| names.iter().map(pick).collect::<Vec<_>>().join(sep);
        Text::of(format!("{}：{}", says.zh, join(|t| &t.zh, "、")), format!("{}: {}", says.en, join(|t| &t.en, ", ")))
    };
    let site = match rule.site {
        None => Text::default(),
        Some(PlaceSite::Listed) => Text::new("第七条所列场所", "places that art. 7 lists"),
        Some(PlaceSite::SecurityDuty) => Text::new("第七条以外的场所", "places that art. 7 does not list"),
    };
    SayLine {
        code: rule.says.key(),
        what,
        evident: rule.citation.reading == Reading::Evident,
        citation: rule.citation,
        fragment: rule.fragment,
        unknown: rule.unknown,
        site,
        note: rule.note,
    }
}

fn lines(packs: &Packs, province: Jurisdiction, subject: PlaceSubject<'_>, on: CivilDate) -> Vec<SayLine> {
    let mut rules = packs.place_rules(province, subject, on);
    // What forbids stands first; else the order of the packs.
    rules.sort_by_key(|r| r.says != PlaceSays::MayNot);
    rules.into_iter().map(say_line).collect()
}

/// `GET /places?province=&on=`.
pub(crate) async fn list(call: Call) -> Reply {
    let own = call.site().profile().law.jurisdiction;
    let asked = call.query.get("province");
    let province = Jurisdiction::ALL.into_iter().find(|j| j.key() == asked).unwrap_or(own);
    let today = call.now().shanghai_date();
    let mut errors = FormErrors::default();
    let on = match call.query.get("on") {
        "" => today,
        text => CivilDate::parse(text).unwrap_or_else(|| {
            errors.push("on", Text::new("日期不对，已按今天显示。", "That is no date; today is shown."));
            today
        }),
    };
    let packs = call.site().gate().packs();
    let kind = |k: &PlaceKind| {
        let says = lines(packs, province, PlaceSubject::Kind(*k), on);
        PlaceLine { code: k.key().to_owned(), name: k.name(), says }
    };
    let mut kinds: Vec<_> = PlaceKind::ALL.iter().map(kind).collect();
    kinds.sort_by_key(|k| !k.forbidden());
    let category = |c: &&law::PlaceCategory| {
        let says = lines(packs, province, PlaceSubject::Category(&c.id), on);
        PlaceLine { code: c.id.clone(), name: c.name.clone(), says }
    };
    let categories = packs.place_categories(province, on).iter().map(category).collect();
    let choice = |j: Jurisdiction| Choice::new(j.key(), j.name(), j == province);
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let bar = call.bar(Nav::None).await?;
    let provinces = Jurisdiction::ALL.into_iter().map(choice).collect();
    page_with(code, &PlacesPage { l: call.lang, bar, errors, provinces, on: on.to_string(), kinds, categories })
}
