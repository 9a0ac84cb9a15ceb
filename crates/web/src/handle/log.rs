//! The log as people read it: filtered list, one entry with its proof computed again, downloads.

use super::log_words;
use super::view::Names;
use crate::answer::{Reply, address, attach, body, down, no_page, page};
use crate::call::Call;
use crate::kind::Kind;
use crate::pages::log::{LogEntryPage, LogLine, LogPage, ProofStep};
use crate::pages::{Choice, Nav, Pager};
use axum::http::StatusCode;
use base::{AccountId, CaseId, CivilDate, ClauseId, Refusal, Sha256, Text, UtcMs};
use ledger::{LogVerifier, ProofFile, node_hash};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use store::logbook::{ActFilter, ActRow};

/// Lines of one page.
const LINES: u32 = 100;
/// Lines looked through for a text filter, in one page.
const SEARCHED: u32 = 2_000;

/// Groups of acts: begin of the kind, and what people call it.
const ACTS: [(&str, &str, &str); 24] = [
    ("footage.viewed", "查看录像", "Footage viewed"),
    ("live.", "查看实时画面", "Live viewing"),
    ("request.", "信息使用申请", "Requests to use information"),
    ("grant.", "授权", "Grants"),
    ("session.opened", "双人查看时段", "Two-officer sessions"),
    ("export.", "导出", "Exports"),
    ("hold.", "封存", "Holds"),
    ("paper.", "打开材料", "Papers opened"),
    ("bookmark.", "书签", "Bookmarks"),
    ("act.refused", "依法拒绝", "Refusals by law"),
    ("footage.deleted", "期满删除", "Deletion after the term"),
    ("camera.", "设备", "Devices"),
    ("account.", "账号", "Accounts"),
    ("session.", "登录", "Sign-ins"),
    ("settings.", "场所设置", "Settings of the site"),
    ("deletion.", "人工删除", "Deletion by hand"),
    ("recording.", "录像启停", "Recording stopped or resumed"),
    ("report.", "报警上报与接警", "Reports to the police"),
    ("site.", "接入单位", "Sites of the authority"),
    ("witness.", "日志见证", "Witnessing of logs"),
    ("emergency.", "紧急使用的说明", "Emergencies explained"),
    ("reading.", "法规读法", "Readings of the law"),
    ("document.", "制作文书", "Documents made"),
    ("server.", "服务启停", "Server started or stopped"),
];

