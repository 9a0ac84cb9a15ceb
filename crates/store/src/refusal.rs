//! What a person is told when the store cannot do what was asked. Details go to the log, never to the page.

use crate::StoreError;
use crate::db::DbError;
use crate::ledger_log::LogError;
use base::{ErrorKind, Refusal, Text};

fn away() -> Refusal {
    Refusal::new(
        ErrorKind::Unavailable,
        "store_away",
        Text::new("数据库或磁盘暂时不可用，操作没有执行。", "The database or disk is not available; nothing was done."),
        Text::new(
            "请稍后重试；若一直如此，请系统管理员检查数据库和磁盘空间。录像不受影响。",
            "Try again in a moment; if it stays so, the administrator should check the database and disk space. Recording goes on.",
        ),
    )
}

fn fault() -> Refusal {
    Refusal::new(
        ErrorKind::Internal,
        "store_fault",
        Text::new("数据存取出错，操作没有执行。", "Stored data could not be read or written; nothing was done."),
        Text::new(
            "请系统管理员查看服务器日志，并运行 jifang check。",
            "The administrator should read the server's log and run jifang check.",
        ),
    )
}

fn exists() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "already_exists",
        Text::new("已经存在相同的记录，操作没有执行。", "The same record exists already; nothing was done."),
        Text::new("请刷新页面查看现有记录，或换一个名称。", "Reload the page to see it, or choose another name."),
    )
}

impl From<DbError> for Refusal {
    fn from(e: DbError) -> Self {
        if e.is_duplicate() {
            exists()
        } else if e.is_away() {
            away()
        } else {
            fault()
        }
    }
}

impl From<LogError> for Refusal {
    fn from(e: LogError) -> Self {
        match e {
            LogError::Db(e) => e.into(),
            e if e.is_away() => away(),
            _ => fault(),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Db(e) => e.into(),
            StoreError::Log(e) => e.into(),
            StoreError::Disk(crate::disks::DiskError::Db(e)) => e.into(),
            StoreError::Disk(_) | StoreError::Io { .. } | StoreError::Journal(_) => away(),
            StoreError::Key(_)
            | StoreError::InUse(_)
            | StoreError::LostDatabase(_)
            | StoreError::RestoreUnfinished(_) => fault(),
            StoreError::NotFirst => Self::new(
                ErrorKind::Conflict,
                "not_first",
                Text::new(
                    "系统已经初始化，首个账号已存在。",
                    "The system is set up; the first account exists already.",
                ),
                Text::new("请用已有账号登录。", "Sign in with an existing account."),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_kind() {
        let db = |e| StoreError::Db(DbError(e));
        let io = || std::io::Error::other("x");
        let cases = [
            (db(sqlx::Error::PoolTimedOut), ErrorKind::Unavailable),
            (db(sqlx::Error::Io(io())), ErrorKind::Unavailable),
            (db(sqlx::Error::RowNotFound), ErrorKind::Internal),
            (StoreError::Log(LogError::Busy), ErrorKind::Unavailable),
            (StoreError::Log(LogError::Shared(LogError::Busy.into())), ErrorKind::Unavailable),
            (StoreError::Log(LogError::Hole(3)), ErrorKind::Internal),
            (StoreError::Key(crate::keys::KeyFileError::Sealed), ErrorKind::Internal),
            (StoreError::Io { path: "x".into(), source: io() }, ErrorKind::Unavailable),
            (StoreError::NotFirst, ErrorKind::Conflict),
        ];
        for (error, kind) in cases {
            let said = error.to_string();
            let refusal = Refusal::from(error);
            assert_eq!(refusal.kind, kind, "{said}");
            assert!(!refusal.what.zh.is_empty() && !refusal.next.en.is_empty());
        }
    }
}
