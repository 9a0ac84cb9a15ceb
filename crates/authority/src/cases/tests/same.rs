//! The same matter of a party begun again: asked of the database, however many cases the party has and whatever they are called now.

use super::*;

/// More cases than were once looked through.
const MANY: usize = 201;

impl Hall {
    /// An application of the unit at the counter under this title; nothing is said of why it is begun again.
    async fn applied(&self, title: &str) -> Result<Begun, Refusal> {
        let form = Beginning {
            channel: Channel::Counter,
            party: Some(self.party(self.unit).await),
            title: title.into(),
            ..area()
        };
        self.authority.begin(self.officer, &form).await
    }
}

#[tokio::test]
async fn the_same_matter_is_found_behind_any_number_of_others() {
    let hall = Hall::open().await;
    let first = hall.applied("一号楼").await.unwrap();
    for n in 0..MANY {
        hall.applied(&format!("二号楼{n}层")).await.unwrap();
    }
    let refusal = hall.applied("一号楼").await.unwrap_err();
    assert_eq!(refusal.code, "same_case");
    assert!(refusal.what.zh.contains(&first.number), "{refusal}");
    hall.applied("三号楼").await.unwrap();
}

#[tokio::test]
async fn a_case_is_known_by_the_title_it_was_begun_under_and_by_that_it_has_now() {
    let hall = Hall::open().await;
    let first = hall.applied("一号楼").await.unwrap();
    let filled = sample("area_approval", "apply", hall.today());
    hall.act(hall.officer, first.case, CaseAct::Fill { step: "apply".into(), typed: filled }).await.unwrap();
    let now = hall.store.case(first.case).await.unwrap().expect("a case").head.title;
    assert_ne!(now, "一号楼", "lists call it by what was filled in");
    for title in ["一号楼", now.as_str()] {
        assert_eq!(hall.applied(title).await.unwrap_err().code, "same_case", "{title}");
    }
    hall.act(hall.unit, first.case, CaseAct::Abandon { reasons: REASONS.into() }).await.unwrap();
    hall.applied("一号楼").await.expect("what was given up stands in nobody's way");
}
