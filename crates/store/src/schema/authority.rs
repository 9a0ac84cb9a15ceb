//! Tables of the authority: offices, cases and what belongs to them, registers, plans, visits, orders, money. Part of the one list of migrations in
//! `super`, under the same rules: what was released is never changed.

pub(super) const CASEWORK: &[&str] = &[
    // Authority: its offices (domain's words for level; division: GB/T 2260; unit_code: of the police unit). parent is an office too, without
    // a rule of the schema: rows of a backup come in any order.
    "CREATE TABLE office (id TEXT PRIMARY KEY, name TEXT NOT NULL, level TEXT NOT NULL, division TEXT NOT NULL, unit_code TEXT NOT NULL UNIQUE, \
     parent TEXT, changed_ms BIGINT NOT NULL, closed_ms BIGINT)",
    // Who works there. seats: words, a blank between; certificate_sealed: number of the enforcement certificate; valid_until: YYYY-MM-DD.
    "CREATE TABLE officer (account TEXT PRIMARY KEY REFERENCES account(id), office TEXT NOT NULL REFERENCES office(id), seats TEXT NOT NULL, \
     certificate_sealed {blob}, valid_until TEXT, changed_ms BIGINT NOT NULL)",
    "CREATE INDEX officer_office ON officer (office, account)",
    // Units and persons that cases are about: the newest version. kind: unit, person. Of a unit name, address and code (GB 32100) stand open;
    // of a person nothing does: id_index and phone_index are digests under a key, '' none.
    "CREATE TABLE party (id TEXT PRIMARY KEY, kind TEXT NOT NULL, version BIGINT NOT NULL, credit_code TEXT UNIQUE, id_index TEXT UNIQUE, \
     phone_index TEXT NOT NULL, changed_ms BIGINT NOT NULL)",
    "CREATE INDEX party_phone ON party (phone_index, id) WHERE phone_index <> ''",
    // Every version, never changed. details_sealed: salt (hex), then JSON; entry is the place of its entry.
    "CREATE TABLE party_version (party TEXT NOT NULL REFERENCES party(id), version BIGINT NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL, \
     credit_code TEXT, details_sealed {blob} NOT NULL, account TEXT, at_ms BIGINT NOT NULL, entry BIGINT NOT NULL, \
     PRIMARY KEY (party, version))",
    // Numbers of papers and cases: the newest that was used of each series of an office in a year.
    "CREATE TABLE number_series (office TEXT NOT NULL, series TEXT NOT NULL, year BIGINT NOT NULL, used BIGINT NOT NULL, \
     PRIMARY KEY (office, series, year))",
    // Search: normalised text of a thing (no personal data), and its pairs of signs. kind: casework::search; ids sort by time of making.
    "CREATE TABLE search_text (kind TEXT NOT NULL, thing TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (kind, thing))",
    "CREATE TABLE gram (gram TEXT NOT NULL, kind TEXT NOT NULL, thing TEXT NOT NULL, PRIMARY KEY (gram, kind, thing))",
];

