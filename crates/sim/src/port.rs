//! UDP and TCP on one port, as SIP wants them.
//!
//! Invariant: for port 0 the system chooses the UDP port alone, so that the TCP port of the same number may be taken; then the two
//! are matched by trying again, a limited number of times.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, UdpSocket};

/// How often port 0 is tried. One try fails when some other program has just that TCP port; twenty in a row never do by chance.
const TRIES: usize = 20;

/// Both sockets on `address`.
///
/// # Errors
/// The port cannot be had, or for port 0 no pair was found in [`TRIES`] tries.
pub(crate) async fn both(address: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let tries = if address.port() == 0 { TRIES } else { 1 };
    let mut last = None;
    for _ in 0..tries {
        let udp = UdpSocket::bind(address).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_have_one_number_and_a_taken_port_is_an_error() {
        let (udp, tcp) = both("127.0.0.1:0".parse().unwrap()).await.unwrap();
        assert_eq!(udp.local_addr().unwrap(), tcp.local_addr().unwrap());
        drop(udp);
        let taken = both(tcp.local_addr().unwrap()).await.unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
    }
}
