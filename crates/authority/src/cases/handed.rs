//! What a service hall hands in: an application with its form and papers, what was asked for, and papers one by one.
//!
//! ```text
//! application: key ─▶ answered before? ─▶ the same case, gone on with where it broke off
//!                  └▶ party, form and papers looked at, every defect at once ─▶ begin: case and key, one transaction
//!                     ─▶ each step of the party an act; papers go with the last
//! the rest:    key ─▶ answered before? ─▶ the same answer · else looked at in the same way ─▶ acts; the key is kept with the last
//! ```
//! Always true: of one key of an account one case follows, and one act on it, whatever is sent again; nothing is begun while something is wrong
//! with what was sent; forms and files are judged by what judges those of a person at the counter; no defect repeats what was sent.

use super::act::Attached;
use super::follow::procedure_of;
use super::open::{Beginning, Begun};
use super::parties::PartyForm;
use super::upload::{MOST_UPLOADS, Upload};
use super::{bad, no_case};
use crate::{Authority, By};
use base::{CaseId, CivilDate, ErrorKind, Refusal, Sha256, Text};
use domain::access::Permission;
use domain::casework::{
    COMPLETE, Case, CaseAct, Channel, Command, Docket, Node, PaperKind, Seat, Typed, fields_of, nodes, seat_of_step,
    unnamed_with_party,
};
use domain::form;
use law::{Field, Procedure, Step};
use std::collections::BTreeSet;
use store::casework::exchange::Kept;

/// Shortest and longest key of a request, characters.
pub const KEY_CHARS: (usize, usize) = (8, 100);
/// Longest name of a field that an answer repeats, characters.
const NAMED_CHARS: usize = 60;

/// Form and papers, as another system hands them in.
#[derive(Clone, Default)]
pub struct Filled {
    /// The form as it would be typed, by field id.
    pub typed: Typed,
    /// Files; each names its material.
    pub papers: Vec<Upload>,
    /// All of it is there: it is handed in. Else it is kept as a draft.
    pub complete: bool,
    /// A word with it; may be empty.
    pub note: String,
    /// What whoever read the request found wrong already; such a file has its place in the list, without bytes.
    pub wrong: Vec<Defect>,
}

impl Filled {
    fn is_empty(&self) -> bool {
        self.typed.is_empty() && self.papers.is_empty() && self.wrong.is_empty() && !self.complete
    }
}

impl std::fmt::Debug for Filled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Filled({} fields, {} papers)", self.typed.len(), self.papers.len())
    }
}

/// An application that another system hands in.
#[derive(Clone)]
pub struct HandedIn {
    /// Key of the sender: the same key is the same application.
    pub key: String,
    /// Digest of what was sent.
    pub request: Sha256,
    /// Word of the procedure.
    pub procedure: String,
    /// Division of the place (GB/T 2260).
    pub place: String,
    /// The day whose law decides: of what has ended since, the day of the application. None: today.
    pub facts_on: Option<CivilDate>,
    /// Short name for lists, no person's; empty: the unit's or the procedure's.
    pub title: String,
    /// Who applies.
    pub party: PartyForm,
    /// What is filled in and handed in with it.
    pub filled: Filled,
}

impl std::fmt::Debug for HandedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HandedIn({})", self.procedure)
    }
}

/// What is handed in later: what was asked for, the rest of a draft, or a paper.
#[derive(Clone, Debug)]
pub struct Supplied {
    /// Key of the sender: the same key is the same request.
    pub key: String,
    /// Digest of what was sent.
    pub request: Sha256,
    /// Number of the case.
    pub number: String,
    /// What is filled in and handed in.
    pub filled: Filled,
}

/// Something that is wrong with what was handed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Defect {
    /// Where: `party.unit_name`, `fields.need`, `papers[0]`; empty: the whole.
    pub field: String,
    /// What, and what to do.
    pub refusal: Refusal,
}

