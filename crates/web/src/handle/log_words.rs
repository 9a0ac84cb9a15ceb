//! What people call the kinds and fields of log entries, and how a value reads: one table for all kinds, both languages.
//!
//! Invariants: every kind and field of `docs/ref/ledger-entries.md` has its words (a test reads that page); a field without words is
//! shown by its own name, never left out; no value is shown longer than [`FACT_CHARS`].

use super::view::Names;
use crate::call::Call;
use crate::pages::words;
use base::{AccountId, CameraId, RequestId, Text, UtcMs};
use domain::access::Role;
use domain::recording::GapCause;
use domain::viewing::Basis;
use law::{Installer, Jurisdiction, PlaceKind, SpecialTrade};
use serde_json::Value;
use site::playback::Purpose;

/// Most characters of one fact shown.
const FACT_CHARS: usize = 300;
/// Most facts shown of one entry.
const FACTS: usize = 60;
/// Most items of a list shown.
const ITEMS: usize = 12;

/// Kinds of entries.
#[rustfmt::skip]
static KINDS: &[(&str, &str, &str)] = &[
    ("footage.span", "录像写入", "Footage recorded"),
    ("footage.gap", "录像缺口", "Gap in the footage"),
    ("footage.seal", "录像文件封口", "File of footage sealed"),
    ("footage.deleted", "期满删除", "Deleted after its term"),
    ("footage.absent", "无录像说明", "Absence of footage stated"),
    ("footage.lost", "录像丢失", "Footage lost"),
    ("footage.rebuilt", "录像记录重建", "Rows of footage made again"),
    ("integrity.asked", "要求检查完整性", "Integrity check asked for"),
    ("integrity.checked", "完整性检查结束", "Integrity check ended"),
    ("integrity.fault", "录像与记录不符", "Footage is not what was recorded"),
    ("integrity.mended", "录像恢复相符", "Footage is as recorded again"),
    ("disk.refuses", "磁盘拒绝写入", "Disk refuses footage"),
    ("disk.writes", "磁盘恢复写入", "Disk takes footage again"),
    ("live.viewed", "查看实时画面", "Live picture watched"),
    ("footage.viewed", "本单位回放", "Played back by own staff"),
    ("footage.viewed.official", "民警查看录像", "Footage viewed by officers"),
    ("request.made", "提出信息使用申请", "Request to use information made"),
    ("grant.made", "批准申请", "Request granted"),
    ("request.refused", "退回申请", "Request refused"),
    ("grant.ended", "提前结束授权", "Grant ended early"),
    ("session.opened", "查看时段开始", "Viewing session opened"),
    ("session.ended", "查看或登录结束", "Session ended"),
    ("export.decided", "决定制作复制件", "Copy decided"),
    ("export.made", "复制件制成", "Copy made"),
    ("export.failed", "复制件未制成", "Copy failed"),
    ("export.taken", "取走复制件", "Copy taken"),
    ("hold.released", "解除封存", "Hold released"),
    ("act.tried", "没有办成的尝试", "Attempt that was refused"),
    ("act.refused", "依法拒绝", "Refused by law"),
    ("deletion.by_hand", "人工删除", "Deleted by hand"),
    ("camera.added", "新增摄像机", "Camera added"),
    ("camera.changed", "修改摄像机", "Camera changed"),
    ("camera.removed", "停用摄像机", "Camera removed"),
    ("alarm_source.added", "新增报警主机", "Alarm panel added"),
    ("alarm_source.changed", "修改报警主机", "Alarm panel changed"),
    ("alarm_source.removed", "停用报警主机", "Alarm panel removed"),
    ("zone.set", "设置防区", "Zone set"),
    ("zone.removed", "删除防区", "Zone removed"),
    ("account.made", "新建账号", "Account made"),
    ("account.password", "设置密码", "Password set"),
    ("account.disabled", "停用账号", "Account disabled"),
    ("account.enabled", "启用账号", "Account enabled"),
    ("account.unlocked", "解除账号锁定", "Account unlocked"),
    ("setting.changed", "修改内部设置", "Internal setting changed"),
    ("law.in_use", "使用规则包", "Law packs in use"),
    ("settings.changed", "修改场所设置", "Settings of the site changed"),
    ("session.began", "登录", "Signed in"),
    ("session.refused", "登录被拒绝", "Sign-in refused"),
    ("token.made", "建立程序令牌", "Token for programs made"),
    ("token.ended", "结束程序令牌", "Token for programs ended"),
    ("server.started", "服务启动", "Server started"),
    ("server.stopped", "服务停止", "Server stopped"),
    ("clock.step", "系统时钟跳变", "System clock stepped"),
    ("recording.stopped", "停止录像", "Recording stopped"),
    ("recording.resumed", "恢复录像", "Recording resumed"),
    ("storage.warning", "存储预警", "Storage warning"),
    ("export.removed", "复制件删除", "Copy removed"),
    ("paper.opened", "打开证明文件", "Unit letter opened"),
    ("hold.placed", "人工封存", "Hold placed"),
    ("bookmark.made", "添加书签", "Bookmark made"),
    ("bookmark.removed", "删除书签", "Bookmark removed"),
    ("zone.detector", "设置探测器", "Detector of a zone set"),
    ("contact.added", "新增报警联系人", "Contact for alarms added"),
    ("contact.changed", "修改报警联系人", "Contact for alarms changed"),
    ("contact.removed", "删除报警联系人", "Contact for alarms removed"),
    ("plan.set", "设置平面图", "Plan set"),
    ("plan.removed", "删除平面图", "Plan removed"),
    ("plan.marked", "在平面图上标注", "Marked on a plan"),
    ("plan.unmarked", "移除平面图标注", "Taken off a plan"),
    ("plan.scaled", "填写平面图宽度", "Width of a plan set"),
    ("plan.shape_set", "画出门窗或公共区域", "Window, door or public area drawn"),
    ("plan.shape_ended", "移除门窗或公共区域", "Window, door or public area taken off"),
    ("camera.guard_set", "修改布防计划", "Guard plan changed"),
    ("camera.view_set", "画出摄像机视野", "Camera's view drawn"),
    ("alarm.received", "收到报警信号", "Alarm signals received"),
    ("alarm.opened", "报警", "Alarm opened"),
    ("alarm.shown", "报警已显示", "Alarm shown"),
    ("alarm.taken", "接警", "Alarm taken"),
    ("alarm.evidence", "报警证据", "Evidence of an alarm"),
    ("alarm.verified", "报警复核", "Alarm verified"),
    ("alarm.reported", "上报公安机关", "Alarm reported to the police"),
    ("alarm.receipted", "公安机关回执", "Receipt of the police"),
    ("alarm.upper_told", "上级平台已收报警", "Upper platform took an alarm"),
    ("alarm.device_reset", "报警设备复位", "Reset at the device"),
    ("alarm.exhibit", "随报影像", "Picture or clip with a report"),
    ("alarm.guard_sent", "派出保安", "Guard sent"),
    ("alarm.guard_arrived", "保安到场", "Guard arrived"),
    ("alarm.closed", "报警结束", "Alarm closed"),
    ("alarm.overdue", "报警处置超时", "Alarm overdue"),
    ("alarm.test_begun", "测试开始", "Test begun"),
    ("alarm.test_ended", "测试结束", "Test ended"),
    ("alarm.journal_lost", "信号簿丢失", "Journal of signals lost"),
    ("upper.added", "新增上级平台", "Upper platform added"),
    ("upper.changed", "修改上级平台", "Upper platform changed"),
    ("upper.removed", "停用上级平台", "Upper platform removed"),
    ("upper.emergency", "紧急直接使用", "Emergency use entered"),
    ("upper.emergency_over", "紧急使用结束", "Emergency use ended"),
    ("upper.view", "上级平台查看实时画面", "Upper platform watches live"),
    ("upper.view_ended", "上级平台查看结束", "Upper platform's view ended"),
    ("account.areas", "设置区域授权", "Rights to areas set"),
    ("account.two_step.on", "开启二次验证", "Second step switched on"),
    ("account.two_step.off", "关闭二次验证", "Second step switched off"),
    ("account.two_step.reset", "重置二次验证", "Second step reset"),
    ("account.recovery_code.used", "使用恢复码", "Recovery code used"),
    ("account.recovery_code.renewed", "更换恢复码", "Recovery codes renewed"),
    ("shift.begun", "开始值班", "Shift begun"),
    ("shift.taken", "接替值班", "Shift taken over"),
    ("shift.offered", "提出交班", "Handover offered"),
    ("shift.accepted", "接班", "Handover accepted"),
    ("shift.withdrawn", "撤回交班", "Handover withdrawn"),
    ("shift.declined", "不接班", "Handover declined"),
    ("person.revealed", "查看人员信息", "Personal data of a person shown"),
    ("site.admitted", "准许单位接入", "Site allowed to connect"),
    ("site.closed", "停止单位接入", "Connection of a site ended"),
    ("site.placed", "登记单位所在区划", "Division of a site entered"),
    ("report.received", "收到报警报告", "Report received"),
    ("report.step", "处警进展", "Step of a report"),
    ("site.reported", "收到单位自查报告", "Site's report of itself received"),
    ("visit.asked", "提出检查", "Visit asked for"),
    ("visit.approved", "批准检查", "Visit approved"),
    ("visit.begun", "开始检查", "Visit begun"),
    ("visit.saved", "保存检查记录", "Record of a visit saved"),
    ("visit.photo", "检查照片", "Photo of a visit"),
    ("visit.closed", "结束检查", "Visit closed"),
    ("visit.dropped", "取消检查", "Visit dropped"),
    ("visit.refused", "不批准检查", "Visit not approved"),
    ("visit.signatures_void", "作废检查签名", "Signatures of a visit made void"),
    ("report.exhibit", "收到报警影像", "Picture or clip of a report received"),
    ("report.exhibit_viewed", "查看报警影像", "Picture or clip of a report looked at"),
    ("report.exhibits_deleted", "报警影像期满删除", "Pictures and clips deleted after their time"),
    ("witness.signed", "见证日志", "Log witnessed"),
    ("witness.conflict", "日志前后矛盾", "Contradicting states of a log"),
    ("witness.line_accepted", "认可恢复后的日志", "New line of a log accepted"),
    ("ledger.restored", "由备份恢复", "Restored from a backup"),
    ("disk.away", "磁盘不在", "Disk away"),
    ("disk.back", "磁盘恢复", "Disk back"),
    ("container.damaged", "录像文件损坏", "File of footage damaged"),
    ("account.role", "修改角色", "Role changed"),
    ("accounts.imported", "批量导入账号", "Accounts imported"),
    ("change.proposed", "提出变更", "Change proposed"),
    ("change.confirmed", "确认变更", "Change confirmed"),
    ("change.declined", "不同意变更", "Change declined"),
    ("change.expired", "变更过期", "Change expired"),
    ("support.taken", "下载支持文件", "Support file taken"),
    ("duty.state", "义务履行情况变化", "Standing of a duty changed"),
    ("duty.ended", "义务不再适用", "Duty owed no more"),
    ("duty.recomputed", "义务期限重新计算", "Last day of a duty counted again"),
    ("duty.period", "设定义务间隔", "Own period of a duty set"),
    ("duty_paper.added", "登记义务文件", "Paper of a duty entered"),
    ("duty_paper.withdrawn", "撤回义务文件", "Paper of a duty withdrawn"),
    ("emergency.owed", "紧急使用待说明", "Explanation of an emergency owed"),
    ("emergency.explained", "说明紧急使用", "Emergency explained"),
    ("emergency.returned", "退回紧急使用的说明", "Explanation of an emergency sent back"),
    ("emergency.confirmed", "确认紧急使用的说明", "Explanation of an emergency confirmed"),
    ("emergency.overdue", "紧急使用逾期未说明", "Emergency not explained in time"),
    ("emergency.rule", "设定紧急使用说明期限", "Time to explain emergencies set"),
    ("reading.decided", "决定法规读法", "Reading of a law decided"),
    ("offer.recorded", "廉洁登记", "Offer or demand recorded"),
    ("document.made", "制作文书", "Document made"),
    ("document.opened", "打开案件文书", "Document of a case opened"),
    ("document.void", "文书作废", "Document made void"),
    ("case.opened", "建立案卷", "Case opened"),
    ("case.filled", "填写案卷表单", "Form of a case filled in"),
    ("case.paper_given", "收到案件材料", "Paper of a case handed in"),
    ("case.paper_returned", "退还案件材料", "Paper of a case given back"),
    ("case.asked_for_rest", "一次告知补正", "What is missing was named"),
    ("case.step_done", "办理案件步骤", "Step of a case done"),
    ("case.proposed", "提出处理意见", "Decision proposed"),
    ("case.sent_back", "退回处理意见", "Proposal sent back"),
    ("case.reviewed", "法制审核", "Legal review made"),
    ("case.decided", "作出决定", "Case decided"),
    ("case.clock_stopped", "期限停止计算", "Clock of a case stopped"),
    ("case.clock_resumed", "期限恢复计算", "Clock of a case goes on"),
    ("case.clock_extended", "批准延长期限", "Clock of a case extended"),
    ("case.deferred", "批准暂缓或者分期", "Leave to do it later or in parts"),
    ("case.taken_back", "更正误登的步骤", "Step entered wrongly, taken back"),
    ("case.assigned", "指定承办人", "Handler named"),
    ("case.recused", "回避", "Recusal"),
    ("case.panel", "专家组", "Panel of experts"),
    ("case.document_made", "案件文书入卷", "Document of a case made"),
    ("case.delivered", "送达文书", "Document delivered"),
    ("case.document_voided", "案件文书作废", "Document of a case made void"),
    ("case.registered", "案件记入登记簿", "Case entered in a register"),
    ("case.published", "公布案件决定", "Decision of a case published"),
    ("case.withdrawn_publication", "撤回案件公布", "Publication of a case withdrawn"),
    ("case.law_changed", "案件适用的规则包改变", "Law packs of a case changed"),
    ("case.abandoned", "撤回申请", "Application withdrawn"),
    ("case.corrected", "更正案卷笔误", "Slip in a case corrected"),
    ("case.noted", "案件备注", "Note in a case"),
    ("order.made", "向使用单位下达指令", "Order to a site made"),
    ("order.answered", "使用单位答复指令", "A site answered an order"),
    ("relay.received", "收到转交单位的查阅申请", "Request for a unit taken in"),
    ("relay.ended", "转交单位的查阅申请办结", "Request for a unit is over"),
    ("relay.erased", "删除期满查阅申请的个人信息", "Persons of a request for a unit erased"),
    ("order.told", "答复网上转来的查阅申请", "Person of a request told how it stands"),
    ("order.coming", "通知申请人到场时间", "Person of a request told when to come"),
    ("order.taken", "收到公安机关指令", "Order of the authority received"),
    ("order.done", "公安机关指令办结", "Order of the authority dealt with"),
    ("payment.received", "收到罚款缴款", "Payment of a fine received"),
    ("payment.reversed", "冲销误登的缴款", "Payment entered wrongly, reversed"),
    ("payment.deferred", "批准暂缓或者分期缴纳罚款", "Leave to pay a fine later"),
    ("payment.stopped", "加处罚款停止计算", "Surcharge stands still"),
    ("payment.resumed", "加处罚款恢复计算", "Surcharge goes on"),
    ("place.settled", "核实场所的系统", "System of a place settled"),
    ("register.exported", "导出登记簿", "Copy of a register made"),
    ("supervision.exported", "导出监督名单", "List of supervision taken as a file"),
    ("register.row", "登记簿记录", "Row of a register written"),
    ("register.state", "公开登记簿当日终了的状态", "State of a public register at the end of a day"),
    ("register.file_kept", "登记簿的记录附上文件", "File added to a row of a register"),
    ("register.file_opened", "打开登记簿所附的文件", "File of a row of a register opened"),
    ("register.file_removed", "清除登记簿所附的文件", "File of a row of a register taken out"),
    ("file.imported", "导入登记文件", "File of a register imported"),
    ("exchange.read", "向其他系统提供备案", "Filings handed to another system"),
    ("publication.made", "公开信息", "Made public"),
    ("publication.withdrawn", "撤回公开信息", "Publication withdrawn"),
    ("party.put", "登记当事人", "Party entered"),
    ("party.revealed", "查看当事人个人信息", "Personal data of a party shown"),
    ("absence.entered", "登记离岗", "Absence entered"),
    ("absence.ended", "提前结束离岗", "Absence ended early"),
    ("delegation.given", "负责人书面委托决定", "Power to decide delegated in writing"),
    ("delegation.ended", "收回委托", "Delegation withdrawn"),
    ("case.facts_changed", "更正事项发生之日", "Day of the facts put right"),
    ("applicant.put", "关联申请人账号", "Applicant's account joined to a party"),
    ("office.put", "登记机构", "Office entered"),
    ("officer.put", "登记经办人员", "Officer entered"),
    ("officer.removed", "撤销经办人员", "Officer taken out"),
    ("plan.entered", "拟定检查计划", "Plan of inspections entered"),
    ("plan.published", "公布检查计划", "Plan of inspections published"),
    ("plan.conflict_declared", "申报检查回避", "Somebody keeps out of an inspection"),
    ("plan.visit_opened", "按计划立检查案卷", "Inspection opened by a plan"),
    ("draw.pool", "封存抽查名单", "Pool of a draw committed"),
    ("draw.made", "随机抽取", "Draw made"),
    ("draw.replaced", "替换抽中单位", "Drawn unit replaced"),
];

