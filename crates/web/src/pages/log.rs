//! The log that outsiders can verify: list, one entry with its proof, and the clause page it links to.

use super::{AppBar, Choice, Pager, Say, words};
use askama::Template;
use base::{Lang, Reading, Text, UtcMs};

/// One entry of the list.
#[derive(Debug, Clone)]
pub struct LogLine {
    /// Index in the log, from 0.
    pub index: u64,
    /// When.
    pub at: UtcMs,
    /// Who, as this account may see.
    pub who: String,
    /// What was done or asked.
    pub act: Text,
    /// On what: camera, request, case.
    pub object: String,
    /// Allowed.
    pub allowed: bool,
    /// Clauses that decided.
    pub clauses: Vec<base::Citation>,
}

/// `GET /log?who=&act=&outcome=&from=&to=&before=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "log.html")]
pub struct LogPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Filter text.
    pub who: String,
    /// Acts to choose from.
    pub acts: Vec<Choice>,
    /// Outcomes: all, allowed, refused.
    pub outcomes: Vec<Choice>,
    /// First day, `YYYY-MM-DD` or empty.
    pub from: String,
    /// Last day.
    pub to: String,
    /// A filter is set.
    pub filtered: bool,
    /// Entries, newest first.
    pub lines: Vec<LogLine>,
    /// Neighbours.
    pub pager: Pager,
    /// Entries in all.
    pub size: u64,
    /// Root hash of the newest checkpoint, hexadecimal.
    pub root: String,
    /// Newest checkpoint signed when.
    pub checkpoint_at: Option<UtcMs>,
}

/// One hash on the way from the entry to the root.
#[derive(Debug, Clone)]
pub struct ProofStep {
    /// The neighbour stands left of us.
    pub left: bool,
    /// Neighbour's hash, hexadecimal.
    pub neighbour: String,
    /// Hash of both, hexadecimal: goes up.
    pub result: String,
}

/// `GET /log/{index}`: an entry, its inclusion proof, the checkpoint. Downloads: `/log/{index}/proof`, `/log/checkpoint`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "log_entry.html")]
pub struct LogEntryPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Index.
    pub index: u64,
    /// When.
    pub at: UtcMs,
    /// Who.
    pub who: String,
    /// Act.
    pub act: Text,
    /// On what.
    pub object: String,
    /// Allowed.
    pub allowed: bool,
    /// Clauses with gist.
    pub clauses: Vec<base::Citation>,
    /// Fields of the entry that this account may see.
    pub facts: Vec<(Text, String)>,
    /// Leaf hash, hexadecimal.
    pub leaf: String,
    /// Way to the root.
    pub proof: Vec<ProofStep>,
    /// Entries the checkpoint covers.
    pub size: u64,
    /// Root, hexadecimal.
    pub root: String,
    /// The proof was computed again on this server and gives the root; `None` = not yet covered by a checkpoint.
    pub holds: Option<bool>,
    /// The signed checkpoint as text.
    pub checkpoint: String,
    /// Names of those who signed.
    pub signers: Vec<String>,
    /// Command that proves it offline.
    pub command: String,
}

/// A thing of the program that carries a clause out.
#[derive(Debug, Clone)]
pub struct ClauseUse {
    /// What, e.g. 删除录像.
    pub what: Text,
    /// Where to see it; empty = no page.
    pub href: String,
}

/// `GET /law/{clause}`: text as printed, gist, how it is read, what it does here.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "law_clause.html")]
pub struct LawClausePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Clause id.
    pub clause: String,
    /// Instrument, full name.
    pub instrument: Text,
    /// Article as people say it.
    pub article: Text,
    /// Issuer and number of the announcement.
    pub issuer: Text,
    /// In force, e.g. 2012-11-01 起.
    pub in_force: Text,
    /// Article text as printed, Chinese, one paragraph a line.
    pub printed: Vec<String>,
    /// What was lost in the text, if anything.
    pub lost: Option<Text>,
    /// What the clause asks, one sentence.
    pub gist: Text,
    /// How it is read.
    pub reading: Reading,
    /// Why it is read so, where not literally.
    pub reading_note: Text,
    /// SHA-256 of the text, hexadecimal.
    pub text_sha256: String,
    /// Applies to this site today.
    pub applies: bool,
    /// Why or why not.
    pub applies_why: Text,
    /// Where it is carried out.
    pub carried_out: Vec<ClauseUse>,
    /// Last decisions that cited it.
    pub decisions: Vec<LogLine>,
    /// Day asked about, as a date field has it.
    pub on: String,
    /// Id of the instrument.
    pub pack: String,
    /// The article as printed, slips and gaps marked; empty: `printed` is shown.
    pub marked: Vec<Vec<super::law::Piece>>,
    /// What becomes of it.
    pub state: super::State,
    /// Why nothing carries it out, or what took its place.
    pub reason: Text,
    /// Clauses that punish its breach and whose fines wait for a legal review, as the texts are read that day.
    pub waits: Vec<String>,
    /// Its slips and gaps.
    pub readings: Vec<super::law::ReadingView>,
    /// Matters on which it meets other clauses: ground, and the others with since when they hold.
    pub overlays: Vec<(Text, Vec<(String, Text)>)>,
    /// Its numbers: name, amount, days.
    pub values: Vec<(String, u32, Text)>,
    /// What punishes its breach: clause, how sure, what it says.
    pub penalties: Vec<(String, Text, Text)>,
    /// What a breach costs each party, as the slips are read that day.
    pub costs: Vec<super::law::CostLine>,
    /// The readings that this rests on.
    pub cost_readings: Vec<super::law::CostReading>,
    /// Cases and tests that hold it.
    pub held_by: Vec<String>,
}
