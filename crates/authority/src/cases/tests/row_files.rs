//! Files of the archive: who puts them in and opens them by the level of the row, what is secret, and that each opening is an entry.

use super::*;
use store::casework::row_files::FILES;

const ARCHIVE: &str = "archive";

impl Hall {
    async fn keeps(&self, by: By, (row, seen): (&str, u32), name: &str, bytes: &[u8]) -> String {
        let done = self.authority.keep_row_file(by, (ARCHIVE, row, seen), file("", name, bytes)).await;
        done.map_or_else(|refusal| refusal.code, |_| "done".to_owned())
    }

    async fn opens(&self, by: By, row: &str, bytes: &[u8], reason: &str) -> Result<Vec<u8>, String> {
        let of = (ARCHIVE, row, Sha256::of(bytes));
        self.authority.open_row_file(by, of, reason).await.map(|(_, bytes)| bytes).map_err(|refusal| refusal.code)
    }

    /// Somebody who handles cases of another office.
    async fn neighbour(&self) -> By {
        let office = self.authority.put_office(self.admin, &office_form("另一分局", "230103000000")).await.unwrap();
        let by = account(&self.store, "neighbour", Role::CaseOfficer).await;
        self.authority.put_officer(self.admin, by.account, office, &OfficerForm::default()).await.unwrap();
        by
    }
}

#[tokio::test]
async fn a_drawing_is_kept_sealed_and_each_opening_has_its_reason() {
    let hall = Hall::open().await;
    let (row, version) = hall.by_hand(ARCHIVE, None, &[("level", "sensitive")]).await;
    let drawing = b"%PDF-1.7 a map of the cameras";
    assert_eq!(hall.keeps(hall.officer, (&row, version), "图.pdf", drawing).await, "done");
    assert_eq!(hall.keeps(hall.officer, (&row, version), "图.pdf", drawing).await, "file_there");
    assert_eq!(hall.keeps(hall.officer, (&row, version), "图.png", drawing).await, "paper_disguised");
    assert_eq!(hall.keeps(hall.officer, (&row, version), "图.exe", b"MZ").await, "paper_kind");
    assert_eq!(hall.keeps(hall.officer, (&row, version), "图.pdf", b"").await, "paper_size");
    assert_eq!(hall.keeps(hall.officer, (&row, version + 1), "图.pdf", b"%PDF-1.7 b").await, "row_moved_on");
    assert_eq!(hall.keeps(hall.head, (&row, version), "图.pdf", b"%PDF-1.7 b").await, "no_permission");

    assert_eq!(hall.opens(hall.officer, &row, drawing, "").await, Err("reason".into()));
    assert_eq!(hall.opens(hall.officer, &row, b"another", "case").await, Err("not_found".into()));
    let opened = ActFilter { kind: Some("register.file_opened".into()), ..ActFilter::default() };
    assert!(hall.store.acts(&opened, 9).await.unwrap().is_empty());
    for by in [hall.officer, hall.head] {
        assert_eq!(hall.opens(by, &row, drawing, "inspect").await.unwrap(), drawing);
    }
    let acts = hall.store.acts(&opened, 9).await.unwrap();
    assert_eq!(acts.len(), 2);
    hall.store.flush_ledger().await.unwrap();
    let body = hall.store.ledger().entry(acts[0].idx).unwrap().parse().unwrap().body;
    assert_eq!((body["reason"].as_str(), body["level"].as_str()), (Some("inspect"), Some("sensitive")));
    assert!(!body.to_string().contains("图.pdf"), "the name may say whose it is");
    for by in [hall.publisher, hall.reviewer, hall.neighbour().await] {
        assert_eq!(hall.opens(by, &row, drawing, "case").await, Err("other_office".into()));
        assert!(hall.authority.row_files(by, ARCHIVE, &row).await.unwrap().files.is_empty());
    }
}

#[tokio::test]
async fn the_first_level_is_open_to_other_offices_and_what_is_secret_to_nobody() {
    let hall = Hall::open().await;
    let neighbour = hall.neighbour().await;
    let drawing = b"%PDF-1.7 a map";
    let (row, version) = hall.by_hand(ARCHIVE, None, &[("level", "internal")]).await;
    assert_eq!(hall.keeps(neighbour, (&row, version), "图.pdf", drawing).await, "other_office");
    assert_eq!(hall.keeps(hall.officer, (&row, version), "图.pdf", drawing).await, "done");
    assert_eq!(hall.opens(neighbour, &row, drawing, "accept").await.unwrap(), drawing);

    let (secret, version) = hall.by_hand(ARCHIVE, None, &[("level", "secret")]).await;
    assert_eq!(hall.keeps(hall.officer, (&secret, version), "图.pdf", drawing).await, "secret_not_kept");
    assert!(!hall.authority.row_files(hall.officer, ARCHIVE, &secret).await.unwrap().takes);
    let form = GATE.packs().register_form(ARCHIVE).unwrap();
    let mut typed: Typed = form.fields.iter().map(|f| (f.id.clone(), f.sample.clone())).collect();
    typed.insert("level".into(), "secret".into());
    let change = RowForm { typed, reason: "定为涉密".into(), seen: 1 };
    let put = || hall.authority.put_row(hall.officer, ARCHIVE, Some(row.as_str()), &change);
    assert_eq!(put().await.unwrap_err()[0].code, "level", "the file is taken out first");
    let of = (ARCHIVE, row.as_str(), Sha256::of(drawing));
    assert_eq!(hall.authority.remove_row_file(neighbour, of, "secret").await.unwrap_err().code, "other_office");
    assert_eq!(hall.authority.remove_row_file(hall.officer, of, "").await.unwrap_err().code, "reason");
    hall.authority.remove_row_file(hall.officer, of, "secret").await.unwrap();
    assert_eq!(hall.authority.remove_row_file(hall.officer, of, "secret").await.unwrap_err().code, "not_found");
    put().await.unwrap();
    assert_eq!(hall.opens(hall.officer, &row, drawing, "case").await, Err("secret_not_kept".into()));
    let files = hall.authority.row_files(hall.officer, ARCHIVE, &row).await.unwrap().files;
    assert!(files[0].removed.is_some(), "that it was there stays");
}

#[tokio::test]
async fn a_row_has_so_many_files_and_other_registers_none() {
    let hall = Hall::open().await;
    let (row, version) = hall.by_hand(ARCHIVE, None, &[]).await;
    for n in 0..FILES {
        let bytes = format!("%PDF-1.7 {n}");
        assert_eq!(hall.keeps(hall.officer, (&row, version), "图.pdf", bytes.as_bytes()).await, "done", "{n}");
    }
    assert_eq!(hall.keeps(hall.officer, (&row, version), "图.pdf", b"%PDF-1.7 more").await, "files_full");
    let (unit, version) = hall.by_hand("units", None, &[]).await;
    let upload = file("", "图.pdf", b"%PDF-1.7 a");
    let refused = hall.authority.keep_row_file(hall.officer, ("units", &unit, version), upload).await.unwrap_err();
    assert_eq!(refused.code, "not_found");
}