/// How a value reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reads {
    /// As it is.
    Plain,
    /// Milliseconds UTC.
    Instant,
    /// Milliseconds.
    Length,
    /// Bytes.
    Bytes,
    /// Days.
    Days,
    /// An account.
    Person,
    /// A camera, or several.
    Camera,
    /// A request.
    Request,
    /// Cause of a gap.
    Cause,
    /// A code of a closed list: role, kind of place, basis, use, province, trade.
    Code,
    /// Purpose of the unit's own staff.
    Purpose,
    /// Who put a camera up: not among the codes, a province is `other` too.
    Installer,
    /// A list whose items are only counted.
    Count,
}

/// Fields of bodies. `old.` and `new.` before a field say which side of a change it is on.
#[rustfmt::skip]
static FIELDS: &[(&str, &str, &str, Reads)] = &[
    ("visit", "检查序号", "Visit", Reads::Plain),
    ("visit_kind", "检查类别", "Kind of visit", Reads::Plain),
    ("checklist", "检查表", "Checklist", Reads::Plain),
    ("record_commitment", "检查记录承诺值", "Commitment of the record", Reads::Plain),
    ("ended_commitment", "检查结果承诺值", "Commitment of how it ended", Reads::Plain),
    ("visits_before", "本年度此前检查", "Visits before in the year", Reads::Plain),
    ("counted", "计入频次", "Counted towards the cap", Reads::Plain),
    ("cap", "频次上限", "Cap", Reads::Plain),
    ("fields", "栏目", "Fields", Reads::Plain),
    ("breaches", "问题数", "Breaches", Reads::Plain),
    ("order", "指令或者责令改正", "Order", Reads::Plain),
    ("relay", "转送的查看请求", "Request handed on", Reads::Plain),
    ("stage", "进展", "Stage", Reads::Plain),
    ("places", "场所数", "Places", Reads::Plain),
    ("systems", "系统数", "Systems", Reads::Plain),
    ("class", "类别", "Class", Reads::Plain),
    ("ground", "理由", "Ground", Reads::Plain),
    ("transfer", "转行政处罚", "On to a penalty", Reads::Plain),
    ("unit_code_by", "单位代码登记方式", "How the unit's code came in", Reads::Plain),
    ("provisional_sha256", "离线稿摘要", "Digests of provisional papers", Reads::Plain),
    ("signatures", "作废的签名数", "Signatures made void", Reads::Plain),
    ("far_from_photos", "在远离照片的地方输入", "Typed far from the photos", Reads::Plain),
    ("photo", "照片序号", "Photo", Reads::Plain),
    ("belongs", "照片属于", "What the photo belongs to", Reads::Plain),
    ("taken_utc_ms", "拍摄时间", "Taken", Reads::Instant),
    ("law_sha256", "规则包摘要", "Digest of the law packs", Reads::Plain),
    ("from_folder", "来自配置的文件夹", "From the configured folder", Reads::Plain),
    ("before_sha256", "此前的摘要", "Digest before", Reads::Plain),
    ("changed", "变更的部分", "Parts that changed", Reads::Plain),
    ("parts", "各部分摘要", "Digests of the parts", Reads::Plain),
    ("camera", "摄像机", "Camera", Reads::Camera),
    ("cameras", "摄像机", "Cameras", Reads::Camera),
    ("container", "录像文件编号", "File of footage", Reads::Plain),
    ("init_sha256", "文件头 SHA-256", "SHA-256 of the file's head", Reads::Plain),
    ("prev", "前一段哈希", "Hash of the fragment before", Reads::Plain),
    ("clock_error_ms", "设备时钟误差", "Clock error of the device", Reads::Length),
    ("fragments", "片段数", "Fragments", Reads::Count),
    ("seq", "片段序号", "Number of the fragment", Reads::Plain),
    ("start_utc_ms", "开始", "Begin", Reads::Instant),
    ("duration_90k", "时长（1/90000 秒）", "Length (1/90,000 s)", Reads::Plain),
    ("bytes", "大小", "Size", Reads::Bytes),
    ("sha256", "SHA-256", "SHA-256", Reads::Plain),
    ("from_utc_ms", "自", "From", Reads::Instant),
    ("to_utc_ms", "至", "To", Reads::Instant),
    ("cause", "原因", "Cause", Reads::Cause),
    ("first_seq", "首个片段序号", "First fragment", Reads::Plain),
    ("last_seq", "末个片段序号", "Last fragment", Reads::Plain),
    ("bytes_left", "剩余大小", "Bytes left", Reads::Bytes),
    ("fragment_count", "片段数", "Fragments", Reads::Plain),
    ("unlogged", "日志原先没有的片段", "Fragments unknown to the log before", Reads::Plain),
    ("fault", "问题", "Fault", Reads::Plain),
    ("scope", "范围", "What is checked", Reads::Plain),
    ("round", "轮次", "Round", Reads::Plain),
    ("began_utc_ms", "开始", "Began", Reads::Instant),
    ("faults", "新问题", "New faults", Reads::Plain),
    ("away", "磁盘未连接的录像文件", "Files of footage on disks that were away", Reads::Plain),
    ("last_sha256", "末段 SHA-256", "SHA-256 of the last fragment", Reads::Plain),
    ("min_days", "保存期限", "Term", Reads::Days),
    ("clauses", "条款", "Clauses", Reads::Plain),
    ("by", "经办人", "By", Reads::Person),
    ("purpose", "用途", "Purpose", Reads::Purpose),
    ("request", "申请", "Request", Reads::Request),
    ("application_sha256", "申请表 SHA-256", "SHA-256 of the application", Reads::Plain),
    ("letter_sha256", "证明文件 SHA-256", "SHA-256 of the unit letter", Reads::Plain),
    ("basis", "法律依据", "Legal basis", Reads::Code),
    ("wanted", "申请方式", "Use asked for", Reads::Code),
    ("officers", "民警（承诺值）", "Officers (commitments)", Reads::Plain),
    ("seen", "看过的证件", "Papers that were seen", Reads::Plain),
    ("after", "之后的状态", "State after it", Reads::Plain),
    ("until", "有效期至", "Until", Reads::Instant),
    ("agreement_sha256", "公安机关同意文书 SHA-256", "SHA-256 of the police's agreement", Reads::Plain),
    ("installer", "由谁安装", "Put up by", Reads::Installer),
    ("guard", "布防计划", "Guard plan", Reads::Plain),
    ("reason_sha256", "理由 SHA-256", "SHA-256 of the reason", Reads::Plain),
    ("export", "复制件编号", "Export", Reads::Plain),
    ("file_sha256", "文件 SHA-256", "SHA-256 of the file", Reads::Plain),
    ("manifest_sha256", "清单 SHA-256", "SHA-256 of the manifest", Reads::Plain),
    ("holds", "解除的封存", "Holds released", Reads::Count),
    ("released_by", "解除的指令", "Order that released it", Reads::Plain),
    ("outcome", "结果", "Outcome", Reads::Plain),
    ("persons_commitment", "人员（承诺值）", "Persons (commitment)", Reads::Plain),
    ("code", "拒绝代码", "Code of the refusal", Reads::Plain),
    ("count", "次数", "Times", Reads::Plain),
    ("containers", "录像文件数", "Files of footage", Reads::Plain),
    ("name", "名称", "Name", Reads::Plain),
    ("place", "位置", "Place", Reads::Plain),
    ("place_kind", "场所种类", "Kind of place", Reads::Code),
    ("faces_homes", "对着住宅门窗", "Faces homes", Reads::Plain),
    ("audio", "采集声音", "Sound captured", Reads::Plain),
    ("sign_ms", "标识设置日期", "Sign put up", Reads::Instant),
    ("priority", "优先级", "Priority", Reads::Plain),
    ("source", "来源", "Source", Reads::Plain),
    ("encrypted", "加密传输", "Encrypted", Reads::Plain),
    ("supervision_s", "巡检周期（秒）", "Supervision (s)", Reads::Plain),
    ("quirks", "设备特性", "Quirks of the device", Reads::Plain),
    ("number", "编号", "Number", Reads::Plain),
    ("account", "账号", "Account", Reads::Person),
    ("papers_seen", "核对的证件", "Papers compared", Reads::Plain),
    ("role", "角色", "Role", Reads::Code),
    ("key", "设置项", "Setting", Reads::Plain),
    ("value_sha256", "新值 SHA-256", "SHA-256 of the value", Reads::Plain),
    ("law", "法律属性", "Legal profile", Reads::Plain),
    ("old", "原来", "Before", Reads::Plain),
    ("new", "现在", "After", Reads::Plain),
    ("address", "地址", "Address", Reads::Plain),
    ("jurisdiction", "省份", "Province", Reads::Code),
    ("key_unit", "重点单位", "Key unit", Reads::Plain),
    ("counter_terror_key_target", "反恐重点目标", "Counter-terrorism key target", Reads::Plain),
    ("special_trade", "特种行业", "Supervised trade", Reads::Code),
    ("secret_related", "涉密单位", "Unit with state secrets", Reads::Plain),
    ("security_duty_place", "第七条以外的公共场所", "Public place outside article 7", Reads::Plain),
    ("alarm_operator", "报警运营服务单位", "Alarm operation service", Reads::Plain),
    ("government_body", "政府有关部门或者其指定的单位", "Government department or body it named", Reads::Plain),
    ("paper", "文件编号", "Paper", Reads::Plain),
    ("paper_kind", "文件种类", "Kind of paper", Reads::Code),
    ("day", "日期", "Day", Reads::Plain),
    ("until_day", "有效或复审至", "Valid or review by", Reads::Plain),
    ("document_sha256", "原件 SHA-256", "SHA-256 of the document", Reads::Plain),
    ("document", "文书种类", "Kind of document", Reads::Code),
    ("why_commitment", "理由（承诺值）", "Reason (commitment)", Reads::Plain),
    ("language", "语言", "Language", Reads::Plain),
    ("pages", "页数", "Pages", Reads::Plain),
    ("template_sha256", "模板 SHA-256", "SHA-256 of the template", Reads::Plain),
    ("fonts", "所用字体", "Fonts", Reads::Plain),
    ("text_commitment", "名称和编号（承诺值）", "Title and number (commitment)", Reads::Plain),
    ("was", "原来", "Before", Reads::Plain),
    ("was_day", "原来的日期", "Day said before", Reads::Plain),
    ("was_edition", "原来依据的放假安排", "Holiday notice known before", Reads::Plain),
    ("edition", "依据的放假安排", "Holiday notice", Reads::Plain),
    ("days", "间隔", "Period", Reads::Days),
    ("ahead_ms", "比系统时钟快", "Ahead of the system clock", Reads::Length),
    ("file_sm3", "文件 SM3", "SM3 of the file", Reads::Plain),
    ("paper_sha256", "证明文件 SHA-256", "SHA-256 of the paper", Reads::Plain),
    ("hold", "封存编号", "Hold", Reads::Plain),
    ("bookmark", "书签编号", "Bookmark", Reads::Plain),
    ("note_commitment", "备注（承诺值）", "Note (commitment)", Reads::Plain),
    ("zone", "防区", "Zone", Reads::Plain),
    ("principle", "探测原理", "Principle of the detector", Reads::Plain),
    ("neighbours", "相邻防区", "Adjacent zones", Reads::Plain),
    ("first", "首个信号序号", "First signal", Reads::Plain),
    ("signals", "信号", "Signals", Reads::Plain),
    ("incident", "报警编号", "Incident", Reads::Plain),
    ("what", "内容", "What", Reads::Plain),
    ("area", "分区", "Area", Reads::Plain),
    ("received_utc_ms", "收到时间", "Received", Reads::Instant),
    ("said_utc_ms", "主机时间", "Time of the source", Reads::Instant),
    ("verdict", "结论", "Verdict", Reads::Code),
    ("change_sha256", "变更 SHA-256", "SHA-256 of the change", Reads::Plain),
    ("upper", "上级平台编号", "Upper platform", Reads::Plain),
    ("platform", "平台编码", "Platform's code", Reads::Plain),
    ("organ", "机关", "Organ", Reads::Plain),
    ("enabled", "启用", "In use", Reads::Plain),
    ("need_sha256", "联网需要 SHA-256", "SHA-256 of the stated need", Reads::Plain),
    ("emergency_from_utc_ms", "紧急使用开始", "Emergency from", Reads::Instant),
    ("emergency_until_utc_ms", "紧急使用至", "Emergency until", Reads::Instant),
    ("emergency_reason_sha256", "紧急事由 SHA-256", "SHA-256 of the emergency's reason", Reads::Plain),
    ("view", "查看编号", "View", Reads::Plain),
    ("one_time", "一次性密码", "One-time password", Reads::Plain),
    ("rights", "区域授权", "Rights", Reads::Plain),
    ("from", "由", "From", Reads::Plain),
    ("hours", "时段", "Hours", Reads::Plain),
    ("shift", "班次", "Shift", Reads::Plain),
    ("before", "之前", "Before", Reads::Plain),
    ("to", "交给", "To", Reads::Person),
    ("note_sha256", "备注 SHA-256", "SHA-256 of the note", Reads::Plain),
    ("items", "未结事项数", "Open items", Reads::Plain),
    ("items_sha256", "未结事项 SHA-256", "SHA-256 of the open items", Reads::Plain),
    ("reason", "事由", "Reason", Reads::Plain),
    ("site", "单位编号", "Site", Reads::Plain),
    ("vkey", "日志公钥", "Key of the log", Reads::Plain),
    ("pin", "连接公钥", "Key of the connection", Reads::Plain),
    ("state", "状态", "State", Reads::Plain),
    ("message", "消息编号", "Message", Reads::Plain),
    ("kind", "种类", "Kind", Reads::Plain),
    ("made_utc_ms", "生成时间", "Made", Reads::Instant),
    ("body_sha256", "正文 SHA-256", "SHA-256 of the body", Reads::Plain),
    ("report", "报告编号", "Report", Reads::Plain),
    ("step", "进展", "Step", Reads::Plain),
    ("exhibit", "影像种类", "Picture or clip", Reads::Plain),
    ("absent", "无影像的原因", "Why there is none", Reads::Plain),
    ("camera_at_site", "单位摄像机编号", "Camera at the site", Reads::Plain),
    ("shown", "影像条目", "Entry of the picture or clip", Reads::Plain),
    ("exhibits", "影像件数", "Pictures and clips", Reads::Plain),
    ("reports", "报告数", "Reports", Reads::Plain),
    ("remark_sha256", "备注 SHA-256", "SHA-256 of the remark", Reads::Plain),
    ("size", "日志条数", "Size of the log", Reads::Plain),
    ("root", "根哈希", "Root", Reads::Plain),
    ("old_size", "之前条数", "Size before", Reads::Plain),
    ("rolled_back", "日志倒退", "Log taken back", Reads::Plain),
    ("split_view", "日志分叉", "Log split", Reads::Plain),
    ("not_consistent", "前后不一致", "Not consistent", Reads::Plain),
    ("held_sha256", "所存检查点 SHA-256", "SHA-256 of the head held", Reads::Plain),
    ("offered_sha256", "所报检查点 SHA-256", "SHA-256 of the head offered", Reads::Plain),
    ("held_size", "此前见证条数", "Entries witnessed before", Reads::Plain),
    ("held_root", "此前见证根", "Root witnessed before", Reads::Plain),
    ("conflict", "矛盾记录", "Entry of the contradiction", Reads::Plain),
    ("backup_made_ms", "备份时间", "Backup made", Reads::Instant),
    ("restored_ms", "恢复时间", "Restored", Reads::Instant),
    ("covers", "遮住他人的黑框（个）", "Boxes drawn over others", Reads::Plain),
    ("covered_cameras", "遮住他人的摄像机", "Cameras on which others were covered", Reads::Count),
    ("nobody_else", "曾确认认不出他人", "Nobody else, it was said", Reads::Plain),
    ("spans_looked", "逐段检查（段）", "Spans looked at", Reads::Plain),
    ("spans_open", "播放而没有检查（段）", "Spans shown and not looked at", Reads::Plain),
    ("looked_by", "检查人", "Looked at by", Reads::Person),
    ("session_ends_utc_ms", "查看时段结束", "Session ends", Reads::Instant),
    ("role_before", "原角色", "Role before", Reads::Code),
    ("accounts", "账号", "Accounts", Reads::Count),
    ("proposal", "变更编号", "Proposal", Reads::Plain),
    ("change", "变更", "Change", Reads::Code),
    ("proposed_by", "提出人", "Proposed by", Reads::Person),
    ("contact", "联系人编号", "Contact", Reads::Plain),
    ("duty", "联系职责", "Called for", Reads::Code),
    ("position", "次序", "Order", Reads::Plain),
    ("plan", "平面图或者检查计划", "Plan", Reads::Plain),
    ("year", "年度", "Year", Reads::Plain),
    ("title", "名称", "Name", Reads::Plain),
    ("unit", "单位", "Unit", Reads::Plain),
    ("units", "单位数", "Units", Reads::Plain),
    ("inspectors", "检查人员数", "Inspectors", Reads::Plain),
    ("rules_sha256", "规则 SHA-256", "SHA-256 of the rules", Reads::Plain),
    ("pool_sha256", "名单 SHA-256", "SHA-256 of the pool", Reads::Plain),
    ("seed", "种子", "Seed", Reads::Plain),
    ("result_sha256", "结果 SHA-256", "SHA-256 of the result", Reads::Plain),
    ("substitution", "替换", "Replacement", Reads::Plain),
    ("width_px", "宽（像素）", "Width (pixels)", Reads::Plain),
    ("height_px", "高（像素）", "Height (pixels)", Reads::Plain),
    ("x_per_mille", "距左（千分比）", "From the left (per mille)", Reads::Plain),
    ("y_per_mille", "距上（千分比）", "From the top (per mille)", Reads::Plain),
    ("width_mm", "实际宽度（毫米）", "Width on the ground (mm)", Reads::Plain),
    ("shape", "图形编号", "Shape", Reads::Plain),
    ("version", "版本", "Version", Reads::Plain),
    ("shape_kind", "图形种类", "Kind of shape", Reads::Plain),
    ("points_sha256", "边界 SHA-256", "SHA-256 of the corners", Reads::Plain),
    ("decision_sha256", "依据 SHA-256", "SHA-256 of the ground", Reads::Plain),
    ("from_day", "起始日期", "First day", Reads::Plain),
    ("direction_ddeg", "方向（0.1 度）", "Direction (0.1 degree)", Reads::Plain),
    ("angle_ddeg", "水平视角（0.1 度）", "Horizontal angle (0.1 degree)", Reads::Plain),
    ("reach_mm", "可视距离（毫米）", "Reach (mm)", Reads::Plain),
    ("masks", "遮挡（度）", "Masks (degrees)", Reads::Plain),
    ("approval_sha256", "批准文号 SHA-256", "SHA-256 of the approval's number", Reads::Plain),
    ("access", "紧急使用条目", "Entry of the emergency", Reads::Plain),
    ("explain_by", "说明期限", "Explain by", Reads::Plain),
    ("own_days", "内部规则天数", "Days of the own rule", Reads::Days),
    ("explained", "所看说明条目", "Entry of the explanation", Reads::Plain),
    ("reason_commitment", "理由（承诺值）", "Reason (commitment)", Reads::Plain),
    ("reading", "笔误编号", "Slip", Reads::Plain),
    ("choice", "读法", "Reading", Reads::Code),
    ("offer_kind", "什么事", "What was offered or demanded", Reads::Code),
    ("offer_outcome", "怎样处理", "What became of it", Reads::Code),
    ("on_day", "日期", "On the day", Reads::Plain),
    ("who_commitment", "提出人（承诺值）", "Who (commitment)", Reads::Plain),
    ("behalf_commitment", "代表谁（承诺值）", "On whose behalf (commitment)", Reads::Plain),
    ("words_commitment", "经过（承诺值）", "What happened (commitment)", Reads::Plain),
    ("case", "案件", "Case", Reads::Plain),
    ("n", "案卷中的序号", "Place in the case", Reads::Plain),
    ("fen", "金额（分）", "Sum (fen)", Reads::Plain),
    ("of", "所冲销的记录", "Row that counts no more", Reads::Plain),
    ("receipt", "票据号码", "Number of the receipt", Reads::Plain),
    ("body_commitment", "内容（承诺值）", "Content (commitment)", Reads::Plain),
    ("register", "登记簿", "Register", Reads::Plain),
    ("target", "导入到", "Imported into", Reads::Plain),
    ("row_count", "行数", "Rows", Reads::Count),
    ("filings", "备案件数", "Filings", Reads::Count),
    ("first_entry", "首条的日志序号", "Log entry of the first", Reads::Plain),
    ("last_entry", "末条的日志序号", "Log entry of the last", Reads::Plain),
    ("row", "登记记录", "Row", Reads::Plain),
    ("rows", "条数", "Rows", Reads::Plain),
    ("filter", "筛选条件", "Filter", Reads::Plain),
    ("list", "名单", "List", Reads::Plain),
    ("since", "起算日", "Counted from", Reads::Plain),
    ("beside", "在其手机上签名", "On the phone of", Reads::Plain),
    ("party", "当事人", "Party", Reads::Plain),
    ("party_kind", "当事人种类", "Kind of party", Reads::Plain),
    ("public_sha256", "公开栏目 SHA-256", "SHA-256 of the public columns", Reads::Plain),
    ("personal_commitment", "不公开栏目（承诺值）", "Sealed columns (commitment)", Reads::Plain),
    ("publication", "公开信息编号", "Publication", Reads::Plain),
    ("publication_kind", "公开的种类", "Kind of publication", Reads::Plain),
    ("reasons_sha256", "公开理由 SHA-256", "SHA-256 of the public reasons", Reads::Plain),
    ("commitment", "资料（承诺值）", "Personal data (commitment)", Reads::Plain),
    ("office", "机构", "Office", Reads::Plain),
    ("level", "级别", "Level", Reads::Plain),
    ("division", "行政区划", "Division", Reads::Plain),
    ("unit_code", "机构代码", "Unit code", Reads::Plain),
    ("name_en", "英文名称", "Name in English", Reads::Plain),
    ("parent", "上级机构", "Office above", Reads::Plain),
    ("closed_utc_ms", "停止受理", "Closed", Reads::Instant),
    ("seats", "岗位", "Seats", Reads::Plain),
    ("stand_in", "代为办理的人", "Stands in", Reads::Person),
    ("absence", "离岗条目", "Entry of the absence", Reads::Plain),
    ("media_type", "文件类型", "Kind of file", Reads::Plain),
    ("giver", "委托人", "Given by", Reads::Person),
    ("deputy", "受委托人", "Given to", Reads::Person),
    ("procedures", "委托事项", "What is delegated", Reads::Plain),
    ("delegation", "委托条目或者文号", "Delegation: its entry or number", Reads::Plain),
    ("certificate_commitment", "执法证件（承诺值）", "Certificate (commitment)", Reads::Plain),
    ("valid_until_day", "证件有效期至", "Certificate valid until", Reads::Plain),
];