pub(super) const CASE_FILES: &[&str] = &[
    // Cases: what lists show, made of the events. pack_digest: law::LawDigest that decides; facts_on: day whose law does; assigned: '' nobody;
    // next_due: nearest running day, '9999-12-31' none, with its clock and whom it binds; events: how many there are. title: no personal data.
    "CREATE TABLE case_file (id TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE, procedure TEXT NOT NULL, pack_digest TEXT NOT NULL, \
     office TEXT NOT NULL, party TEXT, title TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT, assigned TEXT NOT NULL, \
     opened_ms BIGINT NOT NULL, facts_on TEXT NOT NULL, closed_ms BIGINT, events BIGINT NOT NULL, next_due TEXT NOT NULL, next_clock TEXT, \
     next_binds TEXT, last_ms BIGINT NOT NULL)",
    // The worklist, one index for each question of casework::worklist that leads: open cases only, nearest day first.
    "CREATE INDEX case_open ON case_file (next_due, id) WHERE closed_ms IS NULL",
    "CREATE INDEX case_open_assigned ON case_file (assigned, next_due, id) WHERE closed_ms IS NULL",
    "CREATE INDEX case_open_office ON case_file (office, next_due, id) WHERE closed_ms IS NULL",
    "CREATE INDEX case_open_office_assigned ON case_file (office, assigned, next_due, id) WHERE closed_ms IS NULL",
    "CREATE INDEX case_open_office_procedure ON case_file (office, procedure, next_due, id) WHERE closed_ms IS NULL",
    "CREATE INDEX case_open_office_state ON case_file (office, state, next_due, id) WHERE closed_ms IS NULL",
    "CREATE INDEX case_open_procedure ON case_file (procedure, next_due, id) WHERE closed_ms IS NULL",
    "CREATE INDEX case_open_procedure_state ON case_file (procedure, state, next_due, id) WHERE closed_ms IS NULL",
    "CREATE INDEX case_open_state ON case_file (state, next_due, id) WHERE closed_ms IS NULL",
    // SQLite chooses among them by what it was told of them, and knows nothing of an empty table: rows, then rows of each part of the key.
    "{sqlite}ANALYZE number_series",
    "{sqlite}DELETE FROM sqlite_stat1 WHERE tbl = 'case_file'",
    "{sqlite}INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('case_file', 'case_open', '100000 100 1'), \
     ('case_file', 'case_open_assigned', '100000 100 2 1'), ('case_file', 'case_open_office', '100000 1000 10 1'), \
     ('case_file', 'case_open_office_assigned', '100000 1000 50 2 1'), ('case_file', 'case_open_office_procedure', '100000 1000 100 2 1'), \
     ('case_file', 'case_open_office_state', '100000 1000 200 5 1'), ('case_file', 'case_open_procedure', '100000 5000 20 1'), \
     ('case_file', 'case_open_procedure_state', '100000 5000 1000 10 1'), ('case_file', 'case_open_state', '100000 20000 50 1')",
    "{sqlite}ANALYZE sqlite_schema",
    // The archive: all cases, newest first, of one office, procedure or party.
    "CREATE INDEX case_opened ON case_file (opened_ms, id)",
    "CREATE INDEX case_opened_office ON case_file (office, opened_ms, id)",
    "CREATE INDEX case_opened_procedure ON case_file (procedure, opened_ms, id)",
    "CREATE INDEX case_opened_party ON case_file (party, opened_ms, id)",
    // What happened, never changed. n from 1; body_sealed: salt (hex), then JSON, sealed for this case and place; entry: place of its entry.
    "CREATE TABLE case_event (case_id TEXT NOT NULL REFERENCES case_file(id), n BIGINT NOT NULL, at_ms BIGINT NOT NULL, account TEXT, \
     kind TEXT NOT NULL, body_sealed {blob} NOT NULL, entry BIGINT NOT NULL, PRIMARY KEY (case_id, n))",
    "CREATE UNIQUE INDEX case_event_entry ON case_event (entry)",
    // Clocks as last counted, made anew with each change. state: running suspended met late missed passed not_counted; n: order; due: YYYY-MM-DD.
    "CREATE TABLE case_clock (case_id TEXT NOT NULL REFERENCES case_file(id), n BIGINT NOT NULL, clock TEXT NOT NULL, binds TEXT NOT NULL, \
     state TEXT NOT NULL, due TEXT, provisional BIGINT NOT NULL, PRIMARY KEY (case_id, n))",
    "CREATE INDEX case_clock_due ON case_clock (due, case_id, n) WHERE state = 'running'",
    "CREATE INDEX case_clock_provisional ON case_clock (case_id) WHERE provisional = 1",
    // Papers that were given; the bytes are in `paper`, sealed and without a name. material: word of the procedure; event: number of the event.
    "CREATE TABLE case_paper (case_id TEXT NOT NULL REFERENCES case_file(id), n BIGINT NOT NULL, material TEXT NOT NULL, sha256 TEXT NOT NULL, \
     bytes BIGINT NOT NULL, media_type TEXT NOT NULL, name_sealed {blob} NOT NULL, event BIGINT NOT NULL, at_ms BIGINT NOT NULL, \
     account TEXT, PRIMARY KEY (case_id, n))",
    "CREATE INDEX case_paper_sha256 ON case_paper (sha256)",
];

pub(super) const CASE_RESULTS: &[&str] = &[
    // Documents that were issued. number: as printed, null for those without; the PDF is sealed; void_*: it counts no more, and why (sealed).
    "CREATE TABLE document (id TEXT PRIMARY KEY, number TEXT UNIQUE, kind TEXT NOT NULL, office TEXT NOT NULL, case_id TEXT, \
     sha256 TEXT NOT NULL, bytes BIGINT NOT NULL, pdf_sealed {blob} NOT NULL, account TEXT, made_ms BIGINT NOT NULL, entry BIGINT NOT NULL, \
     void_ms BIGINT, void_why_sealed {blob}, void_entry BIGINT)",
    "CREATE INDEX document_case ON document (case_id, made_ms, id)",
    "CREATE INDEX document_sha256 ON document (sha256)",
    // Registers: every version of every row. public: JSON as its digest in the entry was made of; personal_sealed: salt (hex), then JSON;
    // newest: 1 for the newest version; entry: place of its entry, which proves it.
    "CREATE TABLE register_row (register TEXT NOT NULL, row_id TEXT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL, office TEXT, \
     party TEXT, public TEXT NOT NULL, personal_sealed {blob}, case_id TEXT, event BIGINT, from_day TEXT NOT NULL, until_day TEXT, \
     newest BIGINT NOT NULL, at_ms BIGINT NOT NULL, entry BIGINT NOT NULL, PRIMARY KEY (register, row_id, version))",
    "CREATE UNIQUE INDEX register_row_newest ON register_row (register, row_id) WHERE newest = 1",
    "CREATE UNIQUE INDEX register_row_entry ON register_row (entry)",
    "CREATE INDEX register_row_list ON register_row (register, entry) WHERE newest = 1",
    "CREATE INDEX register_row_party ON register_row (party, entry) WHERE newest = 1",
    "CREATE INDEX register_row_case ON register_row (case_id, entry)",
    // What was made public; entry is the place of its entry and its number. row_list: JSON of register, row, version.
    "CREATE TABLE publication (entry BIGINT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, row_list TEXT NOT NULL, \
     case_id TEXT, sha256 TEXT NOT NULL, until_day TEXT, account TEXT, published_ms BIGINT NOT NULL, withdrawn_ms BIGINT, \
     withdrawn_entry BIGINT, reasons TEXT NOT NULL)",
    "CREATE INDEX publication_kind ON publication (kind, entry)",
    "CREATE INDEX publication_case ON publication (case_id, entry)",
    // Draws: the pool before the seed exists, then the one draw of the plan, then what was put in place of a drawn unit, n from 1.
    "CREATE TABLE draw_pool (plan TEXT PRIMARY KEY, sha256 TEXT NOT NULL, pool TEXT NOT NULL, account TEXT, at_ms BIGINT NOT NULL, \
     entry BIGINT NOT NULL)",
    "CREATE TABLE draw (plan TEXT PRIMARY KEY REFERENCES draw_pool(plan), sha256 TEXT NOT NULL, record TEXT NOT NULL, account TEXT, \
     at_ms BIGINT NOT NULL, entry BIGINT NOT NULL)",
    "CREATE TABLE draw_substitution (plan TEXT NOT NULL REFERENCES draw(plan), n BIGINT NOT NULL, body TEXT NOT NULL, account TEXT, \
     at_ms BIGINT NOT NULL, entry BIGINT NOT NULL, PRIMARY KEY (plan, n))",
];

