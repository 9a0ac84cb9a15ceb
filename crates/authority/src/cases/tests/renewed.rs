//! A testing body whose row was renewed in place: a report is judged by what the row said of its day.

use super::*;

const CERTIFICATE: &str = "示例资字2026-001";
const FIRST: [(&str, &str); 2] = [("valid_from", "2024-03-02"), ("valid_until", "2026-03-01")];
const SECOND: [(&str, &str); 2] = [("valid_from", "2026-03-02"), ("valid_until", "2028-03-01")];

impl Hall {
    /// Whether a report of this day is doubted.
    async fn doubted(&self, case: CaseId, on: &str) -> bool {
        let filled = typed(&[("body_certificate", CERTIFICATE), ("report_day", on)]);
        self.act(self.officer, case, CaseAct::Fill { step: "test".into(), typed: filled }).await.unwrap();
        !self.authority.doubts(&self.view(self.officer, case).await).await.unwrap().is_empty()
    }
}

#[tokio::test]
async fn a_report_is_judged_by_the_version_of_its_day() {
    let hall = Hall::open().await;
    let case = hall.at_counter("acceptance", "示例广场改造工程").await;
    let (row, version) = hall.by_hand("bodies", None, &FIRST).await;
    assert!(!hall.doubted(case, "2026-03-01").await && hall.doubted(case, "2026-03-02").await);
    let (row, version) = hall.by_hand("bodies", Some((&row, version)), &SECOND).await;
    assert!(!hall.doubted(case, "2026-03-02").await, "under the renewed validity");
    assert!(!hall.doubted(case, "2026-03-01").await, "under the one before");
    assert!(hall.doubted(case, "2024-03-01").await, "before the first");
    let taken_back = [("valid_from", "2024-03-02"), ("valid_until", "2025-12-31")];
    hall.by_hand("bodies", Some((&row, version)), &taken_back).await;
    assert!(hall.doubted(case, "2026-03-01").await, "a newer version that speaks of the day decides");
    assert!(!hall.doubted(case, "2025-12-31").await);
}
