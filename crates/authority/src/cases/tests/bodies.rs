//! Testing bodies compared with their register, and devices of a case that ended well in theirs.

use super::*;

const CERTIFICATE: &str = "示例资字2026-001";

impl Hall {
    /// A body on the register, as the sample with some of it changed.
    async fn body(&self, changed: &[(&str, &str)]) {
        self.by_hand("bodies", None, changed).await;
    }

    /// What whoever handles the case is told of its testing body, and by which clause.
    async fn told(&self, case: CaseId) -> Option<(String, String)> {
        let mut doubts = self.authority.doubts(&self.view(self.officer, case).await).await.unwrap();
        assert!(doubts.len() <= 1, "{doubts:?}");
        doubts.pop().map(|doubt| (doubt.text.zh.into_owned(), doubt.clause.0))
    }
}

#[tokio::test]
async fn a_testing_body_that_is_not_on_the_register_or_was_not_qualified_that_day_is_told() {
    let hall = Hall::open().await;
    let case = hall.at_counter("acceptance", "示例广场改造工程").await;
    assert_eq!(hall.told(case).await, None, "nothing is filled in yet");
    let filled = typed(&[("body_certificate", CERTIFICATE), ("report_day", "2026-03-02")]);
    hall.act(hall.officer, case, CaseAct::Fill { step: "test".into(), typed: filled }).await.unwrap();
    let rule = procedure("acceptance").on_register.first().unwrap();
    let unknown = Some((rule.zh.clone(), "B-19-2-1".to_owned()));
    assert_eq!(hall.told(case).await, unknown, "the register is empty");
    hall.body(&[("body_kind", "association")]).await;
    hall.body(&[("certificate_number", "示例资字2026-0011")]).await;
    assert_eq!(hall.told(case).await, unknown, "neither a body of another kind nor another number");
    hall.body(&[("valid_from", "2024-01-02"), ("valid_until", "2026-03-01")]).await;
    assert_eq!(hall.told(case).await, Some((rule.over_zh.clone(), "B-19-2-1".to_owned())), "it ran out the day before");
    let own = hall.view(hall.unit, case).await;
    assert!(hall.authority.doubts(&own).await.unwrap().is_empty(), "it is for whoever handles the case");
    hall.body(&[("certificate_number", "示例资字２０２６－００１")]).await;
    assert_eq!(hall.told(case).await, None, "one that held on that day is enough");
}

#[tokio::test]
async fn a_filing_leaves_a_row_of_its_devices_by_kind() {
    let hall = Hall::open().await;
    let form = Beginning { procedure: "system_filing".into(), title: String::new(), ..area() };
    let case = hall.begin(hall.unit, &form).await.case;
    let on = hall.today();
    hall.done(hall.unit, case, "use").await.unwrap();
    let papers = ["unit", "location", "devices", "storage"].iter().zip(1..).map(|(m, n)| pdf(m, n)).collect();
    let file = hall.done_act(hall.unit, "file", sample("system_filing", "file", on), on);
    hall.act_with(hall.unit, case, file, papers).await.unwrap();
    let filed = CaseAct::Decide {
        outcome: "filed".into(),
        typed: sample("system_filing", "filed", on),
        reasons: REASONS.into(),
        clauses: vec![],
        officers: vec![],
        on,
    };
    hall.act(hall.officer, case, filed).await.unwrap();
    let rows = hall.store.register_history("devices", &case.to_string()).await.unwrap();
    let [row] = rows.as_slice() else { panic!("{} versions", rows.len()) };
    let sealed: serde_json::Value = serde_json::from_str(row.personal.as_ref().expect("columns").expose()).unwrap();
    for column in ["devices_total", "devices_fixed", "devices_turning", "devices_other", "devices_sound"] {
        let sample = &procedure("system_filing").field(column).unwrap().sample;
        assert_eq!(sealed[column].to_string(), *sample, "{column}");
    }
    assert!(sealed["system_name"].is_string() && sealed["contact_phone"].is_null(), "columns, and nobody's number");
    assert!(row.shown.is_none() && row.case.is_some_and(|(id, _)| id == case), "not public, and of its case");
}
