//! What carries a clause out: the words of `carried_out_by`, the list `carriers.toml` of registers, publications, pages and
//! procedures, and whether each of them exists and runs.
//!
//! What flows through: a word such as `register:units` -> [`Carrier`]; `carriers.toml` and the names in the packs' other files
//! -> [`Carriers`], which answers whether a carrier exists, whether it is built, and what it is called.
//! Invariant: a clause never names a carrier that does not exist; what is not built says so.

use crate::pack::Clause;
use crate::policy::PolicyRule;
use crate::{ActKind, PackError};
use base::Text;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use toml::{Table, Value};

/// The file that lists registers, publications, pages and running procedures.
const LIST: &str = "carriers.toml";

/// Which act the running program asks the gate about, and where: printed from the sources, held by a test.
const CALLERS: &str = include_str!("../../../docs/ref/law-acts.txt");

/// Whether the running program asks the gate about an act: a policy that nobody asks carries nothing out.
fn is_asked(act: ActKind) -> bool {
    let mut lines = CALLERS.lines().filter_map(|line| line.split_once(' '));
    lines.any(|(word, callers)| word == act.key() && callers.trim_start().starts_with("crates/"))
}

/// What carries a clause out.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Deserialize)]
#[serde(try_from = "String")]
pub enum Carrier {
    /// `gate:<act>`: a policy of the clause judges this act.
    Gate(ActKind),
    /// `retention`: the clause sets or ends a term of keeping.
    Retention,
    /// `duty:<code>`: a duty that follows from an act.
    Duty(String),
    /// `obligation:<code>`: a standing duty of a unit, looked at every day.
    Obligation(String),
    /// `procedure:<id>`: steps with deadlines.
    Procedure(String),
    /// `sanction`: its entry in `sanctions.toml` of its pack.
    Sanction,
    /// `places`: its entry in `places.toml` of its pack.
    Places,
    /// `register:<id>`.
    Register(String),
    /// `publication:<id>`.
    Publication(String),
    /// `page:<route pattern>`.
    Page(String),
}

impl FromStr for Carrier {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let named = |name: &str| if name.is_empty() { Err(unknown(word)) } else { Ok(name.to_owned()) };
        match word.split_once(':') {
            Some(("gate", act)) => ActKind::ALL
                .iter()
                .find(|k| k.key() == act)
                .map(|k| Self::Gate(*k))
                .ok_or_else(|| format!("carried out by unknown act `{act}`")),
            Some(("duty", code)) => named(code).map(Self::Duty),
            Some(("obligation", code)) => named(code).map(Self::Obligation),
            Some(("procedure", id)) => named(id).map(Self::Procedure),
            Some(("register", id)) => named(id).map(Self::Register),
            Some(("publication", id)) => named(id).map(Self::Publication),
            Some(("page", route)) if route.starts_with('/') => Ok(Self::Page(route.to_owned())),
            None if word == "retention" => Ok(Self::Retention),
            None if word == "sanction" => Ok(Self::Sanction),
            None if word == "places" => Ok(Self::Places),
            _ => Err(unknown(word)),
        }
    }
}

fn unknown(word: &str) -> String {
    format!(
        "carrier `{word}` is none of gate:<act>, retention, duty:<code>, obligation:<code>, procedure:<id>, sanction, places, \
         register:<id>, publication:<id>, page:/<route>"
    )
}

impl TryFrom<String> for Carrier {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        word.parse()
    }
}

impl Serialize for Carrier {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gate(act) => write!(f, "gate:{}", act.key()),
            Self::Retention => f.write_str("retention"),
            Self::Duty(code) => write!(f, "duty:{code}"),
            Self::Obligation(code) => write!(f, "obligation:{code}"),
            Self::Procedure(id) => write!(f, "procedure:{id}"),
            Self::Sanction => f.write_str("sanction"),
            Self::Places => f.write_str("places"),
            Self::Register(id) => write!(f, "register:{id}"),
            Self::Publication(id) => write!(f, "publication:{id}"),
            Self::Page(route) => write!(f, "page:{route}"),
        }
    }
}