/// `GET /log?who=&act=&outcome=&from=&to=&before=`.
pub(crate) async fn list(call: Call) -> Reply {
    let q = &call.query;
    let day = |name: &str| CivilDate::parse(q.get(name));
    let kind = ACTS.iter().find(|a| a.0 == q.get("act")).map(|a| a.0.to_owned());
    let filter = ActFilter {
        kind: kind.clone(),
        refused: q.get("outcome") == "refused",
        from: day("from").map(CivilDate::start),
        to: day("to").map(|d| d.plus_days(1).start()),
        before: q.get("before").parse().ok(),
        ..ActFilter::default()
    };
    let who: String = q.get("who").chars().take(120).collect();
    let outcome = q.get("outcome");
    let narrow = !who.is_empty() || outcome == "allowed";
    let acts = call.site().store().acts(&filter, if narrow { SEARCHED } else { LINES + 1 }).await?;
    let searched_all = acts.len() < SEARCHED as usize;
    let last_searched = acts.last().map(|a| a.idx);
    let names = Names::read(&call).await?;
    let wanted = who.to_lowercase();
    let mut lines: Vec<_> =
        acts.into_iter().map(|a| names.line(&call, a)).filter(|l| outcome != "allowed" || l.allowed).collect();
    if !wanted.is_empty() {
        // What a line is about is looked for too (the number of a case), so all that may be found is named first.
        name_things(&call, &names, &mut lines).await?;
        lines.retain(|l| format!("{} {} {} {}", l.who, l.object, l.act.zh, l.act.en).to_lowercase().contains(&wanted));
    }
    let more = lines.len() > LINES as usize;
    lines.truncate(LINES as usize);
    if wanted.is_empty() {
        name_things(&call, &names, &mut lines).await?;
    }
    let next = match (more, narrow && !searched_all) {
        (true, _) => lines.last().map(|l| l.index),
        (false, true) => last_searched,
        (false, false) => None,
    };
    let (head, _) = call.site().store().ledger().head();
    let filtered = ["who", "act", "outcome", "from", "to"].iter().any(|f| q.has(f));
    let shown = lines.first().zip(lines.last()).map(|(a, b)| format!("{}–{}", b.index, a.index)).unwrap_or_default();
    let pager = Pager {
        previous: q.has("before").then(|| link(&call, None)),
        next: next.map(|n| link(&call, Some(n))),
        shown: Text::of(shown.clone(), shown),
    };
    let outcomes = [("", "全部", "All"), ("allowed", "允许", "Allowed"), ("refused", "拒绝", "Refused")];
    page(&LogPage {
        l: call.lang,
        bar: call.bar(Nav::Log).await?,
        who,
        acts: ACTS.iter().map(|a| Choice::new(a.0, Text::new(a.1, a.2), kind.as_deref() == Some(a.0))).collect(),
        outcomes: outcomes.iter().map(|o| Choice::new(o.0, Text::new(o.1, o.2), o.0 == outcome)).collect(),
        from: day("from").map_or_else(String::new, |d| d.to_string()),
        to: day("to").map_or_else(String::new, |d| d.to_string()),
        filtered,
        lines,
        pager,
        size: head.size,
        root: head.root.hex(),
        checkpoint_at: newest_at(&call, head.size).await,
    })
}

/// What the entries of an authority are about: their case, plan, account or register, by the bodies; a line of a camera or request has its own.
async fn name_things(call: &Call, names: &Names, lines: &mut [LogLine]) -> Result<(), Refusal> {
    let wanted: Vec<u64> = lines.iter().filter(|l| l.object.is_empty()).map(|l| l.index).collect();
    let Some(newest) = wanted.iter().max().filter(|_| call.kind() == Kind::Authority) else { return Ok(()) };
    let store = call.site().store();
    if *newest >= store.ledger().head().0.size {
        // Committed a moment ago: brought under a checkpoint now, so that it can be read.
        store.flush_ledger().await?;
    }
    let ledger = store.ledger().clone();
    let read = move || -> BTreeMap<u64, Value> {
        let body = |index: u64| -> Option<(u64, Value)> {
            let mut entry: Value = serde_json::from_slice(ledger.entry(index).ok()?.as_bytes()).ok()?;
            Some((index, entry.get_mut("body")?.take()))
        };
        wanted.into_iter().filter_map(body).collect()
    };
    let bodies = tokio::task::spawn_blocking(read).await.map_err(down)?;
    let cases: BTreeSet<CaseId> = bodies.values().filter_map(|body| CaseId::parse(body["case"].as_str()?)).collect();
    let numbers: BTreeMap<CaseId, String> = store.case_numbers(&cases).await?;
    for line in lines {
        if let Some(body) = bodies.get(&line.index) {
            line.object = thing(call, names, &numbers, body);
        }
    }
    Ok(())
}

