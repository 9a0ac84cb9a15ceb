//! A person's own request to the unit: held at once, granted by another one on what was seen, shown to that person only, answered on paper.

use super::{Decision, OwnForm, Papers, SecondOfficer};
use crate::playback::Viewer;
use crate::playback::rig::{PASSWORD, Rig};
use crate::{Actor, Site};
use base::{CameraId, ErrorKind, Lang, Pii, RequestId, Sha256, UtcMs};
use domain::access::Role;
use domain::viewing::{Basis, Seen, State, Use};
use law::{Jurisdiction, Relation};
use store::register::RegisterFilter;

const HOUR_MS: i64 = 3_600_000;
const SEEN: Seen = Seen { identity: true, paper: true, others_kept: false };
const NAME: &str = "王五";
const CHILD: &str = "王小五";

/// Forty seconds of a camera, an hour old, and two custodians.
struct Desk {
    rig: Rig,
    custodian: Actor,
    other: Actor,
    camera: CameraId,
    from: UtcMs,
    to: UtcMs,
}

impl Desk {
    async fn new(jurisdiction: Jurisdiction) -> Self {
        let rig = Rig::start(jurisdiction).await;
        let custodian = rig.person("keeper", Role::InformationCustodian).await;
        let other = rig.person("keeper2", Role::InformationCustodian).await;
        let from = rig.site.now().utc.plus_ms(-HOUR_MS);
        let camera = rig.camera("正门1号", from).await;
        let to = rig.record(camera, from, 20).await;
        Self { rig, custodian, other, camera, from, to }
    }

    fn site(&self) -> &Site {
        &self.rig.site
    }

    /// A parent looks for a child: everything seen, everything in order.
    fn form(&self) -> OwnForm {
        OwnForm {
            name: Pii::new(format!(" {NAME} ")),
            contact: Pii::new("0451-55550101".into()),
            relation: Relation::Guardian,
            concerned: Pii::new(CHILD.into()),
            identity: true,
            proof: true,
            need: true,
            plain: true,
            purpose: "孩子走失，查看离开的方向".into(),
            cameras: vec![self.camera],
            from: self.from.plus_ms(4_000),
            to: self.to.plus_ms(-4_000),
        }
    }

    async fn taken(&self, form: &OwnForm) -> RequestId {
        self.site().take_request(&self.custodian, form).await.unwrap().id
    }

    async fn held(&self) -> usize {
        self.site().store().holds_of(self.camera, self.from, self.to).await.unwrap().len()
    }

    /// Code and clauses of the refusal to grant it.
    async fn not_granted(&self, id: RequestId) -> (String, Vec<String>) {
        let refused = self.site().decide(&self.other, id, Decision::Grant { hours: 2 }).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Unlawful, "{refused}");
        (refused.code, refused.why.into_iter().map(|c| c.clause.0).collect())
    }

    fn papers(&self, seen: Seen, visitor: &str) -> Papers {
        Papers { seen, visitor: Pii::new(visitor.into()), beside: None, browser: None }
    }
}

#[tokio::test]
async fn a_request_is_held_when_it_is_entered_and_names_stand_sealed() {
    let desk = Desk::new(Jurisdiction::Heilongjiang).await;
    assert_eq!(desk.held().await, 0);
    let row = desk.site().take_request(&desk.custodian, &desk.form()).await.unwrap();
    assert!(matches!(row.state, State::Submitted { .. }));
    let app = &row.application;
    assert_eq!((app.basis, app.wanted), (Basis::LifeHealthProperty, Use::View));
    assert!(app.is_for_citizen() && app.under.is_none() && app.officers == [desk.custodian.id]);
    assert_eq!(desk.held().await, 1, "from the first minute");
    let kept = serde_json::to_string(app).unwrap();
    assert!(!kept.contains(NAME) && !kept.contains(CHILD) && !kept.contains("0451"), "{kept}");
    let (_, _, record) = desk.site().letter(&desk.custodian, row.id).await.unwrap();
    let record = String::from_utf8(record).unwrap();
    assert!(record.contains(&format!("\"{NAME}\"")) && record.contains(CHILD) && record.contains("0451"), "{record}");
    assert_eq!(app.letter, Some(Sha256::of(record.as_bytes())));
    assert!(
        desk.rig.acts("paper.opened").await[0].text.zh.contains("申请人"),
        "opening it is entered in its own words"
    );
    // The same words twice have another digest: it is salted.
    let again = desk.site().take_request(&desk.custodian, &desk.form()).await.unwrap();
    assert_ne!(again.application.letter, app.letter);
}