/// What became of an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The case.
    pub begun: Begun,
    /// It was begun by this request.
    pub new: bool,
    /// The application is handed in; else the case is a draft.
    pub handed_in: bool,
    /// Why it could not be handed in though it should have been; the same request tries again.
    pub refused: Option<Refusal>,
}

/// What became of what was handed in later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Supply {
    /// The case.
    pub case: CaseId,
    /// Its number.
    pub number: String,
    /// It was done by this request.
    pub new: bool,
    /// Events that the case has now.
    pub events: u32,
}

fn one(refusal: Refusal) -> Vec<Defect> {
    vec![Defect { field: String::new(), refusal }]
}

fn is_key(key: &str) -> bool {
    let (least, most) = KEY_CHARS;
    (least..=most).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn key_is_wrong() -> Refusal {
    let (least, most) = KEY_CHARS;
    let what = Text::of(
        format!("请求头 idempotency-key 须为 {least} 至 {most} 个字母、数字、连字符或者下划线。"),
        format!("The header idempotency-key needs {least} to {most} letters, digits, hyphens or underscores."),
    );
    bad("idempotency_key", what)
}

fn other_request() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "key_used",
        Text::new("这个幂等键已经用于另一次提交。", "This key was used for something else that was handed in."),
        Text::new("新的申请或者补正请使用新的幂等键。", "Use a new key for whatever is new."),
    )
}

fn nothing_open() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "nothing_open",
        Text::new("这件申请现在没有需要申请人办理的。", "Nothing of this application waits for the applicant now."),
        Text::new(
            "请先查询办理状态；需要补交材料的，只提交材料。",
            "Ask how it stands; a paper alone can be handed in.",
        ),
    )
}

fn nothing_sent() -> Refusal {
    bad("nothing", Text::new("没有提交表单、材料，也没有提交申请。", "No form, no paper, and nothing to be handed in."))
}

fn unknown_field() -> Refusal {
    Refusal::bad_input(
        "unknown",
        Text::new("表单没有这个栏目，或者现在不能填写。", "The form has no such field, or it is not filled in now."),
        Text::new("请按接口给出的表单填写。", "Fill in the form as the interface describes it."),
    )
}

/// The steps by which an application is handed in, in their order: from the first of the party to the one from which the organ goes on.
#[must_use]
pub fn steps_of_application(procedure: &Procedure) -> Vec<&Step> {
    let is_partys = |s: &&Step| seat_of_step(procedure, s) == Seat::Applicant;
    let organ = |n: &Node<'_>| n.seat(procedure) != Seat::Applicant;
    let goes_on = |s: &Step| nodes(procedure).filter(organ).any(|n| n.after().contains(&s.id));
    let Some(first) = procedure.steps.iter().filter(is_partys).find(|s| s.after.is_empty()) else { return Vec::new() };
    let (mut way, mut last) = (vec![first], first);
    // Each round takes a step that is not there yet.
    for _ in &procedure.steps {
        if goes_on(last) {
            break;
        }
        let is_new = |s: &&Step| s.after.contains(&last.id) && !way.iter().any(|w| w.id == s.id);
        let after: Vec<&Step> = procedure.steps.iter().filter(is_partys).filter(is_new).collect();
        let Some(next) = after.iter().find(|s| goes_on(s)).or(after.first()).copied() else { break };
        way.push(next);
        last = next;
    }
    way
}

/// Steps of the party that may stand between two of its application: each is taken only where its form is filled in.
#[must_use]
pub fn optional_steps(procedure: &Procedure) -> Vec<&Step> {
    let way = steps_of_application(procedure);
    let partys = procedure.steps.iter().filter(|s| seat_of_step(procedure, s) == Seat::Applicant);
    let is_between = |s: &&Step| {
        let follows = way.iter().position(|w| s.after.contains(&w.id));
        follows.and_then(|at| way.get(at + 1)).is_some_and(|next| next.after.contains(&s.id))
    };
    partys.filter(|s| !way.iter().any(|w| w.id == s.id)).filter(is_between).collect()
}