pub(super) const APPLICANTS: &[&str] = &[
    // For whom an applicant's account stands: one party an account; a party may have several.
    "CREATE TABLE applicant (account TEXT PRIMARY KEY REFERENCES account(id), party TEXT NOT NULL REFERENCES party(id), at_ms BIGINT NOT NULL)",
    "CREATE INDEX applicant_party ON applicant (party, account)",
];

pub(super) const ABSENCES: &[&str] = &[
    // Authority: who is absent from when until when (YYYY-MM-DD, both counted), and who stands in; entry is the place of its entry.
    "CREATE TABLE absence (entry BIGINT PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), \
     stand_in TEXT NOT NULL REFERENCES account(id), office TEXT NOT NULL REFERENCES office(id), from_day TEXT NOT NULL, \
     until_day TEXT NOT NULL, by_account TEXT NOT NULL, at_ms BIGINT NOT NULL, ended_ms BIGINT)",
    "CREATE INDEX absence_account ON absence (account, from_day) WHERE ended_ms IS NULL",
    "CREATE INDEX absence_stand_in ON absence (stand_in, from_day) WHERE ended_ms IS NULL",
    "CREATE INDEX absence_office ON absence (office, until_day) WHERE ended_ms IS NULL",
];

pub(super) const PLANS: &[&str] = &[
    // Plans of inspections. state: draft published committed drawn; body: JSON of the authority; published_day: YYYY-MM-DD; entered: place of
    // the plan's first entry, by which lists go.
    "CREATE TABLE inspection_plan (word TEXT PRIMARY KEY, year BIGINT NOT NULL, office TEXT NOT NULL, title TEXT NOT NULL, \
     body TEXT NOT NULL, state TEXT NOT NULL, published_day TEXT, account TEXT NOT NULL, published_by TEXT, changed_ms BIGINT NOT NULL, \
     entered BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX inspection_plan_entered ON inspection_plan (entered)",
    "CREATE INDEX inspection_plan_office ON inspection_plan (office, entered)",
    // Who keeps out of the inspection of which unit, declared before the pool.
    "CREATE TABLE plan_conflict (plan TEXT NOT NULL REFERENCES inspection_plan(word), account TEXT NOT NULL, unit TEXT NOT NULL, \
     at_ms BIGINT NOT NULL, PRIMARY KEY (plan, account, unit))",
    // Who stands behind a commitment of a pool. words_sealed: salt (hex), badge, name, a line each, sealed for this plan and commitment.
    "CREATE TABLE plan_inspector (plan TEXT NOT NULL REFERENCES draw_pool(plan), inspector TEXT NOT NULL, account TEXT NOT NULL, \
     words_sealed {blob} NOT NULL, PRIMARY KEY (plan, inspector))",
    // Units of a pool, as their register had them then. place: in the draw, from 1; 0: not drawn; team: ids with a comma between; lack: why
    // there is none; gone: 1 for a unit that was replaced; case_id: its inspection, whose visits are in `visit`.
    "CREATE TABLE plan_unit (plan TEXT NOT NULL REFERENCES draw_pool(plan), unit TEXT NOT NULL, register TEXT NOT NULL, row_id TEXT NOT NULL, \
     name TEXT NOT NULL, party TEXT, place BIGINT NOT NULL, team TEXT NOT NULL, lack TEXT NOT NULL, gone BIGINT NOT NULL, case_id TEXT, \
     PRIMARY KEY (plan, unit))",
    "CREATE INDEX plan_unit_place ON plan_unit (plan, place) WHERE place > 0",
    "CREATE INDEX plan_unit_unit ON plan_unit (unit) WHERE place > 0",
    "CREATE INDEX plan_unit_case ON plan_unit (case_id) WHERE case_id IS NOT NULL",
];

