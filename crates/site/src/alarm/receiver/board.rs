//! What is known of each panel and of who else knocked: counts, last times, faults; and the diagnosis in words. Bounded.

use super::admission::HeldBack;
use crate::camera::Diagnosis;
use base::{Text, UtcMs};
use domain::alarm::SourceName;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::journal::JournalError;
use wire::dc09::{Heard, Item, Why};

/// Most unknown accounts remembered; one more takes the place of the one heard longest ago.
pub const MAX_UNKNOWN: usize = 256;
/// A fault is told for this long after it was last seen, ms.
const FAULT_MS: i64 = 24 * 3_600_000;

/// What was heard of one panel since the start.
#[derive(Clone, Debug, Default)]
pub struct AccountStatus {
    /// Last frame that was its own (right key, right clock).
    pub heard: Option<UtcMs>,
    /// Where that came from.
    pub from: Option<SocketAddr>,
    /// It came over TCP.
    pub tcp: bool,
    /// Silent for longer than its supervision time.
    pub lost: bool,
    /// Frames with events.
    pub events: u64,
    /// Signs of life.
    pub alive: u64,
    /// Repetitions that were joined.
    pub repeats: u64,
    /// Refused frames by kind: how many, the last one, and from where.
    pub faults: BTreeMap<&'static str, Fault>,
}

/// One kind of refused frame.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// How many.
    pub count: u64,
    /// The last one.
    pub at: UtcMs,
    /// From where.
    pub from: SocketAddr,
    /// How far the clock was ahead, ms, where that is the fault.
    pub ahead_ms: i64,
}

/// An account that nobody here has.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// Its number.
    pub account: String,
    /// From where, last.
    pub from: SocketAddr,
    /// First and last heard.
    pub first: UtcMs,
    /// Last heard.
    pub last: UtcMs,
    /// How many frames.
    pub count: u64,
}

/// The receiver's state for pages.
#[derive(Clone, Debug, Default)]
pub struct ReceiverStatus {
    /// Accounts that nobody here has, newest first.
    pub unknown: Vec<Unknown>,
    /// Frames with a wrong check sum, with a wrong length, and bytes that were no frame.
    pub noise: [u64; 3],
    /// Where the last of them came from.
    pub noise_from: Option<(SocketAddr, UtcMs)>,
    /// Open connections.
    pub connections: usize,
    /// Supervised panels.
    pub watched: usize,
    /// How many of them are lost.
    pub lost: usize,
    /// Events cannot be kept at the moment.
    pub journal_fault: bool,
    /// What was held back of addresses that asked for more than their share.
    pub held: HeldBack,
}

#[derive(Debug, Default)]
struct Notes {
    accounts: HashMap<String, AccountStatus>,
    unknown: HashMap<String, Unknown>,
    noise: [u64; 3],
    noise_from: Option<(SocketAddr, UtcMs)>,
    journal_fault: Option<JournalError>,
    /// Panels that were lost (true) or came back, and the database was not told yet.
    lost_changes: HashMap<String, bool>,
}

/// The notes.
#[derive(Debug, Default)]
pub(super) struct Board(Mutex<Notes>);

/// Word of a refusal, as pages and metrics use it.
const fn code(why: &Why) -> &'static str {
    match why {
        Why::Malformed(_) => "malformed",
        Why::Answer => "answer",
        Why::UnknownAccount => "unknown_account",
        Why::NoKey => "no_key",
        Why::NotEncrypted => "not_encrypted",
        Why::WrongKey => "wrong_key",
        Why::NoStamp => "no_stamp",
        Why::ClockOff(_) => "clock_off",
        Why::UnknownToken(_) => "unknown_token",
        Why::Content => "content",
    }
}

impl Board {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn known(&self, account: &str) {
        let mut notes = self.notes();
        notes.unknown.remove(account);
        notes.accounts.entry(account.to_owned()).or_default().faults.clear();
    }

    pub(super) fn forget(&self, account: &str) {
        let mut notes = self.notes();
        notes.accounts.remove(account);
        notes.lost_changes.remove(account);
    }

    pub(super) fn heard(&self, heard: &Heard, from: SocketAddr, tcp: bool, now: UtcMs) {
        let mut notes = self.notes();
        let (account, event) = match heard {
            Heard::Events { account, .. } => (account, true),
            Heard::Alive { account, .. } => (account, false),
            Heard::Refused { account, why, .. } => return notes.refuse(account.as_deref(), why, from, now),
        };
        if let Some(status) = notes.accounts.get_mut(account) {
            status.heard = Some(now);
            status.from = Some(from);
            status.tcp = tcp;
            let count = if event { &mut status.events } else { &mut status.alive };
            *count += 1;
        }
        metrics::counter!("jifang_dc09_frames_total", "kind" => if event { "event" } else { "alive" }).increment(1);
    }

