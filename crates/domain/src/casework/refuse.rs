//! Why an act in a case is refused: every sentence in both languages, with the clauses where the law decides.

use super::docket::{Docket, Node, asking_step, is_adverse};
use super::words::{SETTLE_EVIDENCE, TELL};
use base::text::plural;
use base::{Citation, CivilDate, ClauseId, ErrorKind, Refusal, Text};
use law::{Deadline, Exclusion, Field, Material, Outcome, PanelRule};

/// Most names told in one sentence.
const MOST_NAMED: usize = 20;

pub(super) fn conflict(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, what, next)
}

pub(super) fn forbidden(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Forbidden, code, what, next)
}

pub(super) fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

/// A day of a form is before one that it follows: each field with its day.
pub(super) fn day_order((field, day): (&Field, CivilDate), (earlier, first): (&Field, CivilDate)) -> Refusal {
    let what = Text::of(
        format!("“{}”填的是 {day}，早于“{}”的 {first}。", field.zh, earlier.zh),
        format!("\"{}\" is {day}, before \"{}\", which is {first}.", field.en, earlier.en),
    );
    bad("day_order", what)
}

/// A fine is meant that no clause of the breaches that are told lets be imposed.
pub(super) fn told_above_range(docket: &Docket<'_>, by: &[&ClauseId], (told, most): (u64, u64)) -> Refusal {
    let what = Text::of(
        format!("拟处罚款{told}元，高于所列违法行为的法定罚款上限{most}元。"),
        format!("The fine meant, {told} yuan, is above {most} yuan, the most that the breaches named can cost."),
    );
    let next = Text::new(
        "请更正拟处罚款、违反的条款，或者调查时填写的情节。",
        "Correct the sum, the clause that was breached, or the grade that the inquiry found.",
    );
    unlawful(docket, by, "told_above_range", what, next)
}

/// Nothing is served, and no public notice of it is given, before its paper was made.
pub(super) fn served_before_made(day: CivilDate, made: CivilDate) -> Refusal {
    let what = Text::of(
        format!(
            "文书在 {made} 制作，不能在 {day} 送达或者公告：请填写 {made} 或者以后、不晚于今天的日期；此前送达的是另一份纸质文书的，先把在系统中制作的这份作废，再上传送达回证或者扫描件。"
        ),
        format!(
            "The paper was made on {made} and cannot have been served or published on {day}: give {made} or a later day, not one to come. \
             Where another paper was served before, declare this one void first, then upload the receipt or a scan of what was served."
        ),
    );
    bad("day_too_early", what)
}

/// Somebody is to stay unnamed where they are entered as the party.
#[must_use]
pub fn unnamed_with_party() -> Refusal {
    conflict(
        "unnamed_with_party",
        Text::new(
            "本件登记有当事人，不能再选匿名：姓名已经留下，不能说没有保存。",
            "A party is entered here, so nobody stays unnamed: the name is kept already, and it would be untrue to say that it is not.",
        ),
        Text::new(
            "要匿名的，请不登录，在本网站“举报投诉”提出，或者到窗口说明要匿名。",
            "Whoever wants to stay unnamed reports on this website without signing in, or says so at the counter.",
        ),
    )
}

pub(super) fn unlawful(docket: &Docket<'_>, clauses: &[&ClauseId], code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Unlawful, code, what, next).citing(cited(docket, clauses))
}

/// The citations of clauses, each once.
pub(super) fn cited(docket: &Docket<'_>, clauses: &[&ClauseId]) -> Vec<Citation> {
    let mut seen: Vec<&ClauseId> = Vec::new();
    for clause in clauses {
        if !seen.contains(clause) {
            seen.push(clause);
        }
    }
    seen.into_iter().filter_map(|clause| docket.packs.cite(clause)).collect()
}

/// Names in a row, the first [`MOST_NAMED`] of them.
fn listed<'a>(names: impl Iterator<Item = (&'a str, &'a str)>) -> (String, String) {
    // A step is named by a sentence: one stop at the end of all is enough.
    let plain = names.take(MOST_NAMED).map(|(zh, en)| (zh.trim_end_matches('。'), en.trim_end_matches('.')));
    let (zh, en): (Vec<&str>, Vec<&str>) = plain.unzip();
    (zh.join("、"), en.join("; "))
}

