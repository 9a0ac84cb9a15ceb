//! What the visit of a case adds to its papers: the checklist as it was answered, photos, signatures, and the clauses that an order rests on.
//!
//! Closed visit ─▶ [`Inspected`] ─▶ the record and the order of the case. Always true: an item is told by its words and never by its code; a clause
//! is one that the checklist names for the item and that was in force on the day, and where it names none that is said; a signature that was made
//! void is none. It names persons: it goes into the bytes of a paper, and into no index of words.

use super::act::{SIGNATURE, UNIT};
use super::close::drawn_of;
use super::facts::kind_of;
use super::offline::DRAWN;
use super::read::{answers_of, record_of};
use super::record::{ITEM, Record};
use super::{BreachLine, Ended, Facts, ITEMS, UnitSide};
use crate::Authority;
use base::{AccountId, CaseId, Citation, ClauseId, Lang, Pii, Refusal, Text};
use domain::casework::Inspected;
use domain::document::Table;
use domain::inspection::{Answer, Answered, Answers, VisitKind};
use law::{AskedItem, ChecklistItem};
use store::visits::PhotoRow;

/// Rows of a table.
type Rows = Vec<Vec<String>>;

/// A clause as people cite it.
pub(super) fn cited(citation: &Citation, lang: Lang) -> String {
    let (instrument, article) = (citation.instrument.get(lang), citation.article.get(lang));
    match lang {
        Lang::Zh => format!("《{instrument}》{article}"),
        Lang::En => format!("{instrument}, {article}"),
    }
}

/// An answer in words.
fn answer_words(item: &ChecklistItem, answered: &Answered) -> Text {
    match answered {
        Answered::Yes => Text::new("符合", "met"),
        Answered::No => Text::new("不符合", "not met"),
        Answered::NotHere => Text::new("不适用", "not here"),
        Answered::Number(n) => Text::of(format!("{n} {}", item.unit_zh), format!("{n} {}", item.unit_en)),
        Answered::Choice(id) => {
            let choice = item.choices.iter().find(|c| c.id == *id);
            choice.map_or_else(Text::default, |c| Text::of(c.zh.clone(), c.en.clone()))
        }
    }
}

/// The answer to an item, what is wrong there, and the clause by which it is.
fn result_of(asked: &AskedItem<'_>, answer: &Answer, lang: Lang) -> String {
    let found = answer_words(asked.item, &answer.answered).get(lang).to_owned();
    let defects: Vec<Text> =
        asked.item.defects.iter().filter(|d| answer.defects.contains(&d.id)).map(|d| d.text()).collect();
    if defects.is_empty() {
        return found;
    }
    let words: Vec<&str> = defects.iter().map(|text| text.get(lang).trim_end_matches(['。', '.'])).collect();
    let clauses: Vec<String> = asked.citations.iter().map(|c| cited(c, lang)).collect();
    let rests = if clauses.is_empty() {
        lang.t("检查表没有列条款，只提出建议", "the checklist names no clause: advice only").to_owned()
    } else {
        clauses.join(lang.t("、", "; "))
    };
    match lang {
        Lang::Zh => format!("{found}：{}（{rests}）", words.join("；")),
        Lang::En => format!("{found}: {} ({rests})", words.join("; ")),
    }
}