/// The words of a kind; the kind itself where there are none.
pub(crate) fn kind(kind: &str) -> Text {
    let found = KINDS.iter().find(|k| k.0 == kind);
    found.map_or_else(|| Text::of(kind.to_owned(), kind.to_owned()), |k| Text::new(k.1, k.2))
}

fn field(name: &str) -> (Text, Reads) {
    let found = FIELDS.iter().find(|f| f.0 == name);
    found.map_or_else(|| (Text::of(name.to_owned(), name.to_owned()), Reads::Plain), |f| (Text::new(f.1, f.2), f.3))
}

/// The fields of an entry's body as facts, in the order of the entry; what is null is left out.
pub(crate) fn facts(call: &Call, names: &Names, body: &Value) -> Vec<(Text, String)> {
    let mut out = Vec::new();
    gather(call, names, body, None, 0, &mut out);
    out.truncate(FACTS);
    out
}

/// An object within the body becomes facts of its own, its name before theirs (`原来 · 省份`).
fn gather(call: &Call, names: &Names, body: &Value, of: Option<&Text>, depth: u8, out: &mut Vec<(Text, String)>) {
    let Some(fields) = body.as_object() else { return };
    for (name, value) in fields.iter().filter(|(_, v)| !v.is_null()) {
        let (label, reads) = field(name);
        let joined = of.map_or_else(
            || label.clone(),
            |of| Text::of(format!("{} · {}", of.zh, label.zh), format!("{} · {}", of.en, label.en)),
        );
        // The legal profile needs no name of its own before its fields.
        let below = if name == "law" { of } else { Some(&joined) };
        if value.is_object() && depth < 3 {
            gather(call, names, value, below, depth + 1, out);
        } else {
            out.push((joined, short(read(call, names, reads, value))));
        }
    }
}

