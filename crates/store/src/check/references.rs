//! Rows that speak of other rows, and the entries that wait for their place in the files.

use super::CheckReport;
use crate::{Store, StoreError};

/// A question that finds nothing when all is well; its one column names the row.
struct Question {
    code: &'static str,
    sql: &'static str,
    zh: &'static str,
    en: &'static str,
}

const QUESTIONS: &[Question] = &[
    Question {
        code: "hold_without_request",
        sql: "SELECT h.id FROM hold h LEFT JOIN request r ON r.id = h.request \
              WHERE h.request IS NOT NULL AND r.id IS NULL LIMIT 100",
        zh: "封存所依据的申请不存在。",
        en: "The hold names a request that does not exist.",
    },
    Question {
        code: "hold_without_camera",
        sql: "SELECT h.id FROM hold h LEFT JOIN camera c ON c.id = h.camera WHERE c.id IS NULL LIMIT 100",
        zh: "封存所指的摄像机不存在。",
        en: "The hold names a camera that does not exist.",
    },
    Question {
        code: "order_without_its_hold",
        sql: "SELECT o.order_id FROM order_hold o LEFT JOIN hold h ON h.id = o.hold WHERE h.id IS NULL LIMIT 100",
        zh: "公安机关指令所作的封存不存在。",
        en: "An order of the authority names a hold that does not exist.",
    },
    Question {
        code: "order_without_entry",
        sql: "SELECT o.id FROM site_order o LEFT JOIN act a ON a.idx = o.entry \
              WHERE a.idx IS NULL OR a.kind <> 'order.made' LIMIT 100",
        zh: "向使用单位下达的指令没有日志条目。",
        en: "An order to a site has no entry in the log.",
    },
    Question {
        code: "relay_without_entry",
        sql: "SELECT r.number FROM relay r LEFT JOIN act a ON a.idx = r.entry \
              WHERE a.idx IS NULL OR a.kind <> 'relay.received' LIMIT 100",
        zh: "转交单位的查阅申请没有日志条目。",
        en: "A request that was handed on to a unit has no entry in the log.",
    },
    Question {
        code: "request_without_account",
        sql: "SELECT r.number FROM request r LEFT JOIN account a ON a.id = r.applicant WHERE a.id IS NULL LIMIT 100",
        zh: "申请人账号不存在。",
        en: "The request names an applicant that does not exist.",
    },
    Question {
        code: "register_without_request",
        sql: "SELECT CAST(g.leaf AS TEXT) FROM register g LEFT JOIN request r ON r.id = g.request \
              WHERE r.id IS NULL AND g.what NOT IN ('network', 'reported') LIMIT 100",
        zh: "登记簿所指的申请不存在。",
        en: "A line of the register names a request that does not exist.",
    },
    Question {
        code: "register_without_entry",
        sql: "SELECT CAST(g.leaf AS TEXT) FROM register g LEFT JOIN act a ON a.idx = g.leaf \
              WHERE a.idx IS NULL LIMIT 100",
        zh: "登记簿的一行没有日志条目。",
        en: "A line of the register has no entry in the log.",
    },
    Question {
        code: "view_without_register",
        sql: "SELECT CAST(v.leaf AS TEXT) FROM upper_view v LEFT JOIN register g ON g.leaf = v.leaf \
              WHERE g.leaf IS NULL LIMIT 100",
        zh: "上级平台的一次查看没有登记。",
        en: "A view from an upper platform has no line in the register.",
    },
    Question {
        code: "export_without_request",
        sql: "SELECT e.id FROM export e LEFT JOIN request r ON r.id = e.request WHERE r.id IS NULL LIMIT 100",
        zh: "导出所依据的申请不存在。",
        en: "The export names a request that does not exist.",
    },
    Question {
        code: "span_without_container",
        sql: "SELECT s.container FROM span s LEFT JOIN container c ON c.id = s.container \
              WHERE c.id IS NULL OR c.deleted_ms IS NOT NULL LIMIT 100",
        zh: "片段记录所指的录像文件不存在或已删除。",
        en: "Rows of fragments name a container that does not exist or was deleted.",
    },
    Question {
        code: "container_without_camera",
        sql: "SELECT k.id FROM container k LEFT JOIN camera c ON c.id = k.camera WHERE c.id IS NULL LIMIT 100",
        zh: "录像文件所属的摄像机不存在。",
        en: "The container names a camera that does not exist.",
    },
    Question {
        code: "act_without_entry",
        sql: "SELECT CAST(idx AS TEXT) FROM act WHERE idx >= (SELECT next FROM ledger_head WHERE id = 1) LIMIT 100",
        zh: "日志页面的一行没有日志条目。",
        en: "A line of the log page has no entry.",
    },
    Question {
        code: "span_without_entry",
        sql: "SELECT container FROM span WHERE leaf >= (SELECT next FROM ledger_head WHERE id = 1) LIMIT 100",
        zh: "片段记录没有日志条目。",
        en: "Rows of fragments have no entry in the log.",
    },
    Question {
        code: "gap_without_entry",
        sql: "SELECT camera FROM gap WHERE (to_ms IS NOT NULL AND leaf IS NULL) \
              OR leaf >= (SELECT next FROM ledger_head WHERE id = 1) LIMIT 100",
        zh: "缺口没有日志条目。",
        en: "A closed gap has no entry in the log.",
    },
    Question {
        code: "case_without_its_events",
        sql: "SELECT c.number FROM case_file c LEFT JOIN (SELECT case_id, COUNT(*) AS there FROM case_event GROUP BY case_id) e \
              ON e.case_id = c.id WHERE c.events <> COALESCE(e.there, 0) LIMIT 100",
        zh: "案件的事件数与登记的不符。",
        en: "The case has more or fewer events than its row says.",
    },
    Question {
        code: "case_event_without_entry",
        sql: "SELECT CAST(e.entry AS TEXT) FROM case_event e LEFT JOIN act a ON a.idx = e.entry \
              WHERE a.idx IS NULL OR a.kind <> e.kind LIMIT 100",
        zh: "案件的一个事件没有日志条目。",
        en: "An event of a case has no entry in the log.",
    },
    Question {
        code: "payment_without_entry",
        sql: "SELECT CAST(p.entry AS TEXT) FROM payment p LEFT JOIN act a ON a.idx = p.entry \
              WHERE a.idx IS NULL OR a.kind <> 'payment.' || p.kind LIMIT 100",
        zh: "罚款缴纳的一条记录没有日志条目。",
        en: "A row about the money of a fine has no entry in the log.",
    },
    Question {
        code: "register_row_without_entry",
        sql: "SELECT r.register || ' ' || r.row_id FROM register_row r LEFT JOIN act a ON a.idx = r.entry \
              WHERE a.idx IS NULL OR a.kind <> 'register.row' LIMIT 100",
        zh: "登记册的一行没有日志条目。",
        en: "A version of a row of a register has no entry in the log.",
    },
    Question {
        code: "register_row_without_newest",
        sql: "SELECT register || ' ' || row_id FROM register_row GROUP BY register, row_id \
              HAVING MAX(version * newest) <> MAX(version) LIMIT 100",
        zh: "登记册的一行没有标明最新版本。",
        en: "The newest version of a row of a register is not marked as such.",
    },
    Question {
        code: "document_without_entry",
        sql: "SELECT d.id FROM document d LEFT JOIN act a ON a.idx = d.entry \
              WHERE a.idx IS NULL OR a.kind <> 'document.made' LIMIT 100",
        zh: "文书没有日志条目。",
        en: "A document has no entry in the log.",
    },
    Question {
        code: "publication_without_entry",
        sql: "SELECT CAST(p.entry AS TEXT) FROM publication p LEFT JOIN act a ON a.idx = p.entry \
              WHERE a.idx IS NULL OR a.kind <> 'publication.made' LIMIT 100",
        zh: "公开信息没有日志条目。",
        en: "A publication has no entry in the log.",
    },
];

