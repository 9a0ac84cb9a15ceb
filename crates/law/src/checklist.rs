//! Checklists of inspections as data: what is asked at which unit, by which clause, what decides, and which order a defect leads to.
//!
//! What flows through: `checklists/<id>.toml` and `correction-limits.toml` -> [`Checklist`]s, each a version with its first day, checked ->
//! with a unit and a day -> [`AskedItem`]s with the clauses that ask them there. Always true: an item has a clause or is marked as
//! practice; an order rests on a clause, so practice alone leads to advice; an item whose clauses do not reach the place that day is not
//! asked; a suggested limit is one of `correction-limits.toml`, which is practice and never cited.

use crate::obligation::{UnitCondition, holds};
use crate::pack::Actor;
use crate::{PackError, Packs, PlaceKind, SiteProfile, SpecialTrade, UnitFacts};
use base::{Citation, CivilDate, ClauseId, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

type Files = BTreeMap<String, String>;

/// Where lists stand, below `law/`.
const FOLDER: &str = "checklists/";
/// The limits that orders usually give.
const LIMITS: &str = "correction-limits.toml";
/// Most lists and versions of them.
const MOST_LISTS: usize = 64;
/// Most items of a list, those of the list it is based on among them.
const MOST_ITEMS: usize = 200;
/// Most defects, choices or clauses of an item.
const MOST_PARTS: usize = 20;
/// Longest sentence, characters.
const MOST_CHARS: usize = 300;
/// Most limits, and the longest, days.
const MOST_LIMITS: (usize, u32) = (16, 366);

/// Words by which an item names a number of a site's own report instead of a duty: largest clock error of a camera, s; longest gap that
/// nothing explains, s.
pub const MEASURES: [&str; 2] = ["clock_error_s", "gap_s"];

macro_rules! named {
    ($(#[$doc:meta])* $kind:ident { $($(#[$each:meta])* $variant:ident $key:literal $zh:literal $en:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        pub enum $kind {
            $($(#[$each])* #[serde(rename = $key)] $variant,)+
        }

        impl $kind {
            /// Every one, in the order shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Word in the lists.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }

            /// Name for people.
            #[must_use]
            pub const fn name(self) -> Text {
                match self { $(Self::$variant => Text::new($zh, $en),)+ }
            }
        }
    };
}

named! {
    /// Group under which an item is shown.
    CheckCategory {
        /// Rules of the unit, and who answers for them.
        Rules "rules" "制度和责任" "rules and responsibility",
        /// Files and filings.
        Files "files" "档案和备案" "files and filings",
        /// Control room and its logs.
        ControlRoom "control_room" "监控室和记录" "control room and logs",
        /// Key parts, passages, perimeter.
        KeyParts "key_parts" "重要部位" "key parts",
        /// Equipment and its upkeep.
        Equipment "equipment" "设备运行" "equipment",
        /// Storage of footage.
        Storage "storage" "信息存储" "storage",
        /// Use and security of information.
        Information "information" "信息使用和安全" "use and security of information",
        /// Places of privacy.
        Privacy "privacy" "隐私场所" "places of privacy",
        /// Those who operate.
        Operators "operators" "人员技能" "operators",
        /// Plans and exercises.
        Emergency "emergency" "应急" "emergencies",
        /// Products on sale.
        Goods "goods" "销售的产品" "products on sale",
    }
}

named! {
    /// How grave a defect is.
    Gravity {
        /// Small, without danger.
        Minor "minor" "一般" "minor",
        /// Prevention suffers.
        Serious "serious" "较重" "serious",
        /// A danger, or rights of others.
        Grave "grave" "严重" "grave",
    }
}

named! {
    /// Order that a defect leads to.
    Correction {
        /// 当场改正.
        AtOnce "at_once" "责令当场改正" "order to correct at once",
        /// 限期改正.
        Within "within" "责令限期改正" "order to correct within a limit",
    }
}

/// How an item is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// Yes is what is wanted.
    #[default]
    YesNo,
    /// A whole number between `least` and `most`.
    Number,
    /// One of `choices`.
    Choice,
}

/// One choice of an item.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemChoice {
    /// Word.
    pub id: String,
    /// In words.
    pub zh: String,
    /// In words, English.
    pub en: String,
    /// Nothing is wrong with it.
    pub passes: bool,
}

/// A tick box: what is wrong.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemDefect {
    /// Word, unique in the item.
    pub id: String,
    /// In words.
    pub zh: String,
    /// In words, English.
    pub en: String,
}

