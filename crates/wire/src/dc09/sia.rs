//! SIA DC-03 codes inside DC-09: `N` or `O`, modifiers (`ti ri id pi …`), two letters and an address, text between `^`.
//!
//! One frame may carry several events; modifiers hold for those behind them. What follows the pattern "letter of a zone type, letter of
//! what happened" is built from two short lists; all other codes are in the table. An unknown code is an event all the same.

use super::meaning::{Alarm, Kind, Meaning, Report, Row, Trouble};
use base::Text;

/// Most events read of one frame; what follows stays in the last one's text.
pub const EVENTS: usize = 16;

/// Reads the events of a SIA-DCS frame; never empty.
#[must_use]
pub fn parse(event: &str) -> Vec<Report> {
    let (flag, rest) = match event.split_at_checked(1) {
        Some((flag @ ("N" | "O"), rest)) => (flag, rest),
        _ => ("", event),
    };
    let mut out: Vec<Report> = Vec::new();
    let (mut area, mut user, mut rest) = (0, None, rest);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('/') {
            rest = after;
        } else if let Some(after) = rest.strip_prefix('^') {
            let (text, after) = after.split_once('^').unwrap_or((after, ""));
            let text = text.trim();
            match out.last_mut() {
                Some(last) => add(&mut last.text, text),
                None => out.push(unknown(flag, text)),
            }
            rest = after;
        } else if let Some((name, value, after)) = modifier(rest) {
            match name {
                "ri" => area = value.parse().unwrap_or(0),
                "id" => user = value.parse().ok(),
                // Times and peripherals say nothing that is acted on.
                _ => {
                    if let Some(last) = out.last_mut() {
                        add(&mut last.text, &rest[..rest.len() - after.len()]);
                    }
                }
            }
            rest = after;
        } else if let Some((code, address, after)) = code_of(rest).filter(|_| out.len() < EVENTS) {
            let number: u32 = address.parse().unwrap_or(0);
            let text =
                if number == 0 && address.bytes().any(|b| b != b'0') { address.to_owned() } else { String::new() };
            let meaning = find(code).map_or(Meaning::Unknown, |(kind, _)| kind.meaning(false));
            let zone = match meaning {
                Meaning::Opened | Meaning::Closed => user.unwrap_or(number),
                _ => number,
            };
            out.push(Report { code: format!("{flag}{code}"), meaning, area, zone, text });
            rest = after;
        } else {
            // No code: kept as text, so that a person sees it.
            match out.last_mut() {
                Some(last) => add(&mut last.text, rest),
                None => out.push(unknown(flag, rest)),
            }
            rest = "";
        }
    }
    if out.is_empty() {
        out.push(unknown(flag, ""));
    }
    out
}

fn unknown(flag: &str, text: &str) -> Report {
    Report { code: flag.to_owned(), meaning: Meaning::Unknown, area: 0, zone: 0, text: text.to_owned() }
}

