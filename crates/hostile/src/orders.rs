//! Orders of an authority and what a site answers: never forged, read back as they were, and carried out only within their limits.

use crate::input::{Input, edited};
use base::limits::REQUEST_CAMERAS;
use base::time::DAY_MS;
use base::{CameraId, CivilDate, ClauseId, OrderId, Sha256, Text, UtcMs};
use bus::{Order as Signed, ask_orders, asked_orders, join_orders, split_orders};
use domain::order::{
    Answer, Appointment, Ended, Eye, GAPS, HoldOrder, KEPT_MS, Kept, Order, Plan, ReleaseOrder, plan, window,
};
use ledger::SiteKey;
use std::sync::LazyLock;

const AUTHORITY: &str = "jifang/0190a5d5-0000-7000-8000-0000000000aa";
const SITE: &str = "jifang/0190a5d5-0000-7000-8000-000000000001";
const ID: &str = "0190a5d5-0000-7000-8000-0000000000bb";
const AT: UtcMs = UtcMs(1_763_740_800_000);

struct Honest {
    key: SiteKey,
    /// One order of each kind: its signed text and its body.
    orders: Vec<(Signed, Vec<u8>, Vec<u8>)>,
}

fn id() -> OrderId {
    OrderId::parse(ID).expect("an id")
}

fn honest_orders() -> [Order; 3] {
    let (case, clauses) = ("沈公技防〔2026〕7号".to_owned(), vec![ClauseId::new("A-25-1")]);
    let (from, to, place) = (AT, AT.plus_ms(3_600_000), "东门，收银台旁".to_owned());
    [
        Order::Hold(HoldOrder {
            case: case.clone(),
            from,
            to,
            place: place.clone(),
            reason: "citizen_viewing".to_owned(),
            clauses: clauses.clone(),
            until: CivilDate::ymd(2026, 9, 1),
        }),
        Order::Release(ReleaseOrder {
            case: case.clone(),
            order: id(),
            reason: "over".to_owned(),
            clauses: clauses.clone(),
        }),
        Order::Appointment(Appointment {
            case,
            from,
            to,
            place,
            scope: "20:00-21:00".to_owned(),
            code: "7".to_owned(),
            clauses,
        }),
    ]
}

fn honest_answer() -> Answer {
    let kept =
        Kept { camera: "东门".to_owned(), footage_ms: 3_600_000, gaps: vec![(AT, AT.plus_ms(5))], oldest: Some(AT) };
    let said = vec![Text::new("部分没有录像。", "Part was not recorded.")];
    let plain = Answer::plain(id(), Ended::Partly, said, vec![ClauseId::new("A-25-1")]);
    Answer { from: Some(AT), to: Some(AT.plus_ms(3_600_000)), cameras: vec![kept], ..plain }
}

static HONEST: LazyLock<Honest> = LazyLock::new(|| {
    let key = SiteKey::from_seed(AUTHORITY, [5; 32]).expect("a key");
    let signed = |(order, seq): (Order, u64)| {
        let body = order.body();
        let (id, site, kind) = (format!("order-{seq}"), SITE.to_owned(), order.kind().to_owned());
        let signed = Signed { id, site, seq, kind, at: AT, sha256: Sha256::of(&body) };
        let note = signed.sign(&key).expect("it can be signed");
        (signed, note, body)
    };
    let orders = honest_orders().into_iter().zip(1..).map(signed).collect();
    Honest { key, orders }
});

/// See the file's head. The first byte chooses: a body, an answer, a time in words, a signed order, or an answer full of them.
pub fn check(data: &[u8]) {
    let mut input = Input(data);
    match input.byte() % 6 {
        0 => {
            let kind = ["hold", "release", "appointment", "person", "remove"][usize::from(input.byte() % 5)];
            body_holds(kind, input.0);
        }
        1 => {
            let (order, body) = honest_body(input.byte());
            body_holds(order.kind(), &edited(&body, &mut input));
        }
        2 => {
            let from = if input.byte().is_multiple_of(2) { Vec::new() } else { honest_answer().body() };
            answer_holds(&edited(&from, &mut input));
        }
        3 => words_hold(input),
        4 => note_holds(input),
        _ => joined_holds(input),
    }
}

fn honest_body(n: u8) -> (Order, Vec<u8>) {
    let [hold, release, appointment] = honest_orders();
    let order = match n % 3 {
        0 => hold,
        1 => release,
        _ => appointment,
    };
    let body = order.body();
    (order, body)
}

fn body_holds(kind: &str, body: &[u8]) {
    let Some(order) = Order::read(kind, body) else { return };
    assert!(order.is_whole() && order.kind() == kind && !order.case().is_empty());
    assert_eq!(Order::read(kind, &order.body()).as_ref(), Some(&order), "an order is read back as it was");
    match &order {
        Order::Hold(hold) => plan_holds(hold),
        Order::Person(person) => plan_holds(&person.hold()),
        _ => {}
    }
}

