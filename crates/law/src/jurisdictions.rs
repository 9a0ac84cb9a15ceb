//! Words of jurisdictions in files that are read while the program runs, held against the table that it was built with.
//!
//! Files of packs -> nothing, or the row or word that this program cannot answer for, by file and line. Always true: packs that load name
//! only jurisdictions that the program has, and no row of a folder says of one of them what the program does not.

use crate::error::line_of;
use crate::load::Files;
use crate::{Jurisdiction, PackError};
use serde::Deserialize;
use toml::Spanned;

/// The table, below `law/`.
const TABLE: &str = "jurisdictions.toml";

/// What of a row an answer or a paper could show. By what it is asked about is the program's own.
#[derive(Deserialize)]
struct Row {
    word: Spanned<String>,
    code: Option<String>,
    name_zh: String,
    name_en: String,
}

#[derive(Deserialize)]
struct Table {
    #[serde(default, rename = "jurisdiction")]
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    jurisdictions: Vec<Spanned<String>>,
}

/// Holds the table of these files against the program's. Files without one, or without a row, are fine: earlier packs have none.
pub(crate) fn check_table(files: &Files) -> Result<(), PackError> {
    let Some(text) = files.get(TABLE) else { return Ok(()) };
    let table: Table = toml::from_str(text).map_err(|e| PackError::toml(TABLE, text, &e))?;
    for row in &table.rows {
        let line = line_of(text, row.word.span().start);
        let known = known(TABLE, line, row.word.get_ref())?;
        let name = known.name();
        if row.code.as_deref() != known.code() || row.name_zh != name.zh || row.name_en != name.en {
            let what = format!(
                "the row of `{}` is not the one this program was built with: take the program's row (`jifang law export`), or build \
                 the program with this one",
                known.key()
            );
            return Err(PackError::at(TABLE, line, what));
        }
    }
    Ok(())
}

/// The words of `jurisdictions` in a `pack.toml`. Other faults of the file are told by who reads it whole.
pub(crate) fn check_head(file: &str, text: &str) -> Result<(), PackError> {
    let Ok(head) = toml::from_str::<Head>(text) else { return Ok(()) };
    head.jurisdictions.iter().try_for_each(|word| {
        let line = line_of(text, word.span().start);
        known(file, line, word.get_ref()).map(|_| ())
    })
}

fn known(file: &str, line: usize, word: &str) -> Result<Jurisdiction, PackError> {
    Jurisdiction::parse(word).ok_or_else(|| {
        let all: Vec<String> = Jurisdiction::ALL.iter().map(|j| format!("`{}`", j.key())).collect();
        let what = format!(
            "`{word}` is no jurisdiction of this program, which knows {}: a new one is a row of law/{TABLE} and a new build of the program",
            all.join(", ")
        );
        PackError::at(file, line, what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Packs;

    const PACK: &str = "heilongjiang/ordinance-2012/pack.toml";

    /// The defect of the packs after one change of one file.
    fn after(file: &str, from: &str, to: &str) -> Option<PackError> {
        let mut files = crate::embedded_files();
        let text = files.get_mut(file).unwrap();
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
        Packs::from_files(&files).err()
    }

    #[test]
    fn a_pack_of_a_province_that_the_program_does_not_know_is_told_by_file_and_line() {
        let own = "jurisdictions = [\"heilongjiang\"]";
        for (to, named) in
            [("jurisdictions = [\"jilin\"]", "`jilin`"), ("jurisdictions = [\"heilongjiang\", \"\"]", "``")]
        {
            let error = after(PACK, own, to).unwrap();
            assert!(error.file == PACK && error.line.is_some() && error.what.starts_with(named), "{error}");
            assert!(error.is_known() && Jurisdiction::ALL.iter().all(|j| error.what.contains(j.key())), "{error}");
        }
        assert_eq!(after(PACK, own, own), None);
        let error = after(PACK, own, "jurisdictions = 7").unwrap();
        assert!(error.file == PACK && error.what.contains("invalid type"), "{error}");
    }

    #[test]
    fn a_folder_may_leave_rows_out_and_neither_add_nor_change_one() {
        for (from, to, says) in [
            ("word = \"liaoning\"", "word = \"jilin\"", "`jilin` is no jurisdiction of this program"),
            ("code = \"21\"", "code = \"22\"", "the row of `liaoning`"),
            ("name_zh = \"黑龙江省\"", "name_zh = \"黑龙江\"", "the row of `heilongjiang`"),
            ("name_en = \"another province\"", "name_en = \"elsewhere\"", "the row of `other`"),
        ] {
            let error = after(TABLE, from, to).unwrap();
            assert!(error.file == TABLE && error.line.is_some() && error.what.starts_with(says), "{error}");
            assert!(error.is_known(), "{error}");
        }
        assert_eq!(after(TABLE, "unset = true\n", ""), None);
        let mut files = crate::embedded_files();
        files.insert(TABLE.to_owned(), String::new());
        assert_eq!(Packs::from_files(&files).err(), None, "no rows");
        files.remove(TABLE);
        assert_eq!(Packs::from_files(&files).err(), None, "packs of an earlier program");
        files.insert(TABLE.to_owned(), "[[jurisdiction]]\nword = 7\n".to_owned());
        assert_eq!(Packs::from_files(&files).err().map(|e| e.file), Some(TABLE.to_owned()));
    }
}
