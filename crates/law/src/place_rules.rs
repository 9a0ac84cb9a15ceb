//! Reads `places.toml` of a pack: what the text says about kinds of place and part, one statement and one clause a row.
//!
//! file -> [`PlaceFile`] (every word known, every row with one target) -> [`Packs::check_places`] (clauses exist and are the pack's own,
//! fragments stand in the text letter for letter, no two rows of a pack contradict each other on a day, prohibitions and signs are
//! exactly those of the overlays) -> [`Packs::place_rules`]: what holds of a kind of place in a province on a day.
//!
//! Invariants: prohibitions of all packs hold side by side (overlay `prohibited_places`, union): a rule of one pack never takes one of
//! another away; what is lost stays marked as lost ([`PlaceRule::fragment`]). Policies decide; a test holds that they and these rows
//! say the same. The file holds its own cases: kinds of place, a day, and what this pack then says of each.

use crate::error::line_of;
use crate::load::{Files, get};
use crate::{CaseFailure, Installer, Jurisdiction, OverlayRule, Pack, PackError, Packs, PlaceKind};
use base::{Citation, CivilDate, Reading, Text};
use serde::Deserialize;
use toml::Spanned;

/// Most rows and most categories of one file.
const MOST_ROWS: usize = 500;

macro_rules! says {
    ($($(#[$doc:meta])* $kind:ident $key:literal $zh:literal $en:literal),+ $(,)?) => {
        /// What a row says of its places.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Deserialize)]
        pub enum PlaceSays { $($(#[$doc])* #[serde(rename = $key)] $kind,)+ }

        impl PlaceSays {
            /// All, in the order shown.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// Word in packs.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$kind => $key,)+ }
            }

            /// Words for people.
            #[must_use]
            pub const fn name(self) -> Text {
                match self { $(Self::$kind => Text::new($zh, $en),)+ }
            }
        }
    };
}

says! {
    /// 应当安装.
    MustInstall "must_install" "应当安装" "must have a system",
    /// 禁止安装.
    MayNot "may_not" "禁止安装、使用" "forbidden",
    /// 应当设置标识.
    SignNeeded "sign_needed" "应当设置标识" "needs a sign",
    /// 重点单位.
    KeyUnit "key_unit" "属于重点单位" "makes a key unit",
    /// 社会公共区域.
    PublicArea "public_area" "社会公共区域" "social public area",
    /// 由谁建设.
    Builds "builds" "由其建设" "built by",
    /// 只能由谁安装.
    OnlyBy "only_by" "只能由其安装" "installed only by",
    /// 须经批准.
    NeedsApproval "needs_approval" "须经公安机关批准" "needs the approval of the police",
    /// 除外 of a lost item.
    Exception "exception" "除外（残句）" "an exception (fragment)",
}

impl PlaceSays {
    /// The overlay that brings the packs together on this matter; always a union.
    #[must_use]
    pub const fn overlay(self) -> Option<&'static str> {
        match self {
            Self::MayNot => Some("prohibited_places"),
            Self::SignNeeded => Some("signs"),
            _ => None,
        }
    }

    const fn names_who(self) -> bool {
        matches!(self, Self::Builds | Self::OnlyBy)
    }
}

/// Kinds of place told by their quality instead of one by one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceReach {
    /// All kinds.
    EveryPlace,
    /// Where the public comes ([`PlaceKind::covers_public_place`]).
    PublicPlace,
    /// 社会公共区域 ([`PlaceKind::is_social_public_area`]).
    PublicArea,
}

impl PlaceReach {
    /// Whether it reaches a kind.
    #[must_use]
    pub const fn reaches(self, place: PlaceKind) -> bool {
        match self {
            Self::EveryPlace => true,
            Self::PublicPlace => place.covers_public_place(),
            Self::PublicArea => place.is_social_public_area(),
        }
    }
}

/// Which sites a row is about, where Order 799 parts them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceSite {
    /// A place of its art. 7.
    Listed,
    /// A place of its art. 9.
    SecurityDuty,
}

/// A category of unit, place or part that a text names and that is no kind of place a camera covers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceCategory {
    /// Word in the file.
    pub id: String,
    /// The clause that names it.
    pub clause: String,
    /// Name for people.
    pub name: Text,
    /// The surviving words of a lost item, as they stand in the text.
    pub fragment: Option<String>,
    /// What it is about is lost: nothing may be put into it.
    pub unknown: bool,
    /// Kinds of place that lie in it.
    pub places: Vec<PlaceKind>,
    line: usize,
}

