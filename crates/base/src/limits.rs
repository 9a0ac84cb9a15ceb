//! The bounds on everything that comes from outside, in one place, each with what happens when it is reached.

/// Largest SIP message accepted over UDP or TCP, bytes. Larger: the message is dropped, counted and logged.
pub const SIP_MESSAGE_BYTES: usize = 256 * 1024;
/// Largest RTP packet accepted, bytes (UDP datagram or RFC 4571 frame). Larger: dropped and counted.
pub const RTP_PACKET_BYTES: usize = 65_535;
/// Largest access unit (one coded picture), bytes. Larger: discarded up to the next key frame, gap named.
pub const ACCESS_UNIT_BYTES: usize = 8 * 1024 * 1024;
/// Largest fragment of footage held in memory before it is cut and written, bytes.
pub const FRAGMENT_BYTES: usize = 12 * 1024 * 1024;
/// Longest fragment before it is cut even without a key frame, ms ("smart codec" cameras send GOPs of minutes).
pub const FRAGMENT_MS: i64 = 10_000;
/// Largest HTTP request body outside uploads, bytes. Larger: 413.
pub const HTTP_BODY_BYTES: usize = 256 * 1024;
/// Largest uploaded paper (unit letter), bytes. Larger: 413.
pub const UPLOAD_BYTES: usize = 10 * 1024 * 1024;
/// Largest application that another system hands in with its papers, bytes: one paper of the largest size fits, in base64. Larger: 413; papers go
/// one by one then.
pub const HANDED_IN_BYTES: usize = 16 * 1024 * 1024;
/// Largest ledger entry, bytes (C2SP tlog-tiles entry bundles prefix entries with 16 bits).
pub const LEDGER_ENTRY_BYTES: usize = 65_535;
/// Largest XML body, bytes, and its deepest nesting. Beyond: refused with an error that says so.
pub const XML_BYTES: usize = 1024 * 1024;
/// Deepest element nesting of an XML body.
pub const XML_DEPTH: usize = 16;
/// Most cameras of one official request.
pub const REQUEST_CAMERAS: usize = 64;
/// Longest time range of one official request, ms (7 days).
pub const REQUEST_RANGE_MS: i64 = 7 * 86_400_000;
/// Longest range played as one MP4, ms (4 hours).
pub const PLAYBACK_RANGE_MS: i64 = 4 * 3_600_000;
/// Longest free text a person may type (reason, note), characters.
pub const FREE_TEXT_CHARS: usize = 2_000;
/// Longest name (camera, place, person, unit), characters.
pub const NAME_CHARS: usize = 120;
