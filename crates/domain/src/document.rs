//! Papers of casework: which there are, what each must have, and the values that its template sets.
//!
//! ```text
//! Document (kind) + Envelope (parts, as the case gives them) ─▶ check: everything that is missing or too much, at once
//! Envelope ─▶ verified_at: the address of its check and a short digest ─▶ values: JSON for the template of the kind
//! ```
//!
//! Always true: a paper that passes [`Envelope::check`] has every part that its template asks for; the digest is over all that is
//! printed but the check itself; a number that a law sets (a term, a sum) is in the words that come in, never here. An envelope names
//! persons: its `Debug` shows how much there is and never what, and a fault names the part and never its text.

mod catalogue;
#[cfg(test)]
mod tests;

pub use catalogue::{DOCUMENTS, Document, Family};

use base::{CivilDate, Lang, Sha256, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// Longest text of one line, characters: organ, title, number, names.
pub const LINE_CHARS: usize = 200;
/// Longest paragraph or cell, characters.
pub const WORDS_CHARS: usize = 4_000;
/// Most items of one part.
pub const ITEMS: usize = 500;
/// Most tables of one paper.
pub const TABLES: usize = 20;
/// Most columns of a table: more do not fit a sheet.
pub const COLUMNS: usize = 8;
/// Most rows of a table.
pub const ROWS: usize = 2_000;
/// Longest address of a check, bytes.
pub const ADDRESS_BYTES: usize = 300;
/// Hexadecimal letters of the digest that a paper shows, in groups of four.
const SHORT: usize = 16;

macro_rules! parts {
    ($($(#[$doc:meta])* $part:ident $code:literal $zh:literal $en:literal),+ $(,)?) => {
        /// A part of a paper. Its code is its name among the values of a template.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Part { $($(#[$doc])* $part,)+ }

        impl Part {
            /// All, in the order of a paper.
            pub const ALL: &'static [Self] = &[$(Self::$part),+];

            /// Stable word.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$part => $code,)+ }
            }

            /// What people call it.
            #[must_use]
            pub const fn name(self) -> Text {
                match self { $(Self::$part => Text::new($zh, $en),)+ }
            }
        }
    };
}

parts! {
    /// Whose paper it is.
    Organ "organ" "机关名称" "name of the organ",
    /// What it is called.
    Title "title" "标题" "title",
    /// Its day.
    Date "date" "日期" "date",
    /// Its number.
    Number "number" "文号" "number",
    /// To whom it goes.
    To "to" "收文人" "addressee",
    /// Text before anything else.
    Paragraphs "paragraphs" "正文" "text",
    /// Names and values: the party, the place, the time.
    Particulars "particulars" "基本情况" "particulars",
    /// What was found, or the reasons.
    Facts "facts" "事实或者理由" "facts or reasons",
    /// Tables: a checklist, a list of things, rows of a register.
    Tables "tables" "表格" "tables",
    /// Who said what.
    Talk "talk" "问答" "questions and answers",
    /// The clauses, with their words.
    Basis "basis" "法律依据" "legal basis",
    /// What is decided, ordered, asked or concluded.
    Decision "decision" "决定或者结论" "decision or result",
    /// What can be done against it, and by when.
    Remedies "remedies" "救济途径" "ways of review and suit",
    /// What those who decide wrote.
    Opinions "opinions" "审批意见" "opinions",
    /// Who signs.
    Signatures "signatures" "签名" "signatures",
    /// What is attached.
    Attachments "attachments" "附件" "attachments",
    /// The counterfoil.
    Stub "stub" "存根" "counterfoil",
    /// Who keeps which copy.
    Copies "copies" "份数说明" "note on copies",
    /// Where it is checked.
    Qr "qr" "核验码" "code of the check",
}

/// A clause as it is printed on a paper.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Basis {
    /// Instrument and article.
    pub article: String,
    /// Its words; may be empty.
    pub text: String,
}

/// A name and a value.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Particular {
    /// Name.
    pub name: String,
    /// Value; empty leaves room to write.
    pub value: String,
    /// What to write there, in small letters; may be empty.
    pub hint: String,
}

/// A table.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Table {
    /// Title; may be empty.
    pub title: String,
    /// Heads of the columns.
    pub heads: Vec<String>,
    /// Widths of the columns as shares; none: all the same.
    pub widths: Vec<u32>,
    /// Rows, each as long as `heads`.
    pub rows: Vec<Vec<String>>,
}

/// What somebody said.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Said {
    /// Who, e.g. `问`.
    pub who: String,
    /// The words.
    pub words: String,
}