pub(super) const ORDERS: &[&str] = &[
    // Authority: what it tells its sites to do. kind: domain::order; seq from 1 without holes of each site; the body is sealed, sha256 (hex) that
    // of its bytes; ended_by: the order that ends a hold, null while it stands; entry: place of its entry.
    "CREATE TABLE site_order (id TEXT PRIMARY KEY, site TEXT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL, case_id TEXT, \
     at_ms BIGINT NOT NULL, account TEXT, body_sealed {blob} NOT NULL, sha256 TEXT NOT NULL, ended_by TEXT, entry BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX site_order_seq ON site_order (site, seq)",
    "CREATE INDEX site_order_case ON site_order (case_id, at_ms, id)",
    "CREATE INDEX site_order_standing ON site_order (case_id) WHERE kind = 'hold' AND ended_by IS NULL",
    // What the sites answered; the newest of an order counts. ended: domain::order::Ended; message and seq: of the site's message.
    "CREATE TABLE site_order_result (site TEXT NOT NULL, message TEXT NOT NULL, seq BIGINT NOT NULL, order_id TEXT NOT NULL, \
     ended TEXT NOT NULL, note {blob} NOT NULL, body_sealed {blob} NOT NULL, sha256 TEXT NOT NULL, receipt {blob} NOT NULL, \
     at_ms BIGINT NOT NULL, entry BIGINT NOT NULL, PRIMARY KEY (site, message))",
    "CREATE INDEX site_order_result_of ON site_order_result (order_id, entry)",
    // Site: what its authority (origin of its log) told it to do. ended: null while it is to be done; answer_sealed: domain::order::Answer;
    // sent_ms: the authority has the answer.
    "CREATE TABLE authority_order (id TEXT PRIMARY KEY, authority TEXT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL, \
     at_ms BIGINT NOT NULL, taken_ms BIGINT NOT NULL, note {blob} NOT NULL, body_sealed {blob} NOT NULL, ended TEXT, ended_ms BIGINT, \
     answer_sealed {blob}, sent_ms BIGINT)",
    "CREATE UNIQUE INDEX authority_order_seq ON authority_order (authority, seq)",
    "CREATE INDEX authority_order_open ON authority_order (seq) WHERE ended IS NULL",
    "CREATE INDEX authority_order_unsent ON authority_order (seq) WHERE ended IS NOT NULL AND sent_ms IS NULL",
    // Which hold an order placed on a camera's footage; one each.
    "CREATE TABLE order_hold (order_id TEXT NOT NULL REFERENCES authority_order(id), camera TEXT NOT NULL, hold TEXT NOT NULL UNIQUE, \
     PRIMARY KEY (order_id, camera))",
];

pub(super) const EXCHANGE: &[&str] = &[
    // Requests of other systems that began a case: the key that the sender gave counts once for its account. request_sha256: what was sent.
    "CREATE TABLE exchange_request (account TEXT NOT NULL REFERENCES account(id), request_key TEXT NOT NULL, request_sha256 TEXT NOT NULL, \
     case_id TEXT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY (account, request_key))",
    // Files that were imported, by digest; target: word of the register, or `unit` or `person`; row_count: how many rows it had.
    "CREATE TABLE imported_file (sha256 TEXT PRIMARY KEY, target TEXT NOT NULL, row_count BIGINT NOT NULL, account TEXT, at_ms BIGINT NOT NULL, \
     entry BIGINT NOT NULL)",
    // What those who work here count: clocks by the month of their day, rows of a register by name, versions by the time of writing.
    "CREATE INDEX case_clock_month ON case_clock (due, state, binds, case_id)",
    "CREATE INDEX register_row_name ON register_row (register, name) WHERE newest = 1",
    "CREATE INDEX register_row_written ON register_row (register, at_ms)",
];

pub(super) const SHOWINGS: &[&str] = &[
    // Site: the requests for use that were made to carry out an order to show footage; one at a time, several in a row.
    "CREATE TABLE order_request (order_id TEXT NOT NULL REFERENCES authority_order(id), request TEXT NOT NULL UNIQUE REFERENCES request(id), \
     PRIMARY KEY (order_id, request))",
];

pub(super) const VISITS: &[&str] = &[
    // Authority: visits of inspections. state: asked approved open closed; kind: domain::inspection::VisitKind; day: YYYY-MM-DD; unit: credit
    // code (GB 32100); facts: JSON without personal data; version: how often the record changed; record_sealed, ended_sealed: salt (hex), then
    // JSON, sealed for this visit; report: place of the entry of the site's own report that was used (site_report.leaf).
    "CREATE TABLE visit (case_id TEXT NOT NULL REFERENCES case_file(id), n BIGINT NOT NULL, state TEXT NOT NULL, kind TEXT NOT NULL, \
     day TEXT NOT NULL, unit TEXT NOT NULL, facts TEXT NOT NULL, version BIGINT NOT NULL, record_sealed {blob} NOT NULL, \
     ended_sealed {blob}, report BIGINT, PRIMARY KEY (case_id, n))",
    "CREATE INDEX visit_unit ON visit (unit, day)",
    "CREATE INDEX visit_open ON visit (state, day) WHERE state <> 'closed'",
    "CREATE INDEX visit_report ON visit (report) WHERE report IS NOT NULL",
    // Who inspects.
    "CREATE TABLE visit_inspector (account TEXT NOT NULL, case_id TEXT NOT NULL, n BIGINT NOT NULL, day TEXT NOT NULL, \
     PRIMARY KEY (account, case_id, n))",
    "CREATE INDEX visit_inspector_visit ON visit_inspector (case_id, n)",
    // Photos and drawn signatures; photo from 1; belongs: word of the item or whose signature; taken_ms and place as the phone said.
    "CREATE TABLE visit_photo (case_id TEXT NOT NULL, n BIGINT NOT NULL, photo BIGINT NOT NULL, sha256 TEXT NOT NULL, bytes BIGINT NOT NULL, \
     media_type TEXT NOT NULL, belongs TEXT NOT NULL, taken_ms BIGINT NOT NULL, place TEXT NOT NULL, at_ms BIGINT NOT NULL, \
     account TEXT NOT NULL, sealed {blob} NOT NULL, PRIMARY KEY (case_id, n, photo))",
    "CREATE UNIQUE INDEX visit_photo_same ON visit_photo (case_id, n, sha256, belongs)",
    // Authority: what sites report of themselves; leaf: place of its entry; body_sealed is null once a newer one came and no visit used it.
    "CREATE TABLE site_report (site TEXT NOT NULL, id TEXT NOT NULL, seq BIGINT NOT NULL, leaf BIGINT NOT NULL, made_ms BIGINT NOT NULL, \
     received_ms BIGINT NOT NULL, sha256 TEXT NOT NULL, note {blob} NOT NULL, body_sealed {blob}, receipt {blob} NOT NULL, \
     PRIMARY KEY (site, id))",
    "CREATE UNIQUE INDEX site_report_leaf ON site_report (leaf)",
    "CREATE INDEX site_report_made ON site_report (site, made_ms)",
    // Site: reports of itself, until their receipt came and for a while after; day: YYYY-MM-DD.
    "CREATE TABLE self_report (id TEXT PRIMARY KEY, day TEXT NOT NULL, made_ms BIGINT NOT NULL, body_sealed {blob} NOT NULL, \
     received_ms BIGINT)",
];