/// One row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceRow {
    /// What it says.
    pub says: PlaceSays,
    /// The clause that says so.
    pub clause: String,
    /// How the clause is read here.
    pub reading: Reading,
    /// Kinds of place named one by one.
    pub places: Vec<PlaceKind>,
    /// Categories of the same file.
    pub categories: Vec<String>,
    /// Kinds of place by quality.
    pub reach: Option<PlaceReach>,
    /// Who builds, or who alone may install.
    pub who: Vec<Installer>,
    /// Sites it is about; `None`: all.
    pub site: Option<PlaceSite>,
    /// First day, where later than the clause's.
    pub from: Option<CivilDate>,
    /// First day no longer, where earlier than the clause's.
    pub until: Option<CivilDate>,
    /// A remark.
    pub note: Text,
    line: usize,
}

/// `places.toml` of one pack.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlaceFile {
    /// Categories, in the order of the file.
    pub categories: Vec<PlaceCategory>,
    /// Rows, in the order of the file.
    pub rows: Vec<PlaceRow>,
    pub(crate) cases: Vec<PlaceCase>,
}

/// A case: places and a day, and what this pack then says of each of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PlaceCase {
    name: String,
    on: CivilDate,
    places: Vec<PlaceKind>,
    categories: Vec<String>,
    /// In the order of the file: `must_install B-13-1 evident`, `only_by 799-7 listed government managing_unit`.
    says: Vec<String>,
}

/// What is asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlaceSubject<'a> {
    /// A kind of place.
    Kind(PlaceKind),
    /// A category, by its word.
    Category(&'a str),
}

impl From<PlaceKind> for PlaceSubject<'_> {
    fn from(kind: PlaceKind) -> Self {
        Self::Kind(kind)
    }
}

/// What one pack says of a place on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceRule {
    /// What it says.
    pub says: PlaceSays,
    /// Who builds, or who alone may install; empty for the rest.
    pub who: Vec<Installer>,
    /// Sites it is about; `None`: all.
    pub site: Option<PlaceSite>,
    /// The surviving words it rests on, where the item itself is lost.
    pub fragment: Option<String>,
    /// What the fragment is about is lost too.
    pub unknown: bool,
    /// A remark; empty: none.
    pub note: Text,
    /// The clause, with the reading applied.
    pub citation: Citation,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default, rename = "category")]
    categories: Vec<RawCategory>,
    #[serde(default, rename = "rule")]
    rules: Vec<RawRow>,
    #[serde(default, rename = "case")]
    cases: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    name: String,
    on: CivilDate,
    #[serde(default)]
    places: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    says: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCategory {
    id: Spanned<String>,
    clause: String,
    name_zh: String,
    name_en: String,
    fragment: Option<String>,
    #[serde(default)]
    unknown: bool,
    #[serde(default)]
    places: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    says: Spanned<PlaceSays>,
    clause: String,
    #[serde(default)]
    reading: Reading,
    #[serde(default)]
    places: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    reach: Option<PlaceReach>,
    #[serde(default)]
    who: Vec<Installer>,
    site: Option<PlaceSite>,
    from: Option<CivilDate>,
    until: Option<CivilDate>,
    #[serde(default)]
    note_zh: String,
    #[serde(default)]
    note_en: String,
}

