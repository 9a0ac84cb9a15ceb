//! Words of what was done, shown once on the page that follows.
//!
//! Invariant: the cookie holds a code of this list, never a text: a link cannot put words on our pages.

use base::Text;

/// The words of a code; `None` for a code that is none of ours.
pub(crate) fn words(code: &str) -> Option<Text> {
    let (_, zh, en) = DONE.iter().find(|(known, _, _)| *known == code)?;
    Some(Text::new(zh, en))
}

/// Code, Chinese, English.
const DONE: &[(&str, &str, &str)] = &[
    ("password_changed", "密码已修改，其他登录已全部结束。", "Password changed; all other sessions have ended."),
    ("session_ended", "已结束那处登录。", "That session has ended."),
    ("sessions_ended", "其他登录已全部结束。", "All other sessions have ended."),
    ("browser_known", "已确认。", "Seen to."),
    (
        "new_browser",
        "这个账号第一次在这个浏览器登录，已告知它的其他登录。",
        "This account is new to this browser; its other sessions have been told.",
    ),
    ("areas_changed", "区域授权已保存，立即生效。", "Rights to areas are saved and in force."),
    ("shift_begun", "你已在班，已记入日志。", "You are on duty; it is in the log."),
    ("shift_offered", "交班已提出，等待接班人确认。", "The handover waits for the other to confirm."),
    ("shift_offer_ended", "这次交班没有成立。", "That handover did not come about."),
    ("two_step_off", "二次验证已停用。", "The second step is off."),
    ("two_step_roles", "规定已保存，立即生效。", "The rule is saved and in force."),
    (
        "two_step_reset",
        "已重置，此人的登录全部结束，下次凭密码登录后重新设置手机。",
        "Reset; the person's sessions have ended. The next sign-in is by password, then a phone is set up anew.",
    ),
    ("appearance", "外观已保存。", "Appearance saved."),
    ("bulletin_every", "公告的间隔已保存，已记入日志。", "How often a bulletin comes is saved, and in the log."),
    ("check_asked", "已安排检查，结果见下方。", "The check is under way; its result comes below."),
    ("device_added", "设备已添加，正在检查图像。", "Device added; its picture is being checked."),
    ("device_changed", "已保存，已记入日志。", "Saved, and in the log."),
    ("duty_saved", "已保存，已记入日志，义务已重新判断。", "Saved, in the log, and the duties weighed anew."),
    ("duty_checked", "已检查；有变化的已记入日志。", "Checked; what changed is in the log."),
    ("emergency_saved", "已保存，已记入日志。", "Saved, and in the log."),
    (
        "offer_recorded",
        "已登记，连同法律的回答记入日志。",
        "Recorded; it is in the log together with what the law says.",
    ),
    (
        "reading_proposed",
        "已提出，等待第二人确认；确认前不生效。",
        "Proposed; a second person confirms it. Nothing changes before.",
    ),
    ("guard_set", "布防计划已保存，正在告知设备。", "Guard plan saved; the device is being told."),
    ("platform_saved", "上级平台已保存，已记入日志。", "Upper platform saved, and in the log."),
    ("platform_removed", "上级平台已移除。", "Upper platform removed."),
    ("device_removed", "已停用，录像按期限保存。", "Taken out of service; its footage stays its term."),
    ("panel_added", "报警主机已添加，等待它的信号。", "Alarm panel added; waiting to hear from it."),
    ("panel_removed", "已停用，不再接收它的报警。", "Taken out of service; its alarms are no longer taken."),
    ("request_sent", "申请已提交，有关录像即刻封存。", "Request sent; the footage is held from now on."),
    ("request_granted", "已批准。", "Granted."),
    ("request_refused", "已退回，申请人会看到理由。", "Refused; the applicant sees the reason."),
    ("grant_ended", "授权已结束。", "The grant has ended."),
    ("hold_released", "封存已解除。", "The hold was released."),
    ("export_removed", "证据包文件已清除，已记入日志。", "The file of the export was removed; it is in the log."),
    ("viewing_ended", "查看已结束。", "Viewing has ended."),
    ("alarm_taken", "已接警，请复核。", "It is yours; verify it."),
    ("demo_alarm", "报警主机已报警，请看值班台。", "The panel has reported; look at the desk."),
    ("alarm_noted", "已记下，已入日志。", "Noted, and in the log."),
    ("alarm_decided", "结论已记录。", "The verdict is recorded."),
    (
        "alarm_reported",
        "已确认并上报公安机关，系统会一直发送直到收到回执。",
        "Confirmed and reported to the police; it is sent until the receipt is there.",
    ),
    ("alarm_closed", "已复位，报警结束。", "Reset; the alarm is closed."),
    ("test_changed", "测试状态已更新，已入日志。", "Test state changed, and in the log."),
    ("report_stepped", "已记录。", "Noted, and in the log."),
    ("site_admitted", "单位已接入。", "The site is admitted."),
    ("site_placed", "已登记该单位所在的行政区划。", "Where the site lies was entered."),
    ("site_ended", "已停止接入该单位。", "The site was ended."),
    ("line_accepted", "已认可，自此继续见证该单位的日志。", "Accepted; the site's log is witnessed from here on."),
    ("link_set", "已保存，正在连接。", "Saved; connecting."),
    ("self_report_made", "已报送，等待公安机关签收。", "Reported; waiting for the authority's receipt."),
    ("account_added", "账号已建立。", "Account made."),
    ("settings_changed", "设置已保存，已记入日志。", "Settings saved, and in the log."),
    ("account_changed", "账号已更新。", "Account updated."),
    (
        "change_proposed",
        "已提出，等待另一名管理员确认；确认前不生效。",
        "Proposed; another administrator confirms it. Nothing changes before.",
    ),
    ("change_confirmed", "已确认并执行，已记入日志。", "Confirmed and done, and in the log."),
    ("change_declined", "已退回，没有执行。", "Declined; nothing was done."),
    ("import_nothing", "文件里的账号都已存在，没有变化。", "The accounts of the file are all there; nothing changed."),
    (
        "applicant_joined",
        "账号已关联，已记入日志；当事人可以用它在网上办理。",
        "The account is joined, and in the log; the party goes on online with it.",
    ),
    (
        "case_first_lacks",
        "案卷已建立，但第一步还没有登记：填写的内容已保留，请核对后再提交，并按提示改正。",
        "The case is open, but its first step is not entered yet: what was filled in is kept. Send it again and put right what is told.",
    ),
    ("case_opened", "已收件，已记入日志。", "The case is open; it is in the log."),
    ("case_stepped", "已办理，已记入日志。", "Done, and in the log."),
    ("case_rest_asked", "已一次告知补正。", "What is missing was named."),
    ("case_proposed", "处理意见已提交，等待审批。", "Proposed; it waits for the decision."),
    ("case_reviewed", "审核意见已提交。", "The opinion is given."),
    ("case_decided", "已作出决定，已记入日志。", "Decided, and in the log."),
    ("case_sent_back", "已退回承办人。", "Sent back to the officer."),
    ("case_assigned", "已指定承办人。", "The handler is named."),
    ("payment_kept", "已登记，已记入日志。", "Entered, and in the log."),
    ("case_published", "已公布。", "Published."),
    ("relay_taken", "已收到，这是您的回执。", "Received; this is your receipt."),
    ("relay_withdrawn", "已撤回。", "Taken back."),
    ("coming_set", "已通知申请人，随下一次答复送达。", "The person is told with the next answer."),
    ("site_told", "已通知使用单位，单位几秒钟内收到。", "The site is told; it gets this within seconds."),
    ("order_opened", "已提交，等待另一名信息管理员审批。", "Sent; another custodian decides it."),
    (
        "person_request_taken",
        "已登记，录像已经封存。请打印回执交申请人；本单位有另一名信息管理员的，由其决定。",
        "Entered, and the footage is held. Print the receipt for the applicant; another custodian decides, if there is one.",
    ),
    ("order_finished", "已答复公安机关，这项指令办结。", "The authority is answered; the order is over."),
    ("case_withdrawn", "已撤回公布，理由一并公开。", "Withdrawn; the reason is public too."),
    ("case_given_up", "申请已撤回。", "The application is withdrawn."),
    (
        "document_made",
        "文书已制作，文号和摘要已记入日志。",
        "The document is made; its number and digest are in the log.",
    ),
    ("document_void", "文书已作废，理由已记入日志。", "The document counts no more; the reason is in the log."),
    ("document_delivered", "送达已登记。", "The delivery is entered."),
    ("public_address", "对外网址已保存，已记入日志。", "The public address is saved, and in the log."),
    ("case_clock", "期限已更新，已记入日志。", "The clock is changed, and in the log."),
    ("case_entered", "已记入案卷。", "It is in the case."),
    ("office_kept", "机构已保存，已记入日志。", "The office is saved, and in the log."),
    ("officer_kept", "人员已保存，已记入日志。", "The officer is saved, and in the log."),
    ("officer_gone", "已撤销该人员的岗位，已记入日志。", "The officer is taken out of the office; it is in the log."),
    (
        "absence_kept",
        "离岗已登记，期间由代为办理的人办理。",
        "The absence is entered; the other stands in for that time.",
    ),
    (
        "delegation_given",
        "委托已登记，文号和内容已记入日志。",
        "The delegation is entered; its number and what it gives are in the log.",
    ),
    ("delegation_over", "委托已收回，已记入日志。", "The delegation is withdrawn; it is in the log."),
    ("row_file_kept", "文件已加密保存，已记入日志。", "The file is kept, encrypted, and entered in the log."),
    ("row_file_gone", "文件已清除，已记入日志。", "The file is taken out; it is in the log."),
    ("absence_over", "离岗已结束。", "The absence has ended."),
    ("plan_saved", "草稿已保存，已记入日志。", "The draft is saved; it is in the log."),
    ("plan_published", "计划已公布，已记入日志。", "The plan is published; it is in the log."),
    ("plan_kept_out", "已申报回避。", "It is noted that you keep out of this unit."),
    ("plan_committed", "规则和名单已封存，已记入日志。", "Rules and pool are committed to; it is in the log."),
    ("plan_drawn", "已抽取，已记入日志，结果已公开。", "Drawn; it is in the log, and the result is public."),
    (
        "plan_replaced",
        "已由次序中的下一户替换，已记入日志。",
        "The next in order stands in its place; it is in the log.",
    ),
    ("plan_visits", "检查案卷已全部立好。", "Every inspection is opened."),
    (
        "plan_visits_more",
        "已立一批检查案卷，还有未立的，请再按一次。",
        "Some inspections are opened; press again for the rest.",
    ),
    ("visit_asked", "已报请批准。", "Approval is asked for."),
    (
        "visit_approved",
        "已批准检查，文号已编，承办人已指定。",
        "The visit is approved and has its number, and the case has a handler.",
    ),
    ("visit_refused", "没有批准，检查人员会看到理由。", "The visit is not approved; its inspectors read why."),
    (
        "visit_unsigned",
        "签名已作废，可以改动检查记录；改好后重新签名。",
        "The signatures are void and the record can be changed; sign anew when it is right.",
    ),
    ("visit_dropped", "检查已取消，可以重新报批。", "The visit is dropped; another may be asked for."),
    ("visit_begun", "检查已开始，可以离线填写。", "The visit has begun; it can be filled in without a network."),
    ("visit_draft_joined", "手机上的草稿已与案卷核对。", "The draft of the phone was joined with the case."),
    ("visit_closed", "检查已结束，已记入案卷。", "The visit is closed and entered in the case."),
    ("paper_kept", "材料已收到，已加密保存。", "The paper is here, stored encrypted."),
    ("paper_removed", "材料已移除。", "The paper was removed."),
    ("row_entered", "已登记，已记入日志。", "Entered; it is in the log."),
    ("row_changed", "已更改，原来的版本保留。", "Changed; the version before is kept."),
    ("place_settled", "已记下核实结果。", "What was found is kept."),
    ("row_ended", "已写明最后一日，记录保留。", "It has its last day; the row is kept."),
    ("small_site", "已保存，已记入日志。", "Saved, and in the log."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once_and_others_say_nothing() {
        for (n, (code, zh, en)) in DONE.iter().enumerate() {
            assert!(!zh.is_empty() && !en.is_empty(), "{code}");
            assert!(DONE[n + 1..].iter().all(|(other, _, _)| other != code), "{code}");
            assert_eq!(words(code), Some(Text::new(zh, en)));
        }
        assert_eq!(words("<b>"), None);
    }
}
