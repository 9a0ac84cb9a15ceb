//! The state of a public register at the end of a day, as a small tree in the log: what shows that a row stood there, in this version, on that day.
//!
//! ```text
//! rows that the public saw, by their ids ─▶ Leaf (row, version, digest, entry) ─▶ root ─▶ entry `register.state`, once a day when it changed
//! row, place, path, both entries with their proofs, the state after it ─▶ StateProof (a file) ─▶ verify: that it holds, or what does not
//! ```
//! Always true: one list of leaves has one root, and they stand in the order of the bytes of their ids; a row that the list leaves out has no path;
//! a state holds until the next of its register, which names it; a file that [`verify`] accepts says so of one row, version and day. Nothing here is
//! of a person: a leaf has ids and a digest of what is public. Written once more in Python in `docs/design/register_state_check.py`.

use base::{CivilDate, Sha256, Text};
use ledger::{Entry, EntryBytes, LogVerifier, ProofFile, Vkey, empty_root, leaf_hash, node_hash, verify_inclusion};
use serde::{Deserialize, Serialize};

/// Kind of the entry whose body is [`State`].
pub const STATE_KIND: &str = "register.state";
/// Kind of the entry of a version of a row.
pub const ROW_KIND: &str = "register.row";
/// Largest file that is read, bytes: a row and three entries, with room.
pub const FILE_BYTES: usize = 4 * 1024 * 1024;
/// Version of the file.
const VERSION: u32 = 1;

/// A row as it stands in a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leaf {
    /// Id of the row.
    pub row: String,
    /// Its version.
    pub version: u32,
    /// Digest of what of it is public.
    pub public_sha256: Sha256,
    /// Place of the entry of this version.
    pub entry: u64,
}

impl Leaf {
    /// The bytes that are hashed: a JSON list of the four, without blanks.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::json!([self.row, self.version, self.public_sha256, self.entry]).to_string()
    }

    /// Reads what [`Leaf::text`] wrote; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (row, version, public_sha256, entry) = serde_json::from_str(text).ok()?;
        let leaf = Self { row, version, public_sha256, entry };
        (leaf.text() == text).then_some(leaf)
    }

    /// Its hash in the tree.
    #[must_use]
    pub fn hash(&self) -> Sha256 {
        leaf_hash(self.text().as_bytes())
    }
}

/// Puts leaves in the order of the tree.
pub fn sort(leaves: &mut [Leaf]) {
    leaves.sort_by(|a, b| a.row.as_bytes().cmp(b.row.as_bytes()));
}

/// The two parts of a list of more than one (RFC 6962, 2.1): the first as long as the largest power of two below the whole.
fn parts(hashes: &[Sha256]) -> (&[Sha256], &[Sha256]) {
    hashes.split_at_checked(hashes.len().next_power_of_two() / 2).unwrap_or((hashes, &[]))
}

/// Root over the hashes of leaves, in their order (RFC 6962).
#[must_use]
pub fn root(hashes: &[Sha256]) -> Sha256 {
    match hashes {
        [] => empty_root(),
        [one] => *one,
        _ => {
            let (left, right) = parts(hashes);
            node_hash(root(left), root(right))
        }
    }
}

/// The hashes that lead from the leaf of this place to the root; empty where there is none, or but one.
#[must_use]
pub fn path(hashes: &[Sha256], index: usize) -> Vec<Sha256> {
    let (mut here, mut index, mut out) = (hashes, index, Vec::new());
    while here.len() > 1 && index < here.len() {
        let (left, right) = parts(here);
        if index < left.len() {
            out.push(root(right));
            here = left;
        } else {
            out.push(root(left));
            index -= left.len();
            here = right;
        }
    }
    // From the leaf up.
    out.reverse();
    out
}

/// The tree over the leaves of one state with the hashes of every level: made once, and a path is read off without hashing anything again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateTree {
    /// In their order.
    leaves: Vec<Leaf>,
    /// Hashes from the leaves up: of two neighbours one, and whoever has no neighbour goes up alone.
    levels: Vec<Vec<Sha256>>,
}

