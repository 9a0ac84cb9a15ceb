//! A small XML tree for MANSCDP bodies, read with every door shut, and the charsets those bodies come in.
//!
//! Bytes of a body become text (UTF-8, or GB18030 which contains GB2312 and GBK), text becomes an [`Element`] tree.
//! Refused: DTDs, entities other than the five of XML and character references, too large, too deep, too many elements.
//! One repair is tried: a `<` or `&` that cannot begin markup (unescaped in addresses by some devices) is taken as text.

use base::limits::{XML_BYTES, XML_DEPTH};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Most elements of one body. More: refused. A catalogue page has some forty elements a channel.
pub const MAX_ELEMENTS: usize = 65_536;
/// Most attributes of one element.
pub const MAX_ATTRIBUTES: usize = 64;

/// Charset of a body. GB2312 and GBK are read and written as GB18030, which contains them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Charset {
    /// `GB2312` in the XML declaration (2016 and older devices).
    #[default]
    Gb2312,
    /// `GB18030` in the XML declaration (2022).
    Gb18030,
    /// `UTF-8`.
    Utf8,
}

impl Charset {
    /// The name in the XML declaration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gb2312 => "GB2312",
            Self::Gb18030 => "GB18030",
            Self::Utf8 => "UTF-8",
        }
    }

    /// `text` in this charset.
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Gb2312 | Self::Gb18030 => encoding_rs::GB18030.encode(text).0.into_owned(),
        }
    }
}

/// Why a body was refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum XmlError {
    /// Over [`XML_BYTES`].
    #[error("XML of {0} bytes, limit {XML_BYTES}")]
    TooLarge(usize),
    /// Nested over [`XML_DEPTH`].
    #[error("XML nested deeper than {XML_DEPTH}")]
    TooDeep,
    /// Over [`MAX_ELEMENTS`] or [`MAX_ATTRIBUTES`].
    #[error("too many XML elements or attributes")]
    TooMany,
    /// A document type definition.
    #[error("XML with a DTD is refused")]
    Dtd,
    /// A reference to an entity that is not one of XML's five.
    #[error("unknown XML entity &{0};")]
    Entity(String),
    /// Not well-formed.
    #[error("XML not well-formed near byte {at}: {why}")]
    Syntax {
        /// Byte offset in the decoded text.
        at: u64,
        /// The reader's words.
        why: String,
    },
    /// No root element.
    #[error("no XML element")]
    Empty,
}

/// Bytes to text. A declaration decides, except that GB-labelled text which is plainly UTF-8 is read as UTF-8 (and the
/// other way round); with no declaration valid UTF-8 is UTF-8 and the rest is GB18030.
#[must_use]
pub fn decode(bytes: &[u8]) -> (String, Charset) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let label = declared(bytes);
    let gb = |charset| (encoding_rs::GB18030.decode_without_bom_handling(bytes).0.into_owned(), charset);
    let Ok(utf8) = std::str::from_utf8(bytes) else {
        return gb(label.filter(|c| *c != Charset::Utf8).unwrap_or_default());
    };
    // GB text rarely is valid UTF-8, and hardly ever valid UTF-8 made of three-byte characters only.
    let plainly_utf8 = utf8.chars().all(|c| c.is_ascii() || c >= '\u{800}');
    match label {
        Some(charset @ (Charset::Gb2312 | Charset::Gb18030)) if utf8.is_ascii() || !plainly_utf8 => gb(charset),
        // No declaration and only ASCII says nothing: answer in the oldest charset.
        None if utf8.is_ascii() => (utf8.to_owned(), Charset::Gb2312),
        _ => (utf8.to_owned(), Charset::Utf8),
    }
}

/// Charset named in the XML declaration.
fn declared(bytes: &[u8]) -> Option<Charset> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(200))?).to_ascii_lowercase();
    let declaration = head.trim_start().strip_prefix("<?xml")?.split("?>").next()?;
    let label = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let label = label.trim_start_matches(['"', '\'']).split(['"', '\'', ' ']).next()?;
    match label {
        "gb18030" => Some(Charset::Gb18030),
        "gb2312" | "gbk" | "gb-2312" => Some(Charset::Gb2312),
        "utf-8" | "utf8" => Some(Charset::Utf8),
        _ => None,
    }
}

/// One element: name without namespace prefix, attributes, own text (trimmed), children in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Element {
    /// Local name as written.
    pub name: String,
    /// Attributes in order.
    pub attributes: Vec<(String, String)>,
    /// Character data directly inside, trimmed.
    pub text: String,
    /// Child elements.
    pub children: Vec<Element>,
}