/// What one of those who decide wrote; all but the role may be empty and is then written by hand.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Opinion {
    /// Whose opinion, e.g. `承办部门意见`.
    pub role: String,
    /// The words.
    pub words: String,
    /// Name.
    pub by: String,
    /// Day.
    pub day: String,
}

/// A line to sign on.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signature {
    /// As what: officer, party, witness.
    pub role: String,
    /// Name; may be empty.
    pub name: String,
    /// Number of the enforcement certificate; may be empty.
    pub number: String,
    /// E.g. why somebody did not sign; may be empty.
    pub note: String,
}

/// Where a paper is checked.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Check {
    /// Address that the code opens.
    pub url: String,
    /// Beginning of the digest of what the paper says: a file cannot hold its own.
    pub digest: String,
}

/// The parts of one paper. Most of them may name persons.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Envelope {
    /// Language of the words of its template.
    pub lang: Lang,
    /// See [`Part::Organ`].
    pub organ: String,
    /// See [`Part::Title`].
    pub title: String,
    /// See [`Part::Date`].
    pub date: Option<CivilDate>,
    /// See [`Part::Number`].
    pub number: String,
    /// See [`Part::To`].
    pub to: String,
    /// See [`Part::Paragraphs`].
    pub paragraphs: Vec<String>,
    /// See [`Part::Particulars`].
    pub particulars: Vec<Particular>,
    /// See [`Part::Facts`].
    pub facts: Vec<String>,
    /// See [`Part::Tables`].
    pub tables: Vec<Table>,
    /// See [`Part::Talk`].
    pub talk: Vec<Said>,
    /// See [`Part::Basis`].
    pub basis: Vec<Basis>,
    /// See [`Part::Decision`].
    pub decision: Vec<String>,
    /// See [`Part::Remedies`].
    pub remedies: Vec<String>,
    /// See [`Part::Opinions`].
    pub opinions: Vec<Opinion>,
    /// See [`Part::Signatures`].
    pub signatures: Vec<Signature>,
    /// See [`Part::Attachments`].
    pub attachments: Vec<String>,
    /// See [`Part::Stub`].
    pub stub: Vec<Particular>,
    /// See [`Part::Copies`].
    pub copies: String,
    /// See [`Part::Qr`].
    pub qr: Option<Check>,
    /// A filled sample, which says on itself that it is one.
    pub sample: bool,
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_map();
        for part in Part::ALL {
            shown.entry(&part.code(), &self.content(*part).items);
        }
        shown.finish()
    }
}

/// What is wrong with a part. Names the part, never what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartFault {
    /// The part.
    pub part: Part,
    /// What is wrong.
    pub what: Text,
    /// What to do.
    pub next: Text,
}

/// A part as it is looked at: how many items, the texts that must say something, and those that may be empty.
struct Content<'a> {
    items: usize,
    must: Vec<&'a str>,
    may: Vec<&'a str>,
    most_chars: usize,
    most_items: usize,
}

impl<'a> Content<'a> {
    fn of(items: usize, must: Vec<&'a str>, may: Vec<&'a str>) -> Self {
        Self { items, must, may, most_chars: WORDS_CHARS, most_items: ITEMS }
    }

    /// One line; an empty one is none.
    fn line(text: &'a str) -> Self {
        let must: Vec<_> = Some(text).filter(|text| !text.trim().is_empty()).into_iter().collect();
        Self { most_chars: LINE_CHARS, ..Self::of(must.len(), must, Vec::new()) }
    }

    fn list(texts: &'a [String]) -> Self {
        Self::of(texts.len(), texts.iter().map(String::as_str).collect(), Vec::new())
    }

    fn pairs(pairs: &'a [Particular]) -> Self {
        let may = pairs.iter().flat_map(|p| [p.value.as_str(), p.hint.as_str()]).collect();
        Self::of(pairs.len(), pairs.iter().map(|p| p.name.as_str()).collect(), may)
    }

    fn tables(tables: &'a [Table]) -> Self {
        let must = tables.iter().flat_map(|t| t.heads.iter().map(String::as_str)).collect();
        let cells = tables.iter().flat_map(|t| t.rows.iter().flatten().map(String::as_str));
        let may = tables.iter().map(|t| t.title.as_str()).chain(cells).collect();
        Self { most_items: TABLES, ..Self::of(tables.len(), must, may) }
    }

    fn opinions(opinions: &'a [Opinion]) -> Self {
        let may = opinions.iter().flat_map(|o| [o.words.as_str(), o.by.as_str(), o.day.as_str()]).collect();
        Self::of(opinions.len(), opinions.iter().map(|o| o.role.as_str()).collect(), may)
    }