impl StateTree {
    /// Over these leaves, in whatever order they come.
    #[must_use]
    pub fn new(mut leaves: Vec<Leaf>) -> Self {
        sort(&mut leaves);
        let mut levels = vec![leaves.iter().map(Leaf::hash).collect::<Vec<Sha256>>()];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let above = below.chunks(2).filter_map(|pair| match pair {
                [left, right] => Some(node_hash(*left, *right)),
                [alone] => Some(*alone),
                _ => None,
            });
            let above = above.collect();
            levels.push(above);
        }
        Self { leaves, levels }
    }

    /// As [`root`] of the hashes of the leaves.
    #[must_use]
    pub fn root(&self) -> Sha256 {
        self.levels.last().and_then(|top| top.first()).copied().unwrap_or_else(empty_root)
    }

    /// How many leaves.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.leaves.len()
    }

    /// There is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.leaves.is_empty()
    }

    /// The leaf of a row, and its place.
    #[must_use]
    pub fn find(&self, row: &str) -> Option<(&Leaf, usize)> {
        let at = self.leaves.binary_search_by(|leaf| leaf.row.as_bytes().cmp(row.as_bytes())).ok()?;
        self.leaves.get(at).map(|leaf| (leaf, at))
    }

    /// As [`path`] of the hashes of the leaves.
    #[must_use]
    pub fn path(&self, index: usize) -> Vec<Sha256> {
        if index >= self.leaves.len() {
            return Vec::new();
        }
        let beside = |(up, level): (usize, &Vec<Sha256>)| level.get((index >> up) ^ 1).copied();
        self.levels.iter().enumerate().filter_map(beside).collect()
    }
}

/// The body of an entry of a state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct State {
    /// Word of the register.
    pub register: String,
    /// At the end of which day.
    pub day: CivilDate,
    /// How many rows.
    pub rows: u64,
    /// Root over them.
    pub root: Sha256,
    /// Place of the entry of the state before; none: it is the first of this register.
    pub before: Option<u64>,
}

/// An entry of the log with its proof.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logged {
    /// Its bytes.
    pub entry: String,
    /// Text of its proof file (C2SP tlog-proof).
    pub proof: String,
}

/// What is handed out: that a row stood in a register at the end of a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateProof {
    /// Version of this form; 1.
    pub v: u32,
    /// Public key of the log, in text form.
    pub log: String,
    /// Register.
    pub register: String,
    /// The day that was asked about.
    pub day: CivilDate,
    /// What is public of the row, byte for byte.
    pub public: String,
    /// Text of its leaf.
    pub leaf: String,
    /// Place of the leaf in the state, from 0.
    pub index: u64,
    /// Hashes from the leaf to the root.
    pub path: Vec<Sha256>,
    /// The entry of the version.
    pub row: Logged,
    /// The entry of the state.
    pub state: Logged,
    /// The entry of the state after it; none: there was none yet.
    pub next: Option<Logged>,
}

/// What a file that holds says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stood {
    /// Id of the row.
    pub row: String,
    /// Its version on that day.
    pub version: u32,
    /// The day of whose end the state is.
    pub state_day: CivilDate,
    /// Rows of the register then.
    pub rows: u64,
    /// Place of the state's entry.
    pub entry: u64,
    /// A later state says until when this one was the newest; else that there is no later one is the word of whoever made the file.
    pub is_closed: bool,
}

/// Why a file does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StateFault {
    /// No such file, or of another form.
    Unreadable,
    /// The log is another than the one asked about.
    OtherKey,
    /// An entry is not in the log, or its proof is of another.
    NotLogged,
    /// The state is of another register, of a later day, or was taken before its day was over.
    State,
    /// The state after it is not the next one, or is of a day that had come.
    Next,
    /// The row is not in the state: left out, in another place, or in another version.
    NotThere,
    /// The entry of the row says another row, version or digest, or came after the state.
    Row,
    /// What is public of the row is not what the log has the digest of.
    Public,
}

impl StateFault {
    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "state_unreadable",
            Self::OtherKey => "state_other_key",
            Self::NotLogged => "state_not_logged",
            Self::State => "state_of_another_day",
            Self::Next => "state_not_the_last",
            Self::NotThere => "state_row_not_there",
            Self::Row => "state_other_version",
            Self::Public => "state_public_changed",
        }
    }

    /// In words.
    #[must_use]
    pub const fn text(self) -> Text {
        match self {
            Self::Unreadable => Text::new("这不是登记状态的证明文件。", "This is no proof of a register's state."),
            Self::OtherKey => Text::new("不是所给密钥的日志。", "It is of another log than that of the given key."),
            Self::NotLogged => Text::new(
                "有条目不在日志中，或者证明与条目不符。",
                "An entry is not in the log, or a proof is of another entry.",
            ),
            Self::State => Text::new(
                "这一状态属于其他登记簿，或者晚于所问的日期。",
                "The state is of another register, or of a later day.",
            ),
            Self::Next => Text::new(
                "所问的日期已有后一状态，或者所附的不是紧接的后一状态。",
                "On that day there was a later state, or the one that is added is not the next.",
            ),
            Self::NotThere => Text::new(
                "该登记不在这一状态中，或者不是这一版本。",
                "The row is not in this state, or not in this version.",
            ),
            Self::Row => Text::new(
                "登记的条目写明的是其他记录、其他版本，或者晚于这一状态。",
                "The entry of the row says another row or version, or is later than the state.",
            ),
            Self::Public => Text::new(
                "公开的内容与日志中的摘要不符。",
                "What is public of the row does not fit the digest in the log.",
            ),
        }
    }
}

