//! Floors of recording: the least that any recorder does with the same traffic of the same sender.
//!
//! TCP: read, SHA-256, write. UDP: batched receive, write. One thread that sleeps a little between rounds, so that one system call
//! takes much; no protocol is understood, nothing is made durable.

use super::machine::cpu;
use super::record::Measured;
use super::sender::Sender;
use anyhow::{Context, bail};
use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSocketState};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

/// Pauses between rounds: longer than the product's own.
const TCP_PAUSE: Duration = Duration::from_millis(20);
const UDP_PAUSE: Duration = Duration::from_millis(5);
/// Traffic before counting begins.
const WARM_UP: Duration = Duration::from_secs(3);
const TCP_BUFFER_BYTES: usize = 256 * 1024;
const DATAGRAM_BYTES: usize = 65_536;
const RECEIVE_BYTES: usize = 8 * 1024 * 1024;

/// Reads `streams` interleaved RTSP connections into a file each and hashes them.
pub fn tcp(streams: u32, seconds: u64, folder: &Path) -> anyhow::Result<Measured> {
    let (_sender, address) = Sender::rtsp(streams)?;
    let mut inputs = Vec::new();
    for i in 0..streams {
        let tcp = Client::connect(address, i, "RTP/AVP/TCP;unicast;interleaved=0-1")?.0;
        tcp.set_nonblocking(true)?;
        inputs.push((tcp, File::create(folder.join(i.to_string()))?, Sha256::new()));
    }
    let mut buffer = vec![0; TCP_BUFFER_BYTES];
    let measured = rounds(seconds, TCP_PAUSE, || {
        let mut bytes = 0;
        for (tcp, file, hash) in &mut inputs {
            match tcp.read(&mut buffer) {
                Ok(0) => bail!("the sender closed a connection"),
                Ok(n) => {
                    hash.update(&buffer[..n]);
                    file.write_all(&buffer[..n])?;
                    bytes += n as u64;
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(bytes)
    });
    let digests: Vec<_> = inputs.into_iter().map(|(_, _, hash)| hash.finalize()).collect();
    std::hint::black_box(digests);
    measured
}

/// Receives the same cameras as datagrams on one socket into one file.
pub fn udp(streams: u32, seconds: u64, folder: &Path) -> anyhow::Result<Measured> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let state = UdpSocketState::new((&socket).into())?;
    if rustix::net::sockopt::set_socket_recv_buffer_size_force(&socket, RECEIVE_BYTES).is_err() {
        state.set_recv_buffer_size((&socket).into(), RECEIVE_BYTES)?;
    }
    let port = socket.local_addr()?.port();
    let (_sender, address) = Sender::rtsp(streams)?;
    let control = port.checked_add(1).unwrap_or(port);
    let transport = format!("RTP/AVP;unicast;client_port={port}-{control}");
    let sessions: Vec<_> = (0..streams).map(|i| Client::connect(address, i, &transport)).collect::<Result<_, _>>()?;
    let mut file = File::create(folder.join("datagrams"))?;
    let mut buffers = vec![0; DATAGRAM_BYTES * BATCH_SIZE];
    let mut meta = [RecvMeta::default(); BATCH_SIZE];
    let measured = rounds(seconds, UDP_PAUSE, || {
        let mut bytes = 0;
        loop {
            let mut parts = buffers.chunks_exact_mut(DATAGRAM_BYTES);
            let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
                std::array::from_fn(|_| IoSliceMut::new(parts.next().unwrap_or_default()));
            let count = match state.recv((&socket).into(), &mut slices, &mut meta) {
                Ok(count) => count,
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(bytes),
                Err(e) => return Err(e.into()),
            };
            let received = buffers.chunks_exact(DATAGRAM_BYTES).zip(&meta[..count]);
            let slices: Vec<_> = received.map(|(part, meta)| IoSlice::new(&part[..meta.len])).collect();
            let batch_bytes = slices.iter().map(|s| s.len()).sum::<usize>();
            if file.write_vectored(&slices)? != batch_bytes {
                bail!("short write");
            }
            bytes += batch_bytes as u64;
        }
    });
    drop(sessions);
    measured
}

/// Works in rounds for the warm-up and `seconds`; counts the latter.
fn rounds(seconds: u64, pause: Duration, mut round: impl FnMut() -> anyhow::Result<u64>) -> anyhow::Result<Measured> {
    let begin = Instant::now();
    let mut from = None;
    let mut bytes = 0;
    loop {
        std::thread::sleep(pause);
        let received = round()?;
        match from {
            None if begin.elapsed() >= WARM_UP => from = Some((Instant::now(), cpu())),
            None => {}
            Some((at, before)) => {
                bytes += received;
                let elapsed = Instant::now().duration_since(at);
                if elapsed >= Duration::from_secs(seconds) {
                    let cpu_s = (cpu() - before).as_secs_f64();
                    return Ok(Measured {
                        cpu_s,
                        bits: bytes * 8,
                        seconds: elapsed.as_secs_f64(),
                        ..Measured::default()
                    });
                }
            }
        }
    }
}

/// As much of an RTSP client as it takes to be sent a stream. The connection is the session.
struct Client(TcpStream);

impl Client {
    fn connect(address: SocketAddr, camera: u32, transport: &str) -> anyhow::Result<Self> {
        let mut client = Self(TcpStream::connect(address)?);
        client.0.set_read_timeout(Some(Duration::from_secs(10)))?;
        let base = format!("rtsp://{address}/{camera}");
        let answer =
            client.ask(&format!("SETUP {base}/track1 RTSP/1.0\r\nCSeq: 1\r\nTransport: {transport}\r\n\r\n"))?;
        let session = answer.lines().find_map(|l| l.strip_prefix("Session: ")).context("no session")?;
        let session = session.split(';').next().unwrap_or_default().trim().to_owned();
        client.ask(&format!("PLAY {base} RTSP/1.0\r\nCSeq: 2\r\nSession: {session}\r\n\r\n"))?;
        Ok(client)
    }

    fn ask(&mut self, request: &str) -> anyhow::Result<String> {
        self.0.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") {
            self.0.read_exact(&mut byte)?;
            answer.push(byte[0]);
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        if !answer.starts_with("RTSP/1.0 200") {
            bail!("the sender answered `{}`", answer.lines().next().unwrap_or_default());
        }
        Ok(answer)
    }
}