/// The answers of the forms do not let the outcome be taken.
pub(super) fn excluded(docket: &Docket<'_>, exclusion: &Exclusion) -> Refusal {
    let what = Text::of(exclusion.zh.clone(), exclusion.en.clone());
    let next = Text::of(exclusion.next_zh.clone(), exclusion.next_en.clone());
    unlawful(docket, &[&exclusion.clause], "outcome_excluded", what, next)
}

pub(super) fn moved_on() -> Refusal {
    conflict(
        "case_moved_on",
        Text::new("案卷在您打开之后又有了新的记录。", "Something was entered in the case since you opened it."),
        Text::new("请刷新页面，看过新的记录再办理。", "Reload the page and look at what is new before you go on."),
    )
}

pub(super) fn full() -> Refusal {
    Refusal::new(
        ErrorKind::TooMany,
        "case_full",
        Text::new("案卷的记录已达上限。", "The case has no room for more entries."),
        Text::new("请另立案卷，并在备注中写明两卷的关系。", "Open another case and note how the two belong together."),
    )
}

pub(super) fn ended() -> Refusal {
    conflict(
        "case_ended",
        Text::new("申请已经撤回，案卷已终结。", "The application was withdrawn; the case is over."),
        Text::new("需要继续的，请重新申请。", "To go on, apply anew."),
    )
}

pub(super) fn unknown(what: Text) -> Refusal {
    bad("unknown", Text::of(format!("本程序没有{}。", what.zh), format!("This procedure has no {}.", what.en)))
}

pub(super) fn not_open(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    let name = node.name();
    let after: Vec<Node<'_>> = docket.open().into_iter().map(|(n, _)| n).collect();
    let names: Vec<Text> = after.iter().map(|n| n.name()).collect();
    let (zh, en) = listed(names.iter().map(|n| (&*n.zh, &*n.en)));
    let is_told = node.id() == TELL && docket.case.done(TELL).is_some() && docket.case.outcome().is_none();
    let next = if is_told {
        Text::new(
            "已经告知，当事人也已经陈述、申辩或者要求、放弃听证：不得因申辩加重处罚。取得新的证据的，先登记询问、抽样或者勘验、检查，再重新告知；没有的，在已经告知的范围内提出意见。漏告听证权利的，可以补充告知，拟处罚内容不得加重，也不得改列没有告知过的违法条款。",
            "The party was told, and has made its statement, asked for a hearing or given it up: a defence makes no penalty heavier. Where new evidence was found, enter the questioning, the sampling or the examination first and tell the party anew; where none was, propose within what was told. A right to a hearing that was left out may still be told, with nothing heavier and no breach that was not told.",
        )
    } else if zh.is_empty() {
        Text::new("现在没有可以办理的步骤。", "Nothing can be done now.")
    } else {
        Text::of(format!("现在可以办理：{zh}。"), format!("What can be done now: {en}."))
    };
    conflict(
        "step_not_open",
        Text::of(format!("现在不能办理：{}", name.zh), format!("It is not the time for: {}", name.en)),
        next,
    )
    .citing(cited(docket, &[node.clause()]))
}

pub(super) fn materials_missing(docket: &Docket<'_>, missing: &[&Material]) -> Refusal {
    let n = missing.len();
    let (zh, en) = listed(missing.iter().map(|m| (m.zh.as_str(), m.en.as_str())));
    let clauses: Vec<&ClauseId> = missing.iter().map(|m| &m.clause).collect();
    unlawful(
        docket,
        &clauses,
        "materials_missing",
        Text::of(
            format!("还缺{n}项材料：{zh}。"),
            format!("{n} {} missing: {en}.", plural(n, "paper is", "papers are")),
        ),
        if docket.case.was_asked() {
            after_asking(docket)
        } else {
            Text::new("请补交，或者一次告知申请人。", "Hand them in, or name them to the applicant, all at once.")
        },
    )
}

