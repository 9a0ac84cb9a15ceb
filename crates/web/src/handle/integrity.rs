//! The integrity report, and asking for a camera or a disk to be checked now.

use super::view::Names;
use crate::answer::{Reply, page};
use crate::call::Call;
use crate::pages::integrity::{FaultLine, IntegrityPage, RoundLine};
use crate::pages::{Choice, Mark, Nav, words};
use base::{Refusal, Text, plural};
use domain::access::Permission;
use site::storage::integrity::IntegrityReport;
use store::check::scrub::{Scope, meaning, remedy};

fn verdict(r: &IntegrityReport) -> (Text, Mark) {
    let c = &r.coverage;
    if r.open_faults > 0 {
        let text = Text::of(
            format!("有 {} 处录像与记录不符，见下表。", r.open_faults),
            format!(
                "{} {}: footage that is not what was recorded, listed below.",
                r.open_faults,
                plural(r.open_faults, "fault", "faults")
            ),
        );
        return (text, Mark::Critical);
    }
    match (c.containers, c.unchecked) {
        (0, _) => (
            Text::new(
                "还没有封口的录像文件；首个文件约二十分钟后封口。",
                "No container is sealed yet; the first is after about twenty minutes.",
            ),
            Mark::Info,
        ),
        (_, 0) => (Text::new("全部录像已核对，与记录一致。", "All footage was checked and is as recorded."), Mark::Ok),
        (all, unchecked) => (
            Text::of(
                format!("已核对 {} / {all} 个录像文件，未发现问题；其余还未轮到。", all - unchecked),
                format!(
                    "{} of {all} {} checked, no fault; the rest is yet to come.",
                    all - unchecked,
                    plural(all, "container", "containers")
                ),
            ),
            Mark::Info,
        ),
    }
}

fn facts(call: &Call, r: &IntegrityReport) -> Vec<(Text, String)> {
    let l = call.lang;
    let c = &r.coverage;
    let checked = format!("{} / {}", words::bytes(&c.bytes.saturating_sub(c.unchecked_bytes)), words::bytes(&c.bytes));
    let never = || l.t("尚无", "not yet").to_owned();
    let [from, to] = r.hours;
    let rate = match r.rate_bytes_s {
        0 => l.t("自动检查已关闭，只查人工要求的", "off; only what is asked for").to_owned(),
        rate => format!("{} {}/s · {from}:00–{to}:00", l.t("最多", "at most"), words::bytes(&rate)),
    };
    let pass = r.pass_ms.map_or_else(|| "—".to_owned(), |ms| words::duration(&ms, &l));
    let every = format!("{} {}", r.every_days, l.n(r.every_days, "天", "day", "days"));
    vec![
        (Text::new("已核对 / 全部", "Checked / all"), checked),
        (Text::new("最久未查的一次", "Oldest check"), c.oldest.map_or_else(never, |t| t.desk())),
        (Text::new("速度与时段", "Rate and hours"), rate),
        (Text::new("按此速度一轮", "One round at this rate"), pass),
        (Text::new("每轮间隔至少", "A round begins every"), every),
    ]
}

fn scope_text(names: &Names, scope: &Scope) -> Text {
    match scope {
        Scope::All => Text::new("全部录像", "All footage"),
        Scope::Camera(id) => {
            let name = names.camera(*id);
            Text::of(name.clone(), name)
        }
        Scope::Disk(name) => Text::of(format!("磁盘 {name}"), format!("Disk {name}")),
    }
}

/// `GET /storage/integrity`.
pub(crate) async fn show(call: Call) -> Reply {
    let report = call.site().integrity().await?;
    let names = Names::read(&call).await?;
    let (verdict, verdict_mark) = verdict(&report);
    let facts = facts(&call, &report);
    let fault = |f: &store::check::scrub::FaultRow| FaultLine {
        camera: f.camera.to_string(),
        name: names.camera(f.camera),
        from: f.from,
        to: f.to,
        what: meaning(&f.code),
        next: remedy(&f.code),
        path: f.path.clone(),
        found: f.found,
        seen: f.seen,
        gone: f.gone,
        leaf: f.leaf,
    };
    let round = |r: &store::check::scrub::Round| RoundLine {
        scope: scope_text(&names, &r.scope),
        began: r.began,
        ended: r.ended,
        containers: r.containers,
        fragments: r.fragments,
        bytes: r.bytes,
        faults: r.faults,
        away: r.away,
    };
    let mut choices = Vec::new();
    if call.may(Permission::ManageDevices) {
        for camera in call.site().store().cameras_ever().await? {
            let label = Text::of(camera.name.clone(), camera.name);
            choices.push(Choice::new(&Scope::Camera(camera.id).code(), label, false));
        }
        for disk in call.site().store().disks().views() {
            let label = Text::of(format!("磁盘 {}", disk.name), format!("Disk {}", disk.name));
            choices.push(Choice::new(&Scope::Disk(disk.name).code(), label, false));
        }
    }
    page(&IntegrityPage {
        l: call.lang,
        bar: call.bar(Nav::Storage).await?,
        verdict,
        verdict_mark,
        facts,
        faults: report.faults.iter().map(fault).collect(),
        rounds: report.rounds.iter().map(round).collect(),
        choices,
    })
}

/// `POST /storage/integrity`: `what` = `camera:ID` or `disk:NAME`.
pub(crate) async fn ask(call: Call) -> Reply {
    let scope = Scope::parse(call.form.get("what")).filter(|s| *s != Scope::All).ok_or_else(|| {
        Refusal::bad_input(
            "what",
            Text::new("没有选择要检查的摄像机或磁盘。", "No camera or disk was chosen."),
            Text::new("请选择后重试。", "Choose one and try again."),
        )
    })?;
    call.site().check_now(call.actor()?, &scope).await?;
    call.done("/storage/integrity", "check_asked")
}
