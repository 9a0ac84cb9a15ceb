//! What this authority offers, which office is competent, and how a case begins.
//!
//! ```text
//! packs that reach this province ─▶ services (applicant is not the organ, some step is ours, in force)
//! begin: party ─▶ competent office (place) ─▶ same case open already? ─▶ engine `open` ─▶ barred? ─▶ number, first event, one transaction
//! ```
//! Always true: which packs reach is read from the packs; a case has the office that the place makes competent, or of several the one that a
//! person chose; two who open the same matter of a party at once open it once; a number is drawn in the transaction that stores the case; a
//! title that nobody gave names no natural person.

use super::act::not_saved;
use super::bans::subject_of;
use super::follow::{head_of, marks_of, new_event, procedure_of};
use super::who::Reach;
use super::{bad, fault};
use crate::{Authority, By};
use base::{CaseId, CivilDate, ErrorKind, OfficeId, PartyId, Refusal, Sha256, Text, UtcMs};
use domain::casework::{
    Case, Channel, Docket, Event, Opening, REASON_CHARS, Recorded, Seat, Typed, Who, is_ours, open,
};
use domain::form::{is_unnamed, place_fault};
use domain::identifier::DivisionCode;
use domain::office::{candidates, competent, instead_of};
use law::{Field, Party, Procedure, ProcedureKind, SiteProfile};
use std::collections::BTreeSet;
use store::StoreError;
use store::casework::cases::CaseRow;
use store::casework::events::{Beside, CaseChange, Saved};
use store::casework::numbers::{Numbering, Series};
use store::casework::parties::PartyData;

/// The series of numbers of cases.
const SERIES: &str = "case";
/// Cases of one party and procedure that an older program opened and that are read for the title they had.
const LOOKED_THROUGH: u32 = 200;
/// How often a case is tried to be opened while others of its party are.
const TRIES: usize = 4;

/// A procedure that people apply for.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// The procedure.
    pub procedure: &'a Procedure,
    /// The police organ that handles it.
    pub handler: Party,
}

/// How a case is to begin.
#[derive(Clone, PartialEq, Eq)]
pub struct Beginning {
    /// Word of the procedure.
    pub procedure: String,
    /// How it comes in.
    pub channel: Channel,
    /// Who applies, or whom it is about; of an applicant it is their own party.
    pub party: Option<PartyId>,
    /// Division of the place (GB/T 2260), which says which office is competent; needed online.
    pub place: String,
    /// The office that the person chose, where several are competent.
    pub office: Option<OfficeId>,
    /// The day whose law decides; none: today.
    pub facts_on: Option<CivilDate>,
    /// Short name for lists, no person's; empty: the unit's or the procedure's.
    pub title: String,
    /// Why the same is begun again though it is under way; empty: it is not.
    pub again: String,
}

impl std::fmt::Debug for Beginning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Beginning({} {})", self.procedure, self.channel.code())
    }
}

/// Key of a request of another system, and its digest.
pub(super) type Handed<'a> = (&'a str, Sha256);

/// A case that was begun.
#[derive(Clone, PartialEq, Eq)]
pub struct Begun {
    /// Its id.
    pub case: CaseId,
    /// Its number.
    pub number: String,
    /// What the receipt has beside the number; with both anybody asks how it stands.
    pub code: String,
    /// The office that has it.
    pub office: OfficeId,
}

/// Without the code.
impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Begun({} {})", self.case, self.number)
    }
}

/// The police organ that handles a procedure: who decides, else who does the first step that is ours; `None` where nothing is.
pub(super) fn handler(procedure: &Procedure) -> Option<Party> {
    let steps = procedure.steps.iter().map(|s| s.who);
    std::iter::once(procedure.organ).chain(steps).find(|party| is_ours(*party))
}

/// The words of a person, as an entry keeps them.
pub(super) fn reason(text: &str) -> Option<String> {
    let (least, most) = REASON_CHARS;
    let text = text.trim().replace("\r\n", "\n");
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let plain = text.chars().all(|c| c == '\n' || !c.is_control());
    (letters >= least && text.chars().count() <= most && plain).then_some(text)
}