/// Outcomes that answer an application as it lies there, with reasons: what is open in this state by the order of the procedure.
fn answers(docket: &Docket<'_>) -> (String, String) {
    let is_open = |o: &&Outcome| is_adverse(docket.procedure, o) && docket.opened_by(Node::Outcome(o)).is_some();
    let open: Vec<&Outcome> = docket.procedure.outcomes.iter().filter(is_open).take(MOST_NAMED).collect();
    let zh: Vec<String> = open.iter().map(|o| format!("“{}”", o.zh.trim_end_matches('。'))).collect();
    let en: Vec<String> = open.iter().map(|o| format!("\"{}\"", o.en.trim_end_matches('.'))).collect();
    (zh.join("、"), en.join("; "))
}

/// What is left to do where what is missing was named, which is done once: take the application in where nothing lacks any more, else answer it
/// with reasons (AL-32), where the procedure has such an answer here; where it has none, the papers come or the applicant gives it up.
fn after_asking(docket: &Docket<'_>) -> Text {
    if docket.missing().is_empty() {
        return Text::new(
            "需要的材料已经交齐：请受理，或者依法决定。",
            "Every paper that is needed is there: accept it, or decide by law.",
        );
    }
    let (zh, en) = answers(docket);
    if zh.is_empty() {
        return Text::new(
            "请等申请人补齐后受理；申请人不再办理的，由申请人撤回申请。",
            "Accept it when the applicant has completed it; an applicant who does not go on withdraws it.",
        );
    }
    Text::of(
        format!("补齐的，请受理；没有补正或者没有补齐的，请提出{zh}，书面说明理由。"),
        format!("Accept it once it is complete; where it was not completed, propose {en}, with reasons in writing."),
    )
}

pub(super) fn rest_awaited(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "rest_awaited",
        Text::new("已告知补正，申请人尚未补正。", "What is missing was named, and the applicant has not completed it."),
        match answers(docket) {
            (zh, en) if !zh.is_empty() => Text::of(
                format!("请等待补正，或者登记补正；没有补正的，请提出{zh}，书面说明理由。"),
                format!(
                    "Wait for it, or enter that it was completed; where it was not, propose {en}, with reasons in writing."
                ),
            ),
            _ => Text::new("请等待补正，或者登记补正。", "Wait for it, or enter that it was completed."),
        },
    )
}

pub(super) fn rest_never_named(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "rest_never_named",
        Text::new(
            "没有一次告知过需要补正的内容，不能以没有补正为由不予受理。",
            "The applicant was never told what is missing, so that it was not completed is no ground for not accepting.",
        ),
        Text::new(
            "请先一次告知需要补正的全部内容；另有不予受理情形的，改选那一种。",
            "Name all that is missing first; where there is another ground, choose that one.",
        ),
    )
}

pub(super) fn rest_time_left(docket: &Docket<'_>, node: Node<'_>, until: CivilDate) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "rest_time_left",
        Text::of(
            format!("告知申请人的补正期限到 {until} 为止，还没有过。"),
            format!("The applicant was given until {until} to complete it, which is not over."),
        ),
        Text::new(
            "请等这一日过后再决定；申请人补正的，请登记补正。",
            "Decide after that day; where the applicant completes it, enter that.",
        ),
    )
}

pub(super) fn too_early(docket: &Docket<'_>, node: Node<'_>, clock: &Text, deadline: &Deadline) -> Refusal {
    let mut clauses: Vec<&ClauseId> = vec![node.clause()];
    clauses.extend(&deadline.length);
    let until = deadline.day().map_or_else(String::new, |day| day.to_string());
    unlawful(
        docket,
        &clauses,
        "too_early",
        Text::of(format!("「{}」到 {until} 才满。", clock.zh), format!("\"{}\" is over only after {until}.", clock.en)),
        Text::new("请在期满之后办理。", "Do it after that day."),
    )
}

pub(super) fn notice_too_late(docket: &Docket<'_>, node: Node<'_>, over: &Text, latest: CivilDate) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "notice_too_late",
        Text::of(
            format!("按这一天计算，最迟应当在 {latest} 通知。{}", over.zh),
            format!("For this day the notice was due on {latest}. {}", over.en),
        ),
        Text::new("请改期。", "Choose a later day."),
    )
}