/// One entry of `carriers.toml`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedCarrier {
    /// Stable word; of a page its route pattern.
    pub id: String,
    /// Name for people.
    pub name_zh: String,
    /// Name for people, English.
    pub name_en: String,
    /// Where it is seen or done; set when, and only when, it is built. A page's id is its route.
    #[serde(default)]
    pub route: Option<String>,
    /// It runs.
    pub built: bool,
    /// Of a register: a row that the program itself writes for a case, beside its decisions, is in force while it holds, e.g. a hold of footage.
    #[serde(default)]
    pub own_rows_in_force: bool,
    /// Of a register: ids of the columns by which its rows are narrowed, divisions and choices.
    #[serde(default)]
    pub filter: Vec<String>,
}

impl ListedCarrier {
    /// Name for people.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.name_zh.clone(), self.name_en.clone())
    }
}

#[derive(Clone, Default, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default, rename = "register")]
    registers: Vec<ListedCarrier>,
    #[serde(default, rename = "publication")]
    publications: Vec<ListedCarrier>,
    #[serde(default, rename = "page")]
    pages: Vec<ListedCarrier>,
    #[serde(default, rename = "procedure")]
    procedures: Vec<ListedCarrier>,
}

/// An entry of another file of a pack, as far as carriers need it.
#[derive(Clone, Debug)]
struct Entry {
    pack_folder: String,
    name: Option<String>,
    /// The clauses it is about: its `clause` or `clauses`.
    about: BTreeSet<String>,
    /// Every word in it.
    mentions: BTreeSet<String>,
}

/// Files of a pack that hold carriers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Source {
    Obligations,
    Procedures,
    Sanctions,
    Places,
}

impl Source {
    /// Folder of the pack and kind of file, of a path below `law/`.
    fn of(path: &str) -> Option<(&str, Self)> {
        let (folder, file) = path.rsplit_once('/')?;
        match file {
            "obligations.toml" => Some((folder, Self::Obligations)),
            "sanctions.toml" => Some((folder, Self::Sanctions)),
            "places.toml" => Some((folder, Self::Places)),
            _ if file.ends_with(".toml") => Some((folder.strip_suffix("/procedures")?, Self::Procedures)),
            _ => None,
        }
    }
}

/// Every carrier there is.
#[derive(Clone, Default, Debug)]
pub struct Carriers {
    list: List,
    entries: BTreeMap<Source, Vec<Entry>>,
}

impl Carriers {
    pub(crate) fn read(files: &BTreeMap<String, String>) -> Result<Self, PackError> {
        let text = files.get(LIST).ok_or_else(|| PackError::file(LIST, "file is missing"))?;
        let list: List = toml::from_str(text).map_err(|e| PackError::toml(LIST, text, &e))?;
        for kind in [&list.registers, &list.publications, &list.pages, &list.procedures] {
            for (n, entry) in kind.iter().enumerate() {
                if kind.iter().take(n).any(|other| other.id == entry.id) {
                    return Err(PackError::again(LIST, text, &entry.id, "stands twice"));
                }
            }
        }
        let routed = |e: &ListedCarrier| e.built == e.route.is_some();
        let wrong = [&list.registers, &list.publications, &list.procedures].into_iter().flatten().find(|e| !routed(e));
        if let Some(entry) = wrong {
            let what = "`route` says where it is seen: set when it is built, and only then";
            return Err(PackError::clause(LIST, text, &entry.id, what));
        }
        if let Some(page) = list.pages.iter().find(|p| !p.id.starts_with('/') || p.route.is_some()) {
            let what = "the id of a page is its route pattern and begins with `/`; it has no other `route`";
            return Err(PackError::clause(LIST, text, &page.id, what));
        }
        let mut entries: BTreeMap<Source, Vec<Entry>> = BTreeMap::new();
        for (path, text) in files {
            let Some((folder, source)) = Source::of(path) else { continue };
            let table: Table = toml::from_str(text).map_err(|e| PackError::toml(path, text, &e))?;
            entries.entry(source).or_default().extend(entries_of(folder, source, &table));
        }
        let carriers = Self { list, entries };
        let known = |id: &String| carriers.names(Source::Procedures).any(|name| name == id);
        let dangling = carriers.list.procedures.iter().find(|p| !known(&p.id));
        match dangling.filter(|_| carriers.entries.contains_key(&Source::Procedures)) {
            Some(entry) => Err(PackError::clause(LIST, text, &entry.id, "no file in procedures/ has this id")),
            None => Ok(carriers),
        }
    }