fn kinds(words: &[String]) -> Result<Vec<PlaceKind>, String> {
    let mut out = Vec::new();
    for word in words {
        let kind = PlaceKind::parse(word).ok_or_else(|| {
            let known: Vec<_> = PlaceKind::ALL.iter().map(|k| k.key()).collect();
            format!("unknown kind of place `{word}`; known are {}", known.join(", "))
        })?;
        if out.contains(&kind) {
            return Err(format!("kind of place `{word}` stands twice in one row"));
        }
        out.push(kind);
    }
    Ok(out)
}

impl PlaceFile {
    /// The file of this path; without it, nothing is said.
    pub(crate) fn read(files: &Files, path: &str) -> Result<Self, PackError> {
        let Some(text) = files.get(path) else { return Ok(Self::default()) };
        let raw: RawFile = toml::from_str(text).map_err(|e| PackError::toml(path, text, &e))?;
        if raw.rules.len() > MOST_ROWS || raw.categories.len() > MOST_ROWS || raw.cases.len() > MOST_ROWS {
            return Err(PackError::file(path, format!("more than {MOST_ROWS} rows, categories or cases")));
        }
        let mut file = Self::default();
        for c in raw.categories {
            let line = line_of(text, c.id.span().start);
            let fail = |what: String| at(path, line, &c.clause, what);
            let places = kinds(&c.places).map_err(fail)?;
            if c.unknown && (c.fragment.is_none() || !places.is_empty()) {
                return Err(fail("`unknown` is for a fragment without kinds of place".to_owned()));
            }
            let id = c.id.into_inner();
            if file.categories.iter().any(|known| known.id == id) {
                return Err(fail(format!("category `{id}` stands twice")));
            }
            let name = Text::of(c.name_zh, c.name_en);
            let (clause, fragment, unknown) = (c.clause, c.fragment, c.unknown);
            file.categories.push(PlaceCategory { id, clause, name, fragment, unknown, places, line });
        }
        for r in raw.rules {
            let line = line_of(text, r.says.span().start);
            let clause = r.clause.clone();
            let row = file.row(r, line).map_err(|what| at(path, line, &clause, what))?;
            file.rows.push(row);
        }
        for c in raw.cases {
            let case = file.case(c).map_err(|(name, what)| PackError::clause(path, text, &name, what))?;
            file.cases.push(case);
        }
        Ok(file)
    }

    fn case(&self, c: RawCase) -> Result<PlaceCase, (String, String)> {
        let RawCase { name, on, places, categories, says } = c;
        if self.cases.iter().any(|known| known.name == name) {
            return Err((name, "two cases have this name".to_owned()));
        }
        if places.is_empty() && categories.is_empty() {
            return Err((name, "a case names `places` or `categories`".to_owned()));
        }
        if let Some(word) = categories.iter().find(|word| self.category(word).is_none()) {
            return Err((name, format!("unknown category `{word}`")));
        }
        match kinds(&places) {
            Ok(places) => Ok(PlaceCase { name, on, places, categories, says }),
            Err(what) => Err((name, what)),
        }
    }

    fn row(&self, r: RawRow, line: usize) -> Result<PlaceRow, String> {
        let says = r.says.into_inner();
        let targets = [!r.places.is_empty(), !r.categories.is_empty(), r.reach.is_some()];
        if targets.iter().filter(|t| **t).count() != 1 {
            return Err("a row is about either `places`, `categories` or `reach`".to_owned());
        }
        if let Some(word) = r.categories.iter().find(|word| self.category(word).is_none()) {
            return Err(format!("unknown category `{word}`; a category stands above its rows"));
        }
        if says.names_who() == r.who.is_empty() {
            return Err("`who` stands with `builds` and `only_by`, and only there".to_owned());
        }
        if r.reading == Reading::FlaggedDefault {
            return Err("a place is never borrowed from another text: `reading` is literal or evident".to_owned());
        }
        if r.note_zh.is_empty() != r.note_en.is_empty() {
            return Err("a remark is in both languages: `note_zh` and `note_en`".to_owned());
        }
        if let (Some(from), Some(until)) = (r.from, r.until)
            && until <= from
        {
            return Err("`until` is not after `from`".to_owned());
        }
        let places = kinds(&r.places)?;
        let note = Text::of(r.note_zh, r.note_en);
        let (clause, reading, categories, reach) = (r.clause, r.reading, r.categories, r.reach);
        let (who, site, from, until) = (r.who, r.site, r.from, r.until);
        Ok(PlaceRow { says, clause, reading, places, categories, reach, who, site, from, until, note, line })
    }