impl Element {
    /// First child of that name (any case).
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|c| c.name.eq_ignore_ascii_case(name))
    }

    /// Children of that name (any case).
    pub fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |c| c.name.eq_ignore_ascii_case(name))
    }

    /// Text of a child, or an attribute of that name where there is no such child (some devices); empty text is `None`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let child = self.child(name).map(|c| c.text.as_str()).filter(|t| !t.is_empty());
        child.or_else(|| self.attribute(name)).filter(|t| !t.is_empty())
    }

    /// An attribute (any case), trimmed.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim())
    }
}

/// Reads a whole body. See the file's head for what is refused.
///
/// # Errors
/// [`XmlError`].
pub fn parse(bytes: &[u8]) -> Result<(Element, Charset), XmlError> {
    if bytes.len() > XML_BYTES {
        return Err(XmlError::TooLarge(bytes.len()));
    }
    let (text, charset) = decode(bytes);
    match parse_text(&text) {
        Err(error @ XmlError::Syntax { .. }) => match repair(&text) {
            Some(repaired) => parse_text(&repaired).map_err(|_| error),
            None => Err(error),
        },
        other => other,
    }
    .map(|root| (root, charset))
}

/// Escapes `<` and `&` that cannot begin markup; `None` where there is nothing to repair.
fn repair(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 32);
    let mut changed = false;
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let next = rest.chars().next();
        let bad = match c {
            '<' => !next.is_some_and(|n| n.is_alphabetic() || "/!?_".contains(n)),
            '&' => !rest.split(';').next().is_some_and(|name| {
                name.len() < 10
                    && name.len() < rest.len()
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#')
            }),
            _ => false,
        };
        changed |= bad;
        match c {
            '<' if bad => out.push_str("&lt;"),
            '&' if bad => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
    changed.then_some(out)
}

fn parse_text(text: &str) -> Result<Element, XmlError> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut count = 0_usize;
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|e| XmlError::Syntax { at, why: e.to_string() })?;
        match event {
            Event::Start(ref tag) | Event::Empty(ref tag) => {
                count += 1;
                if count > MAX_ELEMENTS {
                    return Err(XmlError::TooMany);
                }
                if open.len() >= XML_DEPTH {
                    return Err(XmlError::TooDeep);
                }
                let element = start(tag, at)?;
                if matches!(event, Event::Start(_)) { open.push(element) } else { close(element, &mut open, &mut root) }
            }
            Event::End(_) => {
                if let Some(element) = open.pop() {
                    close(element, &mut open, &mut root);
                }
            }
            Event::Text(piece) => add_text(&mut open, &piece),
            Event::CData(piece) => add_text(&mut open, &piece),
            Event::GeneralRef(name) => add_text(&mut open, &reference(&name)?.to_string()),
            Event::DocType(_) => return Err(XmlError::Dtd),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    if !open.is_empty() {
        return Err(XmlError::Syntax { at: reader.buffer_position(), why: "elements are not closed".into() });
    }
    root.ok_or(XmlError::Empty)
}

fn add_text(open: &mut [Element], piece: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(piece);
    }
}

fn close(mut element: Element, open: &mut [Element], root: &mut Option<Element>) {
    let trimmed = element.text.trim();
    if trimmed.len() != element.text.len() {
        element.text = trimmed.to_owned();
    }
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_none() => *root = Some(element),
        None => {}
    }
}

fn start(tag: &BytesStart<'_>, at: u64) -> Result<Element, XmlError> {
    let mut element = Element { name: local(tag.name().0), ..Element::default() };
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|e| XmlError::Syntax { at, why: e.to_string() })?;
        if element.attributes.len() >= MAX_ATTRIBUTES {
            return Err(XmlError::TooMany);
        }
        let value =
            quick_xml::escape::unescape(&attribute.value).map_err(|e| XmlError::Syntax { at, why: e.to_string() })?;
        element.attributes.push((local(attribute.key.0), value.into_owned()));
    }
    Ok(element)
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

fn reference(name: &str) -> Result<char, XmlError> {
    let known = match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => name.strip_prefix('#').and_then(|n| match n.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok().and_then(char::from_u32),
            None => n.parse().ok().and_then(char::from_u32),
        }),
    };
    known.ok_or_else(|| XmlError::Entity(name.chars().take(32).collect()))
}

