//! Writes what the program takes from the folder `law/`: the table of the packs (every file by its path, with its text), and the type
//! `Jurisdiction` from `jurisdictions.toml`. So a lawyer adds a file or a row, not a line of program.
//!
//! Both are sorted as the folder and the file are, so that the same folder gives the same binary. A row that cannot be used stops the build.

use std::path::{Path, PathBuf};
use std::{env, fs, io};
use toml::{Table, Value};

fn main() -> io::Result<()> {
    let from = |name| env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other("not run by cargo"));
    let law = from("CARGO_MANIFEST_DIR")?.join("../../law").canonicalize()?;
    println!("cargo::rerun-if-changed={}", law.display());
    let mut files = Vec::new();
    collect(&law, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&law).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        table.push_str(&format!("({name:?}, include_str!({:?})),\n", file.display().to_string()));
    }
    table.push(']');
    let out = from("OUT_DIR")?;
    fs::write(out.join("law_files.rs"), table)?;
    let text = fs::read_to_string(law.join("jurisdictions.toml"))?;
    let code = jurisdictions(&text).map_err(|why| io::Error::other(format!("law/jurisdictions.toml: {why}")))?;
    fs::write(out.join("jurisdictions.rs"), code)
}

/// What packs are made of.
const KINDS: [&str; 4] = ["toml", "md", "cedar", "cedarschema"];

/// Every file that packs are made of: data and texts, not the notes about them, and nothing that an editor leaves.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|kind| KINDS.iter().any(|known| kind == *known))
            && !path.ends_with("README.md")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// Keys of a row of `jurisdictions.toml`.
const KEYS: [&str; 8] = ["word", "code", "name_zh", "name_en", "ask_zh", "ask_en", "also", "unset"];

/// The word of the last row: every province that has none of its own.
const OTHER: &str = "other";

/// One row.
struct Row<'a> {
    word: &'a str,
    code: Option<&'a str>,
    name: (&'a str, &'a str),
    ask: (&'a str, &'a str),
    also: Vec<&'a str>,
    unset: bool,
}

impl<'a> Row<'a> {
    fn read(row: &'a Table) -> Result<Self, String> {
        let text = |key: &str| {
            let text = row.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
            text.ok_or_else(|| format!("a row has no `{key}`"))
        };
        let word = text("word")?;
        if let Some(key) = row.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(format!("`{word}`: unknown key `{key}`"));
        }
        if !word.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            return Err(format!("`{word}`: a word is of small letters"));
        }
        let code = if word == OTHER { None } else { Some(text("code")?) };
        if code.is_some_and(|code| code.len() != 2 || !code.bytes().all(|b| b.is_ascii_digit())) {
            return Err(format!("`{word}`: a code has two digits (GB/T 2260)"));
        }
        Ok(Self {
            word,
            code,
            name: (text("name_zh")?, text("name_en")?),
            ask: (text("ask_zh")?, text("ask_en")?),
            also: row.get("also").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect(),
            unset: row.get("unset").and_then(Value::as_bool).unwrap_or_default(),
        })
    }
}

/// The type and its table, as Rust.
fn jurisdictions(text: &str) -> Result<String, String> {
    let file = text.parse::<Table>().map_err(|e| e.to_string())?;
    let rows = file.get("jurisdiction").and_then(Value::as_array).ok_or("no [[jurisdiction]]")?;
    let rows: Vec<Row<'_>> = rows.iter().filter_map(Value::as_table).map(Row::read).collect::<Result<_, _>>()?;
    if rows.iter().position(|row| row.word == OTHER).map(|at| at + 1) != Some(rows.len()) {
        return Err(format!("`{OTHER}` is the last row"));
    }
    if rows.iter().filter(|row| row.unset).count() != 1 {
        return Err("one row is `unset`".to_owned());
    }
    let asked = |row: &Row<'_>| -> Vec<String> {
        [row.ask.0, row.ask.1].iter().chain(&row.also).map(|word| (*word).to_owned()).collect()
    };
    once(rows.iter().map(|row| row.word.to_owned()).collect())?;
    once(rows.iter().filter_map(|row| row.code).map(str::to_owned).collect())?;
    once(rows.iter().flat_map(asked).collect())?;
    Ok(printed(&rows))
}

/// Nothing stands twice.
fn once(mut words: Vec<String>) -> Result<(), String> {
    words.sort();
    let twice = words.windows(2).find(|pair| pair[0] == pair[1]);
    twice.map_or(Ok(()), |pair| Err(format!("`{}` stands twice", pair[0])))
}

fn printed(rows: &[Row<'_>]) -> String {
    let (mut variants, mut arms) = (String::new(), String::new());
    for Row { word, code, name: (zh, en), ask, also, unset } in rows {
        let (name, default) = (variant(word), if *unset { "    #[default]\n" } else { "" });
        variants.push_str(&format!("    /// {zh} ({en}).\n{default}    #[serde(rename = {word:?})]\n    {name},\n"));
        arms.push_str(&format!(
            "            Self::{name} => Row {{ word: {word:?}, code: {code:?}, name: ({zh:?}, {en:?}), ask: {ask:?}, \
             also: &{also:?} }},\n"
        ));
    }
    let all: Vec<String> = rows.iter().map(|row| format!("Self::{}", variant(row.word))).collect();
    format!(
        "/// Where a site lies: decides the provincial pack. National packs reach every jurisdiction. Made of the rows of\n\
         /// `law/jurisdictions.toml`; the default is what is shown before a server was told where it lies.\n\
         #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]\n\
         pub enum Jurisdiction {{\n{variants}}}\n\n\
         impl Jurisdiction {{\n    /// All jurisdictions, in the order shown.\n    pub const ALL: [Self; {}] = [{}];\n\n    \
         const fn row(self) -> Row {{\n        match self {{\n{arms}        }}\n    }}\n}}\n",
        all.len(),
        all.join(", "),
    )
}

/// `north_east` -> `NorthEast`.
fn variant(word: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    word.split('_').map(capital).collect()
}
