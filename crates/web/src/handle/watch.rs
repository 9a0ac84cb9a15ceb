//! Desk and playback pages. Pictures are fetched by the modules in `assets/js` through `media`.

use super::view::{Names, gap_line, hold_line, tile};
use crate::answer::{Reply, page};
use crate::call::Call;
use crate::pages::watch::{BookmarkLine, DeskPage, PlaceNode, PlaybackPage};
use crate::pages::{Choice, Nav};
use base::{CameraId, Text, time::DAY_MS};
use site::playback::{Purpose, Viewer};

/// Playback opens this long before now, ms: far enough back that there is footage to see.
const OPEN_BACK_MS: i64 = 120_000;

/// `GET /desk?wall=1|4|9|16`.
pub(crate) async fn desk(call: Call) -> Reply {
    let mut places: Vec<PlaceNode> = Vec::new();
    // Cameras come by place, then name.
    let sight = call.site().sight_of(call.actor()?.id).await?;
    for camera in call.site().cameras().into_iter().filter(|c| sight.reaches(&c.row().place)) {
        let tile = tile(&camera);
        match places.last_mut().filter(|p| p.name == tile.place) {
            Some(place) => place.cameras.push(tile),
            None => places.push(PlaceNode { name: tile.place.clone(), cameras: vec![tile] }),
        }
    }
    let count: usize = places.iter().map(|p| p.cameras.len()).sum();
    let fitting = [1_u8, 4, 9, 16].into_iter().find(|n| usize::from(*n) >= count).unwrap_or(16);
    let cells = call.query.get("wall").parse().ok().filter(|n| [1, 4, 9, 16].contains(n)).unwrap_or(fitting);
    let shown = places.iter().flat_map(|p| p.cameras.iter().map(|c| c.id.clone())).take(usize::from(cells)).collect();
    let notices = call.site().store().notices().await?;
    let watched = notices.into_iter().filter(|n| n.code == "upper_view").map(|n| n.text).collect();
    let bar = call.bar(Nav::Desk).await?;
    page(&DeskPage { l: call.lang, bar, places, cells, shown, watched })
}

/// `GET /playback?camera=&at=` (also `date`, `time` of the jump form).
pub(crate) async fn playback(call: Call) -> Reply {
    let site = call.site();
    let sight = site.sight_of(call.actor()?.id).await?;
    let mut running = site.cameras();
    running.retain(|c| sight.reaches(&c.row().place));
    let wanted = CameraId::parse(call.query.get("camera"));
    let camera =
        running.iter().find(|c| Some(c.id()) == wanted).or_else(|| running.first().filter(|_| wanted.is_none()));
    let typed = format!("{}T{}", call.query.get("date"), call.query.get("time"));
    let typed = base::UtcMs::parse_shanghai(&typed).filter(|t| t.0 >= 0);
    let now = call.now();
    let at = call.query.instant("at").or(typed).unwrap_or(now.plus_ms(-OPEN_BACK_MS)).min(now);
    let cameras = running
        .iter()
        .map(|c| {
            let row = c.row();
            let label = Text::of(row.name.clone(), row.name);
            Choice::new(&row.id.to_string(), label, camera.is_some_and(|chosen| chosen.id() == row.id))
        })
        .collect();
    let bar = call.bar(Nav::Playback).await?;
    let mut out = PlaybackPage { l: call.lang, bar, cameras, at, ..PlaybackPage::default() };
    if let Some(camera) = camera {
        let day = at.shanghai_date().start();
        let who = Viewer::Staff(call.actor()?, Purpose::default());
        let line = site.timeline(who, camera.id(), day, day.plus_ms(DAY_MS)).await?;
        out.camera = Some(tile(camera));
        out.gaps = line.gaps.iter().map(gap_line).collect();
        for hold in &line.holds {
            let open = site.store().alarm_of_hold_open(hold).await?;
            out.holds.push(hold_line(hold, open));
        }
        let names = Names::read(&call).await?;
        for mark in line.marks {
            let Some((id, who)) = mark.bookmark else { continue };
            let (note, who) = (mark.text.into_inner().zh.into_owned(), names.who(&call, Some(who)));
            out.bookmarks.push(BookmarkLine { id: id.to_string(), from: mark.from, to: mark.to, note, who });
        }
        out.oldest = line.oldest;
        out.law_days = line.retention.min_days;
    }
    page(&out)
}
