//! The parts of one frame's body: `"token" sequence [R receiver] L line # account [ content`.
//!
//! Numbers are kept as they came, because an answer echoes them letter by letter. The content stays bytes: it may be encrypted, and
//! text in it may be in any character set.

use super::split::enframe;
use super::{ACCOUNT_DIGITS, account};

/// Most characters of a token.
const TOKEN_CHARS: usize = 16;
/// Most digits of a receiver or line number.
const NUMBER_DIGITS: usize = 6;

/// What a frame is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Token {
    /// An event in SIA DC-03 codes.
    SiaDcs,
    /// An event in Contact ID.
    AdmCid,
    /// Nothing but a sign of life.
    Null,
    /// Answer: kept.
    Ack,
    /// Answer: the time stamp is off; here is the time.
    Nak,
    /// Answer: understood as a frame, and cannot be dealt with.
    Duh,
    /// Answer with commands.
    Rsp,
    /// Another one.
    Other(String),
}

impl Token {
    fn parse(text: &[u8]) -> Option<Self> {
        Some(match text {
            b"SIA-DCS" => Self::SiaDcs,
            b"ADM-CID" => Self::AdmCid,
            b"NULL" => Self::Null,
            b"ACK" => Self::Ack,
            b"NAK" => Self::Nak,
            b"DUH" => Self::Duh,
            b"RSP" => Self::Rsp,
            other if (1..=TOKEN_CHARS).contains(&other.len()) => {
                let fits = other.iter().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'*'));
                Self::Other(String::from_utf8(other.to_vec()).ok().filter(|_| fits)?)
            }
            _ => return None,
        })
    }

    /// As in a frame.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::SiaDcs => "SIA-DCS",
            Self::AdmCid => "ADM-CID",
            Self::Null => "NULL",
            Self::Ack => "ACK",
            Self::Nak => "NAK",
            Self::Duh => "DUH",
            Self::Rsp => "RSP",
            Self::Other(text) => text,
        }
    }

    /// True for what only a receiver sends. A receiver answers none of it, or two of them would answer each other for ever.
    #[must_use]
    pub const fn is_answer(&self) -> bool {
        matches!(self, Self::Ack | Self::Nak | Self::Duh | Self::Rsp)
    }
}

/// One frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// The content is encrypted (`*` before the token).
    pub encrypted: bool,
    /// What it is.
    pub token: Token,
    /// 0 to 9999; pairs an answer with its question.
    pub sequence: u16,
    /// Receiver number as it came, without `R`; none if there was none.
    pub receiver: Option<String>,
    /// Line number (account prefix) as it came, without `L`.
    pub line: String,
    /// Account number as it came, without `#`; `0` in the answer NAK, which names none.
    pub account: String,
    /// After `[`.
    pub content: Vec<u8>,
}

/// Why a body is no frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameFault {
    /// The token in its quotes.
    Token,
    /// The sequence number.
    Sequence,
    /// Receiver or line number.
    Number,
    /// The account number.
    Account,
    /// No `[`.
    Content,
}

impl Frame {
    /// Reads a body whose check sum was right.
    ///
    /// # Errors
    /// The first part that is not as the standard says.
    pub fn parse(body: &[u8]) -> Result<Self, FrameFault> {
        let rest = body.strip_prefix(b"\"").ok_or(FrameFault::Token)?;
        let (encrypted, rest) = rest.strip_prefix(b"*").map_or((false, rest), |rest| (true, rest));
        let end = rest.iter().take(TOKEN_CHARS + 1).position(|b| *b == b'"').ok_or(FrameFault::Token)?;
        let token = Token::parse(&rest[..end]).ok_or(FrameFault::Token)?;
        let (digits, rest) = rest[end + 1..].split_first_chunk::<4>().ok_or(FrameFault::Sequence)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(FrameFault::Sequence);
        }
        let sequence = digits.iter().fold(0, |n, b| n * 10 + u16::from(b - b'0'));
        let (numbers, rest) = if token == Token::Nak { nak_numbers(rest)? } else { numbers(rest)? };
        let (receiver, line, account) = numbers;
        let content = rest.strip_prefix(b"[").ok_or(FrameFault::Content)?.to_vec();
        Ok(Self { encrypted, token, sequence, receiver, line, account, content })
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let star = if self.encrypted { "*" } else { "" };
        let receiver = self.receiver.as_ref().map_or_else(String::new, |r| format!("R{r}"));
        // A NAK that names somebody all the same (some do) is written as it came.
        let mark = if self.token == Token::Nak && self.account == "0" { 'A' } else { '#' };
        let (token, sequence, line, account) = (self.token.text(), self.sequence, &self.line, &self.account);
        let mut out = format!("\"{star}{token}\"{sequence:04}{receiver}L{line}{mark}{account}[").into_bytes();
        out.extend_from_slice(&self.content);
        out
    }

    /// The frame with check sum and length, ready to be sent.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        enframe(&self.body())
    }

    /// The account as tables hold it.
    #[must_use]
    pub fn account_key(&self) -> Option<String> {
        account(&self.account)
    }
}

/// Receiver, line and account as they came.
type Numbers = (Option<String>, String, String);

fn number(bytes: &[u8]) -> Result<(String, &[u8]), FrameFault> {
    let (number, rest) = hex(bytes);
    if number.len() > NUMBER_DIGITS { Err(FrameFault::Number) } else { Ok((number, rest)) }
}

/// `[R receiver] L line # account`.
fn numbers(bytes: &[u8]) -> Result<(Numbers, &[u8]), FrameFault> {
    let (receiver, rest) = match bytes.strip_prefix(b"R") {
        Some(rest) => number(rest).map(|(receiver, rest)| (Some(receiver), rest))?,
        None => (None, bytes),
    };
    if receiver.as_deref() == Some("") {
        return Err(FrameFault::Number);
    }
    let (line, rest) = number(rest.strip_prefix(b"L").ok_or(FrameFault::Number)?)?;
    let (account, rest) = hex(rest.strip_prefix(b"#").ok_or(FrameFault::Account)?);
    if !ACCOUNT_DIGITS.contains(&account.len()) {
        return Err(FrameFault::Account);
    }
    Ok(((receiver, line, account), rest))
}

/// `R0L0A0`, which names nobody; some receivers turn the first two around.
fn nak_numbers(bytes: &[u8]) -> Result<(Numbers, &[u8]), FrameFault> {
    let names_nobody = bytes.strip_prefix(b"R0L0A0").or_else(|| bytes.strip_prefix(b"L0R0A0"));
    let zero = || "0".to_owned();
    names_nobody.map_or_else(|| numbers(bytes), |rest| Ok(((Some(zero()), zero(), zero()), rest)))
}

/// Hex digits at the front, as text, and the rest.
fn hex(bytes: &[u8]) -> (String, &[u8]) {
    let end = bytes.iter().position(|b| !b.is_ascii_hexdigit()).unwrap_or(bytes.len());
    let (digits, rest) = bytes.split_at(end);
    (digits.iter().map(|b| char::from(*b)).collect(), rest)
}
