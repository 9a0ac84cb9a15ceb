//! RTSP 1.0 messages of the server's side (RFC 2326): requests cut out of a byte stream, responses written.
//!
//! Flow: bytes of a connection, cut anywhere -> `Incoming` (request or interleaved frame). Invariants: a header block over 16 KiB
//! or a body over 64 KiB ends the connection; input never panics.

/// Largest header block, bytes.
const HEAD_BYTES: usize = 16 * 1024;
/// Largest request body, bytes.
const BODY_BYTES: usize = 64 * 1024;

/// One request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// `DESCRIBE`, ...
    pub method: String,
    /// As sent.
    pub uri: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// First header of that name, any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

/// What a client sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Incoming {
    /// A request.
    Request(Request),
    /// `$` frame (RFC 2326 section 10.12), as a rule a receiver report; its content is not needed.
    Interleaved,
}

/// The stream is no RTSP; the connection must end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("malformed RTSP request")]
pub struct Malformed;

/// Takes the first whole message out of `buffer`; `None` until there is one.
///
/// # Errors
/// The bytes can become no message within the limits.
pub fn take(buffer: &mut Vec<u8>) -> Result<Option<Incoming>, Malformed> {
    // Some clients send empty lines between messages.
    let blank = buffer.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    buffer.drain(..blank);
    if buffer.first() == Some(&b'$') {
        let Some([_, _, high, low]) = buffer.first_chunk::<4>().copied() else { return Ok(None) };
        let whole = 4 + usize::from(u16::from_be_bytes([high, low]));
        if buffer.len() < whole {
            return Ok(None);
        }
        buffer.drain(..whole);
        return Ok(Some(Incoming::Interleaved));
    }
    let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else {
        return if buffer.len() > HEAD_BYTES { Err(Malformed) } else { Ok(None) };
    };
    if end > HEAD_BYTES {
        return Err(Malformed);
    }
    let request = buffer.get(..end).and_then(|h| std::str::from_utf8(h).ok()).and_then(parse).ok_or(Malformed)?;
    let body = match request.header("Content-Length") {
        Some(length) => length.trim().parse::<usize>().ok().filter(|l| *l <= BODY_BYTES).ok_or(Malformed)?,
        None => 0,
    };
    let whole = end + 4 + body;
    if buffer.len() < whole {
        return Ok(None);
    }
    buffer.drain(..whole);
    Ok(Some(Incoming::Request(request)))
}

fn parse(head: &str) -> Option<Request> {
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, uri, version) = (first.next()?, first.next()?, first.next()?);
    if method.is_empty() || !version.starts_with("RTSP/1.") || first.next().is_some() {
        return None;
    }
    let headers = lines
        .map(|l| l.split_once(':').map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned())))
        .collect::<Option<Vec<_>>>()?;
    Some(Request { method: method.to_owned(), uri: uri.to_owned(), headers })
}

/// A response under construction.
#[derive(Clone, Debug)]
pub struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Response {
    /// With a status code, see RFC 2326 section 7.1.1.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a body of a type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: String) -> Self {
        self.headers.push(("Content-Type", content_type.to_owned()));
        self.body = body;
        self
    }

    /// As sent, with the request's sequence number.
    #[must_use]
    pub fn write(&self, cseq: &str) -> Vec<u8> {
        use std::fmt::Write;
        let mut out = format!("RTSP/1.0 {} {}\r\nCSeq: {cseq}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            let _ = write!(out, "{name}: {value}\r\n");
        }
        if !self.body.is_empty() {
            let _ = write!(out, "Content-Length: {}\r\n", self.body.len());
        }
        out.push_str("\r\n");
        out.push_str(&self.body);
        out.into_bytes()
    }
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        454 => "Session Not Found",
        455 => "Method Not Valid in This State",
        459 => "Aggregate Operation Not Allowed",
        461 => "Unsupported Transport",
        503 => "Service Unavailable",
        551 => "Option not supported",
        _ => "Error",
    }
}

/// How media of one track travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    /// In the RTSP connection, on a pair of channels (media, control).
    Interleaved(u8, u8),
    /// Datagrams to a pair of the client's ports (media, control).
    Udp(u16, u16),
}