fn short(text: String) -> String {
    if text.chars().count() <= FACT_CHARS {
        return text;
    }
    format!("{}…", text.chars().take(FACT_CHARS).collect::<String>())
}

fn read(call: &Call, names: &Names, reads: Reads, value: &Value) -> String {
    let l = call.lang;
    if let Value::Array(items) = value {
        if reads == Reads::Count || items.iter().any(Value::is_object) {
            return words::count(&(items.len() as u64));
        }
        let shown: Vec<_> = items.iter().take(ITEMS).map(|v| read(call, names, reads, v)).collect();
        let more = if items.len() > ITEMS { format!(" … ({})", items.len()) } else { String::new() };
        return format!("{}{more}", shown.join(l.t("、", ", ")));
    }
    if let Value::Bool(is) = value {
        return if *is { l.t("是", "yes") } else { l.t("否", "no") }.to_owned();
    }
    let plain = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let text = value.as_str().unwrap_or_default();
    match (reads, value.as_i64()) {
        (Reads::Instant, Some(ms)) => UtcMs(ms).desk(),
        (Reads::Length, Some(ms)) if ms.abs() < 1_000 => format!("{ms} ms"),
        (Reads::Length, Some(ms)) => format!("{}{}", if ms < 0 { "−" } else { "" }, words::duration(&ms, &l)),
        (Reads::Bytes, Some(n)) => words::bytes(&n.unsigned_abs()),
        (Reads::Days, Some(n)) => format!("{n} {}", l.n(n, "天", "day", "days")),
        (Reads::Person, _) => AccountId::parse(text).map_or_else(plain, |id| names.who(call, Some(id))),
        (Reads::Camera, _) => CameraId::parse(text).map_or_else(plain, |id| names.camera(id)),
        (Reads::Request, _) => RequestId::parse(text).map_or_else(plain, |id| names.object(None, Some(id))),
        (Reads::Cause, _) => GapCause::parse(text)
            .map(GapCause::text)
            .or_else(|| absent(text))
            .map_or_else(plain, |t| t.get(l).to_owned()),
        (Reads::Purpose, _) => Purpose::parse(text).map_or_else(plain, |p| words::headed(p.name().get(l))),
        (Reads::Installer, _) => Installer::parse(text).map_or_else(plain, |i| words::headed(i.name().get(l))),
        (Reads::Code, _) => code(text).map_or_else(plain, |t| words::headed(t.get(l))),
        _ => plain(),
    }
}