fn item_rows(asked: &[AskedItem<'_>], answers: &Answers, lang: Lang) -> Rows {
    let row = |(n, a): (usize, &AskedItem<'_>)| {
        let answer = answers.get(&a.item.id);
        let result = answer.map(|answer| result_of(a, answer, lang)).unwrap_or_default();
        let remark = answer.map(|answer| answer.remark.trim().to_owned()).unwrap_or_default();
        vec![(n + 1).to_string(), lang.t(&a.item.zh, &a.item.en).to_owned(), result, remark]
    };
    asked.iter().enumerate().map(row).collect()
}

/// Pictures that are no signatures, with time and place as the phone said them.
fn photo_rows(photos: &[PhotoRow], asked: &[AskedItem<'_>], lang: Lang) -> Rows {
    let of = |photo: &PhotoRow| {
        let item = photo.belongs.strip_prefix(ITEM).and_then(|id| asked.iter().find(|a| a.item.id == id));
        item.map_or_else(|| lang.t("门头", "entrance").to_owned(), |a| lang.t(&a.item.zh, &a.item.en).to_owned())
    };
    let row = |photo: &PhotoRow| {
        let place = if photo.place.is_empty() {
            lang.t("手机没有提供", "not told by the phone").to_owned()
        } else {
            photo.place.clone()
        };
        vec![photo.photo.to_string(), of(photo), photo.taken.desk(), place, photo.sha256.hex()]
    };
    let is_photo = |p: &&PhotoRow| !p.belongs.starts_with(SIGNATURE) && !p.belongs.starts_with(DRAWN);
    photos.iter().filter(is_photo).map(row).collect()
}

/// Who signed, how and when; or why the unit did not, and who saw that.
fn signature_rows(people: &[(AccountId, Pii<String>)], photos: &[PhotoRow], unit: &UnitSide, lang: Lang) -> Rows {
    let row = |role: (&str, &str), name: &str, how: String, photo: Option<&PhotoRow>| {
        let at = photo.map(|p| p.at.desk()).unwrap_or_default();
        let digest = photo.map(|p| p.sha256.hex()).unwrap_or_default();
        vec![lang.t(role.0, role.1).to_owned(), name.to_owned(), how, at, digest]
    };
    let own = || lang.t("本人账号签名", "signed with the own account").to_owned();
    let of = |account: AccountId| {
        photos.iter().rev().find(|p| drawn_of(p).is_some_and(|drawn| drawn.is_own() && drawn.whose == account))
    };
    let mut rows: Rows =
        people.iter().map(|(who, name)| row(("检查人员", "inspector"), name.expose(), own(), of(*who))).collect();
    match unit {
        UnitSide::Signed { name } => {
            let photo = photos.iter().rev().find(|p| p.belongs.strip_prefix(SIGNATURE) == Some(UNIT));
            let how = lang.t("在检查人员的手机上签名", "signed on the phone of an inspector").to_owned();
            rows.push(row(("单位人员", "for the unit"), name, how, photo));
        }
        UnitSide::Refused { reason, witness } => {
            let how = match lang {
                Lang::Zh => format!("拒绝签名或者不能签名：{reason}"),
                Lang::En => format!("did not sign: {reason}"),
            };
            rows.push(row(("单位人员", "for the unit"), "", how, None));
            let saw = lang.t("见证单位没有签名", "saw that the unit did not sign").to_owned();
            rows.push(row(("见证人", "witness"), witness, saw, None));
        }
    }
    rows
}

fn table(title: (&str, &str), heads: &[(&str, &str)], widths: &[u32], (rows, lang): (Rows, Lang)) -> Option<Table> {
    (!rows.is_empty()).then(|| Table {
        title: lang.t(title.0, title.1).to_owned(),
        heads: heads.iter().map(|(zh, en)| lang.t(zh, en).to_owned()).collect(),
        widths: widths.to_vec(),
        rows,
    })
}

/// The clauses of what the order is about, each once: of the items that were chosen for it, of all where none was.
fn breached(record: &Record, breaches: &[BreachLine]) -> Vec<ClauseId> {
    let chosen: Vec<&str> = record.text(ITEMS).split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    let is_about = |b: &&BreachLine| chosen.contains(&b.item.as_str());
    let all = !breaches.iter().any(|b| is_about(&b));
    let mut out: Vec<ClauseId> = Vec::new();
    for clause in breaches.iter().filter(|b| all || is_about(b)).flat_map(|b| &b.clauses) {
        if !out.contains(clause) {
            out.push(clause.clone());
        }
    }
    out
}

impl Authority {
    /// What the visit of a case adds to its papers; nothing while none is closed. A second look has a paper of its own.
    pub(crate) async fn inspected(&self, case: CaseId, lang: Lang) -> Result<Inspected, Refusal> {
        let rows = self.store().visits_of_case(case).await?;
        let is_first = |kind: &str| kind_of(kind) != Some(VisitKind::Again);
        let closed = rows.iter().filter(|row| is_first(&row.kind));
        let Some((row, text)) = closed.filter_map(|row| Some((row, row.ended.as_ref()?))).next_back() else {
            return Ok(Inspected::default());
        };
        let (facts, record, ended) = (Facts::read(&row.facts)?, record_of(row)?, Ended::read(text.expose())?);
        let mut photos = self.store().visit_photos(case, row.n).await?;
        photos.retain(|photo| !facts.is_void(photo));
        let people = self.inspectors_of(row).await?;
        let asked = facts.asked(self.gate().packs(), row.day);
        let items = item_rows(&asked, &answers_of(&record), lang);
        let pictures = photo_rows(&photos, &asked, lang);
        let signed = signature_rows(&people, &photos, &ended.unit, lang);
        let no = ("序", "no.");
        let tables = [
            table(
                ("检查项目", "what was looked at"),
                &[no, ("检查项目", "item"), ("检查结果", "result"), ("备注", "remark")],
                &[1, 6, 6, 4],
                (items, lang),
            ),
            table(
                ("照片", "photos"),
                &[
                    no,
                    ("内容", "of"),
                    ("拍摄时间（手机）", "taken (by the phone)"),
                    ("地点", "place"),
                    ("摘要", "SHA-256"),
                ],
                &[1, 5, 3, 3, 5],
                (pictures, lang),
            ),
            table(
                ("签名", "signatures"),
                &[("身份", "as"), ("姓名", "name"), ("方式", "how"), ("时间", "when"), ("摘要", "SHA-256")],
                &[2, 2, 4, 3, 5],
                (signed, lang),
            ),
            table(("补充记录", "supplement"), &[no, ("内容", "words")], &[1, 9], (added_rows(&record, lang), lang)),
        ];
        Ok(Inspected { tables: tables.into_iter().flatten().collect(), breached: breached(&record, &ended.breaches) })
    }
}

/// What was added to the record after it was signed, and why signatures were made void.
fn added_rows(record: &Record, lang: Lang) -> Rows {
    let mut texts: Vec<String> = Vec::new();
    for name in [super::NOTE, super::SUPPLEMENT] {
        texts.extend(Some(record.text(name).to_owned()).filter(|text| !text.is_empty()));
    }
    for field in record.0.keys().filter(|name| name.starts_with(super::VOID)) {
        let why = record.text(field);
        texts.push(match lang {
            Lang::Zh => format!("此前的签名作废：{why}"),
            Lang::En => format!("The signatures before were made void: {why}"),
        });
    }
    texts.into_iter().enumerate().map(|(n, text)| vec![(n + 1).to_string(), text]).collect()
}
