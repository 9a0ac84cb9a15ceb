//! A site's end of the way to its authority: numbers of its messages, and the newest head that was witnessed.
//!
//! A message gets its number before it is first sent and keeps it for ever, so that the authority sees holes. A crash after the number
//! was given, before anything was sent: the next start sends it with the same number.

use crate::db::DbError;
use crate::{Store, StoreError, args, keys};
use base::UtcMs;

/// The newest head of the own log that the authority signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Witnessed {
    /// Entries.
    pub size: u64,
    /// The checkpoint with the cosignature.
    pub note: Vec<u8>,
    /// When the authority signed it.
    pub at: UtcMs,
}

impl Store {
    /// The number of a message to the authority; given at the first call.
    ///
    /// # Errors
    /// The database.
    pub async fn message_number(&self, message: &str) -> Result<u64, DbError> {
        let mut tx = self.db.begin().await?;
        let known = tx.rows("SELECT seq FROM message_out WHERE message = $1", args![message]).await?;
        if let Some(row) = known.first() {
            return Ok(u64::try_from(row.int(0)?).unwrap_or(0));
        }
        let drawn = tx.rows("UPDATE counter SET next = next + 1 WHERE name = 'message' RETURNING next", vec![]).await?;
        let seq = drawn.first().map_or(Ok(0), |r| r.int(0))? - 1;
        tx.exec("INSERT INTO message_out (message, seq) VALUES ($1, $2)", args![message, seq]).await?;
        tx.commit().await?;
        Ok(u64::try_from(seq).unwrap_or(0))
    }

    /// Keeps the signed receipt of a message; the first one stays.
    ///
    /// # Errors
    /// The database.
    pub async fn set_message_receipt(&self, message: &str, receipt: &[u8]) -> Result<(), DbError> {
        let sql = "UPDATE message_out SET receipt = $2 WHERE message = $1 AND receipt IS NULL";
        self.db.exec(sql, args![message, receipt.to_vec()]).await.map(|_| ())
    }

    /// The signed receipt of a message.
    ///
    /// # Errors
    /// The database.
    pub async fn message_receipt(&self, message: &str) -> Result<Option<Vec<u8>>, DbError> {
        let row = self.db.row("SELECT receipt FROM message_out WHERE message = $1", args![message]).await?;
        row.map_or(Ok(None), |r| r.blob_opt(0))
    }

    /// The newest witnessed head.
    ///
    /// # Errors
    /// The database.
    pub async fn witnessed(&self) -> Result<Option<Witnessed>, DbError> {
        let row = self.db.row("SELECT size, note, at_ms FROM witnessed WHERE id = 1", vec![]).await?;
        let read = |r: crate::db::Row| {
            Ok(Witnessed { size: u64::try_from(r.int(0)?).unwrap_or(0), note: r.blob(1)?, at: UtcMs(r.int(2)?) })
        };
        row.map(read).transpose()
    }

    /// Keeps a witnessed head. Losing one costs nothing but a question: the authority says where it stands.
    ///
    /// # Errors
    /// The database.
    pub async fn set_witnessed(&self, head: &Witnessed) -> Result<(), DbError> {
        self.db
            .exec(
                "INSERT INTO witnessed (id, size, note, at_ms) VALUES (1, $1, $2, $3) \
                 ON CONFLICT (id) DO UPDATE SET size = excluded.size, note = excluded.note, at_ms = excluded.at_ms",
                args![head.size, head.note.clone(), head.at],
            )
            .await?;
        Ok(())
    }

    /// Forgets the witnessed head: another authority has another key.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_witnessed(&self) -> Result<(), DbError> {
        self.db.exec("DELETE FROM witnessed WHERE id = 1", vec![]).await?;
        Ok(())
    }

    /// A key of this server beside those of the log, `keys/<name>.seed`; made at the first call, and never again: others have been told it.
    ///
    /// # Errors
    /// `Lost` when it was made and is gone; the database or disk.
    pub async fn named_seed(&self, name: &'static str, now: UtcMs) -> Result<[u8; 32], StoreError> {
        let setting = format!("key_made.{name}");
        let made = self.setting(&setting).await?.is_some();
        let seed = keys::load_or_make(&self.data.join("keys").join(format!("{name}.seed")), !made)?;
        // A crash before this line leaves a key that nobody was told of; the next start takes it.
        if !made {
            self.set_setting(&setting, "yes", None, now).await?;
        }
        Ok(seed)
    }
}