/// Causes that only an absence has.
fn absent(code: &str) -> Option<Text> {
    match code {
        "not_installed" => Some(Text::new("当时尚未安装", "not installed then")),
        "deleted" => Some(Text::new("期满已依法删除", "deleted after its term")),
        "not_recorded" => Some(Text::new("没有记录原因", "no cause on record")),
        _ => None,
    }
}

/// Codes of closed lists; they do not overlap.
fn code(code: &str) -> Option<Text> {
    Role::parse(code)
        .map(Role::name)
        .or_else(|| PlaceKind::parse(code).map(PlaceKind::name))
        .or_else(|| Basis::parse(code).map(Basis::name))
        .or_else(|| {
            [Basis::OwnRight, Basis::BurdenOfProof, Basis::LifeHealthProperty]
                .into_iter()
                .find(|b| b.code() == code)
                .map(Basis::name)
        })
        .or_else(|| wanted(code))
        .or_else(|| domain::proposal::Kind::parse(code).map(domain::proposal::Kind::name))
        .or_else(|| Jurisdiction::ALL.into_iter().find(|j| j.key() == code).map(Jurisdiction::name))
        .or_else(|| trade(code).map(SpecialTrade::name))
        .or_else(|| domain::duty::PaperKind::parse(code).map(domain::duty::PaperKind::name))
        .or_else(|| site::documents::DocumentKind::parse(code).map(site::documents::DocumentKind::name))
        .or_else(|| domain::contact::Duty::parse(code).map(domain::contact::Duty::name))
        .or_else(|| law::Choice::parse(code).map(law::Choice::name))
        .or_else(|| domain::offer::OfferKind::parse(code).map(domain::offer::OfferKind::name))
        .or_else(|| domain::offer::OfferOutcome::parse(code).map(domain::offer::OfferOutcome::name))
}

