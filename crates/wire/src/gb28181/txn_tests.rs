//! Transactions alone: the retransmission schedule, absorption of repeats, bounds, connections that end.

use super::super::ConnId;
use super::*;

fn udp() -> Peer {
    Peer::Udp("198.51.100.1:5060".parse().expect("address"))
}

fn message(method: Method, call: &str, branch: &str) -> Message {
    let cseq = format!("1 {}", method.as_str());
    Message::request(method, "sip:a@b")
        .with("Via", &format!("SIP/2.0/UDP h:5060;branch={branch}"))
        .with("From", "<sip:a@b>;tag=1")
        .with("To", "<sip:c@d>")
        .with("Call-ID", call)
        .with("CSeq", &cseq)
}

/// Runs timers until nothing is due before `end`; gives back when something was sent.
fn send_times(txns: &mut Transactions<u8>, end: u64) -> Vec<u64> {
    let mut times = Vec::new();
    while txns.poll_send().is_some() {}
    while let Some(at) = txns.next_deadline().filter(|at| at.0 <= end) {
        txns.tick(at);
        times.extend(std::iter::from_fn(|| txns.poll_send()).map(|_| at.0));
    }
    times
}

#[test]
fn requests_are_repeated_as_rfc_3261_says_and_then_given_up() {
    let mut txns = Transactions::new(8);
    txns.request(udp(), message(Method::Message, "c", "b"), 1, MonoMs(0)).expect("room");
    let times = send_times(&mut txns, 60_000);
    assert_eq!(times, [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert!(matches!(txns.poll_event(), Some(TxnEvent::Timeout(_, 1))));
    txns.request(udp(), message(Method::Invite, "c", "b"), 2, MonoMs(0)).expect("room");
    assert_eq!(send_times(&mut txns, 60_000), [500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    assert!(matches!(txns.poll_event(), Some(TxnEvent::Timeout(_, 2))));
    txns.request(Peer::Tcp(ConnId(1)), message(Method::Message, "c", "b"), 3, MonoMs(0)).expect("room");
    assert_eq!(send_times(&mut txns, 60_000), [0_u64; 0], "TCP repeats nothing");
    assert!(matches!(txns.poll_event(), Some(TxnEvent::Timeout(_, 3))));
    assert!(txns.is_empty() && txns.next_deadline().is_none());
}

#[test]
fn an_invite_answer_is_repeated_until_its_ack() {
    let mut txns: Transactions<u8> = Transactions::new(8);
    let invite = message(Method::Invite, "c", "b");
    txns.receive(udp(), invite.clone(), MonoMs(0));
    let Some(TxnEvent::Request(id, ..)) = txns.poll_event() else { panic!("no request") };
    txns.respond(id, &Message::response(&invite, 200, "t"), MonoMs(0));
    assert_eq!(send_times(&mut txns, 4_000), [500, 1_500, 3_500]);
    let mut ack = message(Method::Ack, "c", "other");
    txns.receive(udp(), ack.clone(), MonoMs(4_000));
    assert!(matches!(txns.poll_event(), Some(TxnEvent::Ack(..))));
    ack.headers.set("CSeq", "1 ACK");
    txns.receive(udp(), ack, MonoMs(4_001));
    assert_eq!((txns.poll_event(), send_times(&mut txns, 60_000)), (None, vec![]));
    assert!(txns.is_empty());
    // Without any ACK the user learns of it.
    txns.receive(udp(), message(Method::Invite, "d", "b2"), MonoMs(100_000));
    let Some(TxnEvent::Request(id, ..)) = txns.poll_event() else { panic!("no request") };
    txns.respond(id, &Message::response(&message(Method::Invite, "d", "b2"), 486, "t"), MonoMs(100_000));
    assert!(send_times(&mut txns, 200_000).len() > 5);
    assert_eq!(txns.poll_event(), Some(TxnEvent::NoAck(id)));
}

#[test]
fn a_repeated_final_answer_to_invite_is_acknowledged_again() {
    let mut txns = Transactions::new(8);
    let invite = message(Method::Invite, "c", "b");
    let id = txns.request(udp(), invite.clone(), 1, MonoMs(0)).expect("room");
    let _ = txns.poll_send();
    let answer = Message::response(&invite, 200, "t");
    txns.receive(udp(), answer.clone(), MonoMs(10));
    txns.acknowledge(id, udp(), &message(Method::Ack, "c", "a"));
    txns.receive(udp(), answer, MonoMs(20));
    assert_eq!(std::iter::from_fn(|| txns.poll_send()).count(), 2);
    assert_eq!(std::iter::from_fn(|| txns.poll_event()).count(), 1);
    let refusal = Message::response(&message(Method::Invite, "e", "b"), 486, "t");
    txns.request(udp(), message(Method::Invite, "e", "b"), 2, MonoMs(30)).expect("room");
    let _ = txns.poll_send();
    txns.receive(udp(), refusal.clone(), MonoMs(40));
    txns.receive(udp(), refusal, MonoMs(50));
    let acks: Vec<_> =
        std::iter::from_fn(|| txns.poll_send()).map(|(_, b)| String::from_utf8(b).expect("utf-8")).collect();
    assert_eq!(acks.len(), 2);
    assert!(
        acks.iter().all(|a| a.starts_with("ACK ") && a.contains("branch=b\r\n") && a.contains(";tag=t")),
        "{acks:?}"
    );
}

#[test]
fn both_tables_are_bounded() {
    let mut txns = Transactions::new(3);
    for n in 0..3 {
        txns.request(udp(), message(Method::Message, &format!("c{n}"), "b"), 0, MonoMs(0)).expect("room");
    }
    assert_eq!(txns.request(udp(), message(Method::Message, "c9", "b"), 0, MonoMs(0)), Err(Full));
    for n in 0..1_000 {
        txns.receive(udp(), message(Method::Message, &format!("in{n}"), "b"), MonoMs(1));
    }
    assert_eq!(txns.len(), (3, 3));
    assert!(txns.order.len() <= 2 * 3 + 65 && txns.timers.len() == 6 && txns.by_request.len() == 3);
    assert_eq!(std::iter::from_fn(|| txns.poll_event()).count(), 1_000, "the oldest made room for the newest");
}

#[test]
fn transactions_end_with_their_connection() {
    let mut txns = Transactions::new(8);
    let peer = Peer::Tcp(ConnId(1));
    txns.request(peer, message(Method::Message, "c", "b"), 5, MonoMs(0)).expect("room");
    txns.request(udp(), message(Method::Message, "d", "b"), 6, MonoMs(0)).expect("room");
    txns.receive(peer, message(Method::Invite, "e", "b"), MonoMs(0));
    let _ = txns.poll_event();
    txns.connection_lost(peer);
    assert!(matches!(txns.poll_event(), Some(TxnEvent::Timeout(_, 5))));
    assert_eq!((txns.len(), txns.by_conn.len(), txns.timers.len()), ((1, 0), 0, 1));
}
