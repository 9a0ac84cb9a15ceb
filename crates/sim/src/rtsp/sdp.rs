//! The session description that DESCRIBE gives (RFC 4566; RFC 6184 and 7798 for the picture formats).

use crate::source::StreamInfo;
use media::Codec;

/// RTP payload type of the pictures.
pub const PICTURES: u8 = 96;
/// RTP payload type of G.711 A-law.
pub const SOUND: u8 = 8;

/// Describes a camera; `session` is a number of this run.
#[must_use]
pub fn describe(info: &StreamInfo, name: &str, session: u32) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let mut out = format!(
        "v=0\r\no=- {session} 1 IN IP4 0.0.0.0\r\ns={name}\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\na=range:npt=now-\r\n\
         m=video 0 RTP/AVP {PICTURES}\r\n"
    );
    let v = &info.video;
    let line = if v.codec == Codec::H265 {
        format!(
            "a=rtpmap:{PICTURES} H265/90000\r\na=fmtp:{PICTURES} sprop-vps={};sprop-sps={};sprop-pps={}\r\n",
            base64(&v.vps),
            base64(&v.sps),
            base64(&v.pps)
        )
    } else {
        let profile = v.sps.get(1..4).map(base::hex).unwrap_or_default().to_uppercase();
        format!(
            "a=rtpmap:{PICTURES} H264/90000\r\na=fmtp:{PICTURES} packetization-mode=1;profile-level-id={profile};\
             sprop-parameter-sets={},{}\r\n",
            base64(&v.sps),
            base64(&v.pps)
        )
    };
    out.push_str(&line);
    out.push_str(&format!("a=framerate:{}\r\na=control:track1\r\n", info.fps));
    if info.audio.is_some() {
        out.push_str(&format!(
            "m=audio 0 RTP/AVP {SOUND}\r\na=rtpmap:{SOUND} PCMA/8000\r\na=ptime:40\r\na=control:track2\r\n"
        ));
    }
    out
}

/// RFC 4648 base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let word = three.iter().chain(&[0; 2]).take(3).fold(0_usize, |w, b| w << 8 | usize::from(*b));
        for i in 0..4 {
            let letter = LETTERS.get(word >> (18 - 6 * i) & 63).copied().unwrap_or(b'=');
            out.push(char::from(if i <= three.len() { letter } else { b'=' }));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_matches_the_rfc_vectors() {
        for (text, want) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), want);
        }
    }
}