    fn signatures(signatures: &'a [Signature]) -> Self {
        let may = signatures.iter().flat_map(|s| [s.name.as_str(), s.number.as_str(), s.note.as_str()]).collect();
        let must = signatures.iter().map(|s| s.role.as_str()).collect();
        Self { most_chars: LINE_CHARS, ..Self::of(signatures.len(), must, may) }
    }
}

impl Envelope {
    /// An empty one of a kind, with its name as the title.
    #[must_use]
    pub fn of(document: &Document, lang: Lang) -> Self {
        Self { lang, title: document.name().get(lang).to_owned(), ..Self::default() }
    }

    fn content(&self, part: Part) -> Content<'_> {
        match part {
            Part::Organ => Content::line(&self.organ),
            Part::Title => Content::line(&self.title),
            Part::Date => Content::of(usize::from(self.date.is_some()), Vec::new(), Vec::new()),
            Part::Number => Content::line(&self.number),
            Part::To => Content::line(&self.to),
            Part::Paragraphs => Content::list(&self.paragraphs),
            Part::Particulars => Content::pairs(&self.particulars),
            Part::Facts => Content::list(&self.facts),
            Part::Tables => Content::tables(&self.tables),
            Part::Talk => {
                let must = self.talk.iter().flat_map(|s| [s.who.as_str(), s.words.as_str()]).collect();
                Content::of(self.talk.len(), must, Vec::new())
            }
            Part::Basis => {
                let (must, may) = self.basis.iter().map(|b| (b.article.as_str(), b.text.as_str())).unzip();
                Content::of(self.basis.len(), must, may)
            }
            Part::Decision => Content::list(&self.decision),
            Part::Remedies => Content::list(&self.remedies),
            Part::Opinions => Content::opinions(&self.opinions),
            Part::Signatures => Content::signatures(&self.signatures),
            Part::Attachments => Content::list(&self.attachments),
            Part::Stub => Content::pairs(&self.stub),
            Part::Copies => Content::line(&self.copies),
            Part::Qr => {
                let must: Vec<_> = self.qr.iter().flat_map(|c| [c.url.as_str(), c.digest.as_str()]).collect();
                Content::of(usize::from(self.qr.is_some()), must, Vec::new())
            }
        }
    }

    /// Looks at every part, and tells all that is wrong at once.
    ///
    /// # Errors
    /// Parts that the kind needs and that are not there; parts with an empty text, too long a text or too many items; tables whose rows
    /// do not fit their heads; an address that is no address.
    pub fn check(&self, document: &Document) -> Result<(), Vec<PartFault>> {
        let mut faults = Vec::new();
        for part in Part::ALL.iter().copied() {
            let content = self.content(part);
            if content.items == 0 {
                if document.needs().any(|needed| needed == part) {
                    faults.push(missing(part, document));
                }
                continue;
            }
            if content.must.iter().any(|text| text.trim().is_empty()) {
                faults.push(empty(part));
            }
            if content.must.iter().chain(&content.may).any(|text| text.chars().count() > content.most_chars) {
                faults.push(too_long(part, content.most_chars));
            }
            if content.items > content.most_items {
                faults.push(too_many(part, content.most_items));
            }
        }
        if self.tables.iter().any(|table| !table.fits()) {
            faults.push(misshapen());
        }
        if self.qr.as_ref().is_some_and(|check| !check.is_address()) {
            faults.push(no_address());
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// SHA-256 of what a paper of this kind says with these parts: every part but the check, and the language of its template. Two
    /// papers of one digest say the same.
    #[must_use]
    pub fn digest(&self, document: &Document) -> Sha256 {
        let plain = Self { qr: None, ..self.clone() };
        let mut out = Vec::new();
        spell(&json!([document.code, self.lang.tag(), plain.values()]), &mut out);
        Sha256::of(&out)
    }

    /// With the address where this paper is checked, and the beginning of its digest. Comes last: what is set afterwards is not in it.
    #[must_use]
    pub fn verified_at(mut self, document: &Document, url: String) -> Self {
        let digest = short(&self.digest(document));
        self.qr = Some(Check { url, digest });
        self
    }

    /// The short code that is printed beside the address of the check; empty where there is none.
    #[must_use]
    pub fn check_code(&self) -> &str {
        self.qr.as_ref().map_or("", |check| check.digest.as_str())
    }

    /// What the template sets. The modules of the code are put in beside its address by whoever draws it.
    #[must_use]
    pub fn values(&self) -> Value {
        let date = self.date.map(|day| day_in(day, self.lang)).unwrap_or_default();
        json!({
            "organ": self.organ, "title": self.title, "date": date, "number": self.number, "to": self.to,
            "paragraphs": self.paragraphs, "particulars": self.particulars, "facts": self.facts, "tables": self.tables,
            "talk": self.talk, "basis": self.basis, "decision": self.decision, "remedies": self.remedies,
            "opinions": self.opinions, "signatures": self.signatures, "attachments": self.attachments, "stub": self.stub,
            "copies": self.copies, "qr": self.qr, "sample": self.sample,
        })
    }
}

impl Table {
    /// It has heads that fit a sheet, rows as long as they, and a width for each or for none.
    fn fits(&self) -> bool {
        let columns = self.heads.len();
        (1..=COLUMNS).contains(&columns)
            && self.rows.len() <= ROWS
            && self.rows.iter().all(|row| row.len() == columns)
            && (self.widths.is_empty() || self.widths.len() == columns)
            && self.widths.iter().all(|width| (1..=100).contains(width))
    }
}

impl Check {
    fn is_address(&self) -> bool {
        let begins = ["https://", "http://"].iter().any(|scheme| self.url.starts_with(scheme));
        let plain = |c: char| !c.is_control() && !c.is_whitespace();
        begins && self.url.len() <= ADDRESS_BYTES && self.url.chars().all(plain)
    }
}

/// `2026年11月22日`, or as it is written in English.
fn day_in(day: CivilDate, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{}年{}月{}日", day.0.year(), day.0.month(), day.0.day()),
        Lang::En => day.to_string(),
    }
}

