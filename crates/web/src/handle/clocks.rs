//! The page of the clocks.

use crate::answer::{Reply, page};
use crate::call::Call;
use crate::pages::clocks::{Chart, ClocksPage, DeviceLine, signed};
use crate::pages::{Mark, Nav, State};
use base::Text;
use domain::clock::is_off;
use site::clocks::{ClockReport, DeviceClock, TimeSource};

fn source(source: &TimeSource) -> Text {
    match source {
        TimeSource::None => Text::new("没有发现对时服务", "no time service was found"),
        TimeSource::Server(name) => Text::of(format!("时间服务器 {name}"), format!("time server {name}")),
        TimeSource::Silent(name, why) => Text::of(
            format!("时间服务器 {name} 没有应答（{why}）"),
            format!("time server {name} does not answer ({why})"),
        ),
        TimeSource::Chrony(name, stratum) => Text::of(
            format!("chrony，来源 {name}，层级 {stratum}"),
            format!("chrony, source {name}, stratum {stratum}"),
        ),
        TimeSource::Timesyncd(at) => Text::of(
            format!("systemd-timesyncd，最近对时 {}（它不报告误差）", at.desk()),
            format!("systemd-timesyncd, last set {} (it does not tell the error)", at.desk()),
        ),
    }
}

fn state(r: &ClockReport) -> (State, Text) {
    let off = r.own.error_ms.is_some_and(|ms| is_off(ms, r.limits_ms.0, false));
    match (&r.own.source, off) {
        (_, true) => (
            State::new(Mark::Warning, "超过限值", "Beyond the limit"),
            Text::new(
                "请检查本机的对时服务。录像时间以本机时钟为准，误差会写进每一段录像。",
                "Check this machine's time service: recordings go by this clock, and its error is in each of them.",
            ),
        ),
        (TimeSource::None, _) => (
            State::new(Mark::Attention, "没有对时", "No time source"),
            Text::new(
                "请安装 chrony，或在配置中填写 ntp_server，否则无法知道本机时钟准不准。",
                "Install chrony, or enter `ntp_server` in the configuration: until then nobody knows how true this clock is.",
            ),
        ),
        (TimeSource::Silent(..), _) => (
            State::new(Mark::Attention, "没有应答", "No answer"),
            Text::new(
                "请检查服务器地址、网络和防火墙（UDP 123）。",
                "Check its address, the network and the firewall (UDP 123).",
            ),
        ),
        _ => (State::new(Mark::Ok, "正常", "Fine"), Text::default()),
    }
}

fn device(d: &DeviceClock) -> DeviceLine {
    DeviceLine {
        camera: d.camera.map(|c| c.to_string()).unwrap_or_default(),
        name: d.name.clone(),
        code: d.code.clone(),
        sets_itself: d.sets_itself,
        error_ms: d.error_ms,
        drift_ms: d.drift_ms_per_day,
        is_off: d.is_off,
    }
}

/// `GET /clocks`.
pub(crate) async fn show(call: Call) -> Reply {
    let report = call.site().clocks().await?;
    let l = call.lang;
    let measured =
        |ms: Option<i64>| ms.map_or_else(|| l.t("尚未测得", "not yet measured").to_owned(), |ms| signed(&ms));
    let drift = |ms: Option<i64>| match ms {
        Some(ms) => format!("{} {}", signed(&ms), l.t("每天", "a day")),
        None => l.t("测满一小时后给出", "after an hour of measurements").to_owned(),
    };
    let (state, next) = state(&report);
    let facts = vec![
        (Text::new("来源", "Source"), source(&report.own.source).get(l).to_owned()),
        (Text::new("误差", "Error"), measured(report.own.error_ms)),
        (Text::new("漂移", "Drift"), drift(report.drift_ms_per_day)),
        (Text::new("比系统时钟快", "Ahead of the system clock"), signed(&report.ahead_ms)),
        (Text::new("限值", "Limit"), format!("{} ms", report.limits_ms.0)),
    ];
    page(&ClocksPage {
        l,
        bar: call.bar(Nav::Devices).await?,
        state,
        facts,
        next,
        chart: Chart::of(&report.history),
        devices: report.devices.iter().map(device).collect(),
        limit_s: report.limits_ms.1 / 1_000,
        steps: report.steps.into_iter().map(|s| (s.at, s.text, s.idx)).collect(),
    })
}