impl Store {
    pub(super) async fn check_references(&self, report: &mut CheckReport) -> Result<(), StoreError> {
        for q in QUESTIONS {
            for row in self.db.rows(q.sql, vec![]).await? {
                report.fault(q.code, row.text(0)?, q.zh, q.en);
            }
        }
        Ok(())
    }

    /// Pending entries reach without a hole from the settled size to the newest place. One statement sees one moment.
    pub(super) async fn check_pending(&self, report: &mut CheckReport) -> Result<(), StoreError> {
        let sql = "SELECT h.next, h.synced, COUNT(p.idx), MIN(p.idx), MAX(p.idx) \
                   FROM ledger_head h LEFT JOIN ledger_pending p ON 1 = 1 WHERE h.id = 1 GROUP BY h.next, h.synced";
        let Some(r) = self.db.row(sql, vec![]).await? else { return Ok(()) };
        let (next, synced, count) = (r.int(0)?, r.int(1)?, r.int(2)?);
        let (min, max) = (r.int_opt(3)?.unwrap_or(next), r.int_opt(4)?.unwrap_or(next - 1));
        if min != synced || max != next - 1 || count != next - synced {
            report.fault(
                "pending_hole",
                format!("settled {synced}, newest {next}, waiting {count} from {min} to {max}"),
                "等待写入日志文件的条目不连续。",
                "The entries that wait for the ledger files have a hole.",
            );
        }
        Ok(())
    }
}