/// The steps of an application, with those between them whose form is sent.
fn way_of<'a>(procedure: &'a Procedure, typed: &Typed) -> Vec<&'a Step> {
    let mut way = steps_of_application(procedure);
    for step in optional_steps(procedure) {
        let is_sent = fields_of(procedure, &step.id).iter().any(|f| typed.contains_key(&f.id));
        let follows = way.iter().position(|w| step.after.contains(&w.id));
        if let Some(at) = follows.filter(|_| is_sent) {
            way.insert(at + 1, step);
        }
    }
    way
}

/// What the party still has to do: the rest of the application, else the completion of what was asked for.
fn still_to_do<'a>(docket: &Docket<'a>, typed: &Typed) -> Vec<&'a Step> {
    let (procedure, case) = (docket.procedure, docket.case);
    if case.abandoned.is_some() || case.outcome().is_some() {
        return Vec::new();
    }
    // Once the application is in, what could have stood in it is over.
    let is_in = steps_of_application(procedure).iter().all(|s| case.done(&s.id).is_some());
    let mut steps = if is_in { Vec::new() } else { way_of(procedure, typed) };
    steps.retain(|s| case.done(&s.id).is_none());
    if steps.is_empty() && docket.awaits_rest() {
        let completion = procedure.steps.iter().filter(|s| s.id == COMPLETE);
        steps.extend(completion.filter(|s| docket.opened_by(Node::Step(s)).is_some()));
    }
    steps
}

/// A step with what is asked of its form now, and what stands in it.
struct Todo<'a> {
    step: &'a Step,
    fields: Vec<&'a Field>,
    typed: Typed,
}

/// The steps with their forms: what was kept before, the place of the application, and what is sent now.
fn todos<'a>(
    procedure: &'a Procedure,
    steps: &[&'a Step],
    case: Option<&Case>,
    place: &str,
    filled: &Filled,
) -> Vec<Todo<'a>> {
    // A draft is kept at the step that is open; only what is handed in goes through them all.
    let steps = if filled.complete { steps } else { steps.get(..1).unwrap_or_default() };
    let todo = |&step: &&'a Step| {
        let mut fields = fields_of(procedure, &step.id);
        let kept = case.and_then(|c| c.values_of(&step.id));
        let mut typed: Typed =
            kept.map(|v| v.iter().map(|(id, value)| (id.to_owned(), value.typed())).collect()).unwrap_or_default();
        let is_filled = filled.complete || !filled.typed.is_empty();
        if let Some(field) = procedure.place_field().filter(|f| f.step == step.id && is_filled) {
            typed.entry(field.id.clone()).or_insert_with(|| place.to_owned());
        }
        for field in &fields {
            if let Some(text) = filled.typed.get(&field.id) {
                typed.insert(field.id.clone(), text.clone());
            }
        }
        typed.retain(|_, text| !text.trim().is_empty());
        if !filled.complete {
            fields.retain(|f| typed.contains_key(&f.id));
        }
        Todo { step, fields, typed }
    };
    steps.iter().map(todo).collect()
}

