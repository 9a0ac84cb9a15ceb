//! The forms of the packs in the binary: every procedure has them, they ask what its registers hold, what the law wants before a decision
//! stands on it, lost text stays lost; and seeded defects are found by place.

use base::{ClauseId, Text};
use jifang_law as law;
use law::{Field, FieldKind, Guard, PackError, Packs, Party, Procedure, ProcedureKind as Kind};
use std::collections::BTreeMap;

type Files = BTreeMap<String, String>;

const PROVIDER: &str = "liaoning/ordinance-2015/procedures/provider_filing.toml";
const ACCEPTANCE: &str = "heilongjiang/ordinance-2012/procedures/acceptance.toml";
const APPROVAL: &str = "heilongjiang/ordinance-2012/procedures/area_approval.toml";
const RELOCATION: &str = "liaoning/ordinance-2015/procedures/relocation.toml";
const INSPECTION: &str = "liaoning/ordinance-2015/procedures/inspection_a.toml";
const FILING: &str = "national/order-799/procedures/system_filing.toml";
const VIEWING: &str = "liaoning/ordinance-2015/procedures/citizen_viewing.toml";
const REVIEW: &str = "liaoning/ordinance-2015/procedures/plan_review.toml";
const REPORT: &str = "national/order-799/procedures/report_handling.toml";
const PENALTY: &str = "national/penalty-law/procedures/penalty_case.toml";

fn packs() -> Packs {
    Packs::embedded().unwrap_or_else(|e| panic!("{e}"))
}

