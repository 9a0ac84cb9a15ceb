//! Why a GB/T 28181 camera shows no picture, in words: what was seen, and what to do. Values in, text out.
//!
//! Codes: `bad_code` `not_registered` `device_offline` `wrong_password` `id_conflict` `invite_refused` `invite_timeout`
//! `no_packets` `packets_stopped` `connect_failed` `ssrc_mismatch` `undecodable` `stream_ended` `server_full`.

use crate::camera::Diagnosis;
use base::Text;
use media::intake::IntakeCounts;
use std::net::SocketAddr;
use store::cameras::GbTransport;
use wire::gb28181::GbId;
use wire::gb28181::platform::OfflineReason;

fn diagnosis(code: &'static str, what: (String, String), next: (String, String)) -> Diagnosis {
    Diagnosis { code, what: Text::of(what.0, what.1), next: Text::of(next.0, next.1) }
}

fn say(zh: impl Into<String>, en: impl Into<String>) -> (String, String) {
    (zh.into(), en.into())
}

/// The codes typed in are no codes.
pub(super) fn bad_code() -> Diagnosis {
    diagnosis(
        "bad_code",
        say("设备编码或通道编码不是 20 位数字。", "The device or channel code is not twenty digits."),
        say("请按设备国标配置页改正编码。", "Correct the code as the device's GB/T 28181 page shows it."),
    )
}

/// Nothing was heard of the device.
pub(super) fn not_registered(device: GbId, platform: GbId, sip: SocketAddr) -> Diagnosis {
    diagnosis(
        "not_registered",
        say(
            format!("设备 {device} 尚未向本平台注册。"),
            format!("Device {device} has not registered with this platform."),
        ),
        say(
            format!(
                "在设备的国标（GB28181）页填写：SIP服务器编码 {platform}，域 {}，地址 {}，端口 {}，设备编码 {device}，密码与本页一致；并检查网络。",
                platform.domain(),
                sip.ip(),
                sip.port()
            ),
            format!(
                "On the device's GB28181 page enter: server id {platform}, domain {}, address {}, port {}, device id {device}, and the password given here; then check the network.",
                platform.domain(),
                sip.ip(),
                sip.port()
            ),
        ),
    )
}

/// The device was there and went away.
pub(super) fn device_offline(reason: OfflineReason, from: Option<SocketAddr>) -> Diagnosis {
    let (zh, en) = match reason {
        OfflineReason::KeepaliveMissed => ("连续三次没有收到设备的心跳", "three keepalives in a row did not come"),
        OfflineReason::Expired => ("注册到期，设备没有续约", "the registration ran out and was not renewed"),
        OfflineReason::Deregistered => ("设备主动注销", "the device deregistered itself"),
        OfflineReason::ConnectionLost => ("设备的信令连接断开", "the device's signalling connection ended"),
        OfflineReason::Removed => ("设备已从本平台移除", "the device was removed here"),
    };
    let at = from.map_or_else(String::new, |a| format!(" ({a})"));
    diagnosis(
        "device_offline",
        say(format!("设备离线{at}：{zh}。"), format!("The device is offline{at}: {en}.")),
        say(
            "检查设备供电和网络；恢复后会自动重连。",
            "Check the device's power and network; it is taken up again by itself when it returns.",
        ),
    )
}

/// Its password is not the one given here.
pub(super) fn wrong_password(from: SocketAddr) -> Diagnosis {
    diagnosis(
        "wrong_password",
        say(
            format!("{from} 以本设备编码注册，但密码不对。"),
            format!("{from} tried to register with this device's code and a wrong password."),
        ),
        say(
            "核对设备国标页的密码与本页填写的密码。",
            "Compare the password on the device's GB28181 page with the one given here.",
        ),
    )
}

/// Two senders use one code.
pub(super) fn id_conflict(device: GbId, old: SocketAddr, new: SocketAddr, authenticated: bool) -> Diagnosis {
    let (zh, en) = if authenticated {
        ("后者密码正确，已接管该编码", "the latter knows the password and holds the code now")
    } else {
        ("后者未通过认证，已拒绝", "the latter did not authenticate and was refused")
    };
    diagnosis(
        "id_conflict",
        say(
            format!("两台设备使用同一编码 {device}：{old} 和 {new}；{zh}。"),
            format!("Two devices use the code {device}: {old} and {new}; {en}."),
        ),
        say("给其中一台设备改用自己的编码和密码。", "Give one of them a code and password of its own."),
    )
}