#[tokio::test]
async fn every_defect_of_the_form_is_named_at_once_and_nothing_is_stored() {
    let desk = Desk::new(Jurisdiction::Heilongjiang).await;
    let long = "字".repeat(121);
    let wrong = OwnForm {
        name: Pii::new(" ".into()),
        contact: Pii::new(long),
        concerned: Pii::new("  ".into()),
        identity: false,
        purpose: " ".into(),
        cameras: vec![],
        to: desk.from,
        ..desk.form()
    };
    let refusals = desk.site().take_request(&desk.custodian, &wrong).await.unwrap_err();
    let mut codes: Vec<_> = refusals.iter().map(|r| r.code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["cameras", "concerned", "contact", "identity", "purpose", "range", "visitor"]);
    let nowhere = OwnForm { cameras: vec![CameraId::from_bytes([7; 16])], ..desk.form() };
    assert_eq!(desk.site().take_request(&desk.custodian, &nowhere).await.unwrap_err()[0].code, "not_found");
    // The person concerned needs no other name.
    let own = OwnForm { relation: Relation::Person, concerned: Pii::new(String::new()), proof: false, ..desk.form() };
    for role in [Role::SecurityManager, Role::DutyOfficer, Role::PoliceOfficer, Role::Auditor] {
        let who = desk.rig.person(&format!("{role:?}").to_lowercase(), role).await;
        assert_eq!(desk.site().take_request(&who, &own).await.unwrap_err()[0].code, "no_permission", "{role:?}");
    }
    assert!(desk.rig.acts("request.made").await.is_empty() && desk.held().await == 0);
    let id = desk.taken(&own).await;
    desk.site().decide(&desk.other, id, Decision::Grant { hours: 2 }).await.unwrap();
}

#[tokio::test]
async fn what_was_not_seen_or_not_needed_is_never_granted_in_any_province() {
    for jurisdiction in [Jurisdiction::Heilongjiang, Jurisdiction::Liaoning, Jurisdiction::Other] {
        let desk = Desk::new(jurisdiction).await;
        for wrong in [
            OwnForm { proof: false, ..desk.form() },
            OwnForm { need: false, ..desk.form() },
            OwnForm { relation: Relation::Other, ..desk.form() },
            OwnForm { relation: Relation::NearRelative, proof: false, ..desk.form() },
        ] {
            let id = desk.taken(&wrong).await;
            let (code, clauses) = desk.not_granted(id).await;
            assert!(clauses.iter().any(|c| c == "799-21"), "{code} {clauses:?}");
            assert!(!desk.site().law_view(&desk.other, id).await.unwrap().allow, "the page says it before");
        }
        assert_eq!(desk.held().await, 4, "all of them wait, held");
        let granted = desk.taken(&desk.form()).await;
        desk.site().decide(&desk.other, granted, Decision::Grant { hours: 2 }).await.unwrap();
        let made = desk.rig.acts("grant.made").await;
        assert!(made[0].clauses.iter().any(|c| c == "799-21"), "{:?}", made[0].clauses);
    }
}

#[tokio::test]
async fn a_state_secret_is_in_the_way_where_the_ordinance_says_so() {
    for (jurisdiction, clause) in [(Jurisdiction::Heilongjiang, "B-26"), (Jurisdiction::Liaoning, "A-25-1")] {
        let desk = Desk::new(jurisdiction).await;
        let id = desk.taken(&OwnForm { plain: false, ..desk.form() }).await;
        let (code, clauses) = desk.not_granted(id).await;
        assert_eq!((code.as_str(), clauses.contains(&clause.to_owned())), ("state_secret_or_security", true));
    }
}