fn wanted(code: &str) -> Option<Text> {
    match code {
        "view" => Some(Text::new("查看", "view")),
        "copy" => Some(Text::new("查看并复制", "view and copy")),
        _ => None,
    }
}

fn trade(code: &str) -> Option<SpecialTrade> {
    serde_json::from_value(Value::String(code.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../../docs/ref/ledger-entries.md");

    /// What stands in backticks.
    fn quoted(text: &str) -> Vec<&str> {
        text.split('`').skip(1).step_by(2).collect()
    }

    /// Rows of the tables whose first column names kinds.
    fn rows() -> Vec<Vec<&'static str>> {
        let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
        PAGE.lines().filter(|l| l.starts_with("| `")).map(cells).collect()
    }

    #[test]
    fn every_kind_of_the_reference_has_words() {
        let rows = rows();
        assert!(rows.len() > 25, "the page was not read: {}", rows.len());
        for row in &rows {
            for name in quoted(row[0]) {
                assert!(KINDS.iter().any(|k| k.0 == name), "{name} has no words in KINDS");
            }
        }
        for (name, zh, en) in KINDS {
            assert!(PAGE.contains(&format!("`{name}`")), "{name} is not in docs/ref/ledger-entries.md");
            assert!(!zh.is_ascii() && en.chars().next().is_some_and(char::is_uppercase), "{name}");
            assert!(en.is_ascii(), "{name} has no words in English");
            let same = KINDS.iter().filter(|k| k.1 == *zh || k.2 == *en).count();
            assert_eq!(same, 1, "{name} is called like another kind");
        }
    }

    #[test]
    fn every_field_of_the_reference_has_words() {
        let body = PAGE
            .lines()
            .filter(|l| l.starts_with("Body:") || l.starts_with("Their body") || l.starts_with("`to_utc_ms`"));
        let mut fields: Vec<&str> = body.flat_map(quoted).collect();
        for row in rows() {
            fields.extend(row.get(2).map(|c| quoted(c)).unwrap_or_default());
        }
        let plain = |f: &&str| f.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let fields: Vec<&str> = fields.into_iter().filter(plain).collect();
        assert!(fields.len() > 60, "the page was not read: {fields:?}");
        for name in fields {
            assert!(FIELDS.iter().any(|f| f.0 == name), "{name} has no words in FIELDS");
        }
        for (name, zh, en, _) in FIELDS {
            assert!(!zh.is_empty() && en.chars().next().is_some_and(char::is_uppercase), "{name}");
            assert_eq!(FIELDS.iter().filter(|f| f.0 == *name).count(), 1, "{name} stands twice");
        }
    }

    #[test]
    fn codes_read_in_both_languages_and_do_not_overlap() {
        for word in
            ["security_manager", "lobby", "criminal_investigation", "copy", "heilongjiang", "hotel", "duty_report"]
        {
            assert!(code(word).is_some_and(|t| !t.zh.is_ascii() && !t.en.is_empty()), "{word}");
        }
        assert!(code("nonsense").is_none());
        assert!(["not_installed", "deleted", "not_recorded"].iter().all(|c| absent(c).is_some()));
    }
}