pub(super) const PAYMENTS: &[&str] = &[
    // What was paid of a fine and what moves its days, never changed. n from 1; kind: received deferred stopped resumed; day: YYYY-MM-DD;
    // receipt: '' where it is no money; body_sealed: salt (hex), then JSON, sealed for this case and place; entry: place of its entry.
    "CREATE TABLE payment (case_id TEXT NOT NULL REFERENCES case_file(id), n BIGINT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, \
     fen BIGINT NOT NULL, receipt TEXT NOT NULL, body_sealed {blob} NOT NULL, account TEXT, at_ms BIGINT NOT NULL, entry BIGINT NOT NULL, \
     PRIMARY KEY (case_id, n))",
    "CREATE UNIQUE INDEX payment_entry ON payment (entry)",
    // From which case a case came: an inspection leads to a penalty, a fine that is not paid to its enforcement.
    "CREATE TABLE case_link (case_id TEXT PRIMARY KEY REFERENCES case_file(id), from_case TEXT NOT NULL REFERENCES case_file(id))",
    "CREATE INDEX case_link_from ON case_link (from_case, case_id)",
];

pub(super) const PUBLIC_ROWS: &[&str] = &[
    // Since when the public sees this version of a row; null: it does not (never published, or withdrawn).
    "ALTER TABLE register_row ADD COLUMN shown_ms BIGINT",
    // Rows that a publication of their case shows already. row_list: JSON of register, row, version, in this order.
    "UPDATE register_row SET shown_ms = (SELECT MIN(p.published_ms) FROM publication p WHERE p.case_id = register_row.case_id \
     AND p.withdrawn_ms IS NULL AND p.row_list LIKE '%\"register\":\"' || register_row.register || '\",\"row\":\"' || \
     register_row.row_id || '\"%') WHERE newest = 1 AND case_id IS NOT NULL",
    "CREATE INDEX register_row_shown ON register_row (register, entry) WHERE newest = 1 AND shown_ms IS NOT NULL",
    // As a register stood on a day: every version that the public saw.
    "CREATE INDEX register_row_stood ON register_row (register, entry) WHERE shown_ms IS NOT NULL",
    // By which words a row is found (casework::registers::WORDS); 0: by those of older programs.
    "ALTER TABLE register_row ADD COLUMN words BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX register_row_words ON register_row (words) WHERE newest = 1",
];

pub(super) const CASE_CORRECTIONS: &[&str] = &[
    // Payments: the row of the same case that this one takes back; a receipt is entered once on a server, until it is taken back.
    "ALTER TABLE payment ADD COLUMN of_n BIGINT",
    "CREATE INDEX payment_receipt ON payment (receipt) WHERE receipt <> ''",
];

pub(super) const DOCUMENT_WORDS: &[&str] = &[
    // By which words a document is found (casework::documents::WORDS); 0: by its number alone, as older programs did.
    "ALTER TABLE document ADD COLUMN words BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX document_words ON document (words, id)",
];

pub(super) const CASE_RECUSALS: &[&str] = &[
    // Cases in which somebody was asked to keep out: what waits for the head above is found among them.
    "CREATE INDEX case_event_recused ON case_event (case_id) WHERE kind = 'case.recused'",
];

pub(super) const TERRITORY: &[&str] = &[
    // Which offices stand under one: asked by each list of who is above others.
    "CREATE INDEX office_parent ON office (parent) WHERE parent IS NOT NULL",
    // Where a site lies (GB/T 2260), as a person entered it; '': only its province is known.
    "ALTER TABLE peer_site ADD COLUMN division TEXT NOT NULL DEFAULT ''",
];

pub(super) const CASE_RECUSALS_OPEN: &[&str] = &[
    // Who was asked to keep out of a case and what became of it, made anew with each change. state: asked granted rejected; account '': what an
    // older program entered, of which the events say more until the case changes.
    "CREATE TABLE case_recusal (case_id TEXT NOT NULL REFERENCES case_file(id), account TEXT NOT NULL, state TEXT NOT NULL, \
     PRIMARY KEY (case_id, account))",
    "CREATE INDEX case_recusal_asked ON case_recusal (case_id) WHERE state = 'asked'",
    "INSERT INTO case_recusal (case_id, account, state) SELECT DISTINCT case_id, '', 'asked' FROM case_event WHERE kind = 'case.recused'",
];