fn fields(packs: &Packs) -> impl Iterator<Item = (&Procedure, &Field)> {
    packs.procedures().iter().flat_map(|p| p.fields.iter().map(move |f| (p, f)))
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[test]
fn every_procedure_has_a_form_and_a_name_for_its_cases() {
    let packs = packs();
    for procedure in packs.procedures() {
        let id = &procedure.id;
        let subject = procedure.field(&procedure.subject).unwrap_or_else(|| panic!("{id} has no subject"));
        let first = &procedure.steps[0].id;
        assert!(procedure.fields_at(first).any(|f| f.id == subject.id), "{id}");
        assert_eq!(procedure.fields_at("nowhere").count(), 0);
        assert!(procedure.field("nowhere").is_none());
    }
    assert!(fields(&packs).count() >= 600, "{}", fields(&packs).count());
}

#[test]
fn every_register_that_an_outcome_enters_has_columns() {
    let packs = packs();
    for procedure in packs.procedures() {
        for register in procedure.outcomes.iter().flat_map(|o| &o.registers) {
            let columns = procedure.fields.iter().filter(|f| f.registers.contains(register)).count();
            assert!(columns > 0, "{}: register {register} has no column", procedure.id);
        }
    }
}

#[test]
fn names_and_hints_are_in_their_languages() {
    for (procedure, field) in fields(&packs()) {
        let at = format!("{} {}", procedure.id, field.id);
        let names = [Some(field.name()), field.hint()].into_iter().flatten();
        for Text { zh, en } in names.chain(field.choices.iter().map(law::FieldChoice::name)) {
            assert!(zh.chars().any(is_chinese), "{at}: {zh}");
            assert!(!en.chars().any(is_chinese) && en.chars().any(|c| c.is_ascii_alphabetic()), "{at}: {en}");
        }
    }
}

/// Whether the last character of a unified social credit code follows from the others (GB 32100-2015).
fn credit_code_holds(code: &str) -> bool {
    const LETTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let values: Vec<usize> = code.chars().map(|c| LETTERS.find(c).unwrap()).collect();
    let (sum, _) = values[..17].iter().fold((0, 1), |(sum, weight), value| (sum + value * weight, weight * 3 % 31));
    (31 - sum % 31) % 31 == values[17]
}

/// Whether the last character of a resident identity number follows from the others (GB 11643).
fn resident_id_holds(number: &str) -> bool {
    let digits = number[..17].bytes().map(|b| usize::from(b - b'0'));
    let (sum, _) = digits.rev().fold((0, 2), |(sum, weight), digit| (sum + digit * weight, weight * 2 % 11));
    number.ends_with(&"10X98765432"[sum % 11..=sum % 11])
}

/// Whether the last character of an organisation code follows from the others (GB 11714).
fn organisation_code_holds(code: &str) -> bool {
    let value = |c: char| usize::try_from(c.to_digit(36).unwrap()).unwrap();
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: usize = code.chars().take(8).zip(weights).map(|(c, weight)| value(c) * weight).sum();
    let check = ["0", "X", "9", "8", "7", "6", "5", "4", "3", "2", "1"][sum % 11];
    code.ends_with(&format!("-{check}"))
}

#[test]
fn identifiers_on_samples_have_the_right_check_digit() {
    assert!(!organisation_code_holds("D2143569-1"));
    assert!(!credit_code_holds("91350100M000100Y44") && !resident_id_holds("110105194912310021"));
    let mut seen = [0, 0, 0];
    for (procedure, field) in fields(&packs()) {
        let at = format!("{} {}: {}", procedure.id, field.id, field.sample);
        match field.kind {
            FieldKind::CreditCode => {
                seen[0] += 1;
                assert!(credit_code_holds(&field.sample), "{at}");
            }
            FieldKind::OrganisationCode => {
                seen[2] += 1;
                assert!(organisation_code_holds(&field.sample), "{at}");
            }
            FieldKind::ResidentId | FieldKind::IdentityDocument => {
                seen[1] += 1;
                assert!(resident_id_holds(&field.sample), "{at}");
            }
            _ => {}
        }
    }
    assert!(seen[0] >= 20 && seen[1] >= 5 && seen[2] >= 2, "{seen:?}");
}

#[test]
fn nobody_is_kept_from_applying_for_having_no_resident_card() {
    let packs = packs();
    for (procedure, field) in fields(&packs).filter(|(p, _)| p.until.is_none()) {
        let asked = field.kind == FieldKind::ResidentId && field.required;
        assert!(!asked, "{} {}: another identity document shows who somebody is, too", procedure.id, field.id);
    }
}

#[test]
fn what_people_read_names_articles_and_not_ids() {
    let packs = packs();
    let is_id = |word: &str| packs.clause(&ClauseId::new(word)).is_some();
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .map(|word| word.trim_matches('-').to_owned())
            .collect()
    };
    let mut told: Vec<(String, &str)> = Vec::new();
    for p in packs.procedures() {
        told.extend([&p.note_zh, &p.note_en].map(|note| (p.id.clone(), note.as_str())));
    }
    for (p, f) in fields(&packs) {
        told.extend([&f.hint_zh, &f.hint_en].map(|hint| (format!("{} {}", p.id, f.id), hint.as_str())));
    }
    for clause in packs.all().iter().flat_map(|pack| &pack.clauses) {
        let said = [&clause.gist_zh, &clause.gist_en, &clause.cite_en];
        told.extend(said.map(|text| (clause.id.clone(), text.as_str())));
    }
    for (at, text) in told {
        assert!(!words(text).iter().any(|word| is_id(word)), "{at}: {text}");
        assert!(!text.contains("urviving") && !text.contains("(lost)"), "{at}: {text}");
    }
}