    pub(super) fn noise(&self, item: &Item, from: SocketAddr, now: UtcMs) {
        let mut notes = self.notes();
        let (i, n) = match item {
            Item::WrongCrc => (0, 1),
            Item::WrongLength => (1, 1),
            Item::Noise(bytes) => (2, *bytes as u64),
            Item::Body(_) => return,
        };
        notes.noise[i] += n;
        notes.noise_from = Some((from, now));
        metrics::counter!("jifang_dc09_noise_total", "kind" => ["crc", "length", "bytes"][i]).increment(n);
    }

    pub(super) fn repeated(&self, source: &SourceName) {
        let number = source.as_str().strip_prefix("dc09:").unwrap_or_default();
        if let Some(status) = self.notes().accounts.get_mut(number) {
            status.repeats += 1;
        }
    }

    /// Notes how the last write to the journal went.
    pub(super) fn journal(&self, fault: Option<JournalError>) {
        self.notes().journal_fault = fault;
    }

    pub(super) fn journal_fault(&self) -> Option<JournalError> {
        self.notes().journal_fault.clone()
    }

    /// Notes that a panel is lost, or back, for `lost_changes`.
    pub(super) fn lost(&self, number: &str, lost: bool) {
        self.notes().lost_changes.insert(number.to_owned(), lost);
    }

    /// Who was lost or came back since this was last asked.
    pub(super) fn lost_changes(&self) -> HashMap<String, bool> {
        std::mem::take(&mut self.notes().lost_changes)
    }

    pub(super) fn account(&self, number: &str) -> Option<AccountStatus> {
        self.notes().accounts.get(number).cloned()
    }

    pub(super) fn status(&self, connections: usize, watched: usize, lost: usize) -> ReceiverStatus {
        let notes = self.notes();
        let mut unknown: Vec<_> = notes.unknown.values().cloned().collect();
        unknown.sort_by_key(|u| std::cmp::Reverse(u.last));
        let (noise, noise_from, journal_fault) = (notes.noise, notes.noise_from, notes.journal_fault.is_some());
        ReceiverStatus {
            unknown,
            noise,
            noise_from,
            connections,
            watched,
            lost,
            journal_fault,
            held: HeldBack::default(),
        }
    }
}

impl Notes {
    fn refuse(&mut self, account: Option<&str>, why: &Why, from: SocketAddr, now: UtcMs) {
        metrics::counter!("jifang_dc09_refused_total", "why" => code(why)).increment(1);
        let Some(account) = account else {
            self.noise[2] += 1;
            self.noise_from = Some((from, now));
            return;
        };
        if *why == Why::UnknownAccount {
            if !self.unknown.contains_key(account) && self.unknown.len() >= MAX_UNKNOWN {
                let oldest = self.unknown.values().min_by_key(|u| u.last).map(|u| u.account.clone());
                oldest.map(|oldest| self.unknown.remove(&oldest));
            }
            let row = self.unknown.entry(account.to_owned()).or_insert_with(|| Unknown {
                account: account.to_owned(),
                from,
                first: now,
                last: now,
                count: 0,
            });
            (row.from, row.last, row.count) = (from, now, row.count + 1);
            return;
        }
        if let Some(status) = self.accounts.get_mut(account) {
            let ahead_ms = if let Why::ClockOff(ms) = why { *ms } else { 0 };
            let count = status.faults.get(code(why)).map_or(1, |f| f.count + 1);
            status.faults.insert(code(why), Fault { count, at: now, from, ahead_ms });
        }
    }
}

impl AccountStatus {
    /// What is wrong with the panel, worst first; empty when nothing is.
    #[must_use]
    pub fn diagnoses(&self, now: UtcMs) -> Vec<Diagnosis> {
        let mut out = Vec::new();
        // A fault is over when a good frame came after it.
        let open = |f: &&Fault| now.since(f.at) < FAULT_MS && self.heard.is_none_or(|good| good < f.at);
        for word in ["wrong_key", "not_encrypted", "no_key", "clock_off", "no_stamp", "content", "unknown_token"] {
            out.extend(self.faults.get(word).filter(open).map(|fault| words(word, fault)));
        }
        match (self.lost, self.heard) {
            (true, Some(at)) => out.push(diagnosis(
                "path_lost",
                (
                    format!("自 {} 起没有收到任何信号，超过监督时间。", at.desk()),
                    format!("Nothing was heard since {}: longer than its supervision time.", at.desk()),
                ),
                (
                    "检查主机供电、网络和通信模块；恢复后会自动解除。",
                    "Check its power, network and communicator; it is taken up again by itself when it returns.",
                ),
            )),
            (true, None) => out.push(never()),
            (false, None) if out.is_empty() => out.push(never()),
            _ => {}
        }
        out
    }
}

fn diagnosis(code: &'static str, what: (String, String), next: (&'static str, &'static str)) -> Diagnosis {
    Diagnosis { code, what: Text::of(what.0, what.1), next: Text::new(next.0, next.1) }
}

fn never() -> Diagnosis {
    diagnosis(
        "never_heard",
        (
            "服务启动以来还没有收到该主机的信号。".into(),
            "Nothing was heard of this panel since the service started.".into(),
        ),
        (
            "在主机上填写本页的接收中心地址、端口和账号；检查网络和防火墙。",
            "Enter the receiver's address, port and account shown on this page at the panel; check network and firewall.",
        ),
    )
}