pub(super) const CASE_MARKS: &[&str] = &[
    // The title under which a case was opened; null: an older program opened it, and it stands in the first event alone, sealed, until the case
    // changes. title of case_file is what it is called now.
    "ALTER TABLE case_file ADD COLUMN begun_as TEXT",
    // What was never changed since has the title that it was opened with.
    "UPDATE case_file SET begun_as = title WHERE events = 1",
    "CREATE INDEX case_same ON case_file (party, procedure, opened_ms, id) WHERE party IS NOT NULL",
    // What a review or suit came to (a choice of its form, '' nothing), and whether it is entered in this case that its decision was changed or
    // annulled (0/1); null: an older program wrote it, and it stands in the events alone, sealed, until the case changes.
    "ALTER TABLE case_file ADD COLUMN result TEXT",
    "ALTER TABLE case_file ADD COLUMN annulled BIGINT",
    "UPDATE case_file SET result = '', annulled = 0 WHERE outcome IS NULL",
];

pub(super) const ACTS_BY_KIND: &[&str] = &[
    // Rare kinds are asked for by their time: without this the whole log of acts is read for a page that shows ten of them.
    "CREATE INDEX act_kind ON act (kind, at_ms)",
];

pub(super) const PAPER_LANGUAGE: &[&str] = &[
    // What an office is called in English, on English papers and pages; '' it has no such name.
    "ALTER TABLE office ADD COLUMN name_en TEXT NOT NULL DEFAULT ''",
    // The language that a document is written in (BCP 47); older ones are Chinese.
    "ALTER TABLE document ADD COLUMN lang TEXT NOT NULL DEFAULT 'zh-CN'",
];

/// Whether a decision is being prepared in the cases of older programs, as their events say.
pub(crate) const WAS_DELIBERATED: &str = "UPDATE case_file SET deliberated = 1 WHERE \
     COALESCE((SELECT MAX(n) FROM case_event WHERE case_id = case_file.id \
     AND kind IN ('case.proposed', 'case.reviewed', 'case.sent_back')), -1) > \
     COALESCE((SELECT MAX(n) FROM case_event WHERE case_id = case_file.id AND kind = 'case.decided'), -1)";

pub(super) const DELIBERATED: &[&str] = &[
    // Somebody proposed, reviewed or sent back since the last decision (0/1): of the events, the newest of these kinds says it.
    "ALTER TABLE case_file ADD COLUMN deliberated BIGINT NOT NULL DEFAULT 0",
    WAS_DELIBERATED,
    "CREATE INDEX case_deliberated ON case_file (next_due, id) WHERE deliberated = 1 AND closed_ms IS NULL",
    "CREATE INDEX case_deliberated_office ON case_file (office, next_due, id) WHERE deliberated = 1 AND closed_ms IS NULL",
    // As with the worklist: SQLite chooses by what it was told.
    "{sqlite}INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('case_file', 'case_deliberated', '1000 10 1'), \
     ('case_file', 'case_deliberated_office', '1000 20 2 1')",
    "{sqlite}ANALYZE sqlite_schema",
    // What was decided lately, for who supervises.
    "CREATE INDEX case_event_decided ON case_event (at_ms, case_id) WHERE kind = 'case.decided'",
];

pub(super) const PUBLIC_CHECKS: &[&str] = &[
    // The number by which people know a row, and its own word, each in one writing (casework::row_numbers); '' until an older row is read again.
    "ALTER TABLE register_row ADD COLUMN number_key TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE register_row ADD COLUMN row_key TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX register_row_number ON register_row (number_key, entry) WHERE newest = 1 AND shown_ms IS NOT NULL",
    "CREATE INDEX register_row_key ON register_row (row_key, entry) WHERE newest = 1 AND shown_ms IS NOT NULL",
    // By what a row was made (law::made_by); '' until an older row is read again.
    "ALTER TABLE register_row ADD COLUMN made_by TEXT NOT NULL DEFAULT ''",
    // The short code printed beside the address of a document's check; '' it has none, or an older program made it.
    "ALTER TABLE document ADD COLUMN check_code TEXT NOT NULL DEFAULT ''",
];

pub(super) const CASE_WAITING: &[&str] = &[
    // What waits beside the terms of law, counted for so many events on a day: the promised last day, since when nothing was done in a case
    // without a running clock, until when that need worry nobody, and the nearer of both last days; '9999-12-31' none.
    "CREATE TABLE case_waiting (case_id TEXT PRIMARY KEY REFERENCES case_file(id), events BIGINT NOT NULL, counted TEXT NOT NULL, \
     promised TEXT NOT NULL, since TEXT NOT NULL, lies TEXT NOT NULL, nearest TEXT NOT NULL)",
    "CREATE INDEX case_waiting_nearest ON case_waiting (nearest, case_id)",
];