#[test]
fn what_the_law_wants_stands_before_steps_and_decisions() {
    use Guard::{Head, LegalReview, Qualified, Reasons, TwoOfficers};
    let packs = packs();
    let cases: [(&str, &str, &[Guard]); 18] = [
        ("penalty_case", "investigate", &[TwoOfficers, Qualified]),
        ("penalty_case", "sample", &[TwoOfficers, Qualified]),
        ("penalty_case", "settle_sample", &[]),
        ("penalty_case", "examine_scene", &[TwoOfficers, Qualified]),
        ("penalty_case", "register_evidence", &[TwoOfficers, Qualified]),
        ("penalty_case", "fined", &[LegalReview, Head, Reasons]),
        ("penalty_case", "not_fined", &[Head, Reasons]),
        ("penalty_case", "withdraw", &[Reasons]),
        ("penalty_case", "open", &[]),
        ("penalty_case", "nowhere", &[]),
        ("on_the_spot_penalty", "identify", &[Qualified]),
        ("official_access", "show", &[TwoOfficers]),
        ("inspection_a", "inspect", &[TwoOfficers, Qualified]),
        ("inspection_b", "inspect_again", &[TwoOfficers, Qualified]),
        ("area_approval", "approved", &[Head]),
        ("area_approval", "refused", &[Head, Reasons]),
        ("evidence_retrieval", "issued", &[Head]),
        ("provider_filing", "filed", &[]),
    ];
    for (procedure, step, needs) in cases {
        assert_eq!(packs.procedure(procedure).unwrap().needs_of(step), needs, "{procedure} {step}");
    }
    for guard in [TwoOfficers, LegalReview, Head, Reasons, Qualified] {
        let name = guard.name();
        assert!(name.zh.chars().any(is_chinese) && name.en.is_ascii(), "{guard:?}");
    }
}

#[test]
fn a_chinese_sample_of_words_is_there_in_english_and_could_be_typed() {
    let packs = packs();
    let of_steps = fields(&packs).map(|(procedure, field)| (procedure.id.as_str(), field));
    let of_rows = packs.register_forms().iter().flat_map(|f| f.fields.iter().map(move |field| (f.id.as_str(), field)));
    let mut seen = 0;
    for (of, field) in of_steps.chain(of_rows) {
        let at = format!("{of} {}: {}", field.id, field.sample);
        assert!(field.sample_en.chars().count() <= usize::try_from(field.limit()).unwrap(), "{at}");
        assert!(!field.sample_en.chars().any(char::is_control) && field.sample_en.trim() == field.sample_en, "{at}");
        if matches!(field.kind, FieldKind::Line | FieldKind::Words | FieldKind::Name)
            && field.sample.chars().any(is_chinese)
        {
            assert!(!field.sample_en.is_empty(), "{at} has no sample_en");
            seen += 1;
        }
    }
    assert!(seen > 300, "{seen}");
}

/// Organs outside the police: what they decide is entered from their papers.
const OTHERS: [Party; 7] = [
    Party::ConstructionUnit,
    Party::UsingUnit,
    Party::ManagingUnit,
    Party::Experts,
    Party::Government,
    Party::ReviewOrgan,
    Party::Court,
];

#[test]
fn the_head_decides_only_what_is_ours_and_no_refusal_of_ours_is_without_reasons() {
    let refuses = ["refused", "failed", "not_", "declined", "kept", "no_case", "false_material", "to_penalty"];
    for procedure in packs().procedures() {
        let ours = !OTHERS.contains(&procedure.organ);
        for outcome in &procedure.outcomes {
            let at = format!("{} {}", procedure.id, outcome.id);
            assert!(ours || !outcome.needs.contains(&Guard::Head), "{at}");
            let refusal = refuses.iter().any(|word| outcome.id.starts_with(word));
            assert!(!ours || !refusal || outcome.needs.contains(&Guard::Reasons), "{at}");
        }
        // What refuses somebody who applied to us is the head's word: nobody's application falls by whoever examined it alone.
        let applied = [Kind::Licence, Kind::Examination, Kind::Filing, Kind::Consultation, Kind::Viewing, Kind::Reward];
        for outcome in procedure.outcomes.iter().filter(|_| ours && applied.contains(&procedure.kind)) {
            let refusal = refuses.iter().any(|word| outcome.id.starts_with(word));
            assert!(!refusal || outcome.needs.contains(&Guard::Head), "{} {}", procedure.id, outcome.id);
        }
        // The head takes steps of our own procedures alone: they are of the head's seat and bar nobody from the decision.
        assert!(ours || procedure.steps.iter().all(|s| !s.needs.contains(&Guard::Head)), "{}", procedure.id);
    }
}