/// What a refusal of an INVITE means, and what to do.
fn refusal(code: u16) -> ((&'static str, &'static str), (&'static str, &'static str)) {
    match code {
        400 | 420 => (
            ("设备不接受请求的格式", "the device does not accept the form of the request"),
            ("升级设备固件，或核对设备的国标版本", "Update its firmware, or check its GB/T 28181 version"),
        ),
        401 | 403 | 407 => (
            ("设备不允许本平台点播", "the device does not allow this platform to view"),
            (
                "核对设备上的平台编码、域和点播权限",
                "Check platform id, domain and viewing rights configured on the device",
            ),
        ),
        404 => (
            ("设备没有这个通道", "the device has no such channel"),
            (
                "用设备目录中的通道编码；录像机的通道编码不是设备编码",
                "Use a channel code from the device's catalogue; a recorder's channel code is not its device code",
            ),
        ),
        408 | 480 | 503 | 504 => (
            ("设备或通道暂时不可用", "the device or channel is not available at the moment"),
            ("检查录像机下的摄像机是否在线", "Check that the camera behind the recorder is online"),
        ),
        486 | 600 => (
            ("设备的取流路数已满", "the device serves as many streams as it can"),
            (
                "减少同时取流的平台或客户端，或在设备上提高路数",
                "Stop other platforms or clients that take streams from it, or raise its limit",
            ),
        ),
        415 | 488 | 606 => (
            ("设备不能按要求的方式送流", "the device cannot send the stream as asked"),
            ("换一种传输方式（UDP、TCP被动、TCP主动）再试", "Try another transport (UDP, TCP passive, TCP active)"),
        ),
        500..=599 => (
            ("设备内部错误", "the device has an internal error"),
            ("重启设备；仍不行请升级固件", "Restart the device; if that does not help, update its firmware"),
        ),
        _ => (("设备拒绝了请求", "the device refused the request"), ("查看设备日志", "Look into the device's log")),
    }
}

/// The device refused the stream.
pub(super) fn invite_refused(code: u16, reason: &str, unknown_channel: bool) -> Diagnosis {
    let (what, next) = refusal(code);
    let reason = if reason.is_empty() { String::new() } else { format!(" {reason}") };
    let (more_zh, more_en) = if unknown_channel {
        ("（设备目录中没有该通道编码）", " (the channel code is not in the device's catalogue)")
    } else {
        ("", "")
    };
    diagnosis(
        "invite_refused",
        say(
            format!("设备拒绝送流（{code}{reason}）：{}{more_zh}。", what.0),
            format!("The device refused the stream ({code}{reason}): {}{more_en}.", what.1),
        ),
        say(format!("{}。会自动重试。", next.0), format!("{}. It is tried again by itself.", next.1)),
    )
}

/// The device did not answer the INVITE.
pub(super) fn invite_timeout(was_trying: bool, to: Option<SocketAddr>) -> Diagnosis {
    let to = to.map_or_else(String::new, |a| format!(" {a}"));
    let (zh, en) = if was_trying {
        ("设备收到了请求但没有给出结果", "the device took the request but gave no result")
    } else {
        ("设备没有回应请求", "the device did not answer the request")
    };
    diagnosis(
        "invite_timeout",
        say(format!("取流请求超时{to}：{zh}。"), format!("The stream request timed out{to}: {en}.")),
        say(
            "检查防火墙或路由器是否放行本服务器到设备的信令；跨网段时让设备用 TCP 注册。",
            "Check that firewalls let signalling from this server reach the device; across networks let it register by TCP.",
        ),
    )
}