impl ItemDefect {
    /// In words.
    #[must_use]
    pub fn text(&self) -> Text {
        Text::of(self.zh.clone(), self.en.clone())
    }
}

/// One item of a list.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistItem {
    /// Word, unique in the list.
    pub id: String,
    /// Group.
    pub category: CheckCategory,
    /// The question.
    pub zh: String,
    /// The question, English.
    pub en: String,
    /// When it is met.
    pub criterion_zh: String,
    /// When it is met, English.
    pub criterion_en: String,
    /// Clauses that ask it; those in force at the place decide.
    #[serde(default)]
    pub clauses: Vec<ClauseId>,
    /// The criterion is practice of inspection; without clauses the whole item is.
    #[serde(default)]
    pub practice: bool,
    /// How it is answered.
    #[serde(default)]
    pub answer: AnswerKind,
    /// Unit of a number.
    #[serde(default)]
    pub unit_zh: String,
    /// Unit of a number, English.
    #[serde(default)]
    pub unit_en: String,
    /// Least number that passes.
    #[serde(default)]
    pub least: Option<i64>,
    /// Largest number that passes.
    #[serde(default)]
    pub most: Option<i64>,
    /// Choices.
    #[serde(default)]
    pub choices: Vec<ItemChoice>,
    /// What may be wrong.
    pub defects: Vec<ItemDefect>,
    /// Code of a duty (or one of [`MEASURES`]) whose state in the site's own signed report answers it.
    #[serde(default)]
    pub auto: Option<String>,
    /// How grave a defect is.
    pub gravity: Gravity,
    /// The order that follows; none: advice only.
    #[serde(default)]
    pub order: Option<Correction>,
    /// Suggested limit, days.
    #[serde(default)]
    pub within_days: Option<u32>,
    /// The unit must be so, all of it.
    #[serde(default)]
    pub(crate) only: Vec<UnitCondition>,
}

impl ChecklistItem {
    /// The question.
    #[must_use]
    pub fn question(&self) -> Text {
        Text::of(self.zh.clone(), self.en.clone())
    }

    /// When it is met.
    #[must_use]
    pub fn criterion(&self) -> Text {
        Text::of(self.criterion_zh.clone(), self.criterion_en.clone())
    }

    /// What is wrong that only this item alone shows: words, numbers, what goes together.
    fn defect(&self) -> Result<(), String> {
        let words = [&self.zh, &self.en, &self.criterion_zh, &self.criterion_en].into_iter();
        let mut words = words
            .chain(self.choices.iter().flat_map(|c| [&c.zh, &c.en]))
            .chain(self.defects.iter().flat_map(|d| [&d.zh, &d.en]));
        if words.any(|w| w.trim().is_empty() || w.chars().count() > MOST_CHARS) {
            return Err(format!("a sentence is missing in one language, or longer than {MOST_CHARS} characters"));
        }
        let parts = [self.defects.len(), self.choices.len(), self.clauses.len()];
        if self.defects.is_empty() || parts.iter().any(|n| *n > MOST_PARTS) {
            return Err(format!("an item has 1 to {MOST_PARTS} defects, and as many choices and clauses at most"));
        }
        if twice(self.defects.iter().map(|d| &d.id)) || twice(self.choices.iter().map(|c| &c.id)) {
            return Err("a defect or choice stands twice".to_owned());
        }
        if self.clauses.is_empty() && !self.practice {
            return Err("an item names a clause, or says `practice = true`".to_owned());
        }
        self.answer_fits()?;
        match (self.order, self.within_days) {
            (Some(_), _) if self.clauses.is_empty() => {
                Err("an order rests on a clause; practice alone is advice".to_owned())
            }
            (Some(Correction::Within), Some(_)) | (None | Some(Correction::AtOnce), None) => Ok(()),
            _ => Err("`within_days` goes with `order = \"within\"`".to_owned()),
        }
    }