fn same_case(there: &CaseRow) -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "same_case",
        Text::of(
            format!("同一当事人的同一事项已有案件在办：{}。", there.number),
            format!("The same matter of the same party is under way: {}.", there.number),
        ),
        Text::new(
            "请在该案件中继续办理；确需另行办理的，请写明理由。",
            "Go on in that case; where another one is really needed, say why.",
        ),
    )
}

fn not_competent(office: &str) -> Refusal {
    Refusal::new(
        ErrorKind::Forbidden,
        "other_office",
        Text::of(
            format!("该地的这一事项由「{office}」办理。"),
            format!("For that place, matters of this kind are handled by \"{office}\"."),
        ),
        Text::new("请移送该机关，或者请当事人向该机关申请。", "Hand it to that office, or send the party there."),
    )
}

impl Authority {
    /// Whether the pack of a procedure reaches this server's province.
    pub(super) fn reaches(&self, procedure: &Procedure, site: SiteProfile) -> bool {
        let pack = self.gate().packs().all().iter().find(|p| p.folder == procedure.folder);
        pack.is_some_and(|p| p.reaches(site.jurisdiction))
    }

    fn offered(&self, procedure: &Procedure, site: SiteProfile, today: CivilDate) -> Option<Party> {
        // What a court or an organ of review decides is asked of them.
        let elsewhere = is_ours(procedure.applicant) || procedure.kind == ProcedureKind::Remedy;
        let for_people = !elsewhere && procedure.in_force(today) && self.reaches(procedure, site);
        handler(procedure).filter(|_| for_people)
    }

