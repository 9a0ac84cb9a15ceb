//! The message value: start line, headers in order, body. Building requests and responses, and writing them as bytes.
//!
//! Invariants: header names are kept in their long form; no value holds CR or LF, so nothing written can smuggle a line.

use super::value::Via;
use std::fmt::Write;
use std::net::SocketAddr;

/// SIP method; the ten that GB/T 28181 uses have names.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Method {
    /// REGISTER.
    Register,
    /// INVITE.
    Invite,
    /// ACK.
    Ack,
    /// BYE.
    Bye,
    /// CANCEL.
    Cancel,
    /// INFO (MANSRTSP travels in it).
    Info,
    /// MESSAGE (MANSCDP travels in it).
    Message,
    /// OPTIONS.
    Options,
    /// SUBSCRIBE.
    Subscribe,
    /// NOTIFY.
    Notify,
    /// Anything else, as written.
    Other(String),
}

impl Method {
    /// Reads a method token.
    #[must_use]
    pub fn parse(token: &str) -> Self {
        match token {
            "REGISTER" => Self::Register,
            "INVITE" => Self::Invite,
            "ACK" => Self::Ack,
            "BYE" => Self::Bye,
            "CANCEL" => Self::Cancel,
            "INFO" => Self::Info,
            "MESSAGE" => Self::Message,
            "OPTIONS" => Self::Options,
            "SUBSCRIBE" => Self::Subscribe,
            "NOTIFY" => Self::Notify,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Register => "REGISTER",
            Self::Invite => "INVITE",
            Self::Ack => "ACK",
            Self::Bye => "BYE",
            Self::Cancel => "CANCEL",
            Self::Info => "INFO",
            Self::Message => "MESSAGE",
            Self::Options => "OPTIONS",
            Self::Subscribe => "SUBSCRIBE",
            Self::Notify => "NOTIFY",
            Self::Other(token) => token,
        }
    }
}

/// First line of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StartLine {
    /// A request.
    Request {
        /// What is asked.
        method: Method,
        /// Request-URI as written.
        uri: String,
    },
    /// A response.
    Response {
        /// Status code, 100 to 699.
        code: u16,
        /// Reason phrase.
        reason: String,
    },
}

/// Headers in order of arrival; names compare without case, compact names are already expanded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Headers(Vec<(String, String)>);

/// Expands the one-letter names of RFC 3261 section 20 (and RFC 6665).
pub(super) fn long_name(name: &str) -> &str {
    let [letter] = name.as_bytes() else { return name };
    match letter.to_ascii_lowercase() {
        b'i' => "Call-ID",
        b'm' => "Contact",
        b'e' => "Content-Encoding",
        b'l' => "Content-Length",
        b'c' => "Content-Type",
        b'f' => "From",
        b's' => "Subject",
        b'k' => "Supported",
        b't' => "To",
        b'v' => "Via",
        b'o' => "Event",
        b'u' => "Allow-Events",
        _ => name,
    }
}

/// Removes what would break a line apart, then the blanks at its ends: a reader takes those away, also where a NUL stood before them.
fn one_line(value: &str) -> String {
    let whole: String = value.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')).collect();
    whole.trim().to_owned()
}

impl Headers {
    /// First value of `name` (long form, any case).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Every value of `name`, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Adds a line at the end. CR, LF and NUL in `value` are removed, and blanks at its ends.
    pub fn push(&mut self, name: &str, value: &str) {
        self.0.push((long_name(name).to_owned(), one_line(value)));
    }

    /// Replaces the first line of `name`, or adds one.
    pub fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = one_line(value),
            None => self.push(name, value),
        }
    }

    /// Removes every line of `name`.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// All lines, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// How many lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One SIP message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Request or status line.
    pub start: StartLine,
    /// Headers. Content-Length is written from the body, whatever stands here.
    pub headers: Headers,
    /// Body, as bytes: its charset is the body's own business.
    pub body: Vec<u8>,
}

impl Message {
    /// A request with Max-Forwards only; the caller adds Via, From, To, Call-ID and CSeq.
    #[must_use]
    pub fn request(method: Method, uri: &str) -> Self {
        let mut headers = Headers::default();
        headers.push("Max-Forwards", "70");
        Self { start: StartLine::Request { method, uri: one_line(uri) }, headers, body: Vec::new() }
    }