    fn answer_fits(&self) -> Result<(), String> {
        let bounds = self.least.is_some() || self.most.is_some();
        let unit = !self.unit_zh.is_empty() && !self.unit_en.is_empty();
        let no_unit = self.unit_zh.is_empty() && self.unit_en.is_empty();
        let passing = self.choices.iter().filter(|c| c.passes).count();
        match self.answer {
            AnswerKind::Number if !bounds || !unit => {
                Err("a number has a unit in both languages, and `least` or `most`".to_owned())
            }
            AnswerKind::Number if self.least.zip(self.most).is_some_and(|(least, most)| least > most) => {
                Err("`least` is above `most`".to_owned())
            }
            // What a law sets is a dated value of a clause, and the duty's state answers it.
            AnswerKind::Number if !self.practice => {
                Err("a number in a checklist is practice: `practice = true`".to_owned())
            }
            AnswerKind::Choice if passing == 0 || passing == self.choices.len() => {
                Err("of the choices at least one passes and at least one does not".to_owned())
            }
            AnswerKind::YesNo | AnswerKind::Choice if bounds || !no_unit => {
                Err("unit and bounds go with a number".to_owned())
            }
            AnswerKind::YesNo | AnswerKind::Number if !self.choices.is_empty() => {
                Err("choices go with `choice`".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// Kinds of place and categories without a list of their own.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftKinds {
    /// Kinds of place.
    #[serde(default)]
    pub places: Vec<PlaceKind>,
    /// Words of categories of `places.toml`.
    #[serde(default)]
    pub categories: Vec<String>,
    why_zh: String,
    why_en: String,
}

impl LeftKinds {
    /// Why they have none.
    #[must_use]
    pub fn why(&self) -> Text {
        Text::of(self.why_zh.clone(), self.why_en.clone())
    }
}

/// One version of a checklist.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// Word; the file's name.
    pub id: String,
    /// First day of this version.
    pub from: CivilDate,
    /// Name.
    pub name_zh: String,
    /// Name, English.
    pub name_en: String,
    /// What an inspector must know.
    #[serde(default)]
    pub note_zh: String,
    /// The same, English.
    #[serde(default)]
    pub note_en: String,
    /// The list whose items come first; in the version of this list's first day.
    #[serde(default)]
    pub based_on: Option<String>,
    /// Whom it is for.
    pub who: Vec<Actor>,
    /// Units with such a place.
    #[serde(default)]
    pub places: Vec<PlaceKind>,
    /// Units of such a trade.
    #[serde(default)]
    pub trades: Vec<SpecialTrade>,
    /// Categories of `places.toml` that it is for: no fact of a unit says them, so the inspector chooses by them.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Kinds that have no list of their own and are asked this one, with the reason.
    #[serde(default)]
    pub left: Vec<LeftKinds>,
    /// The unit must be so, all of it.
    #[serde(default)]
    pub(crate) only: Vec<UnitCondition>,
    /// No fact of a unit says that it fits: the inspector chooses it.
    #[serde(default)]
    pub by_hand: bool,
    /// The items, those of the list it is based on first.
    #[serde(rename = "item")]
    pub items: Vec<ChecklistItem>,
    /// How many of them stand in the other list's file.
    #[serde(skip)]
    inherited: usize,
    /// Its file.
    #[serde(skip)]
    file: String,
}

impl Checklist {
    /// Name in both languages.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.name_zh.clone(), self.name_en.clone())
    }

    /// The item of this word.
    #[must_use]
    pub fn item(&self, id: &str) -> Option<&ChecklistItem> {
        self.items.iter().find(|i| i.id == id)
    }

    fn fits(&self, who: Actor, site: &SiteProfile, unit: &UnitFacts) -> bool {
        let of_place = self.places.iter().any(|p| unit.places.contains(p));
        let of_trade = site.special_trade.is_some_and(|t| self.trades.contains(&t));
        let everywhere = self.places.is_empty() && self.trades.is_empty();
        let so = self.only.iter().all(|c| holds(*c, site, unit));
        !self.by_hand && self.who.contains(&who) && so && (everywhere || of_place || of_trade)
    }

    /// What the list itself shows to be wrong.
    fn defect(&self) -> Result<(), String> {
        let words = [&self.name_zh, &self.name_en];
        if words.iter().any(|w| w.trim().is_empty()) || self.note_zh.is_empty() != self.note_en.is_empty() {
            return Err("a name or note is missing in one language".to_owned());
        }
        if self.who.is_empty() || self.items.is_empty() {
            return Err("a list says whom it is for and has an item".to_owned());
        }
        let unsaid = |left: &LeftKinds| left.why_zh.trim().is_empty() || left.why_en.trim().is_empty();
        if self.left.len() > MOST_PARTS || self.left.iter().any(unsaid) {
            return Err(format!("at most {MOST_PARTS} of `left`, each with its reason in both languages"));
        }
        Ok(())
    }
}

/// An item as it is asked at a place on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AskedItem<'a> {
    /// The item.
    pub item: &'a ChecklistItem,
    /// The clauses in force there, in the order of the list; empty: practice only.
    pub citations: Vec<Citation>,
    /// All of these clauses are lost text: an order on them waits for a legal review.
    pub gap: bool,
}

impl AskedItem<'_> {
    /// The order a defect leads to here; none: advice.
    #[must_use]
    pub fn order(&self) -> Option<Correction> {
        self.item.order.filter(|_| !self.citations.is_empty())
    }
}