    /// The procedures that people apply for here today, in the order of the packs.
    ///
    /// # Errors
    /// The store.
    pub async fn services(&self, today: CivilDate) -> Result<Vec<Service<'_>>, Refusal> {
        let site = self.site_profile().await?;
        let all = self.gate().packs().procedures().iter();
        let offered = all.filter_map(|p| Some(Service { procedure: p, handler: self.offered(p, site, today)? }));
        Ok(offered.collect())
    }

    /// Every procedure that an officer can open here for today's matters, in the order of the packs.
    ///
    /// # Errors
    /// The store.
    pub async fn openable(&self, today: CivilDate) -> Result<Vec<&Procedure>, Refusal> {
        let site = self.site_profile().await?;
        let all = self.gate().packs().procedures().iter();
        Ok(all.filter(|p| p.in_force(today) && self.reaches(p, site)).collect())
    }

    /// Those of [`Self::openable`] that the office of an officer may handle in its own territory, as `begin` asks it; whoever has no office is told
    /// all.
    ///
    /// # Errors
    /// The store.
    pub async fn openable_by(&self, by: By, today: CivilDate) -> Result<Vec<&Procedure>, Refusal> {
        let mut all = self.openable(today).await?;
        let Some(row) = self.store().officer(by.account).await? else { return Ok(all) };
        let offices = self.open_offices().await?;
        let Some(own) = offices.iter().find(|office| office.id == row.office) else { return Ok(all) };
        all.retain(|procedure| {
            let Some(party) = handler(procedure) else { return true };
            let may_be = candidates(party, &offices, &own.division);
            may_be.is_empty() || may_be.iter().any(|office| office.id == own.id)
        });
        Ok(all)
    }

    /// Every procedure that has ended, and that an officer can open here by the day of its facts, in the order of the packs.
    ///
    /// # Errors
    /// The store.
    pub async fn openable_of_old(&self, today: CivilDate) -> Result<Vec<&Procedure>, Refusal> {
        let site = self.site_profile().await?;
        let all = self.gate().packs().procedures().iter();
        Ok(all.filter(|p| p.has_ended(today) && self.reaches(p, site)).collect())
    }

    /// A procedure that people apply for here on a day.
    ///
    /// # Errors
    /// `procedure_unknown`, `not_offered`, or the store.
    pub async fn service(&self, id: &str, today: CivilDate) -> Result<Service<'_>, Refusal> {
        let procedure = procedure_of(self.gate(), id)?;
        let site = self.site_profile().await?;
        let handler = self.offered(procedure, site, today).ok_or_else(|| not_offered(procedure))?;
        Ok(Service { procedure, handler })
    }

    /// Of these divisions those for which this server has a competent office, one or several to choose from.
    ///
    /// # Errors
    /// The store.
    pub async fn served(&self, procedure: &Procedure, places: &[&str]) -> Result<BTreeSet<String>, Refusal> {
        let Some(handler) = handler(procedure) else { return Ok(BTreeSet::new()) };
        let offices = self.open_offices().await?;
        let has =
            |code: &str| DivisionCode::parse(code).is_ok_and(|place| !candidates(handler, &offices, &place).is_empty());
        Ok(places.iter().filter(|code| has(code)).map(|code| (*code).to_owned()).collect())
    }

    /// Begins a case.
    ///
    /// # Errors
    /// No permission, `no_office`, `no_party`, `procedure_unknown`, `not_offered`, the division (`place`, `no_office_here`,
    /// `several_offices`, `other_office`), `same_case`, `again`, those of `domain::casework::open`, or the store.
    pub async fn begin(&self, by: By, form: &Beginning) -> Result<Begun, Refusal> {
        self.begin_from(by, form, None).await
    }

    /// As `begin`, from another case, the own one of a party or one of the own office: the two name each other, and a penalty is handled by the
    /// officer who opens it so.
    ///
    /// # Errors
    /// As `begin`; `not_found`, `other_office` for the case it is to come from.
    pub async fn begin_from(&self, by: By, form: &Beginning, from: Option<CaseId>) -> Result<Begun, Refusal> {
        self.begin_filled(by, form, from, &Typed::new()).await
    }

    /// As `begin_from`, with the form of its first step at hand: where that names what the case is about and a bar stands against it, nothing is
    /// begun; where it says that whoever reports stays unnamed, the case has no party. The form itself is not kept by this.
    ///
    /// # Errors
    /// As `begin_from`; `applicant_barred` also by what the form names.
    pub async fn begin_filled(
        &self,
        by: By,
        form: &Beginning,
        from: Option<CaseId>,
        typed: &Typed,
    ) -> Result<Begun, Refusal> {
        if let Some(from) = from {
            let (reach, loaded) = self.known_case(by, from).await?;
            // Who looks on from an office above begins nothing from its cases.
            if !matches!(reach, Reach::Party(_)) {
                self.acts_for(by.account, loaded.row.head.office).await?;
            }
        }
        self.begin_as(by, form, (from, None), typed).await
    }

    /// As `begin_filled`, for the request of another system: its key and digest are kept in the transaction that begins the case.
    pub(super) async fn begin_handed(
        &self,
        by: By,
        form: &Beginning,
        handed: Handed<'_>,
        typed: &Typed,
    ) -> Result<Begun, Refusal> {
        self.begin_as(by, form, (None, Some(handed)), typed).await
    }

    async fn begin_as(
        &self,
        by: By,
        form: &Beginning,
        origin: (Option<CaseId>, Option<Handed<'_>>),
        typed: &Typed,
    ) -> Result<Begun, Refusal> {
        let mut begun = self.begin_once(by, form, origin, typed).await;
        for _ in 1..TRIES {
            // Another case of the party was opened meanwhile: whether it is the same matter is asked again.
            if begun.as_ref().is_err_and(|refusal| refusal.code == "case_moved_on") {
                begun = self.begin_once(by, form, origin, typed).await;
            }
        }
        if let Err(refusal) = &begun {
            self.log_refusal(by.account, None, refusal).await?;
        }
        begun
    }

    async fn begin_once(
        &self,
        by: By,
        form: &Beginning,
        (from, handed): (Option<CaseId>, Option<Handed<'_>>),
        typed: &Typed,
    ) -> Result<Begun, Refusal> {
        let who = self.who(by).await?;
        let now = self.now();
        let today = now.shanghai_date();
        let procedure = procedure_of(self.gate(), &form.procedure)?;
        if !self.reaches(procedure, self.site_profile().await?) {
            return Err(not_offered(procedure));
        }
        let named: Vec<&Field> = procedure.fields.iter().collect();
        let party = match who.seat {
            Seat::Applicant => who.party,
            // Who reports and stays unnamed is entered nowhere.
            _ => form.party.filter(|_| !is_unnamed(&named, typed)),
        };
        let office = self.office_for(&who, procedure, form).await?;
        let title = self.title_for(procedure, party, &form.title).await?;
        // Counted before they are looked at: the transaction that opens the case counts again.
        let beside = match party {
            Some(party) => {
                let seen = self.store().cases_beside(party, &procedure.id).await?;
                Some(Beside { party, procedure: &procedure.id, seen })
            }
            None => None,
        };
        let again = self.same_again(party, procedure, &title, &form.again).await?;
        let facts_on = form.facts_on.unwrap_or(today);
        let opening = Opening { office, facts_on, channel: form.channel, party, title, from_case: from };
        let mut events = open(self.gate().packs(), procedure, &opening, &who, today)?;
        // The register calls a matter by what its form named; where this form names nothing yet, by the title.
        let matter = subject_of(procedure, typed);
        let subject = if matter.is_empty() { &opening.title } else { &matter };
        if let Some(refusal) = self.barred(procedure, party, subject, facts_on).await? {
            return Err(refusal);
        }
        events.extend(again.map(|words| Event::Noted { words }));
        self.open_case((procedure, office), &who, &events, (handed, beside), now).await
    }

    /// Number, first events, head and the key of who handed it in, in one transaction; only beside the cases that were looked at.
    pub(super) async fn open_case(
        &self,
        (procedure, office): (&Procedure, OfficeId),
        who: &Who,
        events: &[Event],
        (handed, beside): (Option<Handed<'_>>, Option<Beside<'_>>),
        now: UtcMs,
    ) -> Result<Begun, Refusal> {
        let mut recorded = Vec::with_capacity(events.len());
        for (index, event) in (0..).zip(events) {
            recorded.push(Recorded { index, at: now, by: who.account, event: event.clone() });
        }
        let case = Case::fold(&recorded).map_err(|e| fault(&e))?;
        let today = now.shanghai_date();
        let docket = Docket { packs: self.gate().packs(), procedure, case: &case, today };
        let (head, clocks) = head_of(&docket, None, now);
        let party = self.party_data(case.party).await?;
        let marks = marks_of(&docket, party.as_ref());
        let kept = events.iter().map(|event| new_event(procedure, event, &[])).collect::<Result<Vec<_>, _>>()?;
        let row = self.store().office(office).await?.ok_or_else(|| Refusal::not_found("该机构", "office"))?;
        let (short, year) = (self.short_name(&row).await?, today.0.year());
        let numbering = Numbering {
            series: Series { office, series: SERIES.to_owned(), year },
            before: format!("{short}〔{year}〕"),
            after: "号".to_owned(),
            width: 0,
        };
        let id = self.store().new_case_id(now).map_err(StoreError::from)?;
        let change = CaseChange {
            opening: Some(&numbering),
            marks: Some(&marks),
            clocks: &clocks,
            from: case.from_case,
            handed,
            beside,
            ..CaseChange::new(id, 0, Some(who.account), &head, &kept)
        };
        match self.store().add_events(&change, now).await? {
            Saved::Done(changed) => {
                Ok(Begun { case: id, number: changed.number, code: self.store().case_code(id), office })
            }
            saved => Err(not_saved(&saved)),
        }
    }

    /// Whether the office of an account may get a case of this procedure at all: asked before a form is filled in. Who has no office is told
    /// when they send it.
    ///
    /// # Errors
    /// `other_office` with the office that has it, an unknown procedure, or the store.
    pub async fn may_get(&self, by: By, procedure: &str) -> Result<(), Refusal> {
        let procedure = procedure_of(self.gate(), procedure)?;
        let (Some(handler), Some(row)) = (handler(procedure), self.store().officer(by.account).await?) else {
            return Ok(());
        };
        let offices = self.open_offices().await?;
        instead_of(handler, &offices, row.office).map_or(Ok(()), |office| Err(not_competent(&office.name)))
    }

    /// The division of a place, as the list of its province has it on the day of the facts.
    fn place_of(&self, typed: &str, facts_on: Option<CivilDate>) -> Result<DivisionCode, Refusal> {
        let place = DivisionCode::parse(typed).map_err(|f| Refusal::bad_input("place", f.what(), f.next()))?;
        let on = facts_on.unwrap_or(self.now().shanghai_date());
        match place_fault(self.gate().packs(), place.as_str(), on) {
            Some((what, next)) => Err(Refusal::bad_input("place", what, next)),
            None => Ok(place),
        }
    }

    /// The office that gets the case: an officer's own, if it may be the competent one; for an applicant the one of the place.
    async fn office_for(&self, who: &Who, procedure: &Procedure, form: &Beginning) -> Result<OfficeId, Refusal> {
        let offices = self.open_offices().await?;
        // What others carry out is entered by an officer, of whichever office watches over it; nobody applies for it.
        let Some(handler) = handler(procedure) else { return who.office.ok_or_else(|| not_offered(procedure)) };
        let place = match form.place.trim() {
            "" => None,
            typed => Some(self.place_of(typed, form.facts_on)?),
        };
        match (who.office, place) {
            (Some(own), place) => {
                // Without a place it is about the office's own territory.
                let own_place = offices.iter().find(|o| o.id == own).map(|o| o.division);
                let Some(place) = place.or(own_place) else { return Ok(own) };
                let may_be = candidates(handler, &offices, &place);
                match may_be.first() {
                    Some(first) if !may_be.iter().any(|o| o.id == own) => Err(not_competent(&first.name)),
                    _ => Ok(own),
                }
            }
            (None, None) => {
                let what = Text::new("请选择办理地的行政区划。", "Choose the division of the place it is about.");
                Err(bad("place", what))
            }
            (None, Some(place)) => {
                let may_be = candidates(handler, &offices, &place);
                match form.office.filter(|id| may_be.iter().any(|o| o.id == *id)) {
                    Some(chosen) => Ok(chosen),
                    None => competent(handler, &offices, &place).map(|office| office.id),
                }
            }
        }
    }

    /// What lists call the case: what was typed, else the unit, else the procedure; never a natural person.
    async fn title_for(&self, procedure: &Procedure, party: Option<PartyId>, typed: &str) -> Result<String, Refusal> {
        let known = match party {
            Some(id) => {
                let row = self.store().party(id).await?;
                Some(row.ok_or_else(|| Refusal::not_found("该当事人", "party"))?.data)
            }
            None => None,
        };
        let unit = match known {
            Some(PartyData::Unit(unit)) => unit.name,
            _ => String::new(),
        };
        let found = [typed.trim(), unit.trim()].into_iter().find(|text| !text.is_empty());
        Ok(found.map_or_else(|| procedure.name_zh.clone(), str::to_owned))
    }

    /// A case of this party and matter that is under way. Lists call it by what was filled in since; it was begun under its own title.
    async fn same_there(&self, party: PartyId, procedure: &Procedure, title: &str) -> Result<Option<CaseRow>, Refusal> {
        let known = self.store().same_case(party, &procedure.id, title).await?;
        if known.is_some() {
            return Ok(known);
        }
        for row in self.store().cases_of_unknown_title(party, &procedure.id, LOOKED_THROUGH).await? {
            let loaded = self.load(row).await?;
            if loaded.case.title.expose() == title {
                return Ok(Some(loaded.row));
            }
        }
        Ok(None)
    }

    /// Nothing where the matter is new; the reason where it is begun beside another one.
    async fn same_again(
        &self,
        party: Option<PartyId>,
        procedure: &Procedure,
        title: &str,
        why: &str,
    ) -> Result<Option<String>, Refusal> {
        let Some(party) = party else { return Ok(None) };
        let Some(there) = self.same_there(party, procedure, title).await? else { return Ok(None) };
        if why.trim().is_empty() {
            return Err(same_case(&there));
        }
        let why = reason(why).ok_or_else(|| {
            let (least, most) = REASON_CHARS;
            let what = Text::of(
                format!("另行办理的理由：至少{least}个字，至多{most}个字符。"),
                format!("Why another case is needed: at least {least} letters, at most {most} characters."),
            );
            bad("again", what)
        })?;
        Ok(Some(why))
    }
}

fn not_offered(procedure: &Procedure) -> Refusal {
    let name = procedure.name();
    Refusal::new(
        ErrorKind::NotFound,
        "not_offered",
        Text::of(format!("本机关现在不受理「{}」。", name.zh), format!("\"{}\" is not taken here now.", name.en)),
        Text::new("请从办事清单中重新选择。", "Choose from the list of services."),
    )
}
