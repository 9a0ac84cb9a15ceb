//! A small HTTP/1.1 client with cookies, one connection a request, for tests.
//!
//! Redirects are answers, not followed by themselves: a test says what it expects. Bodies are limited to
//! [`MAX_BODY_BYTES`]; times out after [`Client::timeout`]. No TLS: everything is on loopback.

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const MAX_HEAD_BYTES: u64 = 64 << 10;
const MAX_BODY_BYTES: u64 = 1 << 30;

/// One visitor: an address, its cookies, and headers sent with each request.
#[derive(Debug, Clone)]
pub struct Client {
    /// Where requests go.
    pub address: SocketAddr,
    /// Cookies by name; set by answers, free to be changed by tests.
    pub cookies: BTreeMap<String, String>,
    /// Headers of every request, e.g. `Authorization`.
    pub headers: Vec<(String, String)>,
    /// For connecting and for each read.
    pub timeout: Duration,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Header fields as sent, in order.
    pub headers: Vec<(String, String)>,
    /// Body, transfer coding undone.
    pub body: Vec<u8>,
}

impl Client {
    /// A visitor without cookies.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, cookies: BTreeMap::new(), headers: Vec::new(), timeout: super::PATIENCE }
    }

    /// GET.
    #[track_caller]
    pub fn get(&mut self, path: &str) -> Response {
        self.request("GET", path, &[], b"")
    }

    /// POST of a form as a browser without files sends it.
    #[track_caller]
    pub fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        self.request("POST", path, &[("Content-Type", "application/x-www-form-urlencoded")], pairs.join("&").as_bytes())
    }

    /// POST of JSON.
    #[track_caller]
    pub fn post_json(&mut self, path: &str, value: &Value) -> Response {
        self.request("POST", path, &[("Content-Type", "application/json")], value.to_string().as_bytes())
    }

    /// POST of a form with files: `(field, file name, content type, bytes)`.
    #[track_caller]
    pub fn post_files(&mut self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &str, &[u8])]) -> Response {
        const BOUNDARY: &str = "----jifang-test-boundary-7c41";
        let mut body = Vec::new();
        let mut part = |head: String, bytes: &[u8]| {
            body.extend_from_slice(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        };
        for (name, value) in fields {
            part(format!("name=\"{name}\""), value.as_bytes());
        }
        for (name, file, kind, bytes) in files {
            part(format!("name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: {kind}"), bytes);
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.request("POST", path, &[("Content-Type", &format!("multipart/form-data; boundary={BOUNDARY}"))], &body)
    }

    /// Any request; fails the test when no answer comes.
    #[track_caller]
    pub fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        match self.try_request(method, path, headers, body) {
            Ok(response) => response,
            Err(error) => panic!("{method} http://{}{path}: {error}", self.address),
        }
    }

    /// Any request; an error when no whole answer comes.
    pub fn try_request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Response> {
        let mut stream = TcpStream::connect_timeout(&self.address, self.timeout)?;
        stream.set_read_timeout(Some(self.timeout))?;
        stream.set_write_timeout(Some(self.timeout))?;
        stream.set_nodelay(true)?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            head.push_str(&format!("Cookie: {}\r\n", pairs.join("; ")));
        }
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in own.chain(headers.iter().copied()) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(&[head.as_bytes(), body].concat())?;
        let response = Response::read(&mut BufReader::new(stream), method == "HEAD")?;
        self.keep_cookies(&response);
        Ok(response)
    }

    fn keep_cookies(&mut self, response: &Response) {
        for (_, line) in response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            let gone = attributes.split(';').any(|a| a.trim().eq_ignore_ascii_case("max-age=0"));
            if gone || value.is_empty() {
                self.cookies.remove(name.trim());
            } else {
                self.cookies.insert(name.trim().to_owned(), value.to_owned());
            }
        }
    }
}

impl Response {
    /// First value of a header field, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text; what is not UTF-8 is shown as such.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; fails the test when it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("status {}, no JSON ({error}): {}", self.status, self.text()),
        }
    }

    /// The same answer if it has this status; fails the test with the body otherwise.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "location {:?}, body: {}", self.header("location"), self.text());
        self
    }

    fn read(input: &mut impl BufRead, no_body: bool) -> Result<Self> {
        let (status, headers) = loop {
            let (status, headers) = read_head(input)?;
            if status >= 200 {
                break (status, headers);
            }
        };
        let mut response = Self { status, headers, body: Vec::new() };
        let chunked = response.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
        let length: Option<u64> = response.header("content-length").and_then(|length| length.parse().ok());
        if no_body || status == 204 || status == 304 {
            return Ok(response);
        }
        match length {
            _ if chunked => read_chunks(input, &mut response.body)?,
            Some(length) => read_exactly(input, length, &mut response.body)?,
            None => drop(input.take(MAX_BODY_BYTES).read_to_end(&mut response.body)?),
        }
        Ok(response)
    }
}

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

fn read_line(input: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    input.take(MAX_HEAD_BYTES).read_line(&mut line)?;
    if line.ends_with('\n') { Ok(line.trim_end().to_owned()) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

fn read_head(input: &mut impl BufRead) -> Result<(u16, Vec<(String, String)>)> {
    let first = read_line(input)?;
    let status =
        first.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| malformed("no status line"))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(input)?;
        if line.is_empty() {
            return Ok((status, headers));
        }
        let (name, value) = line.split_once(':').ok_or_else(|| malformed("no header field"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

fn read_exactly(input: &mut impl BufRead, length: u64, body: &mut Vec<u8>) -> Result<()> {
    if length > MAX_BODY_BYTES {
        return Err(malformed("body over the limit"));
    }
    let read = input.take(length).read_to_end(body)?;
    if u64::try_from(read).is_ok_and(|read| read == length) { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

fn read_chunks(input: &mut impl BufRead, body: &mut Vec<u8>) -> Result<()> {
    loop {
        let line = read_line(input)?;
        let size = line.split(';').next().unwrap_or("").trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| malformed("no chunk size"))?;
        if size == 0 {
            while !read_line(input)?.is_empty() {}
            return Ok(());
        }
        read_exactly(input, size, body)?;
        read_line(input)?;
    }
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub fn escape(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
