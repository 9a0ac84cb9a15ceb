//! Reads a map of path and text into [`Packs`] and checks it: known words, no dangling clause, text as reviewed, a number where
//! one is needed, no two values for a day, overlays that hold, every policy citing a clause and every code having its sentence.

use crate::carrier::Carriers;
use crate::cases::CaseFile;
use crate::pack::{AfterTermRule, Clause, Overlay, OverlayRule, Pack, PackHead, Packs, RefusalText};
use crate::place_rules::PlaceFile;
use crate::policy::{self, PolicyRule};
use crate::procedure::TimeRules;
use crate::sanction_cases::SanctionCaseFile;
use crate::status::{self, LeftOut};
use crate::{
    LawDigest, PackError, checklist, division, exchange_names, jurisdictions, not_offered, on_register, own_rule,
    readings, register_form, row_filter, row_state, sanction, text,
};
use base::Sha256;
use cedar_policy::Schema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};

/// Path below `law/` to text.
pub(crate) type Files = BTreeMap<String, String>;

/// Most files and bytes read as packs; beyond, loading is refused.
const MOST_FILES: usize = 1_000;
const MOST_FILE_BYTES: usize = 4 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClauseFile {
    #[serde(default, rename = "clause")]
    clauses: Vec<Clause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverlayFile {
    #[serde(default, rename = "overlay")]
    overlays: Vec<Overlay>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusalFile {
    #[serde(default, rename = "refusal")]
    refusals: Vec<RefusalText>,
}

impl Packs {
    /// Loads packs from a map of path below `law/` (with `/`) to text.
    ///
    /// # Errors
    /// Names file, line and clause of the first defect.
    pub fn from_files(files: &Files) -> Result<Self, PackError> {
        if files.len() > MOST_FILES {
            return Err(PackError::file("law", format!("more than {MOST_FILES} files")));
        }
        if let Some((file, _)) = files.iter().find(|(_, text)| text.len() > MOST_FILE_BYTES) {
            return Err(PackError::file(file, format!("larger than {MOST_FILE_BYTES} bytes")));
        }
        jurisdictions::check_table(files)?;
        let schema = schema(files)?;
        let mut packs = Vec::new();
        for folder in files.keys().filter_map(|path| path.strip_suffix("/pack.toml")) {
            packs.push(pack(files, folder, &schema)?);
        }
        // Provincial before national, so that answers cite the ordinance first.
        packs.sort_by_key(|p| (p.head.jurisdictions.is_empty(), p.head.level, p.folder.clone()));
        let index = index(files, &packs)?;
        let overlays: OverlayFile = toml_file(files, "overlays.toml")?;
        let refusals: RefusalFile = toml_file(files, "refusals.toml")?;
        let mut by_code = BTreeMap::new();
        for refusal in refusals.refusals {
            let code = refusal.code.clone();
            if by_code.insert(code.clone(), refusal).is_some() {
                return Err(PackError::again(
                    "refusals.toml",
                    get(files, "refusals.toml")?,
                    &code,
                    "code stands twice",
                ));
            }
        }
        let time = TimeRules::read(files)?;
        let carriers = Carriers::read(files)?;
        let sanction_overlays = sanction::read_overlays(files)?;
        let (own_rules, own_spans) = own_rule::read(files)?;
        let packs = Self {
            packs,
            overlays: overlays.overlays,
            refusals: by_code,
            carriers,
            sanction_overlays,
            schema,
            index,
            time,
            digest: LawDigest::of(files),
            own_rules,
            own_spans,
            checklists: checklist::Checklists::read(files)?,
            register_forms: register_form::read(files)?,
            divisions: division::read(files)?,
            not_offered: not_offered::read(files)?,
            exchange: exchange_names::read(files)?,
        };
        packs.check(files)?;
        packs.check_time(files)?;
        sanction::check(&packs, files)?;
        own_rule::check(&packs, files)?;
        checklist::check(&packs, files)?;
        register_form::check(&packs, files)?;
        register_form::check_panels(&packs, files)?;
        on_register::check(&packs, files)?;
        row_filter::check(&packs, files)?;
        row_state::check(&packs, files)?;
        not_offered::check(&packs, files)?;
        exchange_names::check(&packs, files)?;
        Ok(packs)
    }

    fn check(&self, files: &Files) -> Result<(), PackError> {
        for pack in &self.packs {
            let file = format!("{}/clauses.toml", pack.folder);
            let text = get(files, &file)?;
            for clause in &pack.clauses {
                let fail = |what: String| PackError::clause(&file, text, &clause.id, what);
                self.check_clause(pack, clause).map_err(fail)?;
            }
            match status::left_out(pack) {
                Some(LeftOut::Beside(id, what)) => return Err(PackError::clause(&file, text, &id, what)),
                Some(LeftOut::Article(number)) => {
                    let path = format!("{}/text.md", pack.folder);
                    let mark = format!("(art. {number})");
                    let line = get(files, &path)?.lines().position(|l| l.starts_with("## ") && l.ends_with(&mark));
                    let what = format!("art. {number} has no clause in clauses.toml");
                    return Err(PackError::at(&path, line.map_or(1, |n| n + 1), what));
                }
                None => {}
            }
            let file = format!("{}/policies.cedar", pack.folder);
            let text = or_empty(files, &file);
            for rule in &pack.policies {
                let fail = |what: String| PackError::clause(&file, text, &rule.clause, what);
                self.check_policy(pack, rule).map_err(fail)?;
            }
            let file = format!("{}/readings.toml", pack.folder);
            for entry in &pack.readings {
                let fail = |what: String| PackError::clause(&file, files.get(&file).map_or("", |t| t), &entry.id, what);
                readings::defect(pack, entry).map_err(fail)?;
            }
        }
        self.check_obligations(files)?;
        self.check_places(files)?;
        let text = get(files, "overlays.toml")?;
        self.overlays.iter().try_for_each(|overlay| {
            self.check_overlay(overlay).map_err(|what| PackError::clause("overlays.toml", text, &overlay.id, what))
        })
    }

    fn check_clause(&self, pack: &Pack, clause: &Clause) -> Result<(), String> {
        if !clause.id.starts_with(&format!("{}-{}", pack.head.id, clause.article)) {
            return Err(format!("the id should begin with `{}-{}`", pack.head.id, clause.article));
        }
        if !pack.articles.contains_key(&clause.article) {
            return Err(format!("article {} is not in text.md", clause.article));
        }
        if clause.slip_zh.is_empty() != clause.slip_en.is_empty() {
            return Err("`slip_zh` and `slip_en` stand together or not at all".to_owned());
        }
        for penalty in &clause.penalty {
            if !self.index.contains_key(&penalty.clause) {
                return Err(format!("penalty clause `{}` does not exist", penalty.clause));
            }
        }
        for (n, value) in clause.values.iter().enumerate() {
            if value.until.is_some_and(|until| until <= value.from) {
                return Err(format!("value `{}` ends before it begins", value.name));
            }
            let later = clause.values.iter().skip(n + 1).filter(|v| v.name == value.name);
            if later.into_iter().any(|v| {
                value.until.is_none_or(|until| v.from < until) && v.until.is_none_or(|until| value.from < until)
            }) {
                return Err(format!("two values `{}` hold on one day", value.name));
            }
        }
        let days = clause.values.iter().any(|v| v.name == "retention_days" && v.amount > 0);
        if clause.retention.is_some() && !days && clause.after_term.is_none() {
            return Err("a retention clause needs a value `retention_days`, with its first day".to_owned());
        }
        if clause.after_term.is_some() && clause.retention.is_none() {
            return Err("`after_term` needs `retention` (whose footage it reaches)".to_owned());
        }
        for duty in &clause.duties {
            let dated = clause.values.iter().any(|v| v.name == duty.due);
            if !dated && duty.due != "at_once" && duty.due != "before_use" {
                return Err(format!("duty `{}`: due `{}` is no dated value of this clause", duty.code, duty.due));
            }
        }
        status::check(pack, clause, |id| self.index.contains_key(id))?;
        clause.carried_out_by.iter().try_for_each(|carrier| {
            let rules = self.packs.iter().flat_map(|p| &p.policies);
            self.carriers.check(carrier, clause, &pack.folder, rules)
        })
    }

    fn check_policy(&self, pack: &Pack, rule: &PolicyRule) -> Result<(), String> {
        match self.index.get(&rule.clause).and_then(|(p, c)| self.packs.get(*p)?.clauses.get(*c)) {
            None => return Err(format!("clause `{}` does not exist", rule.clause)),
            Some(_) if !rule.clause.starts_with(&format!("{}-", pack.head.id)) => {
                return Err("a pack's policies carry out its own clauses".to_owned());
            }
            Some(clause) if rule.from.is_some() && !clause.gap => {
                return Err("borrows a default though its own text is not marked as a gap".to_owned());
            }
            Some(clause) if rule.from.is_none() && clause.gap && !rule.permits && clause.condition.is_empty() => {
                return Err("a rule may not be built on lost text: name @from, or the surviving condition".to_owned());
            }
            Some(_) => {}
        }
        if let Some(from) = &rule.from {
            let listed = |o: &&Overlay| o.rule == OverlayRule::BorrowedDefault && o.clauses.contains(from);
            if !self.overlays.iter().filter(listed).any(|o| o.clauses.first() == Some(&rule.clause)) {
                return Err(format!("no overlay lends `{from}` to `{}`", rule.clause));
            }
        }
        match &rule.code {
            Some(code) if !self.refusals.contains_key(code) => Err(format!("refusal code `{code}` has no sentence")),
            _ => Ok(()),
        }
    }

    fn check_overlay(&self, overlay: &Overlay) -> Result<(), String> {
        if overlay.clauses.len() < 2 {
            return Err("an overlay is about at least two clauses".to_owned());
        }
        for id in &overlay.clauses {
            if !self.index.contains_key(id) {
                return Err(format!("clause `{id}` does not exist"));
            }
        }
        carried_out(overlay)?;
        let clauses = || overlay.clauses.iter().filter_map(|id| self.index.get(id));
        let clauses = || clauses().filter_map(|(p, c)| self.packs.get(*p)?.clauses.get(*c));
        match overlay.id.as_str() {
            "retention" if clauses().any(|c| c.retention.is_none()) => {
                Err("lists a clause without `retention`".to_owned())
            }
            "after_retention" if clauses().any(|c| c.after_term.is_none()) => Err(format!(
                "lists a clause without `after_term` ({:?} or {:?})",
                AfterTermRule::MayDelete,
                AfterTermRule::MustDelete
            )),
            _ => Ok(()),
        }
    }
}

/// That the program brings the clauses of a matter together as the overlay says: terms of keeping by the longest, what comes after
/// them by the first, everything else by all at once. Another rule would stand in the file and change no answer.
fn carried_out(overlay: &Overlay) -> Result<(), String> {
    let (may, why) = match overlay.id.as_str() {
        "retention" => (&[OverlayRule::Longest][..], "every term of keeping holds at once, so the rule is `longest`"),
        "after_retention" => (
            &[OverlayRule::FirstOf][..],
            "the first in force that reaches the place is asked, so the rule is `first_of`",
        ),
        _ => (
            &[OverlayRule::Union, OverlayRule::BorrowedDefault][..],
            "the gate asks all clauses of an act, so the rule is `union`, or `borrowed_default` for text that is lost",
        ),
    };
    if may.contains(&overlay.rule) {
        return Ok(());
    }
    let clauses = overlay.clauses.join(", ");
    Err(format!("its rule is not carried out for {clauses} by the program: {why}"))
}

pub(crate) fn get<'a>(files: &'a Files, path: &str) -> Result<&'a str, PackError> {
    files.get(path).map(String::as_str).ok_or_else(|| PackError::file(path, "file is missing"))
}