/// The stream was agreed, but nothing came.
pub(super) fn no_packets(transport: GbTransport, from: Option<SocketAddr>, listen: SocketAddr) -> Diagnosis {
    let from_zh = from.map_or_else(|| "设备未说明的地址".to_owned(), |a| a.to_string());
    let from_en = from.map_or_else(|| "an address that the device did not name".to_owned(), |a| a.to_string());
    let (what, next) = match transport {
        GbTransport::Udp => (
            say(
                format!("设备已同意送流，但没有收到数据包：应从 {from_zh} 以 UDP 发到 {listen}。"),
                format!("The device agreed to send, but no packet came: expected UDP from {from_en} to {listen}."),
            ),
            say(
                format!(
                    "检查防火墙是否放行到 UDP {} 的数据；确认设备能访问 {}；或改用 TCP。",
                    listen.port(),
                    listen.ip()
                ),
                format!(
                    "Check that firewalls pass UDP {}; that the device can reach {}; or use TCP.",
                    listen.port(),
                    listen.ip()
                ),
            ),
        ),
        GbTransport::TcpPassive => (
            say(
                format!("设备已同意送流，但没有数据：应从 {from_zh} 以 TCP 连接到 {listen}。"),
                format!(
                    "The device agreed to send, but nothing came: expected a TCP connection from {from_en} to {listen}."
                ),
            ),
            say(
                format!("检查防火墙是否放行到 TCP {} 的连接；确认设备能访问 {}。", listen.port(), listen.ip()),
                format!("Check that firewalls pass TCP {}; that the device can reach {}.", listen.port(), listen.ip()),
            ),
        ),
        GbTransport::TcpActive => (
            say(
                format!("已连接到设备 {from_zh}，但没有收到数据。"),
                format!("Connected to the device at {from_en}, but no data came."),
            ),
            say("换一种传输方式再试；重启设备。", "Try another transport; restart the device."),
        ),
    };
    diagnosis("no_packets", what, next)
}

/// Packets came and then no more.
pub(super) fn packets_stopped(from: Option<SocketAddr>, silent_s: u64) -> Diagnosis {
    let at = from.map_or_else(String::new, |a| format!(" {a}"));
    diagnosis(
        "packets_stopped",
        say(
            format!("设备{at} 在线，但已 {silent_s} 秒没有数据包；正在重新取流。"),
            format!(
                "The device{at} is online but has sent no packet for {silent_s} s; the stream is being asked for again."
            ),
        ),
        say(
            "检查设备到本服务器的网络；反复出现时查看设备日志。",
            "Check the network between them; if it repeats, look into the device's log.",
        ),
    )
}

/// We could not connect to the device for media.
pub(super) fn connect_failed(to: Option<SocketAddr>, why: &str) -> Diagnosis {
    let to_zh = to.map_or_else(|| "（设备没有给出地址）".to_owned(), |a| a.to_string());
    let to_en = to.map_or_else(|| "(the device named no address)".to_owned(), |a| a.to_string());
    diagnosis(
        "connect_failed",
        say(
            format!("连接设备媒体端口 {to_zh} 失败：{why}。"),
            format!("Connecting to the device's media port {to_en} failed: {why}."),
        ),
        say(
            "检查到设备的防火墙和地址转换；或改用 TCP 被动（设备连接本服务器）。",
            "Check firewalls and address translation towards the device; or use TCP passive (the device connects here).",
        ),
    )
}

/// Packets come from the right host, but which stream they are of cannot be told.
pub(super) fn ssrc_mismatch(asked: u32, found: &[(SocketAddr, Option<u32>)]) -> Diagnosis {
    let list: Vec<String> = found
        .iter()
        .take(4)
        .map(|(from, ssrc)| ssrc.map_or_else(|| from.to_string(), |ssrc| format!("{from} SSRC {ssrc:010}")))
        .collect();
    let list = list.join(", ");
    diagnosis(
        "ssrc_mismatch",
        say(
            format!("收到该设备的数据包，但 SSRC 与约定的 {asked:010} 不符，无法断定属于哪一路：{list}。"),
            format!(
                "Packets come from this device with another SSRC than the {asked:010} agreed, and whose they are cannot be told: {list}."
            ),
        ),
        say(
            "升级设备固件，或在设备上让每一路使用自己的端口；也可改用 TCP。",
            "Update the device's firmware, or let each channel send from a port of its own; or use TCP.",
        ),
    )
}

/// Information only: the stream works although its SSRC is another.
pub(super) fn other_ssrc(asked: u32, got: u32) -> Diagnosis {
    diagnosis(
        "ssrc_mismatch",
        say(
            format!("设备使用的 SSRC 是 {got:010}，不是约定的 {asked:010}；已按来源地址识别，画面正常。"),
            format!(
                "The device uses SSRC {got:010} instead of the {asked:010} agreed; it was recognised by its address, the picture is fine."
            ),
        ),
        say("无需处理。", "Nothing needs to be done."),
    )
}

