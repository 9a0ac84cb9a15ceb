//! Reads `policies.cedar`: each permit or forbid says its clause (`@clause`), a forbid also its refusal code (`@code`), a borrowed
//! default its source (`@from`), a ground that steps back before provincial law `@subsidiary`. Cedar's own ids are replaced by clause ids here, because an `@id` annotation is not an id.

use crate::error::line_of;
use crate::{ActKind, PackError};
use base::Reading;
use cedar_policy::ffi::DetailedError;
use cedar_policy::{
    ActionConstraint, Effect, EntityUid, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator,
};

/// One permit or forbid.
#[derive(Clone, Debug)]
pub(crate) struct PolicyRule {
    /// Clause it carries out.
    pub clause: String,
    /// Clause its wording is borrowed from, where its own text is lost.
    pub from: Option<String>,
    /// How the clause is read.
    pub reading: Reading,
    /// Refusal code: why a forbid refuses, or what to say when a permit is not reached.
    pub code: Option<String>,
    /// Asked only where no provincial ordinance is in force.
    pub subsidiary: bool,
    /// Permit, not forbid.
    pub permits: bool,
    /// Acts it is about.
    pub acts: Vec<ActKind>,
    /// The policy; its id is the clause id, with `#2` and on for further policies of one clause.
    pub policy: Policy,
}

const ANNOTATIONS: [&str; 5] = ["clause", "from", "reading", "code", "subsidiary"];

/// The rules of one file, in its order, checked against the schema.
pub(crate) fn rules(file: &str, text: &str, schema: &Schema) -> Result<Vec<PolicyRule>, PackError> {
    let set: PolicySet = text.parse().map_err(|e: cedar_policy::ParseErrors| parse_error(file, text, &e))?;
    if set.templates().next().is_some() {
        return Err(PackError::file(file, "templates are not used in packs"));
    }
    let mut policies: Vec<(usize, &Policy)> =
        set.policies().filter_map(|p| Some((p.id().to_string().strip_prefix("policy")?.parse().ok()?, p))).collect();
    policies.sort_by_key(|(number, _)| *number);

    let mut rules: Vec<PolicyRule> = Vec::new();
    let mut lines = text.match_indices("@clause(").map(|(at, _)| line_of(text, at));
    for (number, policy) in policies {
        let line = lines.next();
        let clause = policy.annotation("clause").map(str::to_owned);
        let fail = |what: String| PackError { file: file.to_owned(), line, clause: clause.clone(), what };
        let clause_id = clause.clone().ok_or_else(|| fail(format!("policy {} has no @clause(\"…\")", number + 1)))?;
        if let Some((word, _)) = policy.annotations().find(|(word, _)| !ANNOTATIONS.contains(word)) {
            return Err(fail(format!("unknown annotation @{word}; known are {ANNOTATIONS:?}")));
        }
        let from = policy.annotation("from").map(str::to_owned);
        let reading = match (policy.annotation("reading"), &from) {
            (None | Some("flagged_default"), Some(_)) => Reading::FlaggedDefault,
            (None | Some("literal"), None) => Reading::Literal,
            (Some("evident"), None) => Reading::Evident,
            (other, from) => return Err(fail(format!("@reading {other:?} does not go with @from {from:?}"))),
        };
        let subsidiary = policy.annotation("subsidiary").is_some();
        let permits = policy.effect() == Effect::Permit;
        let code = policy.annotation("code").map(str::to_owned);
        if code.is_none() && !permits {
            return Err(fail("a forbid needs a refusal code: @code(\"…\")".to_owned()));
        }
        let acts = acts(policy).map_err(&fail)?;
        let same = rules.iter().filter(|r| r.clause == clause_id).count();
        let id = if same == 0 { clause_id.clone() } else { format!("{clause_id}#{}", same + 1) };
        let policy = policy.new_id(PolicyId::new(id));
        rules.push(PolicyRule { clause: clause_id, from, reading, code, subsidiary, permits, acts, policy });
    }
    validate(file, text, &rules, schema)?;
    Ok(rules)
}

fn acts(policy: &Policy) -> Result<Vec<ActKind>, String> {
    let uids: Vec<EntityUid> = match policy.action_constraint() {
        ActionConstraint::Any => return Err("a policy names its acts: `action == …` or `action in […]`".to_owned()),
        ActionConstraint::Eq(uid) => vec![uid],
        ActionConstraint::In(uids) => uids,
    };
    let kind = |uid: &EntityUid| {
        let word: &str = uid.id().as_ref();
        ActKind::ALL.iter().copied().find(|k| k.key() == word).ok_or_else(|| format!("unknown act `{word}`"))
    };
    uids.iter().map(kind).collect()
}

/// All rules together; where that finds a fault, one by one for the clause it is of.
fn validate(file: &str, text: &str, rules: &[PolicyRule], schema: &Schema) -> Result<(), PackError> {
    let fault = |rules: &[PolicyRule]| -> Result<Option<String>, PackError> {
        let set = PolicySet::from_policies(rules.iter().map(|r| r.policy.clone()))
            .map_err(|e| PackError::file(file, e.to_string()))?;
        let result = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
        let first = result.validation_errors().next().map(ToString::to_string);
        Ok(first.or_else(|| result.validation_warnings().next().map(ToString::to_string)))
    };
    let Some(what) = fault(rules)? else { return Ok(()) };
    for rule in rules {
        if let Some(what) = fault(std::slice::from_ref(rule))? {
            return Err(PackError::clause(file, text, &rule.clause, what));
        }
    }
    Err(PackError::file(file, what))
}

fn parse_error(file: &str, text: &str, errors: &cedar_policy::ParseErrors) -> PackError {
    let first = errors.iter().map(DetailedError::from).find_map(|e| e.source_locations.first().map(|at| at.loc.start));
    let what = errors.to_string();
    first
        .map_or_else(|| PackError::file(file, what.clone()), |offset| PackError::at(file, line_of(text, offset), &what))
}