#[test]
fn clocks_find_their_day_and_their_length_on_the_form() {
    let packs = packs();
    let day = |procedure: &str, step: &str| {
        let field = packs.procedure(procedure).unwrap().day_field(step);
        field.map(|f| (f.id.as_str(), f.step.as_str()))
    };
    assert_eq!(day("system_filing", "use"), Some(("use_day", "use")));
    assert_eq!(day("penalty_case", "deliver"), Some(("deliver_day", "deliver")));
    assert_eq!(day("penalty_case", "hold_hearing"), Some(("hold_hearing_day", "give_notice")));
    assert_eq!(day("review", "know"), Some(("know_day", "know")));
    assert_eq!(day("penalty_case", "investigate"), None);
    assert_eq!(day("penalty_case", "nowhere"), None);
    let notice = |step: &str| packs.procedure("penalty_case").unwrap().notice_field(step).map(|f| f.id.as_str());
    assert_eq!(["tell", "give_notice", "deliver"].map(notice).map(|id| id.is_some()), [true; 3]);
    assert_eq!((notice("deliver"), notice("pay")), (Some("deliver_notice_day"), None));
    let length = |procedure: &str, clock: &str| {
        let procedure = packs.procedure(procedure).unwrap();
        procedure.length_field(procedure.clock(clock).unwrap()).map(|f| f.id.as_str())
    };
    assert_eq!(length("inspection_a", "correct"), Some("correct_days"));
    assert_eq!(length("inspection_b", "correct"), Some("correct_days"));
    assert_eq!(length("penalty_case", "decide"), None);
}

#[test]
fn a_case_goes_where_its_place_is() {
    let packs = packs();
    let place = |procedure: &str| packs.procedure(procedure).unwrap().place_field().map(|f| f.id.as_str());
    assert_eq!(place("relocation"), Some("system_division"));
    assert_eq!(place("outside_provider_filing"), Some("work_division"));
    assert_eq!(place("review"), None);
    // Whoever applies to the police says where.
    for procedure in packs.procedures() {
        let organ = procedure.organ;
        let local = [Party::PoliceStation, Party::PoliceLocal, Party::PoliceCounty, Party::PoliceCityOrCounty];
        let local = local.contains(&organ) || [Party::PoliceCity, Party::PoliceCityOrAbove].contains(&organ);
        assert!(!local || procedure.place_field().is_some(), "{}", procedure.id);
    }
}

#[test]
fn lost_text_is_not_filled_in() {
    let packs = packs();
    let field = |procedure: &str, id: &str| packs.procedure(procedure).unwrap().field(id).unwrap();
    for (procedure, id) in [
        ("provider_filing", "staff"),
        ("provider_filing", "conditions_stated"),
        ("provider_filing", "proof"),
        ("citizen_viewing", "identity_number"),
        ("inspection_a", "content"),
    ] {
        let hint = field(procedure, id).hint().unwrap();
        assert!(["缺", "存留"].iter().any(|word| hint.zh.contains(word)), "{procedure} {id}: {}", hint.zh);
        assert!(["lost", "not known"].iter().any(|word| hint.en.contains(word)), "{procedure} {id}: {}", hint.en);
    }
    for id in ["staff", "conditions_stated"] {
        let field = field("provider_filing", id);
        assert!(!field.required && field.clause.is_none(), "{id} would be a condition that nobody can read");
    }
}

/// The error of loading after a change of one file, and the changed text.
fn seeded(path: &str, from: &str, to: &str) -> (PackError, String) {
    let mut files: Files = law::embedded_files();
    let text = files.get_mut(path).unwrap();
    assert!(text.contains(from), "{path} holds no {from}");
    *text = text.replacen(from, to, 1);
    let changed = text.clone();
    (Packs::from_files(&files).expect_err(&format!("{path}: {from} -> {to}")), changed)
}

