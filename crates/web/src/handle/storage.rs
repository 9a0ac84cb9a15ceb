//! Storage page: days kept against days the law asks, forecast, disk, gaps.

use super::view::{Names, gap_line};
use crate::answer::{Reply, page};
use crate::call::Call;
use crate::pages::storage::{CameraGap, DiskLine, KeptLine, PlanLine, ShareLine, StoragePage};
use crate::pages::{Mark, Nav, State};
use base::{Citation, Text, time::DAY_MS};
use domain::storage::{DiskState, Plan};
use law::AfterTerm;
use site::storage::{CameraStorage, StorageReport};
use store::disks::{DiskView, Standing};

/// Days back whose gaps are listed.
const GAP_DAYS: i64 = 7;
/// Most gaps listed.
const GAPS: usize = 200;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; days for people")]
fn tenths(days: f64) -> u32 {
    (days * 10.0).clamp(0.0, 1_000_000.0) as u32
}

fn kept_line(report: &StorageReport, c: &CameraStorage, law_days: u32, held_ms: i64) -> KeptLine {
    let kept = tenths(c.kept_days);
    let forecast = report.forecast.as_ref().map(|f| tenths(f.days));
    let state = if c.paused.is_some() {
        State::new(Mark::Critical, "停止录像", "Not recording")
    } else if kept >= law_days * 10 {
        State::new(Mark::Ok, "已达到", "Meets it")
    } else if forecast.is_some_and(|f| f < law_days * 10) {
        State::new(Mark::Warning, "空间将不够", "Will fall short")
    } else {
        State::new(Mark::Info, "正在积累", "Growing")
    };
    let own = || Citation {
        clause: base::ClauseId::new(""),
        instrument: Text::new("本单位规定", "the unit's own rule"),
        article: Text::new("本单位规定", "own rule"),
        gist: Text::default(),
        text_sha256: String::new(),
        reading: base::Reading::Literal,
    };
    let clause = c.retention.terms.first().map(|t| t.citation.clone()).or_else(|| match &c.retention.then {
        AfterTerm::MayDelete(citation) => citation.clone(),
        AfterTerm::MustDelete(citation) => Some(citation.clone()),
    });
    KeptLine {
        id: c.row.id.to_string(),
        name: c.row.name.clone(),
        kept_tenths: kept,
        law_days,
        clause: clause.unwrap_or_else(own),
        state,
        oldest: c.stock.oldest,
        forecast_tenths: forecast,
        per_day_bytes: c.bytes_per_day,
        held_ms,
    }
}

fn verdict(report: &StorageReport) -> (Text, Mark) {
    let asked = report.longest_days;
    if report.cameras.is_empty() {
        return (
            Text::new("还没有摄像机，没有要保存的录像。", "There is no camera yet, so nothing to keep."),
            Mark::Info,
        );
    }
    match &report.forecast {
        None => (
            Text::new("流量还在测量，很快会有预测。", "Traffic is still being measured; the forecast comes soon."),
            Mark::Info,
        ),
        Some(f) if f.days >= f64::from(asked) => (
            Text::of(
                format!("空间足够：按现在的流量可保存 {:.0} 天，法定 {asked} 天。", f.days),
                format!("Enough: at the present rate {:.0} days are kept; the law asks {asked}.", f.days),
            ),
            Mark::Ok,
        ),
        Some(f) => (
            Text::of(
                format!("空间不够：按现在的流量只能保存 {:.1} 天，法定 {asked} 天。请扩容。", f.days),
                format!(
                    "Not enough: at the present rate only {:.1} days are kept; the law asks {asked}. Add disk space.",
                    f.days
                ),
            ),
            Mark::Warning,
        ),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "days to milliseconds, clamped")]