/// Everything that is wrong with forms, in the order of their fields, then what no form asks for.
fn faults_of_forms(todos: &[Todo<'_>], procedure: &Procedure, filled: &Filled, today: CivilDate) -> Vec<Defect> {
    let mut defects = Vec::new();
    for todo in todos {
        for fault in form::check_on(&todo.fields, &todo.typed, today).err().unwrap_or_default() {
            let refusal = Refusal::bad_input(&fault.field, fault.what, fault.next);
            defects.push(Defect { field: format!("fields.{}", fault.field), refusal });
        }
    }
    let is_asked = |id: &str| todos.iter().any(|t| fields_of(procedure, &t.step.id).iter().any(|f| f.id == id));
    let unknown = filled.typed.keys().filter(|id| !is_asked(id)).take(form::FIELDS);
    defects.extend(unknown.map(|id| {
        let name: String = id.chars().take(NAMED_CHARS).collect();
        Defect { field: format!("fields.{name}"), refusal: unknown_field() }
    }));
    defects
}

/// A field that no open form asks for stands in the case as it was sent: what broke off between two steps is sent again as it was.
fn stands(case: &Case, procedure: &Procedure, filled: &Filled, defect: &Defect) -> bool {
    let of = || -> Option<bool> {
        let field = procedure.field(defect.field.strip_prefix("fields.")?)?;
        let sent = Typed::from([(field.id.clone(), filled.typed.get(&field.id)?.clone())]);
        let sent = form::check(&[field], &sent).ok()?;
        let kept = case.done(&field.step).and_then(|_| case.values_of(&field.step))?;
        Some(kept.get(&field.id) == sent.get(&field.id))
    };
    defect.refusal.code == "unknown" && of() == Some(true)
}

/// Everything that is wrong with papers, each at its place in the list.
fn faults_of_papers(procedure: &Procedure, papers: &[Upload]) -> Vec<Defect> {
    if papers.len() > MOST_UPLOADS {
        let what = Text::of(
            format!("一次至多提交{MOST_UPLOADS}个文件。"),
            format!("At most {MOST_UPLOADS} files are handed in at once."),
        );
        return vec![Defect { field: "papers".to_owned(), refusal: bad("uploads", what) }];
    }
    let mut seen = BTreeSet::new();
    let mut defects = Vec::new();
    for (n, paper) in papers.iter().enumerate() {
        let known = procedure.materials.iter().any(|m| m.id == paper.material);
        let twice = || {
            let what = Text::new("同一个文件提交了两次。", "The same file was handed in twice.");
            bad("paper_there", what)
        };
        let refusal = match paper.act() {
            _ if !known => {
                let what = Text::new("本程序没有这项材料。", "The procedure asks for no such material.");
                Some(bad("paper_material", what))
            }
            Err(refusal) => Some(refusal),
            Ok(_) => (!seen.insert(Sha256::of(&paper.bytes))).then(twice),
        };
        defects.extend(refusal.map(|refusal| Defect { field: format!("papers[{n}]"), refusal }));
    }
    defects
}

impl Authority {
    /// Takes in what another system hands in: begins the case, keeps form and papers, and hands the application in where it is complete. The same
    /// key with the same request is answered as before; what broke off is gone on with.
    ///
    /// # Errors
    /// No permission; `idempotency_key`, `key_used`; every defect of party, form and papers at once; those of `begin`; or the store. What refuses
    /// the handing in of a case that is begun stands in the answer.
    pub async fn take_in(&self, by: By, handed: HandedIn) -> Result<Taken, Vec<Defect>> {
        let account = by.needs(Permission::HandleCases).map_err(one)?;
        if !is_key(&handed.key) {
            return Err(one(key_is_wrong()));
        }
        // One at a time: two requests with one key must not begin two cases.
        let _turn = self.0.exchange.lock().await;
        let kept = self.store().exchanged(account, &handed.key).await.map_err(|e| one(e.into()))?;
        let (begun, new) = match kept {
            Some(kept) => (self.answered(&kept, handed.request).await.map_err(one)?, false),
            None => (self.begin_whole(by, &handed).await?, true),
        };
        let (place, filled) = (handed.place, handed.filled);
        let refused = self.go_on_handed(by, begun.case, &place, filled).await.err();
        let handed_in = self.is_handed_in(by, begun.case).await.map_err(one)?;
        Ok(Taken { begun, new, handed_in, refused })
    }

    /// Looks at all of it, and begins the case only where nothing is wrong. Case and key are one transaction: whatever breaks off, the same key
    /// never meets its own case as somebody else's.
    async fn begin_whole(&self, by: By, handed: &HandedIn) -> Result<Begun, Vec<Defect>> {
        let today = self.now().shanghai_date();
        let facts_on = handed.facts_on.unwrap_or(today);
        if facts_on > today {
            let refusal = bad("facts_to_come", Text::new("日期不得晚于今天。", "The day must not be in the future."));
            return Err(vec![Defect { field: "facts_on".to_owned(), refusal }]);
        }
        let procedure = self.service(&handed.procedure, facts_on).await.map_err(one)?.procedure;
        let of_party = |faults: Vec<Refusal>| -> Vec<Defect> {
            let defect = |refusal: Refusal| {
                let is_form = matches!(refusal.kind, ErrorKind::BadInput);
                Defect { field: if is_form { format!("party.{}", refusal.code) } else { String::new() }, refusal }
            };
            faults.into_iter().map(defect).collect()
        };
        let mut defects = self.read_party(by, &handed.party).await.err().map(of_party).unwrap_or_default();
        // Another system always says whom it hands in for: of such a report the name would be kept.
        if form::is_unnamed(&procedure.fields.iter().collect::<Vec<&Field>>(), &handed.filled.typed) {
            return Err(one(unnamed_with_party()));
        }
        let steps = way_of(procedure, &handed.filled.typed);
        if steps.is_empty() && (handed.filled.complete || !handed.filled.typed.is_empty()) {
            return Err(one(nothing_open()));
        }
        defects.extend(
            self.defects(by, None, procedure, (&steps, &handed.place, facts_on), &handed.filled).await.map_err(one)?,
        );
        if !defects.is_empty() {
            return Err(defects);
        }
        let party = self.party_for_counter(by, &handed.party).await.map_err(of_party)?;
        let beginning = Beginning {
            procedure: handed.procedure.clone(),
            channel: Channel::Counter,
            party: Some(party),
            place: handed.place.clone(),
            office: None,
            facts_on: Some(facts_on),
            title: handed.title.clone(),
            again: String::new(),
        };
        let sent = (handed.key.as_str(), handed.request);
        self.begin_handed(by, &beginning, sent, &handed.filled.typed).await.map_err(one)
    }

    /// Codes of divisions that are none, or none on the day of the facts.
    fn faults_of_places(&self, todos: &[Todo<'_>], on: CivilDate) -> Vec<Defect> {
        let packs = self.gate().packs();
        let of = |todo: &Todo<'_>| form::place_faults(packs, &todo.fields, |id| todo.typed.get(id).cloned(), on);
        let defect = |fault: form::FieldFault| Defect {
            field: format!("fields.{}", fault.field),
            refusal: Refusal::bad_input(&fault.field, fault.what, fault.next),
        };
        todos.iter().flat_map(of).map(defect).collect()
    }

    /// Everything that is wrong with form and papers; what is an attempt is entered.
    async fn defects(
        &self,
        by: By,
        case: Option<&Case>,
        procedure: &Procedure,
        (steps, place, on): (&[&Step], &str, CivilDate),
        filled: &Filled,
    ) -> Result<Vec<Defect>, Refusal> {
        let todos = todos(procedure, steps, case, place, filled);
        let is_new = |d: &Defect| filled.wrong.iter().all(|known| known.field != d.field);
        let mut of_forms = faults_of_forms(&todos, procedure, filled, self.now().shanghai_date());
        of_forms.extend(self.faults_of_places(&todos, on));
        of_forms.retain(|d| is_new(d) && case.is_none_or(|case| !stands(case, procedure, filled, d)));
        if !of_forms.is_empty() {
            for todo in &todos {
                self.tried_numbers(by, None, &todo.fields, &todo.typed).await?;
            }
        }
        let mut of_papers = faults_of_papers(procedure, &filled.papers);
        of_papers.retain(is_new);
        let mut defects = filled.wrong.clone();
        defects.extend(of_forms);
        defects.extend(of_papers);
        for defect in defects.iter().filter(|d| d.field.starts_with("papers")) {
            self.log_refusal(by.account, None, &defect.refusal).await?;
        }
        Ok(defects)
    }

    /// Does what an application brings, as far as it is not done. A case that somebody else has gone on with since is left as it is.
    async fn go_on_handed(&self, by: By, case: CaseId, place: &str, filled: Filled) -> Result<(), Refusal> {
        if filled.is_empty() {
            return Ok(());
        }
        let (_, loaded) = self.known_case(by, case).await?;
        let own = loaded.recorded.iter().all(|r| r.by == by.account);
        // A draft is kept in one act: with that the case has more than its first event.
        let open = if filled.complete { own } else { own && loaded.row.events == 1 };
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let (packs, today) = (self.gate().packs(), self.now().shanghai_date());
        let docket = Docket { packs, procedure, case: &loaded.case, today };
        let is_done =
            filled.complete && steps_of_application(procedure).iter().all(|s| loaded.case.done(&s.id).is_some());
        if !open || is_done {
            return Ok(());
        }
        let steps = still_to_do(&docket, &filled.typed);
        let todos = todos(procedure, &steps, Some(&loaded.case), place, &filled);
        let on = docket.last_known_day().unwrap_or(today);
        self.carry(by, (case, loaded.row.events, on), &todos, filled, None).await?;
        Ok(())
    }

    /// The steps, each an act of its own and of the day `on`; papers and key go with the last. The number of events that the case has then.
    async fn carry(
        &self,
        by: By,
        (case, mut seen, on): (CaseId, u32, CivilDate),
        todos: &[Todo<'_>],
        filled: Filled,
        handed: Option<(String, Sha256)>,
    ) -> Result<u32, Refusal> {
        let Filled { typed, papers, complete, note, .. } = filled;
        let first = papers.first().map(given);
        let last = Attached { uploads: papers, handed, ..Attached::default() };
        if !complete {
            let form = todos.first().filter(|t| !typed.is_empty() && !t.typed.is_empty());
            let act = form.map(|t| CaseAct::Fill { step: t.step.id.clone(), typed: t.typed.clone() });
            let act = act.or(first).ok_or_else(nothing_sent)?;
            return Ok(self.act_with(by, case, &Command { seen, act }, last).await?.events);
        }
        let Some((end, before)) = todos.split_last() else { return Err(nothing_open()) };
        for todo in before {
            let act = step_done(todo, String::new(), on);
            seen = self.act_with(by, case, &Command { seen, act }, Attached::default()).await?.events;
        }
        let act = step_done(end, note, on);
        Ok(self.act_with(by, case, &Command { seen, act }, last).await?.events)
    }

    async fn answered(&self, kept: &Kept, request: Sha256) -> Result<Begun, Refusal> {
        if kept.request != request {
            return Err(other_request());
        }
        let row = self.store().case(kept.case).await?.ok_or_else(no_case)?;
        Ok(Begun { case: row.id, number: row.number, code: self.store().case_code(row.id), office: row.head.office })
    }

    /// Every step of the application is done.
    async fn is_handed_in(&self, by: By, case: CaseId) -> Result<bool, Refusal> {
        let (_, loaded) = self.known_case(by, case).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let steps = steps_of_application(procedure);
        Ok(!steps.is_empty() && steps.iter().all(|s| loaded.case.done(&s.id).is_some()))
    }

    /// Takes in what is handed in later: what was asked for, the rest of a draft, or papers alone. The same key with the same request is answered
    /// and not done again.
    ///
    /// # Errors
    /// No permission; `idempotency_key`, `key_used`; `not_found`, also for cases of others; `nothing_open`; every defect of form and papers at
    /// once; those of `act`; or the store.
    pub async fn supply(&self, by: By, supplied: Supplied) -> Result<Supply, Vec<Defect>> {
        let account = by.needs(Permission::HandleCases).map_err(one)?;
        if !is_key(&supplied.key) {
            return Err(one(key_is_wrong()));
        }
        let _turn = self.0.exchange.lock().await;
        let row = self.case_of_number(by, &supplied.number).await.map_err(one)?;
        let kept = self.store().exchanged(account, &supplied.key).await.map_err(|e| one(e.into()))?;
        if let Some(kept) = kept {
            if kept.request != supplied.request || kept.case != row.id {
                return Err(one(other_request()));
            }
            return Ok(Supply { case: row.id, number: row.number, new: false, events: row.events });
        }
        let Supplied { key, request, filled, .. } = supplied;
        if filled.is_empty() {
            return Err(one(nothing_sent()));
        }
        let loaded = self.load(row).await.map_err(one)?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure).map_err(one)?;
        let (packs, today) = (self.gate().packs(), self.now().shanghai_date());
        let docket = Docket { packs, procedure, case: &loaded.case, today };
        let steps = still_to_do(&docket, &filled.typed);
        if steps.is_empty() && (filled.complete || !filled.typed.is_empty()) {
            return Err(one(nothing_open()));
        }
        let asked = (steps.as_slice(), "", loaded.case.facts_on);
        let defects = self.defects(by, Some(&loaded.case), procedure, asked, &filled).await.map_err(one)?;
        if !defects.is_empty() {
            return Err(defects);
        }
        let todos = todos(procedure, &steps, Some(&loaded.case), "", &filled);
        let (case, number) = (loaded.row.id, loaded.row.number.clone());
        let on = docket.last_known_day().unwrap_or(today);
        let events = self.carry(by, (case, loaded.row.events, on), &todos, filled, Some((key, request))).await;
        Ok(Supply { case, number, new: true, events: events.map_err(one)? })
    }
}

/// A paper that comes by itself.
fn given(paper: &Upload) -> CaseAct {
    CaseAct::GivePaper {
        material: paper.material.clone(),
        sha256: Sha256::of(&paper.bytes),
        bytes: u64::try_from(paper.bytes.len()).unwrap_or(u64::MAX),
        // What it really is the corridor finds out from its bytes.
        kind: PaperKind::Other,
        name: None,
    }
}

fn step_done(todo: &Todo<'_>, note: String, on: CivilDate) -> CaseAct {
    CaseAct::Done { step: todo.step.id.clone(), typed: todo.typed.clone(), note, officers: Vec::new(), on }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Pii;
    use domain::casework::node;

    fn pdf(material: &str, name: &str, bytes: &[u8]) -> Upload {
        Upload { material: material.into(), name: Pii::new(name.into()), bytes: bytes.to_vec() }
    }

    fn today() -> CivilDate {
        CivilDate::parse("2026-11-23").unwrap()
    }

    #[test]
    fn keys_are_plain_words() {
        assert!(is_key("12345678") && is_key(&"a".repeat(100)) && is_key("a-b_c-D_9"));
        for wrong in ["", "1234567", "a b c d e", "中文中文中文", "a/b/c/d/e"] {
            assert!(!is_key(wrong), "{wrong}");
        }
        assert!(!is_key(&"a".repeat(101)));
    }

    #[test]
    fn an_application_goes_to_where_the_organ_takes_over() {
        let packs = law::Packs::embedded().unwrap();
        let way = |id: &str| -> Vec<String> {
            let procedure = packs.procedure(id).unwrap();
            steps_of_application(procedure).iter().map(|s| s.id.clone()).collect()
        };
        assert_eq!(way("area_approval"), ["apply"]);
        assert_eq!(way("system_filing"), ["use", "file"]);
        let filing = packs.procedure("system_filing").unwrap();
        assert_eq!(optional_steps(filing).iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["in_use_before"]);
        let typed = Typed::from([("in_use_before_day".to_owned(), "2025-04-01".to_owned())]);
        let whole: Vec<&str> = way_of(filing, &typed).into_iter().map(|s| s.id.as_str()).collect();
        assert_eq!(whole, ["use", "in_use_before", "file"]);
        for procedure in packs.procedures() {
            let way = steps_of_application(procedure);
            let ids: BTreeSet<&str> = way.iter().map(|s| s.id.as_str()).collect();
            assert_eq!(ids.len(), way.len(), "{}: each step once", procedure.id);
            for pair in way.windows(2) {
                assert!(pair[1].after.contains(&pair[0].id), "{}", procedure.id);
            }
            assert!(way.iter().all(|s| node(procedure, &s.id).unwrap().seat(procedure) == Seat::Applicant));
        }
    }

    #[test]
    fn every_defect_is_told_at_once_and_repeats_nothing() {
        let packs = law::Packs::embedded().unwrap();
        let procedure = packs.procedure("area_approval").unwrap();
        let steps = steps_of_application(procedure);
        let mut typed: Typed = fields_of(procedure, "apply").iter().map(|f| (f.id.clone(), f.sample.clone())).collect();
        typed.remove("place_division");
        let whole = Filled { typed, complete: true, ..Filled::default() };
        let of = |filled: &Filled| {
            let forms = faults_of_forms(&todos(procedure, &steps, None, "230102", filled), procedure, filled, today());
            let papers = faults_of_papers(procedure, &filled.papers);
            forms.into_iter().chain(papers).map(|d| d.field).collect::<Vec<_>>()
        };
        assert_eq!(of(&whole), Vec::<String>::new(), "the place of the application is the answer of the form");
        let mut wrong = whole.clone();
        wrong.typed.insert("credit_code".into(), "91350100M000100Y44".into());
        wrong.typed.insert("devices_total".into(), "many".into());
        wrong.typed.remove("need");
        wrong.typed.insert("deliver_way".into(), "direct".into());
        wrong.papers = vec![
            pdf("application", "a.pdf", b"%PDF-1.7"),
            pdf("application", "b.pdf", b"%PDF-1.7"),
            pdf("application", "a.png", b"%PDF-1.7 2"),
            pdf("application", "a.exe", b"MZ"),
            pdf("nothing", "a.pdf", b"%PDF-1.7 3"),
            pdf("application", "c.pdf", b""),
        ];
        let found = of(&wrong);
        let wanted = ["fields.credit_code", "fields.need", "fields.devices_total", "fields.deliver_way"];
        assert_eq!(
            found.iter().filter(|f| f.starts_with("fields")).collect::<Vec<_>>(),
            wanted.iter().collect::<Vec<_>>()
        );
        let papers = ["papers[1]", "papers[2]", "papers[3]", "papers[4]", "papers[5]"];
        assert_eq!(
            found.iter().filter(|f| f.starts_with("papers")).collect::<Vec<_>>(),
            papers.iter().collect::<Vec<_>>()
        );
        let many = vec![pdf("application", "a.pdf", b"%PDF-1.7"); MOST_UPLOADS + 1];
        assert_eq!(faults_of_papers(procedure, &many)[0].refusal.code, "uploads");
        let told =
            format!("{:?}", faults_of_forms(&todos(procedure, &steps, None, "", &wrong), procedure, &wrong, today()));
        assert!(!told.contains("Y44") && !told.contains("many\""), "{told}");
    }

    #[test]
    fn a_draft_asks_for_nothing_that_is_not_there() {
        let packs = law::Packs::embedded().unwrap();
        let procedure = packs.procedure("area_approval").unwrap();
        let steps = steps_of_application(procedure);
        let typed =
            Typed::from([("need".to_owned(), "夜间失窃多发。".to_owned()), ("privacy".to_owned(), " ".to_owned())]);
        let draft = Filled { typed, ..Filled::default() };
        let todos = todos(procedure, &steps, None, "230102", &draft);
        assert!(faults_of_forms(&todos, procedure, &draft, today()).is_empty());
        assert_eq!(todos[0].typed.len(), 2, "the place and what was filled in");
        let whole = Filled { complete: true, ..draft };
        let todos = super::todos(procedure, &steps, None, "230102", &whole);
        assert!(faults_of_forms(&todos, procedure, &whole, today()).len() > 3, "handed in it is asked for whole");
    }
}
