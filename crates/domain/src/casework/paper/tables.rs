//! The tables of a paper: materials received, what was found, evidence, what was taken, rows of registers and publications.
//!
//! Always true: a row is as long as its heads; a long text goes on in the next row; rows of registers hold columns of that register only.

use super::super::case::CasePaper;
use super::super::docket::Node;
use super::super::keeping::registration_of;
use super::super::steps::fields_of;
use super::super::words::{OTHER_EVIDENCE, REGISTER_EVIDENCE, SAMPLE, SETTLE_SAMPLE};
use super::annex::annex_cells;
use super::rules::ACCESS_REGISTER;
use super::sheet::{Sheet, is_wording};
use super::words::{paragraphs, said};
use crate::document::{ROWS, Table};
use crate::form::Value;
use law::{Carrier, Field, FieldKind};

impl<'a> Sheet<'a> {
    pub(super) fn tables(&self) -> Vec<Table> {
        match self.document.code {
            "material_receipt" => vec![self.received()],
            "evidence_registration" => vec![self.listed(REGISTER_EVIDENCE, ("证据", "evidence"))],
            "evidence_outcome" => vec![self.settled()],
            "sampling_notice" => vec![self.listed(SAMPLE, ("样品", "sample"))],
            "sampling_outcome" => vec![self.listed(SETTLE_SAMPLE, ("样品和检验结果", "sample, and what it showed"))],
            "file_index" => vec![self.index()],
            "extraction_record" | "handover_receipt" => vec![self.data_list()],
            "register_extract" | "access_register_extract" => self.registers(),
            "bulletin" => self.annexes(),
            "plan_review_record" => vec![self.panel_table()],
            "inspection_record" => {
                let found = self.two(String::new(), self.not_yet_told(self.found(&[self.node_id()])));
                [found].into_iter().chain(self.facts.inspected.tables.iter().cloned()).collect()
            }
            "acceptance_record" => vec![self.two(String::new(), self.not_yet_told(self.found(&self.all_done())))],
            "retrieval_list" => {
                let before = self.node().map(Node::after).unwrap_or_default();
                let steps = before.iter().map(String::as_str).chain([self.node_id()]);
                vec![self.two(String::new(), steps.flat_map(|step| self.filled(step)).collect())]
            }
            _ => vec![self.two(String::new(), self.filled(self.node_id()))],
        }
    }

    /// A table of names and values.
    fn two(&self, title: String, fields: Vec<(&'a Field, &'a Value)>) -> Table {
        let mut rows = Vec::new();
        for (field, value) in fields {
            let name = said(&field.name(), self.lang);
            for part in paragraphs(&self.shown(field, value)) {
                rows.push(vec![name.clone(), part]);
            }
        }
        rows.truncate(ROWS);
        let heads = [self.lang.t("项目", "item"), self.lang.t("内容", "content")].map(str::to_owned).to_vec();
        Table { title, heads, widths: vec![2, 5], rows }
    }

    /// What was looked at in some steps: texts, choices, answers and numbers.
    fn found(&self, steps: &[&str]) -> Vec<(&'a Field, &'a Value)> {
        let looked = |f: &Field| {
            matches!(
                f.kind,
                FieldKind::Words | FieldKind::Choice | FieldKind::Flag | FieldKind::Count | FieldKind::Line
            )
        };
        steps.iter().flat_map(|step| self.filled(step)).filter(|(f, _)| looked(f)).collect()
    }

    /// Without what stands in the particulars above the table; all of it where nothing else is left, for no record goes without its table.
    fn not_yet_told(&self, fields: Vec<(&'a Field, &'a Value)>) -> Vec<(&'a Field, &'a Value)> {
        let above = self.particulars();
        let is_there = |f: &Field, v: &Value| {
            let (name, value) = (said(&f.name(), self.lang), self.shown(f, v));
            let is_the_party = is_wording(f.kind) && self.facts.party.iter().any(|p| p.value == value);
            above.iter().any(|p| p.value == value && (p.name == name || is_the_party))
        };
        let rest: Vec<(&Field, &Value)> = fields.iter().copied().filter(|(f, v)| !is_there(f, v)).collect();
        if rest.is_empty() { fields } else { rest }
    }