impl Logged {
    /// The entry and its place, under a head that the key signed.
    fn open(&self, log: &LogVerifier) -> Result<(Entry, u64), StateFault> {
        let bytes = self.entry.as_bytes();
        log.check_file(self.proof.as_bytes(), bytes).map_err(|_| StateFault::NotLogged)?;
        let file = ProofFile::parse(self.proof.as_bytes()).map_err(|_| StateFault::NotLogged)?;
        let read = EntryBytes::new(bytes.to_vec()).and_then(|bytes| bytes.parse());
        Ok((read.map_err(|_| StateFault::NotLogged)?, file.index))
    }

    /// The same of a state.
    fn state(&self, log: &LogVerifier) -> Result<(State, u64), StateFault> {
        let (entry, index) = self.open(log)?;
        let state: State = serde_json::from_value(entry.body).map_err(|_| StateFault::State)?;
        // The end of a day is known when it is over.
        let in_time = entry.at_utc_ms >= state.day.plus_days(1).start();
        if entry.kind == STATE_KIND && in_time { Ok((state, index)) } else { Err(StateFault::State) }
    }
}

impl StateProof {
    /// Reads a file.
    ///
    /// # Errors
    /// `Unreadable`.
    pub fn read(bytes: &[u8]) -> Result<Self, StateFault> {
        if bytes.len() > FILE_BYTES {
            return Err(StateFault::Unreadable);
        }
        let file: Self = serde_json::from_slice(bytes).map_err(|_| StateFault::Unreadable)?;
        if file.v == VERSION { Ok(file) } else { Err(StateFault::Unreadable) }
    }

    /// A file of this form.
    #[must_use]
    pub const fn version() -> u32 {
        VERSION
    }
}

/// Checks a file by the key of the log; without one, by the key inside it, which has yet to be compared.
///
/// # Errors
/// The first thing that does not fit.
pub fn verify(file: &StateProof, key: Option<&Vkey>) -> Result<Stood, StateFault> {
    let own = Vkey::parse(&file.log).map_err(|_| StateFault::Unreadable)?;
    if key.is_some_and(|key| key.to_string() != file.log) {
        return Err(StateFault::OtherKey);
    }
    let log = LogVerifier::new(&own);
    let (state, place) = file.state.state(&log)?;
    if state.register != file.register || state.day > file.day {
        return Err(StateFault::State);
    }
    if let Some(next) = &file.next {
        let (next, later) =
            next.state(&log).map_err(|fault| if fault == StateFault::State { StateFault::Next } else { fault })?;
        let follows = next.register == file.register && next.before == Some(place) && later > place;
        if !follows || next.day <= file.day {
            return Err(StateFault::Next);
        }
    }
    let leaf = Leaf::parse(&file.leaf).ok_or(StateFault::NotThere)?;
    verify_inclusion(leaf.hash(), file.index, state.rows, state.root, &file.path).map_err(|_| StateFault::NotThere)?;
    let (entry, written) = file.row.open(&log)?;
    let says = |key: &str, value: serde_json::Value| entry.body.get(key) == Some(&value);
    let is_it = entry.kind == ROW_KIND
        && says("register", file.register.as_str().into())
        && says("row", leaf.row.as_str().into())
        && says("version", leaf.version.into())
        && says("public_sha256", serde_json::json!(leaf.public_sha256));
    if !is_it || written != leaf.entry || written >= place {
        return Err(StateFault::Row);
    }
    if Sha256::of(file.public.as_bytes()) != leaf.public_sha256 {
        return Err(StateFault::Public);
    }
    let Leaf { row, version, .. } = leaf;
    let (state_day, rows) = (state.day, state.rows);
    Ok(Stood { row, version, state_day, rows, entry: place, is_closed: file.next.is_some() })
}

#[cfg(test)]
#[path = "register_state_tests.rs"]
mod tests;