#[tokio::test]
async fn the_only_custodian_decides_with_reasons_and_the_entry_says_so() {
    let desk = Desk::new(Jurisdiction::Heilongjiang).await;
    let (site, custodian) = (desk.site(), &desk.custodian);
    let id = desk.taken(&desk.form()).await;
    let with = |reason: &str| Decision::GrantWith { hours: 2, reason: reason.into() };
    assert_eq!(
        site.decide(custodian, id, with("理由充分")).await.unwrap_err().code,
        "conflict_of_interest",
        "there is another"
    );
    let now = site.now().utc;
    site.store().set_disabled(desk.other.id, true, custodian.id, now).await.unwrap();
    for bare in [Decision::Grant { hours: 2 }, with(" ")] {
        assert_eq!(site.decide(custodian, id, bare).await.unwrap_err().code, "reason_missing");
    }
    site.decide(custodian, id, with("孩子走失，画面只有本人")).await.unwrap();
    let made = desk.rig.acts("grant.made").await;
    assert!(
        made[0].text.zh.contains("登记和决定是同一人") && made[0].clauses.iter().any(|c| c == "799-21"),
        "{made:?}"
    );
    let second = desk.taken(&OwnForm { proof: false, ..desk.form() }).await;
    let refused = Decision::Refuse { reason: "没有关系证明".into() };
    site.decide(custodian, second, refused).await.unwrap();
    assert!(desk.rig.acts("request.refused").await[0].text.zh.contains("登记和决定是同一人"));
}

#[tokio::test]
async fn a_refusal_has_reasons_and_clauses_and_ends_the_hold() {
    let desk = Desk::new(Jurisdiction::Heilongjiang).await;
    let (site, other) = (desk.site(), &desk.other);
    let id = desk.taken(&OwnForm { proof: false, ..desk.form() }).await;
    let own = site.decide(&desk.custodian, id, Decision::Refuse { reason: "没有关系证明".into() }).await;
    assert_eq!(own.unwrap_err().code, "conflict_of_interest", "who entered it does not decide it");
    let silent = site.decide(other, id, Decision::Refuse { reason: " ".into() }).await;
    assert_eq!(silent.unwrap_err().code, "reason_missing");
    assert_eq!(desk.held().await, 1);
    site.decide(other, id, Decision::Refuse { reason: "没有关系证明".into() }).await.unwrap();
    let refused = desk.rig.acts("request.refused").await;
    assert!(refused[0].clauses.iter().any(|c| c == "799-21"), "{:?}", refused[0].clauses);
    assert_eq!(desk.held().await, 0);
    // Where the law leaves it to the unit, the same clause stands in the refusal.
    let id = desk.taken(&desk.form()).await;
    site.decide(other, id, Decision::Refuse { reason: "所述时间没有人经过".into() }).await.unwrap();
    assert_eq!(desk.rig.acts("request.refused").await[0].clauses, ["799-21"]);
    let shown = site.open_showing(&desk.custodian, id, &desk.papers(SEEN, NAME)).await;
    assert_eq!(shown.unwrap_err().code, "not_granted");
}

