//! What is between the brackets, decrypted: `data ] *( [ xdata ] ) [ _ stamp ]`.

use super::stamp;
use base::UtcMs;

/// Most extended fields kept of one message; more are counted as unreadable.
pub const EXTENDED: usize = 16;

/// The content of a frame.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Message {
    /// `#account|event`, or nothing.
    pub data: Vec<u8>,
    /// Extended data (verification links, positions, MAC addresses …), raw.
    pub extended: Vec<Vec<u8>>,
    /// When the sender says it sent this.
    pub stamp: Option<UtcMs>,
}

impl Message {
    /// Reads a region; `None` where it has another form.
    #[must_use]
    pub fn parse(region: &[u8]) -> Option<Self> {
        let end = region.iter().position(|b| *b == b']')?;
        let (data, mut rest) = (region[..end].to_vec(), &region[end + 1..]);
        let mut extended = Vec::new();
        while let Some(field) = rest.strip_prefix(b"[") {
            let end = field.iter().position(|b| *b == b']')?;
            if extended.len() >= EXTENDED {
                return None;
            }
            extended.push(field[..end].to_vec());
            rest = &field[end + 1..];
        }
        let stamp = match rest.strip_prefix(b"_") {
            Some(text) => Some(stamp::parse(text)?),
            None if rest.is_empty() => None,
            None => return None,
        };
        Some(Self { data, extended, stamp })
    }

    /// The region as it is sent, or padded and encrypted.
    #[must_use]
    pub fn region(&self) -> Vec<u8> {
        let mut out = self.data.clone();
        out.push(b']');
        for field in &self.extended {
            out.push(b'[');
            out.extend_from_slice(field);
            out.push(b']');
        }
        if let Some(at) = self.stamp {
            out.push(b'_');
            out.extend_from_slice(stamp::format(at).as_bytes());
        }
        out
    }

    /// The event without the account before it. Some panels leave the account out, some send another one than the frame's.
    #[must_use]
    pub fn event(&self) -> &[u8] {
        match self.data.strip_prefix(b"#") {
            Some(rest) => rest.iter().position(|b| *b == b'|').map_or(&[], |i| &rest[i + 1..]),
            None => self.data.strip_prefix(b"|").unwrap_or(&self.data),
        }
    }
}
