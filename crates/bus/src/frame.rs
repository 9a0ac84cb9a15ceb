//! One question and its answer on a stream: a byte or a number that says what, a length, the body.
//!
//! A length above the limit is refused before a byte of the body is read or room for it is made.

use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Largest question, bytes: a report with a few pictures.
pub const REQUEST_BYTES: usize = 4 * 1024 * 1024;
/// Largest answer, bytes: a signed note.
pub const ANSWER_BYTES: usize = 64 * 1024;

/// What is asked of the other server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Question {
    /// Who I am; asks to be entered.
    Hello,
    /// A signed message with its body.
    Message,
    /// C2SP tlog-witness `add-checkpoint`.
    AddCheckpoint,
    /// A part of what a later message names by its digest.
    Part,
    /// Which orders the authority has for the caller.
    Orders,
}

impl Question {
    const ALL: [(u8, Self); 5] =
        [(1, Self::Hello), (2, Self::Message), (3, Self::AddCheckpoint), (4, Self::Part), (5, Self::Orders)];

    fn byte(self) -> u8 {
        Self::ALL.into_iter().find(|(_, q)| *q == self).map_or(0, |(b, _)| b)
    }

    fn of(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|(b, _)| *b == byte).map(|(_, q)| q)
    }
}

/// What came back. The numbers mean what they mean in HTTP and tlog-witness.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// 200 done; 400 malformed; 403 not entered or not signed; 409 contradicts what is known; 422 not proved; 503 try later.
    pub status: u16,
    /// Text: a signed note, a cosignature, a size, or why not.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into() }
    }

    /// Done.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        self.status == 200
    }
}

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

pub(crate) async fn write_question(out: &mut (impl AsyncWrite + Unpin), what: Question, body: &[u8]) -> Result<()> {
    if body.len() > REQUEST_BYTES {
        return Err(malformed("question too long"));
    }
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    out.write_all(&[&[what.byte()][..], &length].concat()).await?;
    out.write_all(body).await?;
    out.flush().await
}

/// `None` at the end of the stream between two questions.
pub(crate) async fn read_question(from: &mut (impl AsyncRead + Unpin)) -> Result<Option<(Question, Vec<u8>)>> {
    let what = match from.read_u8().await {
        Ok(byte) => Question::of(byte).ok_or_else(|| malformed("unknown question"))?,
        Err(e) if e.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        Err(e) => return Err(e),
    };
    Ok(Some((what, read_body(from, REQUEST_BYTES).await?)))
}

pub(crate) async fn write_answer(out: &mut (impl AsyncWrite + Unpin), answer: &Answer) -> Result<()> {
    let body = answer.body.get(..ANSWER_BYTES).unwrap_or(&answer.body);
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    out.write_all(&[&answer.status.to_be_bytes()[..], &length].concat()).await?;
    out.write_all(body).await?;
    out.flush().await
}

pub(crate) async fn read_answer(from: &mut (impl AsyncRead + Unpin)) -> Result<Answer> {
    let status = from.read_u16().await?;
    Ok(Answer { status, body: read_body(from, ANSWER_BYTES).await? })
}

async fn read_body(from: &mut (impl AsyncRead + Unpin), limit: usize) -> Result<Vec<u8>> {
    let length = usize::try_from(from.read_u32().await?).unwrap_or(usize::MAX);
    if length > limit {
        return Err(malformed("body too long"));
    }
    // Room grows with what has come, not with what was announced.
    let mut body = Vec::with_capacity(length.min(64 * 1024));
    let read = from.take(length as u64).read_to_end(&mut body).await?;
    if read == length { Ok(body) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn questions_and_answers_come_through_whole() {
        let mut wire = Vec::new();
        write_question(&mut wire, Question::Message, &[7; 3_000]).await.unwrap();
        write_question(&mut wire, Question::Hello, b"").await.unwrap();
        let mut from = &wire[..];
        assert_eq!(read_question(&mut from).await.unwrap(), Some((Question::Message, vec![7; 3_000])));
        assert_eq!(read_question(&mut from).await.unwrap(), Some((Question::Hello, vec![])));
        assert_eq!(read_question(&mut from).await.unwrap(), None);
        let mut wire = Vec::new();
        write_answer(&mut wire, &Answer::new(409, "12\n")).await.unwrap();
        assert_eq!(read_answer(&mut &wire[..]).await.unwrap(), Answer::new(409, "12\n"));
    }

    #[tokio::test]
    async fn a_frame_cut_anywhere_or_too_long_is_refused() {
        let mut wire = Vec::new();
        write_question(&mut wire, Question::AddCheckpoint, b"old 0\n").await.unwrap();
        for cut in 1..wire.len() {
            assert!(read_question(&mut &wire[..cut]).await.is_err(), "{cut}");
        }
        let limit = u32::try_from(REQUEST_BYTES).unwrap();
        assert!(read_question(&mut &[&[2][..], &(limit + 1).to_be_bytes()].concat()[..]).await.is_err());
        assert!(read_question(&mut &[9, 0, 0, 0, 0][..]).await.is_err(), "unknown question");
        assert!(write_question(&mut Vec::new(), Question::Message, &vec![0; REQUEST_BYTES + 1]).await.is_err());
        let long = [&200_u16.to_be_bytes()[..], &u32::MAX.to_be_bytes()].concat();
        assert!(read_answer(&mut &long[..]).await.is_err());
    }
}