/// File, what is replaced, by what, the entry told, what is said.
#[rustfmt::skip]
const SEEDS: &[(&str, &str, &str, &str, &str)] = &[
    (PROVIDER, "id = \"unit_address\"", "id = \"credit_code\"", "credit_code", "field `credit_code` stands twice"),
    (PROVIDER, "id = \"unit_address\"", "id = \"Unit address\"", "Unit address", "is no word of a-z"),
    (PROVIDER, "id = \"unit_address\"", "id = \"2nd_address\"", "2nd_address", "is no word of a-z"),
    (PROVIDER, "id = \"unit_address\"\nstep = \"submit\"", "id = \"unit_address\"\nstep = \"sing\"", "unit_address", "no step or outcome `sing`"),
    (PROVIDER, "zh = \"从业单位地址\"", "zh = \"\"", "unit_address", "missing in one language"),
    (PROVIDER, "hint_en = \"As on the licence or certificate of registration.\"", "hint_en = \"\"", "unit_name", "hint of field `unit_name` is missing"),
    (PROVIDER, "kind = \"credit_code\"", "kind = \"code\"", "credit_code", "unknown variant"),
    (RELOCATION, "kind = \"choice\"", "kind = \"line\"", "restore_way", "`choices` stand with"),
    (RELOCATION, "    { id = \"restore\", zh = \"恢复原状\", en = \"restore\" },\n", "", "restore_way", "has 1 choices"),
    (RELOCATION, "{ id = \"restore\", zh = \"恢复原状\"", "{ id = \"rebuild\", zh = \"恢复原状\"", "restore_way", "choice `rebuild` stands twice"),
    (RELOCATION, "{ id = \"restore\", zh = \"恢复原状\"", "{ id = \"Restore\", zh = \"恢复原状\"", "restore_way", "is no word of a-z"),
    (RELOCATION, "{ id = \"restore\", zh = \"恢复原状\"", "{ id = \"restore\", zh = \"\"", "restore_way", "choice `restore` of field `restore_way` is missing"),
    (RELOCATION, "sample = \"rebuild\"", "sample = \"leave\"", "restore_way", "sample of field `restore_way` does not fit"),
    (PROVIDER, "clause = \"A-16-1\"\nregisters", "clause = \"A-160-1\"\nregisters", "A-160-1", "does not exist"),
    (PROVIDER, "registers = [\"providers\"]\npublic = true", "registers = [\"penalties\"]\npublic = true", "unit_name", "`penalties` of field `unit_name` is in no outcome"),
    (PROVIDER, "registers = [\"providers\"]\npublic = true", "registers = [\"providers\", \"providers\"]\npublic = true", "unit_name", "stands twice in field"),
    (PROVIDER, "registers = [\"providers\"]\npublic = true", "public = true", "unit_name", "names no register"),
    (PROVIDER, "subject = \"unit_name\"", "subject = \"contact\"", "provider_filing", "`subject` names `contact`"),
    (PROVIDER, "subject = \"unit_name\"", "subject = \"credit_code\"", "provider_filing", "`subject` names `credit_code`"),
    (PROVIDER, "subject = \"unit_name\"", "subject = \"where_published\"", "provider_filing", "`subject` names `where_published`"),
    (PROVIDER, "subject = \"unit_name\"", "subject = \"nobody\"", "provider_filing", "`subject` names `nobody`"),
    (PROVIDER, "subject = \"unit_name\"\n", "", "provider_filing", "says with `subject`"),
    (PROVIDER, "id = \"unit_name\"\nstep = \"submit\"\n", "id = \"unit_name\"\nstep = \"submit\"\nrequired = false\n", "provider_filing", "`subject` names `unit_name`"),
    (PROVIDER, "place = \"unit_division\"", "place = \"unit_address\"", "provider_filing", "`place` names `unit_address`"),
    (PROVIDER, "place = \"unit_division\"", "place = \"nowhere\"", "provider_filing", "`place` names `nowhere`"),
    (PROVIDER, "id = \"unit_division\"\nstep = \"submit\"\n", "id = \"unit_division\"\nstep = \"submit\"\nrequired = false\n", "provider_filing", "`place` names `unit_division`"),
    (PROVIDER, "sample_en = \"Zhang San\"\npersonal = true", "sample_en = \"Zhang San\"", "representative", "and therefore `personal = true`"),
    (PROVIDER, "sample = \"024-55550100\"\npersonal = true", "sample = \"024-55550100\"", "contact_phone", "and therefore `personal = true`"),
    (PROVIDER, "sample = \"024-55550100\"\npersonal = true", "sample = \"024-55550100\"\npersonal = true\nregisters = [\"providers\"]\npublic = true", "contact_phone", "personal and never public"),
    (PROVIDER, "most = 200", "most = 0", "unit_address", "`most` lies in 1 to 500"),
    (PROVIDER, "most = 200", "most = 501", "unit_address", "`most` lies in 1 to 500"),
    (PROVIDER, "most = 200", "most = 10", "unit_address", "sample of field `unit_address` does not fit"),
    (PROVIDER, "kind = \"division\"", "kind = \"division\"\nmost = 6", "unit_division", "`most` says nothing"),
    (PROVIDER, "sample = \"210102\"", "sample = \"2101020\"", "unit_division", "it is no division code"),
    (PROVIDER, "sample = \"91350100M000100Y43\"", "sample = \"91350100M000100Y4I\"", "credit_code", "it is no unified social credit code"),
    (PROVIDER, "sample = \"yes\"", "sample = \"true\"", "serves_design", "it is no yes or no"),
    (PROVIDER, "sample = \"024-55550100\"", "sample = \"024 five\"", "contact_phone", "it is no telephone number"),
    (PROVIDER, "sample = \"024-55550100\"", "sample = \"12\"", "contact_phone", "it is no telephone number"),
    (PROVIDER, "sample = \"18\"", "sample = \"+18\"", "staff", "it is no number"),
    (PROVIDER, "sample = \"18\"", "sample = \"1000001\"", "staff", "it is no number"),
    (PROVIDER, "sample = \"李四\"", "sample = \"\"", "contact", "is empty"),
    (PROVIDER, "sample = \"李四\"", "sample = \"李四 \"", "contact", "ends with a blank"),
    (PROVIDER, "sample = \"李四\"", "sample = \"李\\u0007四\"", "contact", "control character"),
    (FILING, "sample = \"2026-03-02\"", "sample = \"2026-02-30\"", "use_day", "it is no day"),
    (FILING, "id = \"change_words\"", "id = \"file_day\"", "file_day", "its kind is `day`"),
    (INSPECTION, "id = \"correct_days\"", "id = \"correct_time\"", "inspection_a", "clock `correct` is set by the document"),
    (INSPECTION, "id = \"correct_days\"\n", "id = \"correct_days\"\nrequired = false\n", "inspection_a", "needs a required count `correct_days`"),
    (VIEWING, "outcome = \"issued\"\nstep = \"show\"", "outcome = \"refused\"\nstep = \"show\"", "citizen_viewing", "`viewing` names an outcome and a step"),
    (VIEWING, "outcome = \"issued\"\nstep = \"show\"", "outcome = \"issued\"\nstep = \"examine\"", "citizen_viewing", "`viewing` names an outcome and a step"),
    (VIEWING, "scope = \"allowed_scope\"", "scope = \"findings\"", "citizen_viewing", "`viewing` names a field"),
    (VIEWING, "privacy = \"others_privacy\"", "privacy = \"interest\"", "citizen_viewing", "`viewing` names a field"),
    (VIEWING, "privacy_clause = \"A-25-1\"\n", "", "citizen_viewing", "stand together"),
    (VIEWING, "days = 30", "days = 0", "citizen_viewing", "`viewing` lasts 1 to 366 days"),
    (VIEWING, "days = 30", "days = 367", "citizen_viewing", "`viewing` lasts 1 to 366 days"),
    (VIEWING, "by = \"shown_by\"\n", "", "citizen_viewing", "the required field `shown_by`"),
    (VIEWING, "by = \"shown_by\"", "by = \"shown_what\"", "citizen_viewing", "`viewing` names a field"),
    (APPROVAL, "[[exclude]]\noutcome = \"approved\"", "[[exclude]]\noutcome = \"granted\"", "area_approval", "`exclude` names `granted`"),
    (APPROVAL, "is = [\"yes\"]", "is = [\"maybe\"]", "area_approval", "an answer that no choice"),
    (APPROVAL, "is = [\"other_unit\", \"person\"]", "is = [\"other_unit\", \"nobody\"]", "area_approval", "an answer that no choice"),
    (APPROVAL, "{ field = \"listed_place\", is", "{ field = \"need\", is", "area_approval", "an answer that no choice"),
    (APPROVAL, "next_zh = \"请提出不予批准并写明理由；确需安装的，由经营管理单位提出。\"", "next_zh = \"\"", "area_approval", "missing in one language"),
    (REVIEW, "least = 3", "least = 0", "plan_review", "`panel` has 1 to 100 members"),
    (REVIEW, "least = 3", "least = 101", "plan_review", "`panel` has 1 to 100 members"),
    (REVIEW, "step = \"review\"\nregister", "step = \"convene\"\nregister", "plan_review", "its step does not exist, or is the first"),
    (REVIEW, "is = \"experts\" }", "is = \"nobody\" }", "plan_review", "names no answer of a required choice"),
    (REVIEW, "count = \"experts\"", "count = \"opinion\"", "plan_review", "`count` and `opinions`"),
    (REVIEW, "name = \"designer\", code", "name = \"designers\", code", "plan_review", "`apart` names fields"),
    (REVIEW, "passed = \"passed\"", "passed = \"failed\"", "plan_review", "two outcomes"),
    (REVIEW, "en = \"the designer\"", "en = \"\"", "plan_review", "missing in one language"),
    (REVIEW, "employer_code = \"employer_code\"", "employer_code = \"title\"", "plan_review", "no such sealed columns"),
    (ACCEPTANCE, "procedure = \"system_filing\"", "procedure = \"system_filings\"", "acceptance", "`filed` of `system_filings`"),
    (ACCEPTANCE, "ended = [\"passed\"]", "ended = [\"past\"]", "acceptance", "in no register"),
    (ACCEPTANCE, "number = \"body_certificate\"", "number = \"contact\"", "acceptance", "`on_register` names a line and a day"),
    (ACCEPTANCE, "day = \"report_day\"", "day = \"report_number\"", "acceptance", "`on_register` names a line and a day"),
    (ACCEPTANCE, "register = \"bodies\"", "register = \"projects\"", "acceptance", "`on_register` names a register without a form"),
    (ACCEPTANCE, "column = \"certificate_number\"", "column = \"valid_until\"", "acceptance", "`on_register` names a column"),
    (ACCEPTANCE, "is = [\"testing\"]", "is = [\"tested\"]", "acceptance", "`on_register` asks with `only`"),
    (ACCEPTANCE, "field = \"body_kind\"", "field = \"body_name\"", "acceptance", "`on_register` asks with `only`"),
    (ACCEPTANCE, "over_en = \"By", "over_en = \"\" # \"By", "acceptance", "missing in one language"),
    (REPORT, "unkept = { field = \"reporter_kind\", is = [\"unnamed\"] }", "unkept = { field = \"reporter_kind\", is = [\"nobody\"] }", "reporter_name", "is not kept when `reporter_kind`"),
    (REPORT, "unkept = { field = \"reporter_kind\", is = [\"unnamed\"] }", "unkept = { field = \"reported\", is = [\"unnamed\"] }", "reporter_name", "is not kept when `reported`"),
    (REPORT, "unkept = { field = \"reporter_kind\", is = [\"unnamed\"] }", "unkept = { field = \"reporter_kind\", is = [] }", "reporter_name", "is not kept when `reporter_kind`"),
    (REPORT, "kind = \"name\"\nrequired = false", "kind = \"name\"", "reporter_name", "it is not required either"),
    (PENALTY, "needs = [\"two_officers\", \"qualified\"]", "needs = [\"qualified\", \"qualified\"]", "penalty_case", "a guard stands twice in the needs of `investigate`"),
];