    fn names(&self, source: Source) -> impl Iterator<Item = &String> {
        self.entries.get(&source).into_iter().flatten().filter_map(|e| e.name.as_ref())
    }

    /// Registers, in the order of the file.
    #[must_use]
    pub fn registers(&self) -> &[ListedCarrier] {
        &self.list.registers
    }

    /// Publications, in the order of the file.
    #[must_use]
    pub fn publications(&self) -> &[ListedCarrier] {
        &self.list.publications
    }

    /// Pages, in the order of the file.
    #[must_use]
    pub fn pages(&self) -> &[ListedCarrier] {
        &self.list.pages
    }

    /// Procedures that have their place in the program, in the order of the file.
    #[must_use]
    pub fn procedures(&self) -> &[ListedCarrier] {
        &self.list.procedures
    }

    pub(crate) fn listed(&self, carrier: &Carrier) -> Option<&ListedCarrier> {
        let (list, id) = match carrier {
            Carrier::Register(id) => (&self.list.registers, id),
            Carrier::Publication(id) => (&self.list.publications, id),
            Carrier::Page(id) => (&self.list.pages, id),
            Carrier::Procedure(id) => (&self.list.procedures, id),
            _ => return None,
        };
        list.iter().find(|e| e.id == *id)
    }

    /// Name for people; the word itself where a carrier has none.
    #[must_use]
    pub fn name(&self, carrier: &Carrier) -> Text {
        let coded = |zh: &str, en: &str, code: &str| Text::of(format!("{zh}：{code}"), format!("{en}: {code}"));
        match carrier {
            Carrier::Gate(act) => {
                let name = act.name();
                Text::of(format!("闸门：{}", name.zh), format!("gate: {}", name.en))
            }
            Carrier::Retention => Text::new("保存期限与到期清除", "retention and deletion after it"),
            Carrier::Duty(code) => coded("随行为产生的义务", "duty that follows from an act", code),
            Carrier::Obligation(code) => coded("单位的经常性义务", "standing duty of the unit", code),
            Carrier::Sanction => Text::new("罚则计算", "what the breach costs"),
            Carrier::Places => Text::new("场所分类", "kinds of places"),
            Carrier::Procedure(id) => match self.listed(carrier) {
                Some(entry) => named("程序", "procedure", entry),
                None => coded("程序", "procedure", id),
            },
            Carrier::Register(id) => match self.listed(carrier) {
                Some(entry) => named("登记", "register", entry),
                None => coded("登记", "register", id),
            },
            Carrier::Publication(id) => match self.listed(carrier) {
                Some(entry) => named("公布", "publication", entry),
                None => coded("公布", "publication", id),
            },
            Carrier::Page(id) => match self.listed(carrier) {
                Some(entry) => named("页面", "page", entry),
                None => coded("页面", "page", id),
            },
        }
    }

    /// Where a person sees or does it, if the list says so.
    #[must_use]
    pub fn route(&self, carrier: &Carrier) -> Option<&str> {
        match carrier {
            Carrier::Page(_) => self.listed(carrier).filter(|e| e.built).map(|e| e.id.as_str()),
            _ => self.listed(carrier)?.route.as_deref(),
        }
    }

    /// Whether it runs. A policy runs when something asks about its act; a term and a duty of an act as soon as they are in the pack;
    /// a standing duty, a sanction and a place as soon as their file has the entry; a procedure, register, publication or page when
    /// the list says so.
    #[must_use]
    pub fn is_built(&self, carrier: &Carrier, clause: &Clause, pack_folder: &str) -> bool {
        match carrier {
            Carrier::Gate(act) => is_asked(*act),
            Carrier::Retention | Carrier::Duty(_) => true,
            Carrier::Obligation(_) | Carrier::Sanction | Carrier::Places => self.in_files(carrier, clause, pack_folder),
            Carrier::Procedure(_) | Carrier::Register(_) | Carrier::Publication(_) | Carrier::Page(_) => {
                self.listed(carrier).is_some_and(|e| e.built)
            }
        }
    }