/// The limits that orders to correct usually give: practice, never law.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionLimits {
    /// Days, rising.
    pub days: Vec<u32>,
    why_zh: String,
    why_en: String,
}

impl CorrectionLimits {
    /// Why these: they are practice.
    #[must_use]
    pub fn why(&self) -> Text {
        Text::of(self.why_zh.clone(), self.why_en.clone())
    }

    fn read(files: &Files) -> Result<Self, PackError> {
        let Some(text) = files.get(LIMITS) else { return Ok(Self::default()) };
        let limits: Self = toml::from_str(text).map_err(|e| PackError::toml(LIMITS, text, &e))?;
        let (most, longest) = MOST_LIMITS;
        let rising = limits.days.iter().zip(limits.days.iter().skip(1)).all(|(a, b)| a < b);
        let bounded = limits.days.iter().all(|d| (1..=longest).contains(d));
        if limits.days.is_empty() || limits.days.len() > most || !rising || !bounded {
            return Err(PackError::file(LIMITS, format!("`days` are 1 to {most} rising numbers up to {longest}")));
        }
        if limits.why_zh.trim().is_empty() || limits.why_en.trim().is_empty() {
            return Err(PackError::file(LIMITS, "`why_zh` and `why_en` say why these"));
        }
        Ok(limits)
    }
}

/// Every list and version, by word and first day, and the limits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checklists {
    lists: Vec<Checklist>,
    limits: CorrectionLimits,
}