/// What the body of an entry is about, in words; empty where it names nothing.
fn thing(call: &Call, names: &Names, numbers: &BTreeMap<CaseId, String>, body: &Value) -> String {
    let word = |name: &str| body[name].as_str();
    let case = word("case").and_then(CaseId::parse).and_then(|id| numbers.get(&id).cloned());
    let plan = word("plan").filter(|_| case.is_none()).map(str::to_owned);
    let account = word("account").and_then(AccountId::parse).map(|id| names.who(call, Some(id)));
    let register = word("register").map(|id| {
        let name = call.site().gate().packs().carriers().name(&law::Carrier::Register(id.to_owned()));
        name.get(call.lang).to_owned()
    });
    [case, plan, register, account].into_iter().flatten().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// This page with another `before`.
fn link(call: &Call, before: Option<u64>) -> String {
    let own = ["who", "act", "outcome", "from", "to"].map(|field| (field, call.query.get(field)));
    let before = before.map(|n| n.to_string()).unwrap_or_default();
    address("/log", own.into_iter().chain([("before", before.as_str())]))
}

/// Time of the newest entry under the checkpoint.
async fn newest_at(call: &Call, size: u64) -> Option<UtcMs> {
    let ledger = call.site().store().ledger().clone();
    let read = move || ledger.entry(size.checked_sub(1)?).ok()?.parse().ok().map(|e| e.at_utc_ms);
    tokio::task::spawn_blocking(read).await.ok().flatten()
}

/// An entry with everything that is said about it.
pub(crate) struct Entry {
    /// Its line, where it has one (the steady stream of footage has none).
    pub act: Option<ActRow>,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Proof; `None` while no checkpoint covers it.
    pub proof: Option<ProofFile>,
}

/// Reads entry `index` and proves it.
pub(crate) async fn entry(call: &Call) -> Result<(u64, Entry), Refusal> {
    let index: u64 = call.param(0).parse().map_err(|_| no_page())?;
    let store = call.site().store();
    let act = store.act(index).await?;
    if index >= store.ledger().head().0.size {
        // Committed a moment ago: brought under a checkpoint now, so that the proof is there.
        store.flush_ledger().await?;
    }
    if index >= store.ledger().head().0.size {
        return Err(Refusal::not_found("该日志条目", "log entry"));
    }
    let log = store.ledger().clone();
    let proved = tokio::task::spawn_blocking(move || log.prove(index)).await.map_err(down)??;
    Ok((index, Entry { act, bytes: proved.0.as_bytes().to_vec(), proof: Some(proved.1) }))
}

/// The way up from a leaf: what each hash joins with, and what comes out.
fn way_up(index: u64, size: u64, leaf: Sha256, hashes: &[Sha256]) -> Vec<ProofStep> {
    let (mut at, mut last, mut ours) = (index, size.saturating_sub(1), leaf);
    let mut steps = Vec::new();
    for neighbour in hashes {
        // RFC 9162, 2.1.3.2: left neighbour where our index is odd or we are the last of the level.
        let left = at % 2 == 1 || at == last;
        ours = if left { node_hash(*neighbour, ours) } else { node_hash(ours, *neighbour) };
        steps.push(ProofStep { left, neighbour: neighbour.hex(), result: ours.hex() });
        if left {
            while at % 2 == 0 && at != 0 {
                at /= 2;
                last /= 2;
            }
        }
        at /= 2;
        last /= 2;
    }
    steps
}

/// `GET /log/{index}`.
pub(crate) async fn show(call: Call) -> Reply {
    let (index, found) = entry(&call).await?;
    let names = Names::read(&call).await?;
    let packs = call.site().gate().packs();
    let verifier = LogVerifier::new(call.site().store().ledger().key().vkey());
    let proof = found.proof.as_ref();
    let checked = proof.map(|p| verifier.check_file(&p.to_text(), &found.bytes));
    let parsed: Option<serde_json::Value> = serde_json::from_slice(&found.bytes).ok();
    let kind = parsed.as_ref().and_then(|e| e["kind"].as_str()).unwrap_or_default().to_owned();
    let at = parsed.as_ref().and_then(|e| e["at_utc_ms"].as_i64()).map_or(UtcMs(0), UtcMs);
    let mut facts = vec![(Text::new("种类", "Kind"), log_words::kind(&kind).get(call.lang).to_owned())];
    facts.extend(parsed.as_ref().map(|e| log_words::facts(&call, &names, &e["body"])).unwrap_or_default());
    let clauses = found.act.iter().flat_map(|a| &a.clauses).filter_map(|c| packs.cite(&ClauseId::new(c))).collect();
    let leaf = ledger::leaf_hash(&found.bytes);
    let mut line: Vec<LogLine> = found.act.map(|a| names.line(&call, a)).into_iter().collect();
    name_things(&call, &names, &mut line).await?;
    let line = line.pop();
    let object = line.as_ref().map_or_else(String::new, |l| l.object.clone());
    let (head, _) = call.site().store().ledger().head();
    let (size, root) = match &checked {
        Some(Ok(c)) => (c.size, c.root),
        _ => (head.size, head.root),
    };
    let checkpoint = proof.map(|p| String::from_utf8_lossy(&p.checkpoint).into_owned()).unwrap_or_default();
    // With the two files of this page and the site's published key; nothing of this server is needed.
    let key = call.site().store().ledger().key().vkey().to_string();
    page(&LogEntryPage {
        l: call.lang,
        bar: call.bar(Nav::Log).await?,
        index,
        at,
        who: line.as_ref().map_or_else(|| names.who(&call, None), |l| l.who.clone()),
        act: line.as_ref().map_or_else(|| log_words::kind(&kind), |l| l.act.clone()),
        object,
        allowed: line.as_ref().is_none_or(|l| l.allowed),
        clauses,
        facts,
        leaf: leaf.hex(),
        proof: proof.map(|p| way_up(index, size, leaf, &p.hashes)).unwrap_or_default(),
        size,
        root: root.hex(),
        holds: checked.map(|c| c.is_ok()),
        signers: checkpoint
            .lines()
            .filter_map(|l| l.strip_prefix("— "))
            .filter_map(|l| l.split(' ').next())
            .map(str::to_owned)
            .collect(),
        checkpoint,
        command: format!(
            "jifang ledger prove {index} --check entry-{index}.tlog-proof --entry-file entry-{index}.json --key {key}"
        ),
    })
}

/// `GET /log/{index}/proof`: the proof file (C2SP tlog-proof).
pub(crate) async fn proof(call: Call) -> Reply {
    let (index, found) = entry(&call).await?;
    let proof = found.proof.ok_or_else(|| Refusal::not_found("该证明", "proof"))?;
    let mut answer = body(StatusCode::OK, "text/plain; charset=utf-8", proof.to_text());
    attach(&mut answer, &format!("entry-{index}.tlog-proof"));
    Ok(answer)
}

/// `GET /log/{index}/entry`: the bytes that the proof is about.
pub(crate) async fn entry_bytes(call: Call) -> Reply {
    let (index, found) = entry(&call).await?;
    let mut answer = body(StatusCode::OK, "application/json", found.bytes);
    attach(&mut answer, &format!("entry-{index}.json"));
    Ok(answer)
}

/// `GET /log/checkpoint`: the newest signed checkpoint.
pub(crate) async fn checkpoint(call: Call) -> Reply {
    let (_, note) = call.site().store().ledger().head();
    let mut answer = body(StatusCode::OK, "text/plain; charset=utf-8", note);
    attach(&mut answer, "checkpoint.txt");
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::way_up;
    use ledger::{Checkpoint, EntryBytes, Log, MemoryLog, SiteKey, Tree};

    /// For every entry of logs of many sizes the way drawn ends in the root.
    #[test]
    fn the_way_up_ends_in_the_root() {
        let key = SiteKey::from_seed("jifang/test", [7; 32]).unwrap();
        for size in 1..40_u64 {
            let entries: Vec<_> = (0..size).map(|n| EntryBytes::new(n.to_be_bytes().to_vec()).unwrap()).collect();
            let (mut tree, mut disk) = (Tree::new(), MemoryLog::default());
            disk.write(tree.append(&entries).unwrap().files);
            let head = Checkpoint { origin: key.vkey().name().to_owned(), size, root: tree.root() };
            let note = head.sign(&key).unwrap();
            for (index, entry) in (0..size).zip(&entries) {
                let proof = Log::new(&disk, size).prove(index, &note).unwrap();
                let steps = way_up(index, size, entry.leaf_hash(), &proof.hashes);
                let end = steps.last().map_or_else(|| entry.leaf_hash().hex(), |s| s.result.clone());
                assert_eq!(end, tree.root().hex(), "entry {index} of {size}");
            }
        }
    }
}