    /// Whether a file of the packs has the carrier's entry.
    fn in_files(&self, carrier: &Carrier, clause: &Clause, pack_folder: &str) -> bool {
        let entries = |source| self.entries.get(&source).into_iter().flatten();
        let own = |source| entries(source).filter(|e: &&Entry| e.pack_folder == pack_folder);
        match carrier {
            Carrier::Obligation(code) => own(Source::Obligations).any(|e| e.name.as_ref() == Some(code)),
            Carrier::Procedure(id) => self.names(Source::Procedures).any(|name| name == id),
            Carrier::Sanction => own(Source::Sanctions).any(|e| e.about.contains(&clause.id)),
            Carrier::Places => own(Source::Places).any(|e| e.mentions.contains(&clause.id)),
            _ => true,
        }
    }

    /// Carriers in the packs' other files that are about a clause, whether or not its own entry lists them.
    pub(crate) fn about(&self, clause: &Clause, pack_folder: &str) -> Vec<Carrier> {
        let entries = |source| self.entries.get(&source).into_iter().flatten();
        let own = |source| entries(source).filter(|e: &&Entry| e.pack_folder == pack_folder);
        let mine = |e: &&Entry| e.about.contains(&clause.id);
        let mut found: Vec<Carrier> =
            own(Source::Obligations).filter(mine).filter_map(|e| e.name.clone()).map(Carrier::Obligation).collect();
        found.extend(entries(Source::Procedures).filter(mine).filter_map(|e| e.name.clone()).map(Carrier::Procedure));
        found.extend([Carrier::Sanction, Carrier::Places].into_iter().filter(|c| match c {
            Carrier::Sanction => own(Source::Sanctions).any(|e| mine(&e)),
            _ => own(Source::Places).any(|e| mine(&e)),
        }));
        found
    }

    /// Kinds of files that no pack has yet: until the first of them is there, their carriers are taken on trust.
    fn to_come(&self, carrier: &Carrier) -> bool {
        let none = |source| !self.entries.contains_key(&source);
        match carrier {
            Carrier::Obligation(_) => none(Source::Obligations),
            Carrier::Procedure(_) => none(Source::Procedures),
            Carrier::Sanction => none(Source::Sanctions),
            Carrier::Places => none(Source::Places),
            _ => false,
        }
    }

    /// That a clause's carrier exists and is about this clause.
    pub(crate) fn check<'a>(
        &self,
        carrier: &Carrier,
        clause: &Clause,
        pack_folder: &str,
        mut rules: impl Iterator<Item = &'a PolicyRule>,
    ) -> Result<(), String> {
        let mine = |r: &PolicyRule| r.clause == clause.id || r.from.as_ref() == Some(&clause.id);
        let holds = match carrier {
            Carrier::Gate(act) => rules.any(|r| mine(r) && r.acts.contains(act)),
            Carrier::Retention => clause.retention.is_some(),
            Carrier::Duty(code) => clause.duties.iter().any(|d| d.code == *code),
            Carrier::Register(_) | Carrier::Publication(_) | Carrier::Page(_) => {
                if self.listed(carrier).is_none() {
                    return Err(format!("`{carrier}` is not listed in {LIST}"));
                }
                true
            }
            _ => self.to_come(carrier) || self.in_files(carrier, clause, pack_folder),
        };
        if holds {
            Ok(())
        } else {
            Err(format!("`{carrier}` does not carry this clause out{}", where_it_would(carrier)))
        }
    }
}

fn where_it_would(carrier: &Carrier) -> &'static str {
    match carrier {
        Carrier::Obligation(_) => ": obligations.toml of its pack has no such code",
        Carrier::Procedure(_) => ": no file in procedures/ has this id",
        Carrier::Sanction => ": sanctions.toml of its pack does not name it",
        Carrier::Places => ": places.toml of its pack does not name it",
        _ => "",
    }
}