    /// Names of the cases in which a clause says something of a place.
    pub(crate) fn holding(&self, clause: &str) -> Vec<String> {
        let says = |c: &&PlaceCase| c.says.iter().any(|word| word.split(' ').nth(1) == Some(clause));
        self.cases.iter().filter(says).map(|c| c.name.clone()).collect()
    }

    /// The category of this word.
    #[must_use]
    pub fn category(&self, id: &str) -> Option<&PlaceCategory> {
        self.categories.iter().find(|c| c.id == id)
    }

    /// Whether a row carries this clause out.
    #[must_use]
    pub fn names(&self, clause: &str) -> bool {
        self.rows.iter().any(|r| r.clause == clause)
    }

    fn reaches(&self, row: &PlaceRow, subject: PlaceSubject<'_>) -> bool {
        match subject {
            PlaceSubject::Kind(kind) => {
                let in_category = |id: &String| self.category(id).is_some_and(|c| c.places.contains(&kind));
                row.places.contains(&kind)
                    || row.reach.is_some_and(|r| r.reaches(kind))
                    || row.categories.iter().any(in_category)
            }
            PlaceSubject::Category(id) => row.categories.iter().any(|c| c == id),
        }
    }

    /// The first subject that two rows share, in words.
    fn shared(&self, a: &PlaceRow, b: &PlaceRow) -> Option<String> {
        let kinds = PlaceKind::ALL.iter().map(|k| PlaceSubject::Kind(*k));
        let categories = self.categories.iter().map(|c| PlaceSubject::Category(&c.id));
        let both = kinds.chain(categories).find(|s| self.reaches(a, *s) && self.reaches(b, *s))?;
        Some(match both {
            PlaceSubject::Kind(kind) => kind.key().to_owned(),
            PlaceSubject::Category(id) => id.to_owned(),
        })
    }

    /// Why two rows cannot stand side by side on one day.
    fn against(&self, a: &PlaceRow, b: &PlaceRow) -> Option<String> {
        let days = a.until.is_none_or(|until| b.from.is_none_or(|from| from < until))
            && b.until.is_none_or(|until| a.from.is_none_or(|from| from < until));
        let sites = a.site.is_none() || b.site.is_none() || a.site == b.site;
        if !days || !sites {
            return None;
        }
        let pair = [a.says, b.says];
        let why = if pair.contains(&PlaceSays::MustInstall) && pair.contains(&PlaceSays::MayNot) {
            "one row says that it must have a system, another that it may not"
        } else if a.says != b.says {
            return None;
        } else if a.says.names_who() && a.who != b.who {
            "two rows name different hands"
        } else if a.clause == b.clause {
            "two rows say the same by one clause"
        } else {
            return None;
        };
        let place = self.shared(a, b)?;
        Some(format!("{why}: `{place}`, for one day (lines {} and {})", a.line, b.line))
    }
}

fn at(file: &str, line: usize, clause: &str, what: String) -> PackError {
    PackError { file: file.to_owned(), line: Some(line), clause: Some(clause.to_owned()), what }
}