/// What is held lies in what was ordered, and what is left out is told.
fn plan_holds(hold: &HoldOrder) {
    let eye = |n: u8| Eye {
        camera: CameraId::new(i64::from(n), [n; 10]),
        name: format!("{n}号"),
        place: if n.is_multiple_of(3) { "东门".to_owned() } else { String::new() },
    };
    for (count, kept_ms) in [(0, 0), (1, KEPT_MS), (3, KEPT_MS - 1), (200, 0), (200, KEPT_MS / 2)] {
        let eyes: Vec<Eye> = (0..count).map(eye).collect();
        let Plan { cameras, from, to, every, left } = plan(hold, &eyes, kept_ms);
        assert!(from == hold.from && from < to && to <= hold.to);
        assert!(cameras.len() <= REQUEST_CAMERAS);
        assert!(cameras.iter().all(|camera| eyes.iter().any(|eye| eye.camera == *camera)));
        let each_ms = to.since(from);
        assert!(i64::try_from(cameras.len()).is_ok_and(|n| n * each_ms <= KEPT_MS - kept_ms));
        let is_whole = to == hold.to && (!every || cameras.len() == eyes.len());
        assert!(is_whole || !left.is_empty(), "what is not held is told");
    }
}

fn answer_holds(body: &[u8]) {
    let Some(answer) = Answer::read(body) else { return };
    assert_eq!(Answer::read(&answer.body()).as_ref(), Some(&answer));
    assert!(answer.cameras.len() <= REQUEST_CAMERAS && answer.cameras.iter().all(|kept| kept.gaps.len() <= GAPS));
    assert!(answer.footage_ms() >= 0 && Ended::parse(answer.ended.code()) == Some(answer.ended));
}

/// Whatever is written about a time, the footage meant is of that day or ends the night after.
fn words_hold(mut input: Input<'_>) {
    let first = CivilDate::ymd(2000, 1, 1).unwrap_or_else(|| AT.shanghai_date());
    let day = first.plus_days(i32::from(input.u16()));
    let words = String::from_utf8_lossy(input.0);
    let (from, to) = window(day, &words);
    assert!(from < to, "{words}");
    assert!(from.since(day.start()) >= -DAY_MS && to.since(day.start()) <= 3 * DAY_MS, "{words}");
}

/// Note and body, both edited: what is accepted is an honest order with its own body.
fn note_holds(mut input: Input<'_>) {
    let honest = &*HONEST;
    let (n, m) = (usize::from(input.byte()) % 3, usize::from(input.byte()) % 3);
    let length = usize::from(input.byte());
    let note = edited(&honest.orders[n].1, &mut Input(input.take(length)));
    accepted_is_honest(&note, &edited(&honest.orders[m].2, &mut input));
}

fn accepted_is_honest(note: &[u8], body: &[u8]) {
    let honest = &*HONEST;
    if let Ok(order) = Signed::open(note, body, honest.key.vkey(), SITE) {
        let own = |(signed, _, own): &(Signed, Vec<u8>, Vec<u8>)| *signed == order && own == body;
        assert!(honest.orders.iter().any(own), "an order that was never signed: {order:?}");
    }
    assert!(Signed::open(note, body, honest.key.vkey(), AUTHORITY).is_err(), "for another site");
}

/// The answer with all orders, edited, and the question for them.
fn joined_holds(mut input: Input<'_>) {
    let honest = &*HONEST;
    let all = join_orders(honest.orders.iter().map(|(_, note, body)| (&note[..], &body[..])));
    if input.byte().is_multiple_of(2) {
        let after = u64::from(input.u32());
        let question = edited(&ask_orders(after), &mut input);
        if let Ok(asked) = asked_orders(&question) {
            assert_eq!(ask_orders(asked), question, "a number has one spelling");
        }
        return;
    }
    let answer = edited(&all, &mut input);
    let Ok(split) = split_orders(&answer) else {
        assert!(answer != all, "an honest answer is read");
        return;
    };
    assert_eq!(join_orders(split.iter().copied()), answer, "one answer, one spelling");
    split.iter().for_each(|(note, body)| accepted_is_honest(note, body));
}

/// Honest orders, and small forgeries.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for n in 0..3 {
        let (_, body) = honest_body(n);
        seeds.push([&[0, n][..], &body].concat());
        seeds.push(vec![1, n]);
    }
    seeds.push(vec![0, 3, b'{', b'}']);
    for (from, to, place) in
        [(0, 604_800_000, ""), (9, -9, "东门"), (i64::MIN, i64::MAX, ""), (i64::MAX - 9, i64::MAX, "a")]
    {
        let body =
            serde_json::json!({ "case": "7", "clauses": [], "from": from, "place": place, "reason": "r", "to": to });
        seeds.push([&[0, 0][..], body.to_string().as_bytes()].concat());
    }
    seeds.push(vec![2, 1]);
    seeds.push(vec![2, 1, 0, b'-', 0, 60]);
    for words in ["20:00", "下午3时15分到5点半", "8点半", "晚11：50-0：10", "24:59", "99点99分", "0０：0", ""]
    {
        seeds.push([&[3, 0x24, 0x00][..], words.as_bytes()].concat());
    }
    seeds.push(vec![4, 0, 0, 0]);
    seeds.push(vec![4, 0, 1, 0]);
    seeds.push(vec![4, 1, 1, 4, 1, 1, 0, 40]);
    seeds.push(vec![4, 2, 2, 0, 1, 1, 0, 40]);
    seeds.push(vec![5, 0, 0, 0, 0, 7]);
    seeds.push(vec![5, 0, 0, 0, 0, 7, 2, 1, 0, 23, b'0']);
    seeds.push(vec![5, 1]);
    seeds.push(vec![5, 1, 1, 0xff, 0, 0]);
    seeds.push(vec![5, 1, 5, 0, 0, 90]);
    seeds
}