pub(super) const ROW_KEYS: &[&str] = &[
    // By which columns of the packs rows are narrowed; 0: not looked at yet. No column about a person is one.
    "ALTER TABLE register_row ADD COLUMN keyed BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX register_row_keyless ON register_row (register) WHERE keyed = 0",
    // What a version (row_entry: its place in the log) says in such a column: the word of a choice; of a division its six digits, and the first
    // four and two of them. is_open: it stands in the public part (0/1).
    "CREATE TABLE register_key (register TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, row_entry BIGINT NOT NULL, \
     is_open BIGINT NOT NULL, PRIMARY KEY (register, value, field, row_entry))",
    "CREATE INDEX register_key_row ON register_key (row_entry)",
];

pub(super) const SPOTS: &[&str] = &[
    // Rows of places and of systems as they are compared (casework::spots): owner, address and names are digests under the key, '' none. role:
    // place system; counts: a system that may be used, a place that must have one (0/1); entry: of the version that was compared; none_entry: an
    // officer found that no system up to this place in the log protects it, 0 nobody did.
    "CREATE TABLE row_spot (register TEXT NOT NULL, row_id TEXT NOT NULL, role TEXT NOT NULL, entry BIGINT NOT NULL, office TEXT, \
     owner TEXT NOT NULL, address TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL, counts BIGINT NOT NULL, from_day TEXT NOT NULL, \
     until_day TEXT, none_entry BIGINT NOT NULL, PRIMARY KEY (register, row_id))",
    "CREATE INDEX row_spot_list ON row_spot (register, entry)",
    "CREATE INDEX row_spot_owner ON row_spot (owner, role)",
    "CREATE INDEX row_spot_address ON row_spot (address, role)",
    "CREATE INDEX row_spot_name ON row_spot (name, role)",
    "CREATE INDEX row_spot_label ON row_spot (label, role)",
    // Which system protects which place. how: named matched settled; entry: of the system's version or of what was settled.
    "CREATE TABLE spot_link (system_register TEXT NOT NULL, system_row TEXT NOT NULL, place_register TEXT NOT NULL, place_row TEXT NOT NULL, \
     how TEXT NOT NULL, entry BIGINT NOT NULL, PRIMARY KEY (system_register, system_row, place_register, place_row))",
    "CREATE INDEX spot_link_place ON spot_link (place_register, place_row)",
    // Whether a place was drawn and inspected.
    "CREATE INDEX plan_unit_row ON plan_unit (register, row_id)",
];

pub(super) const RELAYS: &[&str] = &[
    // Authority: persons' own requests to see footage that it hands on (domain::order::PersonOrder, sealed). id: that of the order to the site too;
    // site: null where no connected one fits; ended_ms: null while it is not over; entry: place of its entry.
    "CREATE TABLE relay (id TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE, year TEXT NOT NULL, serial BIGINT NOT NULL, account TEXT NOT NULL, \
     party TEXT NOT NULL, at_ms BIGINT NOT NULL, site TEXT, body_sealed {blob} NOT NULL, ended_ms BIGINT, entry BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX relay_serial ON relay (year, serial)",
    "CREATE INDEX relay_account ON relay (account, at_ms, id)",
    // Site: when and where who asked through the authority is to come; place names nobody.
    "CREATE TABLE order_coming (order_id TEXT PRIMARY KEY REFERENCES authority_order(id), from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, \
     place TEXT NOT NULL, account TEXT NOT NULL, at_ms BIGINT NOT NULL)",
    // Site: persons' own requests whose next answer may differ from the last.
    "CREATE INDEX authority_order_person ON authority_order (seq) WHERE kind = 'person' AND ended IN ('held', 'entered', 'agreed')",
];

pub(super) const SHOWING_COVERS: &[&str] = &[
    // Site: boxes over others of one camera in one session in which a citizen is shown footage. opened_ms: begin of the session; body: JSON of
    // domain::viewing::Covering; account: who looked; at_ms: when it was kept last.
    "CREATE TABLE showing_cover (request TEXT NOT NULL REFERENCES request(id), opened_ms BIGINT NOT NULL, camera TEXT NOT NULL, \
     body TEXT NOT NULL, account TEXT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY (request, opened_ms, camera))",
];

/// Decided cases of older programs of which something may still be to come out: which, only their events and the packs say.
pub(crate) const MAY_BE_UNPUBLISHED: &str = "UPDATE case_file SET unpublished = '?' WHERE outcome IS NOT NULL AND \
     (SELECT COUNT(DISTINCT kind) FROM publication WHERE case_id = case_file.id) < 2";

pub(super) const CASE_WAITS: &[&str] = &[
    // Lists in which the decision is still to come out, with blanks between; '' none, '?' an older program decided it.
    "ALTER TABLE case_file ADD COLUMN unpublished TEXT NOT NULL DEFAULT ''",
    // decision review proposal leave: whose word it waits for; nobody; '' not known.
    "ALTER TABLE case_file ADD COLUMN awaits TEXT NOT NULL DEFAULT ''",
    // Whether these two, the hands, the facts by which it is found and the parts of its number were written (0/1); 0: an older program wrote it.
    "ALTER TABLE case_file ADD COLUMN marked BIGINT NOT NULL DEFAULT 0",
    // Whose hand is in a case that is being decided, made anew with each change. word: proposed recused not_decision not_review.
    "CREATE TABLE case_hand (case_id TEXT NOT NULL REFERENCES case_file(id), account TEXT NOT NULL, word TEXT NOT NULL, \
     PRIMARY KEY (case_id, account, word))",
    // The number taken apart (domain::number): what stands before the year ('' nothing), the year (0 none), the number in it; null: it is not
    // such a number, or an older program wrote the case.
    "ALTER TABLE case_file ADD COLUMN number_before TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE case_file ADD COLUMN number_year BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE case_file ADD COLUMN serial BIGINT",
    "CREATE INDEX case_serial ON case_file (serial, opened_ms, id)",
    MAY_BE_UNPUBLISHED,
    "CREATE INDEX case_unpublished ON case_file (office, opened_ms, id) WHERE unpublished <> ''",
    "CREATE INDEX case_unmarked ON case_file (id) WHERE marked = 0",
    // As with the worklist: SQLite chooses by what it was told.
    "{sqlite}INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('case_file', 'case_unpublished', '1000 5 1 1')",
    "{sqlite}ANALYZE sqlite_schema",
];

