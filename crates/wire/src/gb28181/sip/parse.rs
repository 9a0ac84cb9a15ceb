//! Bytes of one whole message to a [`Message`].
//!
//! Accepts CRLF and bare LF, folded lines, compact names, blanks before the colon, leading blank lines, and a missing
//! Content-Length (the body is then the rest of the datagram). Refuses what exceeds a limit or has no start line.

use super::message::{Headers, Message, Method, StartLine, long_name};
use super::{MAX_HEADERS, MAX_LINE_BYTES};
use base::limits::SIP_MESSAGE_BYTES;

/// Why bytes are not a SIP message.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SipError {
    /// Larger than [`SIP_MESSAGE_BYTES`].
    #[error("message of {0} bytes, limit {SIP_MESSAGE_BYTES}")]
    TooLarge(usize),
    /// Only blank lines: a keepalive, not an error of the sender.
    #[error("no message, only blank lines")]
    Empty,
    /// The first line is neither a request nor a status line.
    #[error("bad start line")]
    StartLine,
    /// No blank line ends the headers.
    #[error("headers do not end")]
    NoEnd,
    /// A header line without colon.
    #[error("header line {0} has no name")]
    HeaderLine(usize),
    /// More than [`MAX_HEADERS`] lines.
    #[error("more than {MAX_HEADERS} header lines")]
    TooManyHeaders,
    /// A line over [`MAX_LINE_BYTES`].
    #[error("header line longer than {MAX_LINE_BYTES} bytes")]
    LineTooLong,
    /// Content-Length is not a number, or says more than there is.
    #[error("Content-Length does not match the body")]
    ContentLength,
    /// A header that every message must carry is missing.
    #[error("no {0} header")]
    Missing(&'static str),
}

/// Index just after the blank line that ends the headers.
pub(super) fn head_end(bytes: &[u8]) -> Option<usize> {
    head_end_from(bytes, 0)
}

/// [`head_end`], looking from `from` on (which must be at or before the blank line).
pub(super) fn head_end_from(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(lf) = bytes.get(at..)?.iter().position(|b| *b == b'\n') {
        let next = at + lf + 1;
        match bytes.get(next..)? {
            [b'\n', ..] => return Some(next + 1),
            [b'\r', b'\n', ..] => return Some(next + 2),
            _ => at = next,
        }
    }
    None
}

/// Header text: UTF-8 where it is, else GB18030 (display names of older devices).
fn head_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Reads one whole message. `bytes` is a datagram or what [`super::StreamFramer`] cut out.
///
/// # Errors
/// [`SipError`] says what is wrong; [`SipError::Empty`] is a CRLF keepalive.
pub fn parse(bytes: &[u8]) -> Result<Message, SipError> {
    if bytes.len() > SIP_MESSAGE_BYTES {
        return Err(SipError::TooLarge(bytes.len()));
    }
    let skip = bytes.iter().position(|b| !matches!(b, b'\r' | b'\n' | b' ' | 0)).ok_or(SipError::Empty)?;
    let bytes = bytes.get(skip..).unwrap_or_default();
    // A datagram whose last header is followed by one line end only is a message without body.
    let end = head_end(bytes).or_else(|| bytes.ends_with(b"\n").then_some(bytes.len())).ok_or(SipError::NoEnd)?;
    let head = head_text(bytes.get(..end).unwrap_or_default());
    let mut lines = head.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let start = start_line(lines.next().unwrap_or_default())?;
    let headers = header_lines(lines)?;
    let rest = bytes.get(end..).unwrap_or_default();
    let body = match headers.get("Content-Length") {
        None => rest,
        Some(length) => {
            let length: usize = length.trim().parse().map_err(|_| SipError::ContentLength)?;
            rest.get(..length).ok_or(SipError::ContentLength)?
        }
    };
    let message = Message { start, headers, body: body.to_vec() };
    required(&message)?;
    Ok(message)
}

fn start_line(line: &str) -> Result<StartLine, SipError> {
    if line.len() > MAX_LINE_BYTES {
        return Err(SipError::LineTooLong);
    }
    let line = line.trim_end();
    if let Some(status) = line.strip_prefix("SIP/2.0 ") {
        let (code, reason) = status.trim_start().split_once(' ').unwrap_or((status.trim_start(), ""));
        let code: u16 = code.parse().map_err(|_| SipError::StartLine)?;
        if !(100..700).contains(&code) {
            return Err(SipError::StartLine);
        }
        return Ok(StartLine::Response { code, reason: reason.to_owned() });
    }
    let mut parts = line.split_ascii_whitespace();
    let (Some(method), Some(uri), Some("SIP/2.0"), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(SipError::StartLine);
    };
    let token = |b: u8| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b);
    if method.len() > 32 || !method.bytes().all(token) {
        return Err(SipError::StartLine);
    }
    Ok(StartLine::Request { method: Method::parse(method), uri: uri.to_owned() })
}

fn header_lines<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Headers, SipError> {
    let mut unfolded: Vec<String> = Vec::new();
    for line in lines {
        if line.trim().is_empty() {
            continue;
        }
        match unfolded.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => unfolded.push(line.to_owned()),
        }
        if unfolded.len() > MAX_HEADERS {
            return Err(SipError::TooManyHeaders);
        }
        if unfolded.last().is_some_and(|l| l.len() > MAX_LINE_BYTES) {
            return Err(SipError::LineTooLong);
        }
    }
    let mut headers = Headers::default();
    for (number, line) in unfolded.iter().enumerate() {
        let (name, value) = line.split_once(':').ok_or(SipError::HeaderLine(number + 1))?;
        let name = name.trim();
        if name.is_empty() || name.contains([' ', '\t']) {
            return Err(SipError::HeaderLine(number + 1));
        }
        headers.push(long_name(name), value.trim());
    }
    Ok(headers)
}

/// What no answer can be given without. Via is asked of requests only: some devices answer without it.
fn required(message: &Message) -> Result<(), SipError> {
    if message.call_id().is_none() {
        return Err(SipError::Missing("Call-ID"));
    }
    if message.cseq().is_none() {
        return Err(SipError::Missing("CSeq"));
    }
    for name in ["From", "To"] {
        if message.headers.get(name).is_none() {
            return Err(SipError::Missing(name));
        }
    }
    if message.code().is_none() && message.via().is_none() {
        return Err(SipError::Missing("Via"));
    }
    Ok(())
}