/// A file that a pack need not have.
fn or_empty<'a>(files: &'a Files, path: &str) -> &'a str {
    files.get(path).map_or("", String::as_str)
}

fn toml_file<T: DeserializeOwned>(files: &Files, path: &str) -> Result<T, PackError> {
    let text = get(files, path)?;
    toml::from_str(text).map_err(|e| PackError::toml(path, text, &e))
}

fn schema(files: &Files) -> Result<Schema, PackError> {
    let file = "schema.cedarschema";
    let (schema, mut warnings) =
        Schema::from_cedarschema_str(get(files, file)?).map_err(|e| PackError::file(file, e.to_string()))?;
    warnings.next().map_or(Ok(schema), |w| Err(PackError::file(file, w.to_string())))
}

fn pack(files: &Files, folder: &str, schema: &Schema) -> Result<Pack, PackError> {
    let path = |name: &str| format!("{folder}/{name}");
    jurisdictions::check_head(&path("pack.toml"), get(files, &path("pack.toml"))?)?;
    let head: PackHead = toml_file(files, &path("pack.toml"))?;
    let text = get(files, &path("text.md"))?;
    let hash = Sha256::of(text.as_bytes()).hex();
    if hash != head.text_sha256 {
        let what = format!("text.md changed: read its clauses again, then set text_sha256 = \"{hash}\"");
        let pack = get(files, &path("pack.toml"))?;
        let line = pack.find("text_sha256").map(|at| crate::error::line_of(pack, at));
        return Err(PackError { file: path("pack.toml"), line, clause: Some(head.id), what });
    }
    if head.until.is_some_and(|until| until <= head.from) {
        return Err(PackError::file(&path("pack.toml"), "`until` is not after `from`"));
    }
    let articles = text::articles(&path("text.md"), text)?;
    let clauses: ClauseFile = toml_file(files, &path("clauses.toml"))?;
    let cedar = path("policies.cedar");
    let policies = policy::rules(&cedar, or_empty(files, &cedar), schema)?;
    let cases = path("cases.toml");
    let cases = CaseFile::read(&cases, or_empty(files, &cases))?;
    let sanctions = sanction::read(files, folder)?;
    let sanction_cases = path("sanction-cases.toml");
    let sanction_cases = SanctionCaseFile::read(&sanction_cases, or_empty(files, &sanction_cases))?;
    Ok(Pack {
        folder: folder.to_owned(),
        head,
        articles,
        clauses: clauses.clauses,
        sanctions,
        sanction_cases,
        readings: readings::read(&path("readings.toml"), files.get(&path("readings.toml")))?,
        obligations: crate::obligation::Obligations::read(folder, files.get(&path("obligations.toml")))?,
        places: PlaceFile::read(files, &path("places.toml"))?,
        policies,
        cases,
    })
}

fn index(files: &Files, packs: &[Pack]) -> Result<HashMap<String, (usize, usize)>, PackError> {
    let mut index = HashMap::new();
    for (p, pack) in packs.iter().enumerate() {
        if packs.iter().take(p).any(|other| other.head.id == pack.head.id) {
            let file = format!("{}/pack.toml", pack.folder);
            return Err(PackError::file(&file, format!("two packs have the id `{}`", pack.head.id)));
        }
        for (c, clause) in pack.clauses.iter().enumerate() {
            if index.insert(clause.id.clone(), (p, c)).is_some() {
                let file = format!("{}/clauses.toml", pack.folder);
                return Err(PackError::again(&file, get(files, &file)?, &clause.id, "clause stands twice"));
            }
        }
    }
    Ok(index)
}