pub(super) fn review_needed(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "legal_review_needed",
        Text::new("所提出的处理意见还没有通过法制审核。", "The proposed decision has not passed the legal review."),
        Text::new(
            "请先提出处理意见，再由没有办理过本案的法制审核人员审核。",
            "Propose it; then a legal reviewer who handled nothing of the case reviews it.",
        ),
    )
}

pub(super) fn not_proposed(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    conflict(
        "not_proposed",
        Text::new("没有提出这样处理的意见。", "Nobody has proposed this decision."),
        Text::new(
            "请承办人先提出；不同意所提意见的，请退回并说明理由。",
            "The officer proposes it first; if you disagree with what is proposed, send it back with reasons.",
        ),
    )
    .citing(cited(docket, &[node.clause()]))
}

pub(super) fn paper_of_body(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "paper_needed",
        Text::new(
            "机关以外的机构办理的，凭其文书登记，文书还没有交来。",
            "What a body outside this organ did is entered by its paper, and that paper was not handed in.",
        ),
        Text::new("请先上传该文书。", "Upload its paper first."),
    )
}

pub(super) fn document_not_delivered(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    conflict(
        "document_not_delivered",
        Text::new(
            "本决定的文书已经制作，还没有登记送达。",
            "The document of this decision was made, and its delivery is not entered.",
        ),
        Text::new(
            "请在「文书」页面登记送达；登记之后本步骤即告完成。",
            "Enter its delivery on the page of documents; that completes this step.",
        ),
    )
    .citing(cited(docket, &[node.clause()]))
}

pub(super) fn service_not_proved(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    conflict(
        "service_not_proved",
        Text::new(
            "案卷中没有送达的决定文书，也没有送达凭证。",
            "The case holds neither the document that was delivered nor a proof of the service.",
        ),
        Text::new(
            "请制作决定文书并登记送达；已经用纸质文书送达的，上传送达回证或者文书的扫描件。",
            "Make the document and enter its delivery; where it was served on paper, upload the receipt or a scan.",
        ),
    )
    .citing(cited(docket, &[node.clause()]))
}

pub(super) fn hearing_owed(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "hearing_owed",
        Text::new("当事人要求听证，听证还没有举行。", "A hearing was asked for and has not been held."),
        Text::new("请先举行听证。", "Hold the hearing first."),
    )
}

pub(super) fn told_anew(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    let told = docket.procedure.steps.iter().find(|s| s.id == TELL).map(|s| &s.clause);
    let clauses: Vec<&ClauseId> = told.into_iter().chain([node.clause()]).collect();
    unlawful(
        docket,
        &clauses,
        "told_anew",
        Text::new(
            "重新告知以后，还没有复核当事人的陈述、申辩。",
            "The party was told anew, and what it says to that was not examined yet.",
        ),
        Text::new(
            "请在当事人陈述、申辩或者期满以后，再登记复核。",
            "Wait for the defence or the end of its time, then enter the examination once more.",
        ),
    )
}

pub(super) fn evidence_owed(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    let settle = docket.procedure.steps.iter().find(|s| s.id == SETTLE_EVIDENCE).map(|s| &s.clause);
    let clauses: Vec<&ClauseId> = settle.into_iter().chain([node.clause()]).collect();
    unlawful(
        docket,
        &clauses,
        "evidence_owed",
        Text::new(
            "先行登记保存的证据还没有作出处理决定。",
            "Nothing was decided yet about the evidence under registered preservation.",
        ),
        Text::new(
            "请先对登记保存的证据作出处理决定；应当返还的，解除登记保存。",
            "Decide on that evidence first; what is to go back is released.",
        ),
    )
}

pub(super) fn nothing_to_pay(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    conflict(
        "nothing_to_pay",
        Text::new(
            "这一决定没有需要缴纳的款项，或者已经当场收缴。",
            "The decision imposes no sum, or it was taken on the spot.",
        ),
        Text::new("不需要办理本步骤。", "This step is not needed."),
    )
    .citing(cited(docket, &[node.clause()]))
}