impl Packs {
    /// What is said of a kind of place, or of a category, in a province on a day: provincial packs first, each in the order of its file.
    #[must_use]
    pub fn place_rules<'a>(
        &self,
        jurisdiction: Jurisdiction,
        subject: impl Into<PlaceSubject<'a>>,
        on: CivilDate,
    ) -> Vec<PlaceRule> {
        let subject = subject.into();
        let mut out = Vec::new();
        for pack in self.packs.iter().filter(|p| p.reaches(jurisdiction)) {
            for row in pack.places.rows.iter().filter(|r| pack.places.reaches(r, subject)) {
                out.extend(rule(pack, row, subject, on));
            }
        }
        out
    }

    /// What forbids a kind of place: the prohibitions of all packs together, as overlay `prohibited_places` says (union).
    #[must_use]
    pub fn prohibitions<'a>(
        &self,
        jurisdiction: Jurisdiction,
        subject: impl Into<PlaceSubject<'a>>,
        on: CivilDate,
    ) -> Vec<PlaceRule> {
        let mut rules = self.place_rules(jurisdiction, subject, on);
        rules.retain(|r| r.says == PlaceSays::MayNot);
        rules
    }

    /// Categories that the packs of a province name on a day.
    #[must_use]
    pub fn place_categories(&self, jurisdiction: Jurisdiction, on: CivilDate) -> Vec<&PlaceCategory> {
        let packs = self.packs.iter().filter(|p| p.reaches(jurisdiction));
        let holds = |pack: &Pack, c: &PlaceCategory| {
            pack.clauses.iter().any(|clause| clause.id == c.clause && pack.in_force(clause, on))
        };
        packs.flat_map(|p| p.places.categories.iter().filter(move |c| holds(p, c))).collect()
    }

    /// Runs the cases that stand beside the rows.
    pub(crate) fn run_place_cases(&self) -> Vec<CaseFailure> {
        let mut failures = Vec::new();
        for pack in &self.packs {
            for case in &pack.places.cases {
                let kinds = case.places.iter().map(|k| PlaceSubject::Kind(*k));
                for subject in kinds.chain(case.categories.iter().map(|c| PlaceSubject::Category(c))) {
                    let rows = pack.places.rows.iter().filter(|r| pack.places.reaches(r, subject));
                    let found: Vec<String> = rows.filter_map(|r| rule(pack, r, subject, case.on)).map(word).collect();
                    if found != case.says {
                        let what = format!("{subject:?}: expected {:?}, found {found:?}", case.says);
                        let file = format!("{}/places.toml", pack.folder);
                        failures.push(CaseFailure { file, case: case.name.clone(), what });
                    }
                }
            }
        }
        failures
    }

    /// Checks what rows say against clauses, texts, overlays and each other.
    pub(crate) fn check_places(&self, files: &Files) -> Result<(), PackError> {
        for pack in &self.packs {
            let path = format!("{}/places.toml", pack.folder);
            for c in &pack.places.categories {
                check_category(pack, c).map_err(|what| at(&path, c.line, &c.clause, what))?;
            }
            for (n, row) in pack.places.rows.iter().enumerate() {
                let fail = |what: String| at(&path, row.line, &row.clause, what);
                self.check_row(pack, row).map_err(fail)?;
                let earlier = pack.places.rows.iter().take(n);
                if let Some(what) = earlier.into_iter().find_map(|e| pack.places.against(e, row)) {
                    return Err(fail(what));
                }
            }
        }
        self.check_place_overlays(files)
    }

    fn check_row(&self, pack: &Pack, row: &PlaceRow) -> Result<(), String> {
        let clause = own(pack, &row.clause)?;
        let fragments = row.categories.iter().filter_map(|id| pack.places.category(id)).any(|c| c.fragment.is_some());
        if clause.gap && !fragments {
            return Err("its text is lost: a row may only rest on a category that is marked as a fragment".to_owned());
        }
        let Some(id) = row.says.overlay() else { return Ok(()) };
        match self.overlay(id) {
            Some(o) if o.rule != OverlayRule::Union => Err(format!("overlay `{id}` is not a union")),
            Some(o) if o.clauses.contains(&row.clause) => Ok(()),
            _ => Err(format!(
                "`{}` is not in overlay `{id}`, so it would not be brought together with the others",
                row.clause
            )),
        }
    }

    /// What the overlays on places list, the packs that have rows say too.
    fn check_place_overlays(&self, files: &Files) -> Result<(), PackError> {
        for says in PlaceSays::ALL {
            let Some(overlay) = says.overlay().and_then(|id| self.overlay(id)) else { continue };
            for clause in &overlay.clauses {
                let pack = self.index.get(clause).and_then(|(p, _)| self.packs.get(*p));
                let said = |p: &Pack| p.places.rows.iter().any(|r| r.says == *says && r.clause == *clause);
                if pack.is_some_and(|p| !p.places.rows.is_empty() && !said(p)) {
                    let what = format!("`{clause}` has no row `{}` in the places.toml of its pack", says.key());
                    return Err(PackError::clause("overlays.toml", get(files, "overlays.toml")?, &overlay.id, what));
                }
            }
        }
        Ok(())
    }
}

