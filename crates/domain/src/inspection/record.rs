//! Signatures under a record: the inspectors, and the unit's person or a refusal with reason and witness.
//!
//! Always true: every inspector signs, each by their own account; a refusal of the unit to sign never stops the record, it is recorded; a
//! witness is none of the inspectors. Names are personal data: who is missing is told by login name.

use crate::own_words::own_words;
use base::{AccountId, ErrorKind, Pii, Refusal, Text, UtcMs};

/// Fewest letters of the reason of a refusal, and most characters.
pub const REFUSAL_CHARS: (usize, usize) = (2, 300);
/// Longest name, characters.
const NAME_CHARS: usize = 50;

/// How the unit's side ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Signature {
    /// Signed.
    Signed {
        /// Who.
        name: Pii<String>,
        /// When.
        at: UtcMs,
    },
    /// Refused, or could not.
    Refused {
        /// Why, as it was said or seen.
        reason: Pii<String>,
        /// A witness who is no inspector.
        witness: Pii<String>,
        /// When.
        at: UtcMs,
    },
}

/// An inspector, who is to sign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signer {
    /// Account.
    pub account: AccountId,
    /// Login name.
    pub login: String,
    /// Name.
    pub name: Pii<String>,
}

/// A signature that was drawn for an inspector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Drawn {
    /// Whose signature it is.
    pub whose: AccountId,
    /// The account by which it was given.
    pub by: AccountId,
}

impl Drawn {
    /// Given by the person whose it is: nobody signs for another.
    #[must_use]
    pub fn is_own(self) -> bool {
        self.whose == self.by
    }
}

/// All signatures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signatures {
    /// Those of inspectors.
    pub inspectors: Vec<Drawn>,
    /// The unit's side.
    pub unit: Signature,
}

fn plain(name: &Pii<String>) -> String {
    name.expose().chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_name(name: &Pii<String>) -> bool {
    !plain(name).is_empty()
        && name.expose().chars().count() <= NAME_CHARS
        && !name.expose().chars().any(char::is_control)
}

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请补齐后重新提交。", "Complete it and submit again."))
}

/// Who has not signed yet, by login name.
fn missing(inspectors: &[Signer], given: &[Drawn]) -> Option<Refusal> {
    let signed = |who: &&Signer| given.iter().any(|s| s.whose == who.account && s.is_own());
    let logins: Vec<&str> = inspectors.iter().filter(|who| !signed(who)).map(|who| who.login.as_str()).collect();
    if logins.is_empty() {
        return None;
    }
    Some(Refusal::new(
        ErrorKind::Conflict,
        "inspector_signature",
        Text::of(
            format!("检查人员没有全部签名，还缺：{}。", logins.join("、")),
            format!("Not every inspector signed; missing: {}.", logins.join(", ")),
        ),
        Text::new(
            "请该检查人员用自己的账号签名：在自己的手机上，或者在这部手机上输入自己的登录名和密码。",
            "Each signs by their own account: on their own phone, or on this one with their own login name and password.",
        ),
    ))
}

/// Whether what is signed is changed: `changes` says that a signature stands and something of it would be written over.
///
/// # Errors
/// `signed`.
pub fn may_change(changes: bool) -> Result<(), Refusal> {
    if !changes {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorKind::Conflict,
        "signed",
        Text::new("检查记录已经有人签名，不能再改动。", "Somebody has signed the record: it is not changed any more."),
        Text::new(
            "确需改动的，先写明理由作废签名，改好后重新签名；只是补充情况的，写在“签名后的补充”中。",
            "To change it, make the signatures void with the reason and sign anew; to add something, write it in what is added after signing.",
        ),
    ))
}

/// Checks signatures against the inspectors of the visit; gives them as they are kept.
///
/// # Errors
/// `inspector_signature` (one is missing, or was given by another account), `unit_signature`, `refusal_reason`, `no_witness`, `witness_inspects`.
pub fn check_signatures(inspectors: &[Signer], given: Signatures) -> Result<Signatures, Refusal> {
    if let Some(refusal) = missing(inspectors, &given.inspectors) {
        return Err(refusal);
    }
    let unit = match given.unit {
        Signature::Signed { name, at } if is_name(&name) => Signature::Signed { name, at },
        Signature::Signed { .. } => {
            return Err(bad(
                "unit_signature",
                Text::new("没有写明单位签名人。", "Who signed for the unit is missing."),
            ));
        }
        Signature::Refused { reason, witness, at } => {
            let (least, most) = REFUSAL_CHARS;
            let Some(reason) = own_words(reason.expose(), REFUSAL_CHARS) else {
                let what = Text::of(
                    format!("请写明拒绝签名的理由：至少{least}个字，至多{most}个字符。"),
                    format!("Say why it was not signed: at least {least} letters, at most {most} characters."),
                );
                return Err(bad("refusal_reason", what));
            };
            if !is_name(&witness) {
                return Err(bad(
                    "no_witness",
                    Text::new("拒绝签名的，须有见证人。", "Without a signature a witness is needed."),
                ));
            }
            if inspectors.iter().any(|i| plain(&i.name) == plain(&witness)) {
                return Err(bad(
                    "witness_inspects",
                    Text::new("检查人员不能作见证人。", "An inspector is no witness."),
                ));
            }
            Signature::Refused { reason, witness, at }
        }
    };
    Ok(Signatures { inspectors: given.inspectors, unit })
}