#[test]
fn seeded_defects_of_forms_are_found_with_file_line_and_entry() {
    for (path, from, to, at, says) in SEEDS {
        let (error, text) = seeded(path, from, to);
        assert!(error.what.contains(says), "{from} -> {to}: {error}");
        assert_eq!((error.file.as_str(), error.clause.as_deref()), (*path, Some(*at)), "{error}");
        assert!(error.is_known(), "no words of its own: {error}");
        let line = text.lines().nth(error.line.unwrap_or_else(|| panic!("no line: {error}")) - 1).unwrap();
        let named = line.contains(&format!("\"{at}\""));
        assert!(named || says.starts_with("unknown"), "{error}: {line}");
    }
    let (error, _) = seeded(PENALTY, "\"two_officers\", \"qualified\"", "\"three_officers\", \"qualified\"");
    assert!(error.what.contains("three_officers") && error.line.is_some(), "{error}");
}

#[test]
fn the_later_of_two_fields_is_pointed_at() {
    let (error, text) = seeded(PROVIDER, "id = \"unit_address\"", "id = \"credit_code\"");
    let ids: Vec<usize> = text.lines().enumerate().filter(|l| l.1 == "id = \"credit_code\"").map(|l| l.0 + 1).collect();
    assert_eq!((ids.len(), error.line), (2, ids.last().copied()));
}