/// Packets come, but no picture.
pub(super) fn undecodable(counts: &IntakeCounts, private: Option<&str>) -> Diagnosis {
    let (zh, en) = if let Some(name) = private {
        (format!("设备声明的是厂商私有格式 {name}"), format!("the device says that it sends a private format, {name}"))
    } else if counts.malformed * 2 > counts.packets {
        ("数据包不是 RTP".to_owned(), "the packets are no RTP".to_owned())
    } else if counts.not_ps * 2 > counts.packets {
        ("只有声音，没有 PS 码流".to_owned(), "there is only sound, no program stream".to_owned())
    } else if counts.ps.unknown_streams > 0 && counts.ps.withheld == 0 {
        (
            "PS 码流中只有未知类型的流（可能是加密或厂商私有编码）".to_owned(),
            "the program stream holds only streams of unknown type (perhaps encrypted or a private codec)".to_owned(),
        )
    } else if counts.order.lost > 0 {
        (
            format!("丢了 {} 个包，正在等关键帧", counts.order.lost),
            format!(
                "{} {} lost; waiting for a key picture",
                counts.order.lost,
                base::plural(counts.order.lost, "packet was", "packets were")
            ),
        )
    } else if counts.ps.withheld > 0 || counts.ps.damaged > 0 {
        (
            "没有可用的关键帧（参数集缺失、加密或关键帧间隔过长）".to_owned(),
            "no usable key picture (parameter sets missing, encrypted, or too long between key pictures)".to_owned(),
        )
    } else {
        ("数据包中没有 PS 码流".to_owned(), "the packets hold no program stream".to_owned())
    };
    let total = counts.packets;
    diagnosis(
        "undecodable",
        say(
            format!("收到 {total} 个数据包，但解不出画面：{zh}。"),
            format!("{total} {} came, but no picture: {en}.", base::plural(total, "packet", "packets")),
        ),
        say(
            "在设备上选择 H.264 或 H.265，关闭“智能编码”和码流加密，关键帧间隔设为 2 秒。",
            "On the device choose H.264 or H.265, turn off \"smart codec\" and stream encryption, and set a key picture every 2 s.",
        ),
    )
}

/// The device ended the stream.
pub(super) fn stream_ended() -> Diagnosis {
    diagnosis(
        "stream_ended",
        say("设备结束了码流；正在重新取流。", "The device ended the stream; it is being asked for again."),
        say("反复出现时查看设备日志和网络。", "If it repeats, look into the device's log and the network."),
    )
}

/// A table of this server is full.
pub(super) fn server_full() -> Diagnosis {
    diagnosis(
        "server_full",
        say("本服务器同时处理的路数已满。", "This server handles as many streams as it can."),
        say("减少路数或增加服务器。", "Reduce the number of streams or add a server."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_refusals_are_explained_in_both_languages() {
        for (code, zh, en) in [
            (486, "路数已满", "as many streams"),
            (404, "通道", "channel"),
            (403, "不允许", "allow"),
            (488, "不能", "cannot send"),
        ] {
            let d = invite_refused(code, "Busy", false);
            assert!(d.what.zh.contains(zh) && d.what.zh.contains(&code.to_string()), "{}", d.what.zh);
            assert!(d.what.en.contains(en) && d.what.en.contains("Busy"), "{}", d.what.en);
            assert!(!d.next.zh.is_empty() && !d.next.en.is_empty());
        }
        let all: Vec<_> = (300..700).map(|code| invite_refused(code, "", true).what.en).collect();
        assert!(all.iter().all(|text| text.contains("catalogue")));
    }

    #[test]
    fn what_is_wrong_with_a_stream_is_told_apart() {
        let mut counts = IntakeCounts { packets: 10, ..IntakeCounts::default() };
        let says = |counts: &IntakeCounts, private, part: &str| {
            let text = undecodable(counts, private).what.en;
            assert!(text.contains(part), "{text}");
        };
        says(&counts, None, "no program stream");
        says(&counts, Some("HIKVISION"), "HIKVISION");
        counts.ps.unknown_streams = 3;
        says(&counts, None, "unknown type");
        counts.ps.withheld = 2;
        says(&counts, None, "no usable key picture");
        counts.order.lost = 4;
        says(&counts, None, "4 packets were lost");
        counts.not_ps = 9;
        says(&counts, None, "only sound");
        counts.malformed = 9;
        says(&counts, None, "no RTP");
    }

    #[test]
    fn missing_packets_name_both_ends() {
        let from = "198.51.100.7:15060".parse().ok();
        let listen = "192.0.2.1:10000".parse().expect("address");
        for transport in [GbTransport::Udp, GbTransport::TcpPassive] {
            let d = no_packets(transport, from, listen);
            for text in [&d.what.zh, &d.what.en] {
                assert!(text.contains("198.51.100.7:15060") && text.contains("192.0.2.1:10000"), "{text}");
            }
        }
    }
}