pub(super) fn decision_annulled(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "decision_annulled",
        Text::new("处罚决定已被变更、撤销或者确认违法。", "The decision was changed, annulled or found unlawful."),
        Text::new(
            "不再公开，也不再收缴；已经收缴的依法退还。",
            "It is neither made public nor paid any more; what was paid goes back as the law says.",
        ),
    )
}

pub(super) fn not_published(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    conflict(
        "not_published",
        Text::new("还没有公布，公众现在看不到。", "It is not published yet; the public cannot see it."),
        Text::new(
            "请信息公开员在案卷里点“公布”，公布后本步骤自动登记。",
            "The publisher presses \"Publish\" in the case; this step is then entered by itself.",
        ),
    )
    .citing(cited(docket, &[node.clause()]))
}

pub(super) fn nothing_published(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    conflict(
        "nothing_published",
        Text::new(
            "这一决定没有公开过，没有可以撤回的信息。",
            "The decision was never made public; there is nothing to withdraw.",
        ),
        Text::new("不需要办理本步骤。", "This step is not needed."),
    )
    .citing(cited(docket, &[node.clause()]))
}

pub(super) fn remedies_open(docket: &Docket<'_>, step: &str) -> Refusal {
    let clause = docket.procedure.steps.iter().find(|s| s.id == step).map(|s| &s.clause);
    unlawful(
        docket,
        &clause.into_iter().collect::<Vec<_>>(),
        "remedies_open",
        Text::new(
            "复议、诉讼期限还没有届满，不得强制拆除。",
            "The terms for reconsideration and lawsuit are not over; nothing is taken down by force before that.",
        ),
        Text::new("期满以后先登记期限届满。", "Enter that they are over once they are; then go on."),
    )
}

pub(super) fn no_power(docket: &Docket<'_>, field: &str) -> Refusal {
    let clause = docket.procedure.field(field).and_then(|f| f.clause.as_ref());
    unlawful(
        docket,
        &clause.into_iter().collect::<Vec<_>>(),
        "no_power",
        Text::new(
            "法律没有规定由本机关强制执行，不能自行强制执行。",
            "No law lets this organ enforce it, so it does not enforce it itself.",
        ),
        Text::new("请催告以后申请人民法院强制执行。", "Demand it, then apply to the court."),
    )
}

pub(super) fn notice_day_needed(docket: &Docket<'_>, clause: &ClauseId, field: &Field) -> Refusal {
    unlawful(
        docket,
        &[clause],
        "notice_day_needed",
        Text::of(
            format!("公告送达的，应当填写「{}」。", field.zh),
            format!("Where it is served by public notice, \"{}\" is filled in.", field.en),
        ),
        Text::new(
            "公告期满视为送达：请填写公告之日，并以期满之后的日期为送达日期。",
            "It counts as served when the time of the notice is over: enter the day of the notice and a day of service after it.",
        ),
    )
}

pub(super) fn hearing_too_late(docket: &Docket<'_>, node: Node<'_>, last: CivilDate) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "hearing_too_late",
        Text::of(
            format!("要求听证的期限到 {last} 为止，已经届满。"),
            format!("A hearing could be asked for until {last}; that is over."),
        ),
        Text::new(
            "期限内已经提出的，由承办人按收到之日登记；仍可以陈述、申辩。",
            "If it was asked for in time, the officer enters it with the day it came; a statement can still be made.",
        ),
    )
}

pub(super) fn discussion_owed(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "discussion_owed",
        Text::new(
            "情节复杂或者重大的案件，应当由负责人集体讨论；经集体讨论的，写明参加人和结论。",
            "A complex or grave case is discussed by the heads together; of a discussion it is written down who took part and what came of it.",
        ),
        Text::new("请集体讨论后填写参加人和结论。", "Discuss it, then enter who took part and the result."),
    )
}