/// First transport of a `Transport` header that can be served: unicast, over TCP or UDP.
#[must_use]
pub fn transport(header: &str, next_channel: u8) -> Option<Transport> {
    header.split(',').find_map(|one| {
        let mut parts = one.trim().split(';');
        let profile = parts.next()?.to_ascii_uppercase();
        let parameters: Vec<&str> = parts.map(str::trim).collect();
        if parameters.iter().any(|p| p.eq_ignore_ascii_case("multicast")) {
            return None;
        }
        let pair = |name: &str| {
            let value = parameters.iter().find_map(|p| p.strip_prefix(name)?.strip_prefix('='))?;
            Some(value.split_once('-').map_or((value, None), |(a, b)| (a, Some(b))))
        };
        match profile.as_str() {
            "RTP/AVP/TCP" => match pair("interleaved") {
                Some((a, b)) => {
                    let a: u8 = a.parse().ok()?;
                    Some(Transport::Interleaved(a, b.map_or(Some(a.wrapping_add(1)), |b| b.parse().ok())?))
                }
                None => Some(Transport::Interleaved(next_channel, next_channel.wrapping_add(1))),
            },
            "RTP/AVP" | "RTP/AVP/UDP" => {
                let (a, b) = pair("client_port")?;
                let a: u16 = a.parse().ok().filter(|p| *p > 0)?;
                Some(Transport::Udp(a, b.map_or(a.checked_add(1), |b| b.parse().ok())?))
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &[u8] = b"$\x00\x00\x03abcSETUP rtsp://h/a/track1 RTSP/1.0\r\nCSeq: 3\r\ntransport:  RTP/AVP/TCP;interleaved=0-1 \r\n\r\n\r\nGET_PARAMETER * RTSP/1.0\r\nCSeq: 4\r\nContent-Length: 3\r\n\r\nx\r\n$\x01\x00\x00";

    #[test]
    fn messages_come_out_whatever_the_cuts() {
        for cut in 0..=TEXT.len() {
            let (mut buffer, mut got) = (Vec::new(), Vec::new());
            for part in [&TEXT[..cut], &TEXT[cut..]] {
                buffer.extend_from_slice(part);
                while let Some(one) = take(&mut buffer).unwrap() {
                    got.push(one);
                }
            }
            assert_eq!(got.len(), 4, "cut at {cut}");
            let Incoming::Request(setup) = &got[1] else { panic!("{got:?}") };
            assert_eq!((setup.method.as_str(), setup.uri.as_str()), ("SETUP", "rtsp://h/a/track1"));
            assert_eq!(setup.header("Transport"), Some("RTP/AVP/TCP;interleaved=0-1"));
            assert!(buffer.is_empty());
        }
    }

    #[test]
    fn limits_hold() {
        let mut endless = b"OPTIONS * RTSP/1.0\r\nX: ".to_vec();
        endless.resize(HEAD_BYTES + 1, b'x');
        assert_eq!(take(&mut endless), Err(Malformed));
        let mut large = format!("OPTIONS * RTSP/1.0\r\nContent-Length: {}\r\n\r\n", BODY_BYTES + 1).into_bytes();
        assert_eq!(take(&mut large), Err(Malformed));
        for bad in ["GET / HTTP/1.1\r\n\r\n", "OPTIONS\r\n\r\n", "OPTIONS * RTSP/1.0\r\nno colon\r\n\r\n"] {
            assert_eq!(take(&mut bad.as_bytes().to_vec()), Err(Malformed), "{bad}");
        }
    }

    #[test]
    fn transports_are_chosen_in_the_clients_order() {
        let chosen = |h| transport(h, 4);
        assert_eq!(chosen("RTP/AVP/TCP;unicast;interleaved=2-3"), Some(Transport::Interleaved(2, 3)));
        assert_eq!(chosen("RTP/AVP/TCP;unicast"), Some(Transport::Interleaved(4, 5)));
        assert_eq!(chosen("RTP/AVP;multicast,RTP/AVP;unicast;client_port=5000-5001"), Some(Transport::Udp(5000, 5001)));
        assert_eq!(chosen("RTP/AVP/UDP;unicast;client_port=5000"), Some(Transport::Udp(5000, 5001)));
        for bad in [
            "",
            "RTP/AVP",
            "RTP/SAVP;client_port=1-2",
            "RTP/AVP;client_port=0-1",
            "RTP/AVP;client_port=65535",
            "RTP/AVP/TCP;interleaved=300-301",
        ] {
            assert_eq!(chosen(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn noise_never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), text in ".{0,80}") {
            let _ = take(&mut bytes);
            let _ = transport(&text, 0);
        }
    }
}
