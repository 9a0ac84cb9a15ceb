//! Whether a camera may stand somewhere: the gate's answer, and what the packs say of that kind of place.

use super::words::Asked;
use super::{Reply, Sentence, judged};
use crate::{Act, Gate, Installer, PlaceSays, Placement, Question};
use base::Text;

pub(super) fn answer(gate: &Gate, asked: &Asked<'_>) -> Result<Reply, Text> {
    let Some(place) = asked.place else {
        return Err(Text::new(
            "请说明装在什么地方，例如：安装 大厅。",
            "Say where it would be, for example: install lobby.",
        ));
    };
    let installer = asked.installer.unwrap_or(Installer::ManagingUnit);
    let placement = Placement {
        place,
        faces_homes: asked.faces_homes,
        has_audio: asked.sound,
        sign_recorded: false,
        installer,
        public_area_approved: asked.approved,
    };
    let answer = gate.decide(&Question { site: asked.site, act: Act::AddCamera(placement) }, asked.on);
    let mut out = judged(&answer);
    // Prohibitions are the gate's answer already.
    let rules = gate.packs().place_rules(asked.site.jurisdiction, place, asked.on);
    for rule in rules.into_iter().filter(|r| r.says != PlaceSays::MayNot) {
        let says = rule.says.name();
        let who: Vec<Text> = rule.who.iter().map(|w| name(*w)).collect();
        let zh: Vec<&str> = who.iter().map(|w| w.zh.as_ref()).collect();
        let en: Vec<&str> = who.iter().map(|w| w.en.as_ref()).collect();
        let (to_zh, to_en) = if who.is_empty() {
            (String::new(), String::new())
        } else {
            (format!("（{}）", zh.join("、")), format!(" ({})", en.join(", ")))
        };
        let note = if rule.note.zh.is_empty() {
            ("", String::new())
        } else {
            (rule.note.zh.as_ref(), format!(" {}", rule.note.en))
        };
        let kind = place.name();
        out.push(Sentence::new(
            format!("{}：{}{to_zh}。{}", kind.zh, says.zh, note.0),
            format!("A {}: {}{to_en}.{}", kind.en, says.en, note.1),
            vec![rule.citation],
        ));
    }
    Ok((understood(asked, place, installer), out))
}

fn understood(asked: &Asked<'_>, place: crate::PlaceKind, installer: Installer) -> Text {
    let (kind, who) = (place.name(), name(installer));
    let choose = |yes: bool, zh: (&'static str, &'static str), en: (&'static str, &'static str)| {
        if yes { (zh.0, en.0) } else { (zh.1, en.1) }
    };
    let sound = choose(asked.sound, ("录音", "不录音"), ("with sound", "no sound"));
    let homes = choose(asked.faces_homes, ("对着住宅", "不对着住宅"), ("facing homes", "not facing homes"));
    let approved = choose(asked.approved, ("经批准", "未经批准"), ("approved by the police", "no approval"));
    Text::of(
        format!("{}在{}安装摄像机（{}、{}、{}、尚无标识），是否可以？", who.zh, kind.zh, sound.0, homes.0, approved.0),
        format!(
            "may {} put a camera in a {} ({}, {}, {}, no sign yet)?",
            who.en, kind.en, sound.1, homes.1, approved.1
        ),
    )
}

const fn name(installer: Installer) -> Text {
    match installer {
        Installer::Government => Text::new("政府有关部门", "a government department"),
        Installer::ManagingUnit => Text::new("经营管理单位", "the managing unit"),
        Installer::SecurityDutyHolder => Text::new("负有安全防范义务的单位", "a holder of a security duty"),
        Installer::Other => Text::new("其他单位或者个人", "anybody else"),
    }
}