fn disk_line(call: &Call, report: &StorageReport, (view, _, bytes): &(DiskView, u64, u64)) -> DiskLine {
    let state = match (view.standing, view.state) {
        (Standing::Away, _) => State::new(Mark::Critical, "未连接", "Not there"),
        (Standing::Other, _) => State::new(Mark::Critical, "不是原盘", "Another disk"),
        (Standing::Refuses, _) => State::new(Mark::Critical, "拒绝写入", "Refuses"),
        (Standing::Back, _) => State::new(Mark::Busy, "正在检查", "Being looked at"),
        (Standing::Here, DiskState::Drain) => State::new(Mark::Busy, "正在清空", "Being emptied"),
        (Standing::Here, DiskState::Readonly) => State::new(Mark::Info, "只读", "Read only"),
        (Standing::Here, DiskState::Active) if view.free_bytes < view.reserve_bytes => {
            State::new(Mark::Critical, "将满", "Nearly full")
        }
        (Standing::Here, DiskState::Active) => State::new(Mark::Ok, "正常", "Fine"),
    };
    let full_in =
        report.forecast.as_ref().and_then(|f| f.full_in_days).map(|d| (d.clamp(0.0, 36_500.0) * DAY_MS as f64) as i64);
    let alone = report.disks.len() == 1;
    DiskLine {
        name: view.name.clone(),
        path: view.root.display().to_string(),
        footage_bytes: *bytes,
        state,
        size_bytes: view.total_bytes,
        used_bytes: view.total_bytes.saturating_sub(view.free_bytes),
        write_bytes_s: if alone { report.bytes_per_day / 86_400 } else { view.write_bytes_s },
        full_at: full_in.map(|ms| call.now().plus_ms(ms)).filter(|_| view.state == DiskState::Active),
    }
}

/// Plans on one scale: the largest of all needs and of what there is.
fn plan_lines(report: &StorageReport) -> Vec<PlanLine> {
    let most = report.plans.iter().map(|p| p.needed_bytes).max().unwrap_or(0).max(report.capacity_bytes).max(1);
    let percent = |bytes: u64| u32::try_from(u128::from(bytes) * 100 / u128::from(most)).unwrap_or(100);
    let line = |p: &Plan| PlanLine {
        days: p.days,
        needed_bytes: p.needed_bytes,
        missing_bytes: p.missing_bytes,
        capacity_percent: percent(report.capacity_bytes),
        needed_percent: percent(p.needed_bytes),
    };
    report.plans.iter().map(line).collect()
}

/// Shares of the disks, the largest camera first.
fn share_lines(call: &Call, report: &StorageReport) -> Vec<ShareLine> {
    let all = report.bytes_per_day.max(1);
    let line = |c: &CameraStorage| {
        let share = c.share?;
        let percent = u128::from(c.bytes_per_day) * 100 / u128::from(all);
        Some(ShareLine {
            id: c.row.id.to_string(),
            name: c.row.name.clone(),
            priority: c.row.priority,
            per_day_bytes: c.bytes_per_day,
            percent: u32::try_from(percent).unwrap_or(100),
            needed_bytes: share.needed_bytes,
            days_tenths: share.days.map(tenths),
            law_days: call.site().days_to_keep(&c.retention),
        })
    };
    let mut lines: Vec<_> = report.cameras.iter().filter_map(line).collect();
    lines.sort_by_key(|l| (std::cmp::Reverse(l.per_day_bytes), l.name.clone()));
    lines
}

/// `GET /storage`.
pub(crate) async fn show(call: Call) -> Reply {
    let site = call.site();
    let report = site.storage().await?;
    let names = Names::read(&call).await?;
    let now = call.now();
    let mut cameras = Vec::new();
    let mut gaps = Vec::new();
    for c in &report.cameras {
        let holds = site.store().holds_of(c.row.id, base::UtcMs(0), now).await?;
        let held_ms = holds.iter().map(|h| h.to.since(h.from)).sum();
        cameras.push(kept_line(&report, c, site.days_to_keep(&c.retention), held_ms));
        for gap in site.store().gaps(c.row.id, now.plus_ms(-GAP_DAYS * DAY_MS), now).await? {
            gaps.push(CameraGap { camera: c.row.id.to_string(), name: names.camera(c.row.id), gap: gap_line(&gap) });
        }
    }
    cameras.sort_by_key(|c| (i64::from(c.kept_tenths) - i64::from(c.law_days) * 10, c.name.clone()));
    gaps.sort_by_key(|g| std::cmp::Reverse(g.gap.from));
    let gap_total = u32::try_from(gaps.len()).unwrap_or(u32::MAX);
    gaps.truncate(GAPS);
    let (verdict, verdict_mark) = verdict(&report);
    let disks = report.disks.iter().map(|disk| disk_line(&call, &report, disk)).collect();
    let (plans, capacity_bytes) = (plan_lines(&report), report.capacity_bytes);
    let shares = share_lines(&call, &report);
    let open_faults = site.store().open_faults(None).await?;
    let bar = call.bar(Nav::Storage).await?;
    page(&StoragePage {
        l: call.lang,
        bar,
        verdict,
        verdict_mark,
        cameras,
        disks,
        shares,
        open_faults,
        plans,
        capacity_bytes,
        gaps,
        gap_total,
    })
}
