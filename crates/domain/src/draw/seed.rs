//! Where the seed comes from: a signed head of the log that is younger than the pool, and what others add to it.
//!
//! What flows through: commitment, rules, index of the pool's entry, checkpoint, outcome of the public source ─▶ [`Seed`]. Always true: the
//! signature bytes of the log's own key are no part of the seed, for its holder can make any number of them over one head; exactly one head
//! counts (by rules of the first edition with a witness any from it on); of a witness there is exactly one line; an outcome is spelled as the
//! rules say.

use super::rules::{DrawRules, is_plain};
use base::{CivilDate, Sha256, Text};
use ledger::{Checkpoint, WitnessVkey};

/// Longest outcome of a public source, characters.
pub const VALUE_CHARS: usize = 200;

/// What every choice of a draw follows from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seed(pub(super) Sha256);

/// Why a checkpoint gives no seed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SeedFault {
    /// Not a checkpoint that the log's key signed.
    Checkpoint,
    /// The head is too near to the pool's entry.
    TooEarly {
        /// Least size that counts.
        least: u64,
        /// Size of this head.
        size: u64,
    },
    /// One size counts and no other.
    OtherSize {
        /// The size that counts.
        wanted: u64,
        /// Size of this head.
        size: u64,
    },
    /// No cosignature of the witness, or one that does not verify.
    NotWitnessed,
    /// Two lines of the witness: nobody may choose between them.
    TwoCosignatures,
    /// The witness signed after the last day of the draw.
    Late {
        /// The last day.
        until: CivilDate,
    },
    /// An outcome is missing, not one plain line, or there although no source was named.
    PublicValue,
    /// An outcome is not spelled as the rules say.
    PublicForm,
}

impl Seed {
    /// The seed that this checkpoint gives for the draw committed to at `entry_index`.
    ///
    /// # Errors
    /// Each fault by its own kind.
    pub fn from_checkpoint(
        commitment: Sha256,
        rules: &DrawRules,
        entry_index: u64,
        checkpoint: &str,
        public_value: Option<&str>,
    ) -> Result<Self, SeedFault> {
        let head = Checkpoint::open(checkpoint.as_bytes(), &rules.log).map_err(|_| SeedFault::Checkpoint)?;
        let least = first_size(entry_index, rules.after_entries);
        if head.size < least {
            return Err(SeedFault::TooEarly { least, size: head.size });
        }
        if head.size != least && !rules.takes_later_heads() {
            return Err(SeedFault::OtherSize { wanted: least, size: head.size });
        }
        let line = match &rules.witness {
            Some(witness) => witness_line(checkpoint, witness, rules.until)?,
            None => "-",
        };
        let value = match (&rules.public_source, public_value) {
            (None, None) => "-",
            (Some(_), Some(value)) if rules.takes_outcome(value) => value,
            (Some(_), Some(value)) if is_plain(value, VALUE_CHARS) => return Err(SeedFault::PublicForm),
            _ => return Err(SeedFault::PublicValue),
        };
        let (origin, size, root) = (&head.origin, head.size, head.root);
        let text = format!("jifang draw seed v1\n{commitment}\n{origin}\n{size}\n{root}\n{line}\n{value}\n");
        Ok(Self(Sha256::of(text.as_bytes())))
    }

    /// The seed as it is published.
    #[must_use]
    pub const fn digest(&self) -> Sha256 {
        self.0
    }
}

/// Size of the head that gives the seed: it holds the pool's entry and `after_entries` more.
#[must_use]
pub const fn first_size(entry_index: u64, after_entries: u64) -> u64 {
    entry_index.saturating_add(after_entries).saturating_add(1)
}

/// The one line of the witness, verified; its time and signature are what the log's owner cannot foresee.
fn witness_line<'a>(note: &'a str, witness: &WitnessVkey, until: CivilDate) -> Result<&'a str, SeedFault> {
    let lines = note.rsplit_once("\n\n").map_or("", |(_, lines)| lines).lines();
    let begins = format!("— {} ", witness.name());
    let own: Vec<&str> = lines.filter(|line| line.starts_with(&begins)).collect();
    let line = match own.as_slice() {
        [] => return Err(SeedFault::NotWitnessed),
        [line] => *line,
        _ => return Err(SeedFault::TwoCosignatures),
    };
    let at = witness.cosigned_at(note.as_bytes()).map_err(|_| SeedFault::NotWitnessed)?;
    if at.shanghai_date() > until { Err(SeedFault::Late { until }) } else { Ok(line) }
}

impl SeedFault {
    /// Stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Checkpoint => "seed_checkpoint",
            Self::TooEarly { .. } => "seed_too_early",
            Self::OtherSize { .. } => "seed_other_size",
            Self::NotWitnessed => "seed_not_witnessed",
            Self::TwoCosignatures => "seed_two_cosignatures",
            Self::Late { .. } => "seed_late",
            Self::PublicValue => "seed_public_value",
            Self::PublicForm => "seed_public_form",
        }
    }

    /// The sentence for a person.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Checkpoint => Text::new(
                "检查点不是所公布日志的密钥签名的。",
                "The checkpoint is not signed by the key of the log that was announced.",
            ),
            Self::TooEarly { least, size } => Text::of(
                format!("检查点只有{size}条记录，至少要有{least}条才能产生种子。"),
                format!("The checkpoint has {size} entries; a seed needs at least {least}."),
            ),
            Self::OtherSize { wanted, size } => Text::of(
                format!("只有恰好{wanted}条记录的检查点有效，这一个有{size}条。"),
                format!("Only the head of exactly {wanted} entries counts; this one has {size}."),
            ),
            Self::NotWitnessed => Text::new(
                "检查点没有所公布见证方的有效副署。",
                "The checkpoint carries no valid cosignature of the witness that was announced.",
            ),
            Self::TwoCosignatures => Text::new(
                "检查点上有同一见证方的两行副署，不得从中挑选。",
                "The checkpoint carries two cosignatures of the witness; nobody may choose between them.",
            ),
            Self::Late { until } => Text::of(
                format!("见证方的副署晚于抽取的最后一日（{until}）。"),
                format!("The witness signed after the last day of the draw ({until})."),
            ),
            Self::PublicValue => Text::new(
                "公开来源的结果缺少、多余，或者不是一行普通文字。",
                "The outcome of the public source is missing, not asked for, or not one plain line.",
            ),
            Self::PublicForm => Text::new(
                "公开来源的结果没有按规则写明的写法填写：个数、范围、次序、位数和空格都应当一致。",
                "The outcome of the public source is not spelled as the rules say: count, range, order, digits and spaces all have to be the same.",
            ),
        }
    }
}