impl Checklists {
    /// Reads `checklists/` and the limits.
    pub(crate) fn read(files: &Files) -> Result<Self, PackError> {
        let mut lists: Vec<Checklist> = Vec::new();
        for (path, text) in files.iter().filter(|(path, _)| path.starts_with(FOLDER)) {
            if lists.len() == MOST_LISTS {
                return Err(PackError::file(path, format!("more than {MOST_LISTS} checklists")));
            }
            lists.push(read_list(path, text)?);
        }
        lists.sort_by(|a, b| (&a.id, a.from).cmp(&(&b.id, b.from)));
        if let Some((_, again)) =
            lists.iter().zip(lists.iter().skip(1)).find(|(a, b)| (&a.id, a.from) == (&b.id, b.from))
        {
            let what = format!("two versions of `{}` begin on {}", again.id, again.from);
            return Err(PackError::file(&again.file, what));
        }
        let built = lists.iter().map(|list| with_base(list, &lists, files)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { lists: built, limits: CorrectionLimits::read(files)? })
    }
}

fn text_of<'a>(files: &'a Files, path: &str) -> &'a str {
    files.get(path).map_or("", String::as_str)
}

fn read_list(path: &str, text: &str) -> Result<Checklist, PackError> {
    let mut list: Checklist = toml::from_str(text).map_err(|e| PackError::toml(path, text, &e))?;
    path.clone_into(&mut list.file);
    let names = [format!("{FOLDER}{}.toml", list.id), format!("{FOLDER}{}.{}.toml", list.id, list.from)];
    let fail = |what: String| PackError::clause(path, text, &list.id, what);
    if !names.iter().any(|name| name == path) {
        return Err(fail(format!("the file of this list is `{}` or `{}`", names[0], names[1])));
    }
    list.defect().map_err(fail)?;
    Ok(list)
}

/// The list with the items of the one it is based on before its own, and each item looked at.
fn with_base(list: &Checklist, all: &[Checklist], files: &Files) -> Result<Checklist, PackError> {
    let text = text_of(files, &list.file);
    let mut items = Vec::new();
    if let Some(id) = &list.based_on {
        let fail = |what: String| PackError::clause(&list.file, text, id, what);
        let base = all.iter().rfind(|b| b.id == *id && b.from <= list.from);
        let base = base.ok_or_else(|| fail(format!("no list `{id}` was there on {}", list.from)))?;
        if base.based_on.is_some() {
            return Err(fail(format!("list `{id}` is itself based on another")));
        }
        items.clone_from(&base.items);
    }
    let inherited = items.len();
    for item in &list.items {
        if items.iter().any(|other: &ChecklistItem| other.id == item.id) {
            return Err(PackError::again(
                &list.file,
                text,
                &item.id,
                "the list, or the one it is based on, has this item",
            ));
        }
        item.defect().map_err(|what| PackError::clause(&list.file, text, &item.id, what))?;
        items.push(item.clone());
    }
    if items.len() > MOST_ITEMS {
        return Err(PackError::file(&list.file, format!("more than {MOST_ITEMS} items")));
    }
    Ok(Checklist { items, inherited, ..list.clone() })
}

fn twice<'a>(mut ids: impl Iterator<Item = &'a String>) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    !ids.all(|id| seen.insert(id))
}

/// What needs the packs: no dangling clause, known duties, limits of the file.
pub(crate) fn check(packs: &Packs, files: &Files) -> Result<(), PackError> {
    for list in &packs.checklists.lists {
        for item in list.items.iter().skip(list.inherited) {
            let fail = |what: String| PackError::clause(&list.file, text_of(files, &list.file), &item.id, what);
            packs.check_item(item).map_err(fail)?;
        }
        let categories = list.categories.iter().chain(list.left.iter().flat_map(|l| &l.categories));
        for word in categories {
            if !packs.categories().any(|known| known == word) {
                let what = format!("category `{word}` stands in no places.toml");
                return Err(PackError::clause(&list.file, text_of(files, &list.file), word, what));
            }
        }
    }
    Ok(())
}