fn add(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

/// Two small letters and a value up to `/`, `^` or a capital.
fn modifier(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_at_checked(2)?;
    if !name.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let end = rest.find(|c: char| matches!(c, '/' | '^') || c.is_ascii_uppercase()).unwrap_or(rest.len());
    Some((name, &rest[..end], &rest[end..]))
}

/// Two capitals and an address up to `/` or `^`.
fn code_of(text: &str) -> Option<(&str, &str, &str)> {
    let (code, rest) = text.split_at_checked(2)?;
    if !code.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let end = rest.find(['/', '^']).unwrap_or(rest.len());
    Some((code, rest[..end].trim(), &rest[end..]))
}

/// What people call a code (with or without `N`, `O`).
#[must_use]
pub fn name(code: &str) -> Option<Text> {
    find(code.get(code.len().checked_sub(2)?..)?).map(|(_, name)| name)
}

fn find(code: &str) -> Option<(Kind, Text)> {
    if let Ok(i) = TABLE.binary_search_by(|row| row.code.cmp(code)) {
        return Some((TABLE[i].kind, TABLE[i].name.clone()));
    }
    let (zone, what) = code.split_at_checked(1)?;
    let (_, alarm, zone_zh, zone_en) = ZONES.iter().find(|(letter, ..)| *letter == zone)?;
    let kind = match what {
        "A" => Kind::Alarm(*alarm),
        "B" => Kind::Bypass,
        "U" => Kind::Unbypassed,
        "H" | "R" => Kind::Restored(*alarm),
        "S" | "T" => Kind::Trouble(Trouble::Detector),
        "J" => Kind::TroubleOver(Trouble::Detector),
        _ => return None,
    };
    // A tamper that is told as a trouble is a tamper.
    let kind = match (*alarm, kind) {
        (Alarm::Tamper, Kind::Trouble(_)) => Kind::Alarm(Alarm::Tamper),
        (Alarm::Tamper, Kind::TroubleOver(_)) => Kind::Restored(Alarm::Tamper),
        (_, kind) => kind,
    };
    let (_, zh, en) = HAPPENINGS.iter().find(|(letter, ..)| *letter == what)?;
    Some((kind, Text::of(format!("{zone_zh}{zh}"), format!("{zone_en} {en}"))))
}

/// First letters of codes that follow the pattern.
static ZONES: &[(&str, Alarm, &str, &str)] = &[
    ("B", Alarm::Burglary, "入侵", "Burglary"),
    ("F", Alarm::Fire, "火警", "Fire"),
    ("G", Alarm::Environment, "燃气", "Gas"),
    ("H", Alarm::HoldUp, "抢劫", "Hold-up"),
    ("K", Alarm::Fire, "高温", "Heat"),
    ("M", Alarm::Medical, "医疗", "Medical"),
    ("P", Alarm::HoldUp, "紧急", "Panic"),
    ("Q", Alarm::Medical, "求助", "Emergency"),
    ("S", Alarm::Fire, "喷淋", "Sprinkler"),
    ("T", Alarm::Tamper, "防拆", "Tamper"),
    ("U", Alarm::Burglary, "未定类型防区", "Untyped zone"),
    ("W", Alarm::Environment, "漏水", "Water"),
    ("Z", Alarm::Environment, "低温", "Freeze"),
];

/// Second letters of such codes.
static HAPPENINGS: &[(&str, &str, &str)] = &[
    ("A", "报警", "alarm"),
    ("B", "旁路", "bypass"),
    ("H", "报警恢复", "alarm restored"),
    ("J", "故障恢复", "trouble restored"),
    ("R", "恢复", "restoral"),
    ("S", "监管", "supervisory"),
    ("T", "故障", "trouble"),
    ("U", "解除旁路", "unbypass"),
];

const fn row(code: &'static str, kind: Kind, zh: &'static str, en: &'static str) -> Row {
    Row { code, kind, name: Text::new(zh, en) }
}

/// The codes that follow no pattern, in order.
#[rustfmt::skip]
pub static TABLE: &[Row] = &[
    row("AA", Kind::Alarm(Alarm::Burglary), "备用主机报警", "Alarm, panel substitution"),
    row("AB", Kind::Cancelled, "中止报警", "Abort"),
    row("AN", Kind::TroubleOver(Trouble::System), "模拟量恢复", "Analog restoral"),
    row("AR", Kind::TroubleOver(Trouble::Mains), "交流电恢复", "AC restoral"),
    row("AS", Kind::Report, "模拟量维护", "Analog service"),
    row("AT", Kind::Trouble(Trouble::Mains), "交流电故障", "AC trouble"),
    row("BC", Kind::Cancelled, "取消入侵报警", "Burglary cancel"),
    row("BD", Kind::Trouble(Trouble::Detector), "反复触发", "Swinger trouble"),
    row("BE", Kind::TroubleOver(Trouble::Detector), "反复触发恢复", "Swinger trouble restoral"),
    row("BG", Kind::Alarm(Alarm::Burglary), "未复核的入侵", "Unverified burglary"),
    row("BM", Kind::Alarm(Alarm::Burglary), "入侵交叉防区", "Burglary alarm, cross point"),
    row("BV", Kind::Alarm(Alarm::Burglary), "入侵已复核", "Burglary verified"),
    row("BX", Kind::Test, "入侵测试", "Burglary test"),
    row("BZ", Kind::Trouble(Trouble::Detector), "探测器失联", "Missing supervision"),
    row("CA", Kind::Closed, "自动布防", "Automatic closing"),
    row("CD", Kind::Report, "布防逾期", "Closing delinquent"),
    row("CE", Kind::Report, "布防延时", "Closing extended"),
    row("CF", Kind::Closed, "强制布防", "Forced closing"),
    row("CG", Kind::Closed, "分区布防", "Close area"),
    row("CI", Kind::Report, "未按时布防", "Fail to close"),
    row("CJ", Kind::Closed, "迟布防", "Late close"),
    row("CK", Kind::Closed, "提前布防", "Early close"),
    row("CL", Kind::Closed, "布防", "Closing report"),
    row("CM", Kind::Alarm(Alarm::Burglary), "刚布防时无应答", "Missing alarm, recent closing"),
    row("CO", Kind::Report, "已发命令", "Command sent"),
    row("CP", Kind::Closed, "自动布防", "Automatic closing"),
    row("CQ", Kind::Closed, "远程布防", "Remote closing"),
    row("CR", Kind::Closed, "刚布防", "Recent closing"),
    row("CS", Kind::Closed, "钥匙布防", "Closing, keyswitch"),
    row("CT", Kind::Report, "未按时撤防", "Late to open"),
    row("CW", Kind::Report, "曾强制布防", "Was force armed"),
    row("CX", Kind::Report, "自定义功能", "Custom function executed"),
    row("CZ", Kind::Closed, "防区布防", "Point closing"),
    row("DA", Kind::Report, "发卡", "Card assigned"),
    row("DB", Kind::Report, "删卡", "Card deleted"),
    row("DC", Kind::Report, "门禁关闭", "Access closed"),
    row("DD", Kind::Report, "拒绝进入", "Access denied"),
    row("DE", Kind::Report, "请求进入", "Request to enter"),
    row("DF", Kind::Alarm(Alarm::Door), "强行开门", "Door forced"),
    row("DG", Kind::Report, "准许进入", "Access granted"),
    row("DH", Kind::Restored(Alarm::Door), "门已关", "Door left open, restoral"),
    row("DI", Kind::Report, "反潜回拒绝", "Access denied, passback"),
    row("DJ", Kind::Alarm(Alarm::Door), "强行开门故障", "Door forced, trouble"),
    row("DK", Kind::Report, "门禁锁定", "Access lockout"),
    row("DL", Kind::Alarm(Alarm::Door), "门未关报警", "Door left open, alarm"),
    row("DM", Kind::Alarm(Alarm::Door), "门未关", "Door left open, trouble"),
    row("DN", Kind::Report, "门开着", "Door left open"),
    row("DO", Kind::Report, "门禁开放", "Access open"),
    row("DP", Kind::Report, "非授权时间", "Access denied, unauthorised time"),
    row("DQ", Kind::Report, "布防中拒绝", "Access denied, arming state"),
    row("DR", Kind::Restored(Alarm::Door), "门恢复", "Door restoral"),
    row("DS", Kind::Report, "门口机", "Door station"),
    row("DT", Kind::Trouble(Trouble::System), "门禁故障", "Access trouble"),
    row("DU", Kind::Report, "经销商编号", "Dealer ID"),
    row("DV", Kind::Report, "级别不足", "Access denied, entry level"),
    row("DW", Kind::Report, "互锁拒绝", "Access denied, interlock"),
    row("DX", Kind::Report, "请求外出", "Request to exit"),
    row("DY", Kind::Report, "非授权门", "Access denied, unauthorised door"),
    row("DZ", Kind::Report, "门禁关闭", "Access closed"),
    row("EA", Kind::Alarm(Alarm::Burglary), "外出报警", "Exit alarm"),
    row("EE", Kind::Report, "外出错误", "Exit error"),
    row("EJ", Kind::Restored(Alarm::Tamper), "扩展防拆恢复", "Expansion tamper restoral"),
    row("EM", Kind::Trouble(Trouble::System), "扩展设备缺失", "Expansion device missing"),
    row("EN", Kind::TroubleOver(Trouble::System), "扩展设备恢复", "Expansion missing restoral"),
    row("ER", Kind::TroubleOver(Trouble::System), "扩展恢复", "Expansion restoral"),
    row("ES", Kind::Alarm(Alarm::Tamper), "扩展设备防拆", "Expansion device tamper"),
    row("ET", Kind::Trouble(Trouble::System), "扩展故障", "Expansion trouble"),
    row("EX", Kind::Report, "外部状态", "External device condition"),
    row("EZ", Kind::Alarm(Alarm::Burglary), "外出无应答", "Missing alarm, exit error"),
    row("FC", Kind::Cancelled, "取消火警", "Fire cancel"),
    row("FG", Kind::Alarm(Alarm::Fire), "未复核的火警", "Unverified fire"),
    row("FI", Kind::Test, "火警测试开始", "Fire test begin"),
    row("FK", Kind::Test, "火警测试结束", "Fire test end"),
    row("FL", Kind::Report, "火警消音", "Fire alarm silenced"),
    row("FM", Kind::Alarm(Alarm::Fire), "火警交叉防区", "Fire alarm, cross point"),
    row("FQ", Kind::TroubleOver(Trouble::System), "消防监管故障恢复", "Fire supervisory trouble restoral"),
    row("FV", Kind::TroubleOver(Trouble::System), "消防监管恢复", "Fire supervision restoral"),
    row("FW", Kind::Trouble(Trouble::System), "消防监管故障", "Fire supervisory trouble"),
    row("FX", Kind::Test, "火警测试", "Fire test"),
    row("FY", Kind::Trouble(Trouble::Detector), "火警探测缺失", "Missing fire trouble"),
    row("FZ", Kind::Trouble(Trouble::Detector), "消防监管缺失", "Missing fire supervision"),
    row("GX", Kind::Test, "燃气测试", "Gas test"),
    row("IA", Kind::Trouble(Trouble::System), "设备故障", "Equipment failure"),
    row("IR", Kind::TroubleOver(Trouble::System), "设备恢复", "Equipment fail restoral"),
    row("JA", Kind::Alarm(Alarm::Tamper), "密码猜测", "User code tamper"),
    row("JD", Kind::Report, "日期更改", "Date changed"),
    row("JH", Kind::Report, "假日更改", "Holiday changed"),
    row("JK", Kind::Report, "家人到家", "Latchkey alert"),
    row("JL", Kind::Report, "记录接近满", "Log threshold"),
    row("JO", Kind::Report, "记录溢出", "Log overflow"),
    row("JP", Kind::Report, "用户在场", "User on premises"),
    row("JR", Kind::Report, "时间表执行", "Schedule executed"),
    row("JS", Kind::Report, "时间表更改", "Schedule changed"),
    row("JT", Kind::Report, "时间更改", "Time changed"),
    row("JV", Kind::Report, "密码更改", "User code changed"),
    row("JX", Kind::Report, "密码删除", "User code deleted"),
    row("JY", Kind::Report, "密码新增", "User code added"),
    row("JZ", Kind::Report, "用户级别设定", "User level set"),
    row("LB", Kind::Report, "本地编程开始", "Local program begin"),
    row("LD", Kind::Report, "本地编程拒绝", "Local program denied"),
    row("LE", Kind::Report, "监听结束", "Listen-in ended"),
    row("LF", Kind::Report, "监听开始", "Listen-in begin"),
    row("LR", Kind::TroubleOver(Trouble::Path), "电话线恢复", "Phone line restoral"),
    row("LS", Kind::Report, "本地编程成功", "Local program success"),
    row("LT", Kind::Trouble(Trouble::Path), "电话线故障", "Phone line trouble"),
    row("LU", Kind::Report, "本地编程失败", "Local program fail"),
    row("LX", Kind::Report, "本地编程结束", "Local programming ended"),
    row("MI", Kind::Report, "文字消息", "Message"),
    row("NA", Kind::Trouble(Trouble::System), "长期无动作", "No activity"),
    row("NC", Kind::Trouble(Trouble::Path), "网络状况", "Network condition"),
    row("NF", Kind::Closed, "强制周界布防", "Forced perimeter arm"),
    row("NL", Kind::Closed, "周界布防", "Perimeter armed"),
    row("NM", Kind::Closed, "自定义周界布防", "Perimeter armed, user defined"),
    row("NR", Kind::TroubleOver(Trouble::Path), "网络恢复", "Network restoral"),
    row("NS", Kind::TroubleOver(Trouble::System), "动作恢复", "Activity resumed"),
    row("NT", Kind::Trouble(Trouble::Path), "网络故障", "Network failure"),
    row("OA", Kind::Opened, "自动撤防", "Automatic opening"),
    row("OC", Kind::Cancelled, "取消报告", "Cancel report"),
    row("OG", Kind::Opened, "分区撤防", "Open area"),
    row("OH", Kind::Opened, "报警后提前撤防", "Early to open from alarm"),
    row("OI", Kind::Report, "未按时撤防", "Fail to open"),
    row("OJ", Kind::Opened, "迟撤防", "Late open"),
    row("OK", Kind::Opened, "提前撤防", "Early open"),
    row("OL", Kind::Opened, "报警后迟撤防", "Late to open from alarm"),
    row("OP", Kind::Opened, "撤防", "Opening report"),
    row("OQ", Kind::Opened, "远程撤防", "Remote opening"),
    row("OR", Kind::Opened, "报警后撤防", "Disarm from alarm"),
    row("OS", Kind::Opened, "钥匙撤防", "Opening, keyswitch"),
    row("OT", Kind::Report, "未按时布防", "Late to close"),
    row("OZ", Kind::Opened, "防区撤防", "Point opening"),
    row("PG", Kind::Alarm(Alarm::HoldUp), "未复核的紧急报警", "Unverified panic"),
    row("RA", Kind::Report, "远程编程呼叫失败", "Remote programmer call failed"),
    row("RB", Kind::Report, "远程编程开始", "Remote program begin"),
    row("RC", Kind::Report, "继电器闭合", "Relay close"),
    row("RD", Kind::Report, "远程编程拒绝", "Remote program denied"),
    row("RN", Kind::Report, "远程复位", "Remote reset"),
    row("RO", Kind::Report, "继电器断开", "Relay open"),
    row("RP", Kind::Test, "自动测试", "Automatic test"),
    row("RR", Kind::Report, "上电", "Power up"),
    row("RS", Kind::Report, "远程编程成功", "Remote program success"),
    row("RT", Kind::Trouble(Trouble::Path), "数据丢失", "Data lost"),
    row("RU", Kind::Report, "远程编程失败", "Remote program fail"),
    row("RX", Kind::Test, "手动测试", "Manual test"),
    row("RY", Kind::Test, "测试异常", "Test off normal"),
    row("TC", Kind::Test, "全部测试完", "All points tested"),
    row("TE", Kind::Test, "测试结束", "Test end"),
    row("TP", Kind::Test, "步测点", "Walk test point"),
    row("TS", Kind::Test, "测试开始", "Test start"),
    row("TW", Kind::Report, "区域看护开始", "Area watch start"),
    row("TX", Kind::Test, "测试报告", "Test report"),
    row("TZ", Kind::Report, "区域看护结束", "Area watch end"),
    row("UG", Kind::Alarm(Alarm::Burglary), "未复核报警", "Unverified untyped event"),
    row("UX", Kind::Report, "未定义", "Undefined"),
    row("UY", Kind::Trouble(Trouble::Detector), "探测器缺失", "Untyped missing trouble"),
    row("UZ", Kind::Alarm(Alarm::Burglary), "探测器缺失报警", "Untyped missing alarm"),
    row("VI", Kind::Report, "打印机上纸", "Printer paper in"),
    row("VO", Kind::Report, "打印机缺纸", "Printer paper out"),
    row("VR", Kind::Report, "打印机恢复", "Printer restoral"),
    row("VT", Kind::Report, "打印机故障", "Printer trouble"),
    row("VX", Kind::Test, "打印机测试", "Printer test"),
    row("VY", Kind::Report, "打印机联机", "Printer online"),
    row("VZ", Kind::Report, "打印机脱机", "Printer offline"),
    row("XA", Kind::Report, "附加账号报告", "Extra account report"),
    row("XE", Kind::Report, "多余防区", "Extra point"),
    row("XF", Kind::Report, "多余无线防区", "Extra RF point"),
    row("XH", Kind::Restored(Alarm::Tamper), "无线干扰消失", "RF interference restoral"),
    row("XI", Kind::Report, "探测器复位", "Sensor reset"),
    row("XJ", Kind::Restored(Alarm::Tamper), "无线接收机防拆恢复", "RF receiver tamper restoral"),
    row("XL", Kind::Trouble(Trouble::Detector), "信号弱", "Low received signal strength"),
    row("XM", Kind::Alarm(Alarm::Burglary), "交叉防区无应答", "Missing alarm, cross point"),
    row("XQ", Kind::Alarm(Alarm::Tamper), "无线干扰", "RF interference"),
    row("XR", Kind::TroubleOver(Trouble::Battery), "发射器电池恢复", "Transmitter battery restoral"),
    row("XS", Kind::Alarm(Alarm::Tamper), "无线接收机防拆", "RF receiver tamper"),
    row("XT", Kind::Trouble(Trouble::Battery), "发射器电池低", "Transmitter battery trouble"),
    row("XW", Kind::Report, "强制防区", "Forced point"),
    row("XX", Kind::Trouble(Trouble::System), "未按时测试", "Fail to test"),
    row("YA", Kind::Trouble(Trouble::System), "警铃故障", "Bell fault"),
    row("YB", Kind::Report, "忙秒数", "Busy seconds"),
    row("YC", Kind::Trouble(Trouble::Path), "通信失败", "Communications fail"),
    row("YD", Kind::Trouble(Trouble::System), "接收机线卡故障", "Receiver line card trouble"),
    row("YE", Kind::TroubleOver(Trouble::System), "接收机线卡恢复", "Receiver line card restored"),
    row("YF", Kind::Trouble(Trouble::System), "参数校验错", "Parameter checksum fail"),
    row("YG", Kind::Report, "参数更改", "Parameter changed"),
    row("YH", Kind::TroubleOver(Trouble::System), "警铃恢复", "Bell restored"),
    row("YI", Kind::Trouble(Trouble::System), "过流", "Overcurrent trouble"),
    row("YJ", Kind::TroubleOver(Trouble::System), "过流恢复", "Overcurrent restoral"),
    row("YK", Kind::TroubleOver(Trouble::Path), "通信恢复", "Communications restoral"),
    row("YM", Kind::Trouble(Trouble::Battery), "电池缺失", "System battery missing"),
    row("YN", Kind::Report, "无效报告", "Invalid report"),
    row("YO", Kind::Report, "未知消息", "Unknown message"),
    row("YP", Kind::Trouble(Trouble::System), "电源故障", "Power supply trouble"),
    row("YQ", Kind::TroubleOver(Trouble::System), "电源恢复", "Power supply restored"),
    row("YR", Kind::TroubleOver(Trouble::Battery), "电池恢复", "System battery restoral"),
    row("YS", Kind::Trouble(Trouble::Path), "通信故障", "Communications trouble"),
    row("YT", Kind::Trouble(Trouble::Battery), "电池电压低", "System battery trouble"),
    row("YU", Kind::Trouble(Trouble::System), "诊断错误", "Diagnostic error"),
    row("YW", Kind::Report, "看门狗复位", "Watchdog reset"),
    row("YX", Kind::Report, "需要服务", "Service required"),
    row("YY", Kind::Report, "状态报告", "Status report"),
    row("YZ", Kind::Report, "服务完成", "Service completed"),
];