    /// A response to `request`: copies every Via, From, To, Call-ID and CSeq; adds `to_tag` to To where none stands
    /// (RFC 3261 section 8.2.6.2; none for 100).
    #[must_use]
    pub fn response(request: &Self, code: u16, to_tag: &str) -> Self {
        let mut headers = Headers::default();
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            for value in request.headers.all(name) {
                if name == "To" && code > 100 && !super::params(value).contains_key("tag") {
                    headers.push(name, &format!("{value};tag={to_tag}"));
                } else {
                    headers.push(name, value);
                }
            }
        }
        Self { start: StartLine::Response { code, reason: reason_phrase(code).to_owned() }, headers, body: Vec::new() }
    }

    /// The same message with one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The same message with a body and its Content-Type.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.headers.set("Content-Type", content_type);
        self.body = body;
        self
    }

    /// Method of a request; for a response the method its CSeq names.
    #[must_use]
    pub fn method(&self) -> Option<Method> {
        match &self.start {
            StartLine::Request { method, .. } => Some(method.clone()),
            StartLine::Response { .. } => self.cseq().map(|(_, method)| method),
        }
    }

    /// Request-URI; `None` for a response.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        match &self.start {
            StartLine::Request { uri, .. } => Some(uri),
            StartLine::Response { .. } => None,
        }
    }

    /// Status code; `None` for a request.
    #[must_use]
    pub const fn code(&self) -> Option<u16> {
        match &self.start {
            StartLine::Response { code, .. } => Some(*code),
            StartLine::Request { .. } => None,
        }
    }

    /// CSeq number and method.
    #[must_use]
    pub fn cseq(&self) -> Option<(u32, Method)> {
        let (number, method) = self.headers.get("CSeq")?.trim().split_once([' ', '\t'])?;
        Some((number.parse().ok()?, Method::parse(method.trim())))
    }

    /// Call-ID.
    #[must_use]
    pub fn call_id(&self) -> Option<&str> {
        self.headers.get("Call-ID").map(str::trim).filter(|id| !id.is_empty())
    }

    /// Topmost Via (lists on one line are split).
    #[must_use]
    pub fn via(&self) -> Option<Via> {
        Via::parse(self.headers.get("Via")?)
    }

    /// Tag parameter of From or To.
    #[must_use]
    pub fn tag(&self, header: &str) -> Option<String> {
        super::params(self.headers.get(header)?).get("tag").cloned()
    }

    /// RFC 3581 and RFC 3261 section 18.2.1: notes on the topmost Via where the request really came from, so that the
    /// response carries it back. `rport` is filled where the sender asked for it.
    pub fn stamp_source(&mut self, source: SocketAddr) {
        let Some(value) = self.headers.get("Via") else { return };
        let first = super::split_outside_quotes(value, ',').next().unwrap_or_default();
        let rest = value.get(first.len()..).unwrap_or_default().to_owned();
        let Some(mut via) = Via::parse(first) else { return };
        let asked = via.params.iter().any(|(name, _)| name == "rport");
        if asked {
            via.set("rport", Some(&source.port().to_string()));
        }
        if asked || via.host != source.ip().to_string() {
            via.set("received", Some(&source.ip().to_string()));
        }
        self.headers.set("Via", &format!("{via}{rest}"));
    }

    /// The message as it goes on the wire.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut head = String::with_capacity(512);
        let _ = match &self.start {
            StartLine::Request { method, uri } => write!(head, "{} {uri} SIP/2.0\r\n", method.as_str()),
            StartLine::Response { code, reason } => write!(head, "SIP/2.0 {code} {reason}\r\n"),
        };
        for (name, value) in self.headers.iter().filter(|(n, _)| !n.eq_ignore_ascii_case("Content-Length")) {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "Content-Length: {}\r\n\r\n", self.body.len());
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// The usual phrase of a status code.
#[must_use]
pub const fn reason_phrase(code: u16) -> &'static str {
    match code {
        100 => "Trying",
        180 => "Ringing",
        183 => "Session Progress",
        200 => "OK",
        302 => "Moved Temporarily",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        415 => "Unsupported Media Type",
        481 => "Call/Transaction Does Not Exist",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