impl Packs {
    fn check_item(&self, item: &ChecklistItem) -> Result<(), String> {
        if let Some(id) = item.clauses.iter().find(|id| self.clause(id).is_none()) {
            return Err(format!("clause `{id}` does not exist"));
        }
        if let Some(word) = &item.auto {
            let measured = MEASURES.contains(&word.as_str());
            let duty = self.all().iter().flat_map(crate::Pack::obligations).any(|rule| rule.code == *word);
            match item.answer {
                AnswerKind::Number if measured => {}
                AnswerKind::YesNo if duty && !measured => {}
                _ => return Err(format!("auto `{word}` is no duty (yes_no) and no measure (number) of the packs")),
            }
        }
        match item.within_days {
            Some(days) if !self.checklists.limits.days.contains(&days) => {
                Err(format!("{days} is no limit of {LIMITS}"))
            }
            _ => Ok(()),
        }
    }

    /// Words of the categories of every pack.
    fn categories(&self) -> impl Iterator<Item = &String> {
        self.all().iter().flat_map(|pack| pack.places.categories.iter().map(|category| &category.id))
    }

    /// Kinds of place and categories that on this day have neither a list of their own nor a reason why they have none, by word.
    #[must_use]
    pub fn kinds_without_list(&self, on: CivilDate) -> Vec<&str> {
        let lists: Vec<&Checklist> = self
            .checklists()
            .iter()
            .filter(|list| self.checklist(&list.id, on).is_some_and(|now| now.from == list.from))
            .collect();
        let named = |word: &str| {
            let of = |places: &[PlaceKind], categories: &[String]| {
                places.iter().any(|kind| kind.key() == word) || categories.iter().any(|category| category == word)
            };
            lists.iter().any(|list| {
                of(&list.places, &list.categories) || list.left.iter().any(|left| of(&left.places, &left.categories))
            })
        };
        let places = PlaceKind::ALL.iter().map(|kind| kind.key());
        let categories = self.categories().map(String::as_str);
        places.chain(categories).filter(|word| !named(word)).collect()
    }

    /// Every version of every checklist, by word and first day.
    #[must_use]
    pub fn checklists(&self) -> &[Checklist] {
        &self.checklists.lists
    }

    /// The version of a checklist that holds on a day.
    #[must_use]
    pub fn checklist(&self, id: &str, on: CivilDate) -> Option<&Checklist> {
        self.checklists().iter().rfind(|list| list.id == id && list.from <= on)
    }

    /// The checklists that fit a unit in a role on a day, by word; `by_hand` lists are not among them.
    #[must_use]
    pub fn checklists_for(&self, who: Actor, site: &SiteProfile, unit: &UnitFacts, on: CivilDate) -> Vec<&Checklist> {
        let holds_now = |list: &&Checklist| self.checklist(&list.id, on).is_some_and(|now| now.from == list.from);
        self.checklists().iter().filter(holds_now).filter(|list| list.fits(who, site, unit)).collect()
    }

    /// What a list asks of a unit on a day: practice, and items that a clause asks there and then.
    #[must_use]
    pub fn asked<'a>(
        &'a self,
        list: &'a Checklist,
        site: &SiteProfile,
        unit: &UnitFacts,
        on: CivilDate,
    ) -> Vec<AskedItem<'a>> {
        let asked = |item: &'a ChecklistItem| {
            let reach = item.clauses.iter().filter_map(|id| self.clause(id));
            let reach: Vec<_> =
                reach.filter(|(pack, clause)| pack.reaches(site.jurisdiction) && pack.in_force(clause, on)).collect();
            let citations: Vec<Citation> =
                reach.iter().map(|(pack, clause)| pack.cite(clause, clause.reading)).collect();
            let gap = !reach.is_empty() && reach.iter().all(|(_, clause)| clause.gap);
            let so = item.only.iter().all(|c| holds(*c, site, unit));
            (so && (!citations.is_empty() || item.practice)).then_some(AskedItem { item, citations, gap })
        };
        list.items.iter().filter_map(asked).collect()
    }

    /// The limits that orders to correct usually give.
    #[must_use]
    pub const fn correction_limits(&self) -> &CorrectionLimits {
        &self.checklists.limits
    }
}