/// What a rule says, as cases write it.
fn word(rule: PlaceRule) -> String {
    let mut out = format!("{} {}", rule.says.key(), rule.citation.clause);
    if rule.citation.reading == Reading::Evident {
        out.push_str(" evident");
    }
    match rule.site {
        Some(PlaceSite::Listed) => out.push_str(" listed"),
        Some(PlaceSite::SecurityDuty) => out.push_str(" security_duty"),
        None => {}
    }
    for who in rule.who {
        out.push_str(match who {
            Installer::Government => " government",
            Installer::ManagingUnit => " managing_unit",
            Installer::SecurityDutyHolder => " security_duty_holder",
            Installer::Other => " other",
        });
    }
    out
}

fn own<'a>(pack: &'a Pack, id: &str) -> Result<&'a crate::Clause, String> {
    pack.clauses
        .iter()
        .find(|c| c.id == id)
        .ok_or_else(|| format!("clause `{id}` is not in the clauses.toml of this pack"))
}

fn check_category(pack: &Pack, c: &PlaceCategory) -> Result<(), String> {
    let clause = own(pack, &c.clause)?;
    let Some(words) = &c.fragment else {
        return if clause.gap {
            Err("its clause is lost text: name the surviving words as `fragment`".to_owned())
        } else {
            Ok(())
        };
    };
    if !clause.gap {
        return Err("a fragment belongs to a clause whose text is lost (`gap = true`)".to_owned());
    }
    let body = pack.articles.get(&clause.article).map(|a| a.body.as_str()).unwrap_or_default();
    if words.is_empty() || !body.contains(words.as_str()) {
        return Err(format!("the words `{words}` do not stand in article {} as given", clause.article));
    }
    Ok(())
}

fn rule(pack: &Pack, row: &PlaceRow, subject: PlaceSubject<'_>, on: CivilDate) -> Option<PlaceRule> {
    let clause = pack.clauses.iter().find(|c| c.id == row.clause)?;
    let holds = row.from.is_none_or(|from| from <= on) && row.until.is_none_or(|until| on < until);
    if !holds || !pack.in_force(clause, on) {
        return None;
    }
    let asked = |c: &&PlaceCategory| match subject {
        PlaceSubject::Kind(kind) => c.places.contains(&kind),
        PlaceSubject::Category(id) => c.id == id,
    };
    let named = row.categories.iter().filter_map(|id| pack.places.category(id)).find(asked);
    // A slip of the clause itself stays flagged whatever the row says.
    let reading = if row.reading == Reading::Literal { clause.reading } else { row.reading };
    Some(PlaceRule {
        says: row.says,
        who: row.who.clone(),
        site: row.site,
        fragment: named.and_then(|c| c.fragment.clone()),
        unknown: named.is_some_and(|c| c.unknown),
        note: row.note.clone(),
        citation: pack.cite(clause, reading),
    })
}