fn named(zh: &str, en: &str, entry: &ListedCarrier) -> Text {
    Text::of(format!("{zh}：{}", entry.name_zh), format!("{en}: {}", entry.name_en))
}

/// The entries of a file: each table of its lists; a procedure is a file of its own.
fn entries_of(folder: &str, source: Source, table: &Table) -> Vec<Entry> {
    if source == Source::Procedures {
        return vec![entry_of(folder, table)];
    }
    let lists = table.values().filter_map(Value::as_array).flatten();
    lists.filter_map(Value::as_table).map(|item| entry_of(folder, item)).collect()
}

fn entry_of(folder: &str, table: &Table) -> Entry {
    let name = ["id", "code"].iter().find_map(|key| table.get(*key)?.as_str()).map(str::to_owned);
    let about = ["clause", "clauses"].iter().filter_map(|key| table.get(*key)).flat_map(words_of).collect();
    let mentions = table.values().flat_map(words_of).collect();
    Entry { pack_folder: folder.to_owned(), name, about, mentions }
}

/// Every string in a value.
fn words_of(value: &Value) -> Vec<String> {
    let (mut words, mut open) = (Vec::new(), vec![value]);
    while let Some(value) = open.pop() {
        match value {
            Value::String(word) => words.push(word.clone()),
            Value::Array(items) => open.extend(items),
            Value::Table(table) => open.extend(table.values()),
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_carrier_reads_back_as_written() {
        for word in [
            "gate:add_camera",
            "retention",
            "duty:set_up_sign",
            "obligation:train_staff",
            "procedure:acceptance",
            "sanction",
            "places",
            "register:units",
            "publication:provider_directory",
            "page:/law/{clause}",
        ] {
            assert_eq!(word.parse::<Carrier>().unwrap().to_string(), word);
        }
    }

    #[test]
    fn what_is_no_carrier_is_refused_with_the_list_of_what_is() {
        for word in
            ["", "gate", "gate:", "gate:fly", "duty:", "sanction:x", "page:law", "clock:5", "Retention", " places"]
        {
            let said = word.parse::<Carrier>().unwrap_err();
            assert!(said.contains("unknown act") || said.contains("is none of"), "{word}: {said}");
        }
    }

    fn carriers(files: &[(&str, &str)]) -> Result<Carriers, PackError> {
        let list = "[[register]]\nid = \"units\"\nname_zh = \"x\"\nname_en = \"x\"\nbuilt = false\n\
            [[procedure]]\nid = \"acceptance\"\nname_zh = \"x\"\nname_en = \"x\"\nroute = \"/x\"\nbuilt = true\n";
        let own = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Carriers::read(&own.chain([(LIST.to_owned(), list.to_owned())]).collect())
    }

    fn clause(id: &str) -> Clause {
        let text = format!(
            "id = \"{id}\"\narticle = 1\ncite_zh = \"x\"\ncite_en = \"x\"\nactor = [\"anyone\"]\nmodality = \"must\"\n\
             gist_zh = \"x\"\ngist_en = \"x\"\nstatus = \"enforced\"\n"
        );
        toml::from_str(&text).unwrap()
    }

    const FILES: [(&str, &str); 4] = [
        (
            "b/procedures/acceptance.toml",
            "id = \"acceptance\"\nclauses = [\"B-1\"]\nsteps = [{ id = \"test\", clause = \"B-2\" }]\n",
        ),
        ("b/obligations.toml", "[[obligation]]\ncode = \"train\"\nclauses = [\"B-1\"]\n"),
        ("b/sanctions.toml", "[[sanction]]\nclause = \"B-9\"\nbreach = [{ clause = \"B-1\" }]\n"),
        ("b/places.toml", "[[rule]]\nclause = \"B-1\"\n[[category]]\nfragment = \"B-2\"\n"),
    ];

    #[test]
    fn a_carrier_exists_when_a_file_of_its_pack_has_it() {
        let carriers = carriers(&FILES).unwrap();
        let check = |word: &str, id: &str, folder: &str| {
            let carrier: Carrier = word.parse().unwrap();
            let built = carriers.is_built(&carrier, &clause(id), folder);
            carriers.check(&carrier, &clause(id), folder, std::iter::empty()).map(|()| built)
        };
        assert_eq!(check("procedure:acceptance", "B-1", "b"), Ok(true), "listed with its page");
        assert_eq!(check("obligation:train", "B-1", "b"), Ok(true));
        assert_eq!(check("sanction", "B-9", "b"), Ok(true));
        assert_eq!(check("places", "B-1", "b"), Ok(true));
        assert_eq!(check("places", "B-2", "b"), Ok(true), "a category of a lost item");
        assert_eq!(check("register:units", "B-1", "b"), Ok(false));
        for (word, id, folder, says) in [
            ("procedure:test", "B-2", "b", "no file in procedures/"),
            ("obligation:rest", "B-1", "b", "no such code"),
            ("obligation:train", "A-1", "a", "no such code"),
            ("sanction", "B-1", "b", "sanctions.toml of its pack"),
            ("places", "B-3", "b", "places.toml of its pack"),
            ("places", "B-1", "a", "places.toml of its pack"),
            ("register:unit", "B-1", "b", "not listed"),
        ] {
            let said = check(word, id, folder).unwrap_err();
            assert!(said.contains(says), "{word} {id}: {said}");
        }
    }

    #[test]
    fn what_other_files_say_of_a_clause_is_found() {
        let carriers = carriers(&FILES).unwrap();
        let about = |id: &str, folder: &str| -> Vec<String> {
            carriers.about(&clause(id), folder).iter().map(ToString::to_string).collect()
        };
        assert_eq!(about("B-1", "b"), ["obligation:train", "procedure:acceptance", "places"]);
        assert_eq!(about("B-9", "b"), ["sanction"]);
        assert_eq!(about("B-1", "a"), ["procedure:acceptance"], "a procedure may carry clauses of other packs");
        assert!(about("B-2", "b").is_empty(), "a step that names a clause is not about it");
    }

    #[test]
    fn an_act_that_nobody_asks_about_is_not_built() {
        let carriers = carriers(&[]).unwrap();
        let built = |act| carriers.is_built(&Carrier::Gate(act), &clause("B-1"), "b");
        assert!(built(ActKind::OfficialView) && built(ActKind::Delete));
        assert!(!built(ActKind::Talk) && !built(ActKind::OpenDoor));
    }

    #[test]
    fn a_listed_procedure_needs_its_steps_once_there_are_any() {
        assert!(carriers(&[]).is_ok());
        let error = carriers(&[("b/procedures/other.toml", "id = \"other\"\n")]).unwrap_err();
        assert_eq!((error.file.as_str(), error.clause.as_deref()), (LIST, Some("acceptance")));
        let error = carriers(&[("b/obligations.toml", "[[obligation]\n")]).unwrap_err();
        assert_eq!((error.file.as_str(), error.line), ("b/obligations.toml", Some(1)));
    }

    #[test]
    fn carriers_of_files_that_no_pack_has_are_taken_on_trust_and_are_not_built() {
        let carriers = carriers(&[]).unwrap();
        for word in ["procedure:relocation", "obligation:x", "sanction", "places"] {
            let carrier: Carrier = word.parse().unwrap();
            assert!(carriers.check(&carrier, &clause("B-1"), "b", std::iter::empty()).is_ok(), "{word}");
            assert!(!carriers.is_built(&carrier, &clause("B-1"), "b"), "{word}");
        }
    }

    #[test]
    fn paths_say_what_a_file_holds_and_whose_it_is() {
        assert_eq!(Source::of("a/b/procedures/x.toml"), Some(("a/b", Source::Procedures)));
        assert_eq!(Source::of("a/b/places.toml"), Some(("a/b", Source::Places)));
        assert_eq!(Source::of("workdays/2025.toml"), None);
        assert_eq!(Source::of("places.toml"), None);
        assert_eq!(Source::of("a/b/clauses.toml"), None);
    }
}