#[test]
fn what_is_too_much_is_refused() {
    let entry = |n: usize| {
        let at = format!("\n[[field]]\nid = \"more_{n}\"\nstep = \"submit\"\n");
        format!("{at}zh = \"更多\"\nen = \"more\"\nkind = \"line\"\nsample = \"x\"\n")
    };
    let with = |more: usize| {
        let mut files = law::embedded_files();
        files.get_mut(PROVIDER).unwrap().extend((0..more).map(entry));
        Packs::from_files(&files)
    };
    let own = packs().procedure("provider_filing").unwrap().fields.len();
    assert!(with(160 - own).is_ok());
    let error = with(161 - own).unwrap_err();
    assert!(error.what.contains("161 fields, more than 160") && error.is_known(), "{error}");
    assert_eq!((error.file.as_str(), error.line), (PROVIDER, Some(1)));
    for (from, chars, ok) in [
        ("zh = \"从业单位地址\"", 60, true),
        ("zh = \"从业单位地址\"", 61, false),
        ("hint_zh = \"与营业执照或者登记证书一致。\"", 400, true),
        ("hint_zh = \"与营业执照或者登记证书一致。\"", 401, false),
    ] {
        let mut files = law::embedded_files();
        let text = files.get_mut(PROVIDER).unwrap();
        let key = from.split_once(' ').unwrap().0;
        assert!(text.contains(from));
        *text = text.replacen(from, &format!("{key} = \"{}\"", "长".repeat(chars)), 1);
        match Packs::from_files(&files) {
            Ok(_) => assert!(ok, "{key} {chars}"),
            Err(error) => assert!(!ok && error.what.contains("too long") && error.is_known(), "{error}"),
        }
    }
}

#[test]
fn what_a_decision_opens_at_the_unit_is_said_by_the_pack_with_its_clauses() {
    let packs = packs();
    let rule = |id: &str| packs.procedure(id).unwrap().viewing.clone().unwrap();
    let (seen, taken) = (rule("citizen_viewing"), rule("evidence_retrieval"));
    assert_eq!((seen.hands_out, seen.outcome.as_str(), seen.step.as_str()), (law::HandsOut::View, "issued", "show"));
    assert_eq!((taken.hands_out, taken.step.as_str()), (law::HandsOut::Copy, "retrieve"));
    assert!(taken.privacy.is_empty() && taken.privacy_clause.is_none(), "evidence is handed out as it was recorded");
    let clauses: Vec<&str> = seen.privacy_clause.iter().chain([&seen.clause]).map(|c| c.0.as_str()).collect();
    assert_eq!(clauses, ["A-25-1", "A-25-1-f2"]);
    let own = packs.procedure("person_viewing").unwrap();
    assert!(own.viewing.is_none() && own.hold.is_none(), "the unit decides itself: no order goes to it");
}