/// Beginning of a digest as a person compares it: four groups of four.
fn short(digest: &Sha256) -> String {
    let hex = digest.hex();
    (0..SHORT).step_by(4).filter_map(|at| hex.get(at..at + 4)).collect::<Vec<_>>().join(" ")
}

/// One spelling of values: each with its kind and its length, names sorted.
fn spell(value: &Value, out: &mut Vec<u8>) {
    let mut put = |kind: u8, text: &str| {
        out.push(kind);
        out.extend((text.len() as u64).to_be_bytes());
        out.extend_from_slice(text.as_bytes());
    };
    match value {
        Value::String(text) => put(b's', text),
        Value::Array(items) => {
            put(b'a', &items.len().to_string());
            for item in items {
                spell(item, out);
            }
        }
        Value::Object(fields) => {
            put(b'o', &fields.len().to_string());
            for (name, field) in fields.iter().collect::<BTreeMap<_, _>>() {
                out.extend((name.len() as u64).to_be_bytes());
                out.extend_from_slice(name.as_bytes());
                spell(field, out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => put(b'v', &value.to_string()),
    }
}

fn missing(part: Part, document: &Document) -> PartFault {
    let name = part.name();
    PartFault {
        part,
        what: Text::of(
            format!("《{}》缺少{}。", document.zh, name.zh),
            format!("The paper \"{}\" has no {}.", document.en, name.en),
        ),
        next: Text::new("请补上后再制作。", "Add it, then make the paper."),
    }
}

fn empty(part: Part) -> PartFault {
    let name = part.name();
    PartFault {
        part,
        what: Text::of(
            format!("{}中有一处没有内容。", name.zh),
            format!("A place of the part \"{}\" is empty.", name.en),
        ),
        next: Text::new("请填写，或者删去这一处。", "Fill it in or take it out."),
    }
}

fn too_long(part: Part, most: usize) -> PartFault {
    let name = part.name();
    PartFault {
        part,
        what: Text::of(
            format!("{}中有一处超过{most}个字。", name.zh),
            format!("A text of the part \"{}\" has more than {most} characters.", name.en),
        ),
        next: Text::new("请缩短，或者分成几段。", "Shorten it or split it."),
    }
}

fn too_many(part: Part, most: usize) -> PartFault {
    let name = part.name();
    PartFault {
        part,
        what: Text::of(
            format!("{}超过{most}项。", name.zh),
            format!("The part \"{}\" has more than {most} items.", name.en),
        ),
        next: Text::new("请分成几份文书。", "Make several papers of it."),
    }
}

fn misshapen() -> PartFault {
    PartFault {
        part: Part::Tables,
        what: Text::of(
            format!("有一个表格的行与表头不符，或者超过{COLUMNS}列、{ROWS}行。"),
            format!("A table has rows that do not fit its heads, or more than {COLUMNS} columns or {ROWS} rows."),
        ),
        next: Text::new("请按表头补齐各行，或者分成几个表格。", "Complete the rows by the heads, or split the table."),
    }
}

fn no_address() -> PartFault {
    PartFault {
        part: Part::Qr,
        what: Text::of(
            format!("核验网址不是以 http 或者 https 开头、至多{ADDRESS_BYTES}字节、没有空格的网址。"),
            format!(
                "The address of the check is no http or https address of at most {ADDRESS_BYTES} bytes without spaces."
            ),
        ),
        next: Text::new("请管理员更正本系统的对外网址。", "Have the public address of this system corrected."),
    }
}