pub(super) fn minutes_owed(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "minutes_owed",
        Text::new(
            "登记了集体讨论，但没有两名以上负责人用自己的账号发表意见，也没有签名的讨论记录。",
            "A discussion is entered, but fewer than two heads gave their view from their own accounts, and no signed minutes are in the case.",
        ),
        Text::new(
            "请参加讨论的负责人先各自发表意见；有人没有账号的，先上传签名的讨论记录扫描件，作为这一步的文书。重新告知以前的意见和记录不算。",
            "The heads who took part first give their views, each from their own account; where somebody has none, upload the signed minutes as the \
             paper of this step. What was said or written before the party was told anew does not count.",
        ),
    )
}

pub(super) fn accepted_by_lapse(docket: &Docket<'_>, node: Node<'_>, since: CivilDate) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "accepted_by_lapse",
        Text::of(
            format!("没有在期限内一次告知，申请自 {since} 起即为受理。"),
            format!("What is missing was not named in time: the application counts as accepted from {since}."),
        ),
        Text::new("请受理并继续办理。", "Enter the acceptance and go on."),
    )
}

pub(super) fn asked_before(docket: &Docket<'_>, node: Node<'_>) -> Refusal {
    unlawful(
        docket,
        &[node.clause()],
        "asked_before",
        Text::new(
            "需要补正的内容应当一次告知，本案已经告知过，不能再要求补别的。",
            "What is missing is named once, and in this case it was: nothing more can be asked for.",
        ),
        after_asking(docket),
    )
}

/// Why a page does not offer to name what is missing; `None`: it was not named yet in this round, or the procedure has no such step.
#[must_use]
pub fn not_asked_again(docket: &Docket<'_>) -> Option<Refusal> {
    let step = asking_step(docket.procedure).filter(|_| docket.case.was_asked())?;
    Some(asked_before(docket, Node::Step(step)))
}

pub(super) fn name_everything(docket: &Docket<'_>, node: Node<'_>, missing: &[&Material]) -> Refusal {
    let (zh, en) = listed(missing.iter().map(|m| (m.zh.as_str(), m.en.as_str())));
    unlawful(
        docket,
        &[node.clause()],
        "name_everything",
        Text::of(
            format!("应当一次告知全部内容，还有没有写到的：{zh}。"),
            format!("Everything is named at once; not named yet: {en}."),
        ),
        Text::new("请一并写明。", "Name them too."),
    )
}

pub(super) fn panel_incomplete(docket: &Docket<'_>, rule: &PanelRule, waiting: &[&str]) -> Refusal {
    conflict(
        "panel_incomplete",
        Text::of(
            format!("专家组成员还没有意见，也没有登记缺席：{}。", waiting.join("、")),
            format!("Members of the panel with neither an opinion nor an absence: {}.", waiting.join(", ")),
        ),
        Text::new(
            "请在「专家组」页面登记各人的声明和意见；没有参加的，登记缺席和原因。",
            "On the page of the panel enter what each declared and said, or that they were absent, and why.",
        ),
    )
    .citing(cited(docket, &[&rule.clause]))
}

pub(super) fn panel_too_few(docket: &Docket<'_>, rule: &PanelRule, given: usize) -> Refusal {
    let least = rule.least;
    conflict(
        "panel_too_few",
        Text::of(
            format!("提出意见的专家有{given}名，少于{least}名。{}", rule.why_zh),
            format!(
                "{given} {} an opinion, fewer than {least}. {}",
                plural(given, "expert gave", "experts gave"),
                rule.why_en
            ),
        ),
        Text::new(
            "请在「专家组」页面补选专家并登记意见。",
            "Choose more experts on the page of the panel and enter what they say.",
        ),
    )
    .citing(cited(docket, &[&rule.clause]))
}

pub(super) fn panel_says(docket: &Docket<'_>, rule: &PanelRule, said: &Text) -> Refusal {
    conflict(
        "panel_says_otherwise",
        Text::of(
            format!("专家组的意见是「{}」。{}", said.zh, rule.why_zh),
            format!("The opinion of the panel is \"{}\". {}", said.en, rule.why_en),
        ),
        Text::new("请按专家组的意见办理。", "Go by the opinion of the panel."),
    )
    .citing(cited(docket, &[&rule.clause]))
}