/// Text made safe inside an element: the five special characters escaped, control characters dropped.
#[must_use]
pub fn escape(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    quick_xml::escape::escape(clean).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Result<Element, XmlError> {
        parse(text.as_bytes()).map(|(root, _)| root)
    }

    #[test]
    fn reads_text_attributes_and_references() {
        let root = tree(
            "<?xml version=\"1.0\"?>\n<a:N A='1&amp;2'><B> x &lt;&#65;&#x42;<![CDATA[<&>]]> </B><C/><b>2</b></a:N>",
        )
        .expect("xml");
        assert_eq!((root.name.as_str(), root.attribute("a")), ("N", Some("1&2")));
        assert_eq!(root.field("b"), Some("x <AB<&>"));
        assert_eq!((root.field("C"), root.children_named("b").count()), (None, 2));
    }

    #[test]
    fn hostile_documents_are_refused_by_name() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><x>&b;</x>";
        assert_eq!(tree(bomb), Err(XmlError::Dtd));
        assert_eq!(tree("<x>&file;</x>"), Err(XmlError::Entity("file".into())));
        assert_eq!(tree("<x>&#xD800;</x>"), Err(XmlError::Entity("#xD800".into())));
        let nested = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(tree(&nested(XML_DEPTH)).is_ok());
        assert_eq!(tree(&nested(XML_DEPTH + 1)), Err(XmlError::TooDeep));
        assert!(tree(&format!("<x>{}</x>", "<a/>".repeat(MAX_ELEMENTS - 1))).is_ok());
        assert_eq!(tree(&format!("<x>{}</x>", "<a/>".repeat(MAX_ELEMENTS))), Err(XmlError::TooMany));
        let attributes: String = (0..=MAX_ATTRIBUTES).map(|n| format!(" a{n}='1'")).collect();
        assert_eq!(tree(&format!("<x{attributes}/>")), Err(XmlError::TooMany));
        assert_eq!(parse(&vec![b' '; XML_BYTES + 1]), Err(XmlError::TooLarge(XML_BYTES + 1)));
        assert_eq!(tree("  "), Err(XmlError::Empty));
        for bad in ["<a><b></a>", "<a>", "<a></b>", "<a b></a", "<a b=1/>"] {
            assert!(matches!(tree(bad), Err(XmlError::Syntax { .. })), "{bad}");
        }
    }

    #[test]
    fn an_unescaped_less_than_in_text_is_repaired_where_it_can_be() {
        let root = tree("<a><Address>3 < 4 & 5</Address><B>&amp;</B></a>").expect("repaired");
        assert_eq!((root.field("Address"), root.field("B")), (Some("3 < 4 & 5"), Some("&")));
        assert!(matches!(tree("<a><Address>gate<east</Address></a>"), Err(XmlError::Syntax { .. })));
    }

    #[test]
    fn charsets_are_told_apart() {
        let body = |label: &str| format!("<?xml version=\"1.0\" encoding=\"{label}\"?><a>大门摄像机</a>");
        for (label, encoded_as, want) in [
            ("GB2312", Charset::Gb2312, Charset::Gb2312),
            ("gbk", Charset::Gb2312, Charset::Gb2312),
            ("GB18030", Charset::Gb18030, Charset::Gb18030),
            ("UTF-8", Charset::Utf8, Charset::Utf8),
            ("GB2312", Charset::Utf8, Charset::Utf8),
            ("UTF-8", Charset::Gb18030, Charset::Gb2312),
        ] {
            let (root, charset) = parse(&encoded_as.encode(&body(label))).expect("xml");
            assert_eq!((root.text.as_str(), charset), ("大门摄像机", want), "{label} as {encoded_as:?}");
        }
        let bare = "<a>东门</a>";
        assert_eq!(parse(&Charset::Gb18030.encode(bare)).expect("xml").0.text, "东门");
        assert_eq!(parse(bare.as_bytes()).expect("xml"), (tree(bare).expect("xml"), Charset::Utf8));
        let (root, charset) = parse(&Charset::Gb18030.encode(&body("GB18030").replace("大门", "㐀𠀀"))).expect("xml");
        assert_eq!((root.text.as_str(), charset), ("㐀𠀀摄像机", Charset::Gb18030));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn markup_soup_never_panics(text in "[<>&;/a-c='\" !\\[\\]?-]{0,80}") {
            let _ = parse(text.as_bytes());
        }

        #[test]
        fn escaped_text_comes_back(text in "[ -~东门<>&'\"]{0,40}") {
            let root = tree(&format!("<a>{}</a>", escape(&text))).expect("xml");
            proptest::prop_assert_eq!(root.text, text.trim());
        }
    }
}