#[tokio::test]
async fn it_is_shown_to_the_applicant_alone_registered_and_never_copied() {
    let desk = Desk::new(Jurisdiction::Heilongjiang).await;
    let (site, custodian) = (desk.site(), &desk.custodian);
    let form = desk.form();
    let id = desk.taken(&form).await;
    let early = site.open_showing(custodian, id, &desk.papers(SEEN, NAME)).await;
    assert_eq!(early.unwrap_err().code, "not_granted");
    site.decide(&desk.other, id, Decision::Grant { hours: 2 }).await.unwrap();
    let who = Viewer::Officers(custodian, id);
    let play = |from, to| site.play(who, desk.camera, from, to);
    assert_eq!(play(form.from, form.to).await.unwrap_err().code, "no_session");
    for (seen, name, code) in [
        (Seen { identity: false, ..SEEN }, NAME, "papers_not_seen"),
        (Seen { paper: false, ..SEEN }, NAME, "papers_not_seen"),
        (SEEN, CHILD, "visitor"),
        (SEEN, " ", "visitor"),
    ] {
        let refused = site.open_showing(custodian, id, &desk.papers(seen, name)).await.unwrap_err();
        assert_eq!(refused.code, code, "{seen:?} {name}");
    }
    let stranger = site.open_showing(&desk.other, id, &desk.papers(SEEN, NAME)).await;
    assert_eq!(stranger.unwrap_err().code, "officer_not_named");
    let officers = desk.rig.people().await;
    let police = site.open_session(&officers.first, id, &SecondOfficer::new("officer2", PASSWORD)).await;
    assert_eq!(police.unwrap_err().code, "not_found", "no request of theirs");
    site.open_showing(custodian, id, &desk.papers(SEEN, NAME)).await.unwrap();
    let lines = site.register(custodian, &RegisterFilter { request: Some(id), ..RegisterFilter::default() }, 9).await;
    let lines = lines.unwrap();
    assert!(lines[0].persons.expose().contains(NAME), "the register names who came");
    assert_eq!(play(form.from.plus_ms(-1), form.to).await.unwrap_err().code, "outside_scope");
    play(form.from, form.to).await.unwrap();
    assert_eq!(site.begin_export(custodian, id).await.unwrap_err().code, "copy_not_granted");
    assert!(!desk.rig.acts("footage.viewed.official").await.is_empty());
    site.end_session(custodian, id).await.unwrap();
    assert_eq!(play(form.from, form.to).await.unwrap_err().code, "no_session");
}

#[tokio::test]
async fn receipt_and_answer_are_documents_with_their_entries() {
    let desk = Desk::new(Jurisdiction::Heilongjiang).await;
    let (site, custodian) = (desk.site(), &desk.custodian);
    let id = desk.taken(&desk.form()).await;
    assert_eq!(site.own_answer(custodian, id, Lang::Zh).await.unwrap_err().code, "not_decided");
    assert!(desk.rig.acts("document.made").await.is_empty());
    let manager = desk.rig.person("manager", Role::SecurityManager).await;
    assert_eq!(site.own_receipt(&manager, id, Lang::Zh).await.unwrap_err().code, "no_permission");
    for lang in [Lang::Zh, Lang::En] {
        let receipt = site.own_receipt(custodian, id, lang).await.unwrap();
        assert!(receipt.pdf.starts_with(b"%PDF-") && receipt.digest == Sha256::of(&receipt.pdf));
    }
    site.decide(&desk.other, id, Decision::Refuse { reason: "所述时间没有人经过".into() }).await.unwrap();
    let answer = site.own_answer(custodian, id, Lang::Zh).await.unwrap();
    assert!(answer.pdf.starts_with(b"%PDF-"));
    let granted = desk.taken(&desk.form()).await;
    site.decide(&desk.other, granted, Decision::Grant { hours: 2 }).await.unwrap();
    site.own_answer(custodian, granted, Lang::En).await.unwrap();
    let made = desk.rig.acts("document.made").await;
    assert_eq!(made.len(), 4);
    assert!(made.iter().all(|a| !a.text.zh.contains(NAME)), "the log has digests and no names");
    // Requests of officers have papers of their own.
    let people = desk.rig.people().await;
    let form = desk.rig.form(&[desk.camera], desk.from.plus_ms(4_000), desk.to.plus_ms(-4_000), "officer2");
    let theirs = site.submit(&people.first, form).await.unwrap().id;
    assert_eq!(site.own_receipt(custodian, theirs, Lang::Zh).await.unwrap_err().code, "not_found");
}