fn words(word: &'static str, f: &Fault) -> Diagnosis {
    let (n, from) = (f.count, f.from);
    let told = |zh: &str, en: &str| (format!("{from} 发来 {n} 次：{zh}。"), format!("{from} sent {n}: {en}."));
    match word {
        "wrong_key" => diagnosis(
            word,
            told("密钥不对，无法解密", "encrypted with another key than the one given here"),
            (
                "核对主机和本页的密钥（128、192 或 256 位）。",
                "Compare the key at the panel with the one given here (128, 192 or 256 bits).",
            ),
        ),
        "not_encrypted" => diagnosis(
            word,
            told("未加密，而本账号要求加密", "not encrypted, though this account has a key"),
            (
                "在主机上启用加密并填写密钥；确实不支持时，在本页允许未加密。",
                "Switch encryption on at the panel and enter the key; if it cannot, allow plain frames here.",
            ),
        ),
        "no_key" => diagnosis(
            word,
            told("已加密，而本页没有密钥", "encrypted, and no key is given here"),
            ("在本页填写主机的密钥。", "Enter the panel's key here."),
        ),
        "clock_off" => {
            let s = f.ahead_ms / 1_000;
            let (zh, en) = if s < 0 {
                (format!("时钟慢 {} 秒", -s), format!("its clock is {} s behind", -s))
            } else {
                (format!("时钟快 {s} 秒"), format!("its clock is {s} s ahead"))
            };
            diagnosis(
                word,
                told(&zh, &en),
                (
                    "已把正确时间告诉主机；若反复出现，请给主机对时，或按其时区在本页设置。",
                    "It was told the time; if this goes on, set its clock, or give its time zone here.",
                ),
            )
        }
        "no_stamp" => diagnosis(
            word,
            told("加密但没有时间戳", "encrypted, without a time stamp"),
            (
                "在主机上启用时间戳；确实不支持时，在本页允许。",
                "Switch time stamps on at the panel; if it cannot, allow that here.",
            ),
        ),
        "unknown_token" => diagnosis(
            word,
            told("不认识的消息种类", "a kind of message that is not known"),
            ("把主机的报告格式设为 SIA-DCS 或 ADM-CID。", "Set the panel's report format to SIA-DCS or ADM-CID."),
        ),
        _ => diagnosis(
            word,
            told("内容格式不对", "its content has another form"),
            (
                "升级主机固件，或把报告格式设为 SIA-DCS 或 ADM-CID。",
                "Update its firmware, or set its report format to SIA-DCS or ADM-CID.",
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_accounts_are_bounded_and_the_newest_stay() {
        let board = Board::default();
        let from: SocketAddr = "192.0.2.1:9".parse().unwrap();
        for n in 0..2_000_i64 {
            let heard = Heard::Refused {
                account: Some(format!("{n:04}")),
                why: Why::UnknownAccount,
                genuine: false,
                reply: None,
            };
            board.heard(&heard, from, true, UtcMs(n));
        }
        let status = board.status(0, 0, 0);
        assert_eq!((status.unknown.len(), status.unknown[0].account.as_str()), (MAX_UNKNOWN, "1999"));
        board.known("1999");
        assert_eq!(board.status(0, 0, 0).unknown[0].account, "1998", "taken in");
    }

    #[test]
    fn a_fault_is_told_in_words_until_a_good_frame_comes() {
        let board = Board::default();
        let from: SocketAddr = "192.0.2.1:9".parse().unwrap();
        board.known("1234");
        let of = |at| board.account("1234").unwrap().diagnoses(UtcMs(at)).iter().map(|d| d.code).collect::<Vec<_>>();
        assert_eq!(of(0), ["never_heard"]);
        for why in [
            Why::WrongKey,
            Why::ClockOff(-90_000),
            Why::NoKey,
            Why::NotEncrypted,
            Why::NoStamp,
            Why::Content,
            Why::UnknownToken("X".into()),
        ] {
            board.heard(
                &Heard::Refused { account: Some("1234".into()), why, genuine: false, reply: None },
                from,
                true,
                UtcMs(10),
            );
        }
        assert_eq!(
            of(20),
            ["wrong_key", "not_encrypted", "no_key", "clock_off", "no_stamp", "content", "unknown_token"]
        );
        let clock = board.account("1234").unwrap().diagnoses(UtcMs(20)).remove(3);
        assert!(clock.what.zh.contains("慢 90 秒") && clock.what.en.contains("90 s behind"), "{}", clock.what.en);
        assert!(of(10 + FAULT_MS)[0] == "never_heard", "old faults are no news");
        let status = AccountStatus { heard: Some(UtcMs(30)), ..board.account("1234").unwrap() };
        assert!(status.diagnoses(UtcMs(40)).is_empty());
        let lost = AccountStatus { lost: true, ..status };
        assert_eq!(lost.diagnoses(UtcMs(40))[0].code, "path_lost");
    }
}