    /// Every step and outcome that was done, once, in the order of the procedure.
    fn all_done(&self) -> Vec<&'a str> {
        let steps = self.docket.procedure.steps.iter().map(|s| s.id.as_str());
        steps.filter(|id| self.docket.case.done(id).is_some()).chain([self.node_id()]).collect()
    }

    fn received(&self) -> Table {
        // What the organ found itself was received from nobody.
        let received = |p: &&CasePaper| !p.returned && p.material != OTHER_EVIDENCE;
        let papers = self.docket.case.papers.iter().filter(received).take(ROWS);
        let row = |(n, p): (usize, &CasePaper)| {
            let file = p.name.as_ref().map(|name| name.expose().clone()).unwrap_or_default();
            let kind = said(&p.kind.name(), self.lang);
            vec![(n + 1).to_string(), self.material_name(&p.material), file, kind, p.sha256.hex()]
        };
        let rows = papers.enumerate().map(row).collect();
        let heads = [("序", "no."), ("材料", "material"), ("文件名", "file"), ("形式", "form"), ("校验值", "SHA-256")];
        let heads = heads.map(|(zh, en)| self.lang.t(zh, en).to_owned()).to_vec();
        Table { title: String::new(), heads, widths: vec![1, 4, 4, 3, 6], rows }
    }

    /// The things that a step names in its texts, one a row as they were written.
    fn listed(&self, step: &str, head: (&str, &str)) -> Table {
        self.list_of(self.filled(step), head)
    }

    /// The same of the registration that was settled last, whichever that was.
    fn settled(&self) -> Table {
        let settlement = self.doing().and_then(|d| registration_of(self.docket.case, d));
        let Some(kept) = settlement else { return self.listed(REGISTER_EVIDENCE, ("证据", "evidence")) };
        let fields = fields_of(self.docket.procedure, REGISTER_EVIDENCE).into_iter().filter(|f| self.shows(f));
        let filled = fields.filter_map(|f| kept.values.get(&f.id).map(|v| (f, v))).collect();
        self.list_of(filled, ("证据", "evidence"))
    }

    fn list_of(&self, filled: Vec<(&'a Field, &'a Value)>, head: (&str, &str)) -> Table {
        let fields = filled.into_iter().filter(|(f, _)| f.kind == FieldKind::Words);
        let things = fields.flat_map(|(f, v)| paragraphs(&self.shown(f, v))).take(ROWS);
        let rows = things.enumerate().map(|(n, thing)| vec![(n + 1).to_string(), thing]).collect();
        let heads = [self.lang.t("序", "no."), self.lang.t(head.0, head.1)].map(str::to_owned).to_vec();
        Table { title: String::new(), heads, widths: vec![1, 8], rows }
    }

    /// A table for each text of the first step that has a list.
    fn annexes(&self) -> Vec<Table> {
        let heads = [("序", "no."), ("名称", "name"), ("编号", "number")];
        let heads = heads.map(|(zh, en)| self.lang.t(zh, en).to_owned()).to_vec();
        let list = |(field, value): (&Field, &Value)| {
            let text = self.shown(field, value);
            let rows = text.lines().filter_map(annex_cells).take(ROWS).map(|cells| cells.to_vec());
            Table {
                title: said(&field.name(), self.lang),
                heads: heads.clone(),
                widths: vec![1, 5, 4],
                rows: rows.collect(),
            }
        };
        self.filled(self.first_step()).into_iter().map(list).filter(|table| !table.rows.is_empty()).collect()
    }

    /// A table for each register of the outcome, with its columns of what is filled in.
    fn registers(&self) -> Vec<Table> {
        let Some(Node::Outcome(outcome)) = self.node() else { return Vec::new() };
        let filled: Vec<(&Field, &Value)> = self.all_done().into_iter().flat_map(|step| self.filled(step)).collect();
        let one = |register: &String| {
            let columns = filled.iter().filter(|(f, _)| f.registers.contains(register)).copied().collect();
            let name = self.docket.packs.carriers().name(&Carrier::Register(register.clone()));
            self.two(said(&name, self.lang), columns)
        };
        // The extract of who saw what holds that register alone.
        let wanted = |register: &&String| !self.is("access_register_extract") || register.as_str() == ACCESS_REGISTER;
        outcome.registers.iter().filter(wanted).map(one).collect()
    }
}
