//! The file of a case and what was taken from a site: cover and index of the papers that lie in it, the list of electronic data with its digests.
//!
//! Always true: the index has every paper of the case that was not given back and every document that counts, in the order in which they came,
//! and neither cover nor index of an earlier time; a digest in a list is one that the case has, and what is not known leaves room to write.

use super::super::case::{CasePaper, Document as Issued};
use super::sheet::Sheet;
use super::words::said;
use crate::document::{Document, Particular, ROWS, Table};
use base::{Sha256, UtcMs};
use law::HandsOut;

/// Papers of the file itself.
const OF_THE_FILE: [&str; 2] = ["file_cover", "file_index"];
/// How a line of a note begins that has the digest of a copy.
const DIGEST: &str = "SHA-256 ";

impl Sheet<'_> {
    /// Documents that count, without those of the file itself.
    fn issued(&self) -> impl Iterator<Item = &Issued> {
        let documents = self.docket.case.documents.iter();
        documents.filter(|d| self.counts(d) && !d.void && !OF_THE_FILE.contains(&d.kind.as_str()))
    }

    /// Papers that lie in the case.
    fn lying(&self) -> impl Iterator<Item = &CasePaper> {
        self.docket.case.papers.iter().filter(|p| !p.returned)
    }

    /// What stands on the cover of the file.
    pub(super) fn cover(&self) -> Vec<Particular> {
        let case = self.docket.case;
        let (documents, pages) =
            self.issued().fold((0_usize, 0_u32), |(n, sum), d| (n + 1, sum.saturating_add(d.pages)));
        let papers = self.lying().count();
        let holds = match self.lang {
            base::Lang::Zh => format!("文书{documents}份{pages}页，材料{papers}份"),
            base::Lang::En => format!("documents: {documents} ({pages} pages); papers handed in: {papers}"),
        };
        let decided = case.outcome().map(|d| self.day(d.on)).unwrap_or_default();
        vec![
            self.pair("案卷号", "number of the case", &self.facts.case_number),
            self.pair("事项", "matter", &self.matter()),
            self.pair("当事人或者申请人", "party or applicant", &self.facts.to),
            self.pair("承办机关", "organ", &self.facts.organ),
            self.pair("承办人", "officers", &self.handlers()),
            self.pair("立卷日期", "opened", &self.day(case.opened_at.shanghai_date())),
            self.pair("决定日期", "decided", &decided),
            self.pair("处理结果", "result", &said(&self.word(), self.lang)),
            self.pair("卷内文件", "what it holds", &holds),
            self.pair("归档日期", "archived on", ""),
            self.pair("保管期限", "kept until", ""),
            self.pair("立卷人", "compiled by", ""),
            self.pair("检查人", "checked by", ""),
            self.pair("备注", "notes", ""),
        ]
    }

    /// Of which file an index is.
    pub(super) fn of_file(&self) -> Vec<Particular> {
        vec![
            self.pair("案卷号", "number of the case", &self.facts.case_number),
            self.pair("事项", "matter", &self.matter()),
            self.pair("当事人或者申请人", "party or applicant", &self.facts.to),
        ]
    }

    /// Documents and papers in the order in which they came into the case.
    pub(super) fn index(&self) -> Table {
        let day = |at: UtcMs| self.day(at.shanghai_date());
        let made = self.issued().map(|d| {
            let name = Document::parse(&d.kind).map_or_else(|| d.kind.clone(), |k| said(&k.name(), self.lang));
            (d.index, [name, d.number.clone(), day(d.at), d.pages.to_string()])
        });
        let given = self.lying().map(|p| {
            let file = p.name.as_ref().map(|name| name.expose().clone()).unwrap_or_default();
            (p.index, [self.material_name(&p.material), file, day(p.at), String::new()])
        });
        let mut all: Vec<(u32, [String; 4])> = made.chain(given).collect();
        all.sort_by_key(|(index, _)| *index);
        let row = |(n, (_, cells)): (usize, (u32, [String; 4]))| {
            let mut row = vec![(n + 1).to_string()];
            row.extend(cells);
            row.push(String::new());
            row
        };
        let rows = all.into_iter().take(ROWS).enumerate().map(row).collect();
        let heads = [
            ("序号", "no."),
            ("文件名称", "paper"),
            ("文号或者文件名", "number or file"),
            ("日期", "day"),
            ("页数", "pages"),
            ("备注", "notes"),
        ];
        let heads = heads.map(|(zh, en)| self.lang.t(zh, en).to_owned()).to_vec();
        Table { title: String::new(), heads, widths: vec![2, 5, 8, 5, 2, 2], rows }
    }

    /// Digests of the copies that were handed out: of the form of the step, and of what the site answered.
    fn digests(&self) -> Vec<String> {
        let Some(rule) = self.docket.procedure.viewing.as_ref() else { return Vec::new() };
        let case = self.docket.case;
        let typed = case.values_of(&rule.step).and_then(|values| values.text(&rule.digest));
        let note = case.done(&rule.step).map(|d| d.note.expose().as_str()).unwrap_or_default();
        let told = note.lines().filter_map(|line| line.trim().strip_prefix(DIGEST));
        let mut found: Vec<String> = Vec::new();
        for digest in
            typed.into_iter().chain(told).filter_map(|text| Sha256::from_hex(&text.trim().to_ascii_lowercase()))
        {
            let hex = digest.hex();
            if !found.contains(&hex) {
                found.push(hex);
            }
        }
        found
    }

    /// How many copies were handed out, by the form of the step.
    fn copies_told(&self) -> usize {
        let Some(rule) = self.docket.procedure.viewing.as_ref() else { return 0 };
        let typed = self.docket.case.values_of(&rule.step).and_then(|values| values.number(&rule.copies));
        typed.and_then(|n| usize::try_from(n).ok()).unwrap_or_default().min(ROWS)
    }

    /// The list of electronic data: content, category, format, digest; one row a copy, and one to write on where nothing is known.
    pub(super) fn data_list(&self) -> Table {
        let digests = self.digests();
        let rule = self.docket.procedure.viewing.as_ref();
        let sealed = rule.is_some_and(|rule| rule.hands_out == HandsOut::Copy);
        let format = if sealed { self.lang.t("封存副本（数据包）", "sealed copy (package)") } else { "" };
        let count = digests.len().max(self.copies_told()).max(1);
        let row = |n: usize| {
            let digest = digests.get(n).cloned().unwrap_or_default();
            let name = match self.lang {
                base::Lang::Zh => format!("视频副本{}", n + 1),
                base::Lang::En => format!("copy {} of footage", n + 1),
            };
            let kind = self.lang.t("视听资料、电子数据", "audio-visual and electronic data").to_owned();
            vec![(n + 1).to_string(), name, kind, format.to_owned(), digest, String::new()]
        };
        let heads = [
            ("序号", "no."),
            ("内容", "content"),
            ("类别", "category"),
            ("文件格式", "format"),
            ("完整性校验值（SHA-256）", "integrity value (SHA-256)"),
            ("备注", "notes"),
        ];
        let heads = heads.map(|(zh, en)| self.lang.t(zh, en).to_owned()).to_vec();
        Table { title: String::new(), heads, widths: vec![2, 4, 4, 4, 8, 2], rows: (0..count).map(row).collect() }
    }
}