pub(super) const PARTY_DOCUMENTS: &[&str] = &[
    // Digest of the number of a person's document alone, '' none; id_index is that of its kind and number. What older programs kept as id_index
    // was that of the number alone: it stays there, unlike any of now, until the party has a further version; the kind is read from what is sealed.
    "ALTER TABLE party ADD COLUMN number_index TEXT NOT NULL DEFAULT ''",
    "UPDATE party SET number_index = id_index WHERE id_index IS NOT NULL",
    "CREATE INDEX party_number ON party (number_index, id) WHERE number_index <> ''",
];

pub(super) const DELEGATIONS: &[&str] = &[
    // Which head gave whom the power to decide which procedures (words with commas between) from when until when (YYYY-MM-DD, both counted), by
    // which paper; entry is the place of its entry. ended_ms, ended_by: withdrawn before its last day.
    "CREATE TABLE delegation (entry BIGINT PRIMARY KEY, number TEXT NOT NULL, giver TEXT NOT NULL REFERENCES account(id), \
     deputy TEXT NOT NULL REFERENCES account(id), office TEXT NOT NULL REFERENCES office(id), procedures TEXT NOT NULL, \
     from_day TEXT NOT NULL, until_day TEXT NOT NULL, at_ms BIGINT NOT NULL, ended_ms BIGINT, ended_by TEXT)",
    "CREATE INDEX delegation_deputy ON delegation (deputy, from_day) WHERE ended_ms IS NULL",
    "CREATE INDEX delegation_giver ON delegation (giver, until_day) WHERE ended_ms IS NULL",
    "CREATE INDEX delegation_office ON delegation (office, entry)",
];

pub(super) const REGISTER_STATES: &[&str] = &[
    // States of public registers at the end of a day (YYYY-MM-DD) on which they changed; entry is the place of its entry, previous that of the state
    // before of the same register. root: SHA-256 in hex (domain::register_state).
    "CREATE TABLE register_state (entry BIGINT PRIMARY KEY, register TEXT NOT NULL, day TEXT NOT NULL, row_count BIGINT NOT NULL, \
     root TEXT NOT NULL, previous BIGINT)",
    "CREATE UNIQUE INDEX register_state_day ON register_state (register, day)",
    // Leaves of the states from from_state on, before until_state (null: up to the newest).
    "CREATE TABLE register_state_row (register TEXT NOT NULL, row_id TEXT NOT NULL, version BIGINT NOT NULL, public_sha256 TEXT NOT NULL, \
     row_entry BIGINT NOT NULL, from_state BIGINT NOT NULL REFERENCES register_state(entry), until_state BIGINT, \
     PRIMARY KEY (from_state, row_id))",
    "CREATE INDEX register_state_row_of ON register_state_row (register, row_id) WHERE until_state IS NULL",
    "CREATE INDEX register_state_row_from ON register_state_row (register, from_state)",
    // The last day at whose end each register was looked at.
    "CREATE TABLE register_looked (register TEXT PRIMARY KEY, day TEXT NOT NULL)",
];

pub(super) const REGISTER_FILES: &[&str] = &[
    // Files of rows of registers; entry is the place of its entry. name_sealed, sealed: AES-256-GCM, sealed for the row; sealed is null when the
    // file was taken out (removed_ms).
    "CREATE TABLE register_file (entry BIGINT PRIMARY KEY, register TEXT NOT NULL, row_id TEXT NOT NULL, sha256 TEXT NOT NULL, \
     bytes BIGINT NOT NULL, media_type TEXT NOT NULL, name_sealed {blob} NOT NULL, sealed {blob}, account TEXT NOT NULL, \
     at_ms BIGINT NOT NULL, removed_ms BIGINT)",
    "CREATE UNIQUE INDEX register_file_of ON register_file (register, row_id, sha256)",
];

pub(super) const VISIT_DAYS: &[&str] = &[
    // Visits of some days, the newest first, closed ones too: who supervises asks for them.
    "CREATE INDEX visit_day ON visit (day, case_id, n)",
];

pub(super) const RELAY_TERMS: &[&str] = &[
    // When the words of a request that was handed on were erased (its bodies are sealed empty then); null: they are there.
    "ALTER TABLE relay ADD COLUMN erased_ms BIGINT",
    "CREATE INDEX relay_kept ON relay (at_ms, id) WHERE erased_ms IS NULL",
];

pub(super) const REGISTER_STATE_PAGES: &[&str] = &[
    // The leaves of a state are read in pages, by the ids of their rows.
    "CREATE INDEX register_state_row_at ON register_state_row (register, row_id, from_state)",
];
