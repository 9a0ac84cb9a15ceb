//! Tables and their migrations, one list for both databases.
//!
//! A migration is never changed once released; a new one is added below. Each runs in a transaction with its row in
//! `schema_version`, so a crash in the middle leaves the version before; a database without tables gets all of them in one transaction,
//! so a crash leaves it without tables, and the next start makes them. `{blob}` becomes `BLOB` or `BYTEA`;
//! what begins with `{sqlite}` is for SQLite alone.
//! Times are `_ms` UTC; yes/no is 0/1; ids are text. Every range of a column is written beside it.

mod authority;

use crate::db::{Db, DbError, RawTx};
use authority::{
    ABSENCES, ACTS_BY_KIND, APPLICANTS, CASE_CORRECTIONS, CASE_FILES, CASE_MARKS, CASE_RECUSALS, CASE_RECUSALS_OPEN,
    CASE_RESULTS, CASE_WAITING, CASE_WAITS, CASEWORK, DELEGATIONS, DELIBERATED, DOCUMENT_WORDS, EXCHANGE, ORDERS,
    PAPER_LANGUAGE, PARTY_DOCUMENTS, PAYMENTS, PLANS, PUBLIC_CHECKS, PUBLIC_ROWS, REGISTER_FILES, REGISTER_STATES,
    RELAYS, ROW_KEYS, SHOWING_COVERS, SHOWINGS, TERRITORY, VISITS,
};
#[cfg(test)]
pub(crate) use authority::{MAY_BE_UNPUBLISHED, WAS_DELIBERATED};

/// The migrations in order; the version is the count.
const MIGRATIONS: &[&[&str]] = &[
    FIRST,
    LOOKUPS,
    ALARM_SOURCES,
    LOSSES,
    SECOND_STEP,
    AREAS,
    INCIDENTS,
    BETWEEN_SERVERS,
    INFORMATION_USE,
    UPPERS,
    DISKS,
    SHIFTS,
    NEW_LINES,
    INTEGRITY,
    PROPOSALS,
    EXHIBITS,
    FREE_TEXT,
    INCIDENT_PAGE,
    DUTIES,
    VIEWS,
    LAW_PACKS,
    EMERGENCIES,
    READINGS,
    INSTALLERS,
    APPROVALS,
    DUTY_DEADLINES,
    BENEFIT_OFFERS,
    CASEWORK,
    CASE_FILES,
    CASE_RESULTS,
    APPLICANTS,
    ABSENCES,
    PLANS,
    ORDERS,
    EXCHANGE,
    VISITS,
    PAYMENTS,
    SHOWINGS,
    PUBLIC_ROWS,
    CASE_CORRECTIONS,
    DOCUMENT_WORDS,
    CASE_RECUSALS,
    TERRITORY,
    CASE_RECUSALS_OPEN,
    CASE_MARKS,
    ACTS_BY_KIND,
    PAPER_LANGUAGE,
    DELIBERATED,
    PUBLIC_CHECKS,
    CASE_WAITING,
    ROW_KEYS,
    authority::SPOTS,
    RELAYS,
    SHOWING_COVERS,
    CASE_WAITS,
    PARTY_DOCUMENTS,
    DELEGATIONS,
    REGISTER_STATES,
    REGISTER_FILES,
    authority::VISIT_DAYS,
    authority::RELAY_TERMS,
    authority::REGISTER_STATE_PAGES,
];

const FIRST: &[&str] = &[
    // Settings of the site, one row a key (site name, jurisdiction, traits).
    "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    // The log's head: how many entries were given an index, and how many are known to lie safely in the tile files.
    "CREATE TABLE ledger_head (id BIGINT PRIMARY KEY, next BIGINT NOT NULL, synced BIGINT NOT NULL)",
    "INSERT INTO ledger_head (id, next, synced) VALUES (1, 0, 0)",
    // Entries committed but not yet safe in the tile files; index = place in the log.
    "CREATE TABLE ledger_pending (idx BIGINT PRIMARY KEY, bytes {blob} NOT NULL)",
    // What pages list of entries that people care about (not every span of footage); the entry itself is in the tiles.
    "CREATE TABLE act (idx BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL, \
     account TEXT, camera TEXT, request TEXT, clauses TEXT NOT NULL, zh TEXT NOT NULL, en TEXT NOT NULL)",
    "CREATE INDEX act_at ON act (at_ms)",
    "CREATE INDEX act_camera ON act (camera, at_ms)",
    // People. name and badge are sealed (AES-256-GCM); login is what they type.
    "CREATE TABLE account (id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, role TEXT NOT NULL, name_sealed {blob} NOT NULL, \
     badge_sealed {blob}, unit TEXT NOT NULL, password_hash TEXT NOT NULL, failures BIGINT NOT NULL, locked_until_ms BIGINT, \
     created_ms BIGINT NOT NULL, disabled_ms BIGINT)",
    "CREATE TABLE session (token_sha256 TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), csrf TEXT NOT NULL, \
     created_ms BIGINT NOT NULL, seen_ms BIGINT NOT NULL, agent TEXT NOT NULL)",
    "CREATE INDEX session_account ON session (account)",
    "CREATE TABLE api_token (token_sha256 TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), name TEXT NOT NULL, \
     created_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL)",
    // Picture sources. secret is sealed. priority 0..9, 9 is stopped last.
    "CREATE TABLE camera (id TEXT PRIMARY KEY, name TEXT NOT NULL, place TEXT NOT NULL, place_kind TEXT NOT NULL, \
     faces_homes BIGINT NOT NULL, audio BIGINT NOT NULL, sign_ms BIGINT, priority BIGINT NOT NULL, source TEXT NOT NULL, \
     secret_sealed {blob}, gb_device TEXT, created_ms BIGINT NOT NULL, removed_ms BIGINT)",
    // Media files. end_ms and bytes are those of the last committed span.
    "CREATE TABLE container (id TEXT PRIMARY KEY, camera TEXT NOT NULL REFERENCES camera(id), path TEXT NOT NULL, \
     start_ms BIGINT NOT NULL, end_ms BIGINT NOT NULL, bytes BIGINT NOT NULL, codec TEXT NOT NULL, init {blob} NOT NULL, \
     sealed_ms BIGINT, deleted_ms BIGINT)",
    "CREATE INDEX container_camera ON container (camera, start_ms)",
    "CREATE INDEX container_end ON container (end_ms)",
    // About ten seconds of footage: one ledger leaf. frags is the index of its fragments (footage::index).
    "CREATE TABLE span (camera TEXT NOT NULL, start_ms BIGINT NOT NULL, end_ms BIGINT NOT NULL, container TEXT NOT NULL, \
     first_seq BIGINT NOT NULL, last_seq BIGINT NOT NULL, leaf BIGINT NOT NULL, frags {blob} NOT NULL, \
     PRIMARY KEY (camera, first_seq))",
    "CREATE INDEX span_time ON span (camera, end_ms)",
    "CREATE INDEX span_container ON span (container)",
    // Number for the next fragment of a camera whose footage has all been deleted.
    "CREATE TABLE camera_seq (camera TEXT PRIMARY KEY, next_seq BIGINT NOT NULL)",
    // Time without footage; to_ms is null while it lasts.
    "CREATE TABLE gap (camera TEXT NOT NULL, from_ms BIGINT NOT NULL, to_ms BIGINT, cause TEXT NOT NULL, leaf BIGINT, \
     PRIMARY KEY (camera, from_ms))",
    // A hold keeps footage beyond its term; released_ms ends it.
    "CREATE TABLE hold (id TEXT PRIMARY KEY, camera TEXT NOT NULL, from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, \
     request TEXT, reason TEXT NOT NULL, placed_ms BIGINT NOT NULL, released_ms BIGINT)",
    "CREATE INDEX hold_camera ON hold (camera, from_ms)",
    // Official requests. application is JSON; the paper (unit letter) is sealed.
    "CREATE TABLE request (id TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE, applicant TEXT NOT NULL, application TEXT NOT NULL, \
     state TEXT NOT NULL, reason TEXT NOT NULL, decided_by TEXT, session TEXT, created_ms BIGINT NOT NULL)",
    "CREATE TABLE paper (sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, media_type TEXT NOT NULL, bytes BIGINT NOT NULL, \
     sealed {blob} NOT NULL, created_ms BIGINT NOT NULL)",
    "CREATE TABLE export (id TEXT PRIMARY KEY, request TEXT NOT NULL REFERENCES request(id), path TEXT NOT NULL, \
     bytes BIGINT NOT NULL, sha256 TEXT NOT NULL, state TEXT NOT NULL, done BIGINT NOT NULL, created_ms BIGINT NOT NULL)",
    // The register of information use: one row an access (Order 799 art. 16; B-28-1-3). Persons are sealed.
    "CREATE TABLE register (leaf BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL, request TEXT NOT NULL, what TEXT NOT NULL, \
     camera TEXT, from_ms BIGINT, to_ms BIGINT, unit TEXT NOT NULL, reason TEXT NOT NULL, persons_sealed {blob} NOT NULL)",
    // Things that need a person: disk nearly full, camera stopped, clock stepped.
    "CREATE TABLE notice (id BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL, severity BIGINT NOT NULL, code TEXT NOT NULL, \
     camera TEXT, zh TEXT NOT NULL, en TEXT NOT NULL, cleared_ms BIGINT)",
];

const LOOKUPS: &[&str] = &[
    // Root (hex) of the log at its settled size, and the public key that signs it: files or key of another log are seen at the start.
    "ALTER TABLE ledger_head ADD COLUMN root TEXT",
    "ALTER TABLE ledger_head ADD COLUMN vkey TEXT",
    // From an entry back to its row, for `jifang check`.
    "CREATE INDEX span_leaf ON span (leaf)",
    "CREATE INDEX gap_leaf ON gap (leaf)",
    "CREATE INDEX act_request ON act (request)",
    "CREATE INDEX act_account ON act (account, at_ms)",
    // Numbers that several connections draw; the row's lock makes them take turns.
    "CREATE TABLE counter (name TEXT PRIMARY KEY, next BIGINT NOT NULL)",
    "INSERT INTO counter (name, next) SELECT 'notice', COALESCE(MAX(id), 0) + 1 FROM notice",
];

const ALARM_SOURCES: &[&str] = &[
    // What reports alarms; source is the name its signals carry (`dc09:1234`). key is sealed. quirks is JSON of the protocol's driver.
    // lost_ms: since when nothing was heard of it for longer than its supervision time.
    "CREATE TABLE alarm_source (source TEXT PRIMARY KEY, name TEXT NOT NULL, place TEXT NOT NULL, key_sealed {blob}, \
     supervision_s BIGINT, quirks TEXT NOT NULL, lost_ms BIGINT, created_ms BIGINT NOT NULL, removed_ms BIGINT)",
    // Zones (防区) by their number at the panel, 1..999999; cameras is a JSON list of camera ids that show the zone.
    "CREATE TABLE zone (source TEXT NOT NULL REFERENCES alarm_source(source), number BIGINT NOT NULL, name TEXT NOT NULL, \
     place TEXT NOT NULL, cameras TEXT NOT NULL, PRIMARY KEY (source, number))",
    // How far each consumer of the signal journal has come; moved in the transaction that stores what it made of the signals.
    "CREATE TABLE journal_cursor (consumer TEXT PRIMARY KEY, next BIGINT NOT NULL)",
];

const LOSSES: &[&str] = &[
    // Fragments that were recorded and are gone though no term ended: leaf is their `footage.lost` entry.
    "CREATE TABLE loss (camera TEXT NOT NULL, container TEXT NOT NULL, first_seq BIGINT NOT NULL, last_seq BIGINT NOT NULL, \
     from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, cause TEXT NOT NULL, leaf BIGINT NOT NULL, PRIMARY KEY (camera, first_seq))",
    "CREATE INDEX loss_container ON loss (container)",
];

const SECOND_STEP: &[&str] = &[
    // The phone of an account. secret is sealed; confirmed_ms is null until its first code was typed; last_step is the newest step
    // whose code was taken, 0 before the first.
    "CREATE TABLE two_step (account TEXT PRIMARY KEY REFERENCES account(id), secret_sealed {blob} NOT NULL, \
     begun_ms BIGINT NOT NULL, confirmed_ms BIGINT, last_step BIGINT NOT NULL)",
    "CREATE TABLE recovery_code (account TEXT NOT NULL REFERENCES account(id), code_sha256 TEXT NOT NULL, used_ms BIGINT, \
     PRIMARY KEY (account, code_sha256))",
    // Browsers an account signed in with: hash of the cookie that stays in the browser.
    "CREATE TABLE browser (account TEXT NOT NULL REFERENCES account(id), token_sha256 TEXT NOT NULL, first_ms BIGINT NOT NULL, \
     seen_ms BIGINT NOT NULL, PRIMARY KEY (account, token_sha256))",
    // 1 while a session of a browser that was new waits to be looked at by its person.
    "ALTER TABLE session ADD COLUMN new_browser BIGINT NOT NULL DEFAULT 0",
];

const AREAS: &[&str] = &[
    // Rights to areas (domain::area). area is a path, '' the whole site; days is seven bits, Monday first; minutes 0..1439. An account
    // without a row sees no camera.
    "CREATE TABLE account_area (account TEXT NOT NULL REFERENCES account(id), pos BIGINT NOT NULL, area TEXT NOT NULL, \
     from_ms BIGINT, until_ms BIGINT, days BIGINT NOT NULL, from_min BIGINT NOT NULL, to_min BIGINT NOT NULL, \
     PRIMARY KEY (account, pos))",
    // Accounts from before areas keep what they had.
    "INSERT INTO account_area (account, pos, area, from_ms, until_ms, days, from_min, to_min) \
     SELECT id, 0, '', NULL, NULL, 127, 0, 0 FROM account",
];

const INCIDENTS: &[&str] = &[
    // Incidents: the columns that are searched, and the whole as JSON (body, today body_sealed). priority 1..3; rev counts changes.
    // stage: new taken verified reported receipted closed; verdict: real false test fault, or none yet.
    "CREATE TABLE incident (id TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE, source TEXT NOT NULL, area BIGINT NOT NULL, \
     what TEXT NOT NULL, priority BIGINT NOT NULL, stage TEXT NOT NULL, verdict TEXT, opened_ms BIGINT NOT NULL, \
     newest_ms BIGINT NOT NULL, closed_ms BIGINT, body TEXT NOT NULL, rev BIGINT NOT NULL)",
    "CREATE INDEX incident_opened ON incident (opened_ms, id)",
    "CREATE INDEX incident_source ON incident (source, opened_ms)",
    "CREATE INDEX incident_open ON incident (closed_ms, priority, opened_ms)",
    // Every signal in the order it was taken in (a journal that was lost begins again at 0), and what became of it:
    // opens joins logged on_test held_back.
    "CREATE TABLE alarm_signal (n BIGINT PRIMARY KEY, position BIGINT NOT NULL, at_ms BIGINT NOT NULL, source TEXT NOT NULL, zone BIGINT NOT NULL, \
     fate TEXT NOT NULL, incident TEXT, signal TEXT NOT NULL)",
    "CREATE INDEX alarm_signal_incident ON alarm_signal (incident, n)",
    // A source, or one zone of it, on test; ending it early moves to_ms.
    "CREATE TABLE test_window (id BIGINT PRIMARY KEY, source TEXT NOT NULL, zone BIGINT, from_ms BIGINT NOT NULL, \
     to_ms BIGINT NOT NULL, reason TEXT NOT NULL, account TEXT NOT NULL)",
    "CREATE INDEX test_window_source ON test_window (source, to_ms)",
    // How a zone's detector senses; neighbours is a JSON list of zone numbers.
    "CREATE TABLE zone_detector (source TEXT NOT NULL, number BIGINT NOT NULL, principle TEXT, neighbours TEXT NOT NULL, \
     PRIMARY KEY (source, number))",
    // Reports that are sent until their receipt is stored. id is the report's own; body is JSON (today body_sealed); target: police or a platform.
    "CREATE TABLE report_outbox (id TEXT PRIMARY KEY, incident TEXT NOT NULL, target TEXT NOT NULL, body TEXT NOT NULL, \
     attempts BIGINT NOT NULL, next_try_ms BIGINT NOT NULL, error TEXT NOT NULL, receipt TEXT, receipted_ms BIGINT, \
     made_ms BIGINT NOT NULL)",
    "CREATE INDEX report_due ON report_outbox (target, receipted_ms, next_try_ms)",
    "CREATE INDEX report_incident ON report_outbox (incident)",
];

const BETWEEN_SERVERS: &[&str] = &[
    // Authority: the sites it knows. state: asked (by the site itself), admitted (by a person), closed. vkey signs the site's log,
    // pin (hex) is its key between servers; unit and jurisdiction are entered by the person who admits it.
    "CREATE TABLE peer_site (site TEXT PRIMARY KEY, vkey TEXT NOT NULL, pin TEXT NOT NULL UNIQUE, name TEXT NOT NULL, unit TEXT NOT NULL, \
     jurisdiction TEXT NOT NULL, state TEXT NOT NULL, asked_ms BIGINT NOT NULL, decided_ms BIGINT, decided_by TEXT)",
    // Authority: the head of each site's log that it signed last, with its cosignature, and every head that contradicts one.
    "CREATE TABLE witness_head (site TEXT PRIMARY KEY, size BIGINT NOT NULL, root TEXT NOT NULL, note {blob} NOT NULL, at_ms BIGINT NOT NULL)",
    "CREATE TABLE witness_conflict (site TEXT NOT NULL, offered_sha256 TEXT NOT NULL, what TEXT NOT NULL, held {blob} NOT NULL, \
     offered {blob} NOT NULL, at_ms BIGINT NOT NULL, leaf BIGINT NOT NULL, PRIMARY KEY (site, offered_sha256))",
    // Authority: what the sites reported. The body may name persons and is sealed. state: received, dispatched, arrived, closed.
    "CREATE TABLE inbox (site TEXT NOT NULL, id TEXT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL, made_ms BIGINT NOT NULL, \
     received_ms BIGINT NOT NULL, leaf BIGINT NOT NULL, sha256 TEXT NOT NULL, note {blob} NOT NULL, body_sealed {blob} NOT NULL, \
     receipt {blob} NOT NULL, state TEXT NOT NULL, PRIMARY KEY (site, id))",
    "CREATE UNIQUE INDEX inbox_leaf ON inbox (leaf)",
    "CREATE INDEX inbox_state ON inbox (state, received_ms)",
    "CREATE INDEX inbox_seq ON inbox (site, seq)",
    // What the police did with a report; leaf is the place of its entry. note_sealed is what was typed.
    "CREATE TABLE inbox_step (leaf BIGINT PRIMARY KEY, site TEXT NOT NULL, id TEXT NOT NULL, step TEXT NOT NULL, at_ms BIGINT NOT NULL, \
     account TEXT NOT NULL, note_sealed {blob} NOT NULL)",
    "CREATE INDEX inbox_step_of ON inbox_step (site, id)",
    // Site: the number of each message to the authority, given before it is first sent, the signed receipt that came back, and the
    // newest head of the log with the authority's cosignature.
    "CREATE TABLE message_out (message TEXT PRIMARY KEY, seq BIGINT NOT NULL UNIQUE, receipt {blob})",
    "INSERT INTO counter (name, next) VALUES ('message', 1)",
    "CREATE TABLE witnessed (id BIGINT PRIMARY KEY, size BIGINT NOT NULL, note {blob} NOT NULL, at_ms BIGINT NOT NULL)",
];

const INFORMATION_USE: &[&str] = &[
    // What lists of requests filter by, taken out of application and state; null until `requests::fill_lists` has been there.
    // status: waiting, granted, refused, ended as stored (a grant whose time ran out stays `granted`: ends_ms tells).
    // case_key and unit_key are lower case. letter: SHA-256 of the unit letter.
    "ALTER TABLE request ADD COLUMN status TEXT",
    "ALTER TABLE request ADD COLUMN ends_ms BIGINT",
    "ALTER TABLE request ADD COLUMN case_key TEXT",
    "ALTER TABLE request ADD COLUMN unit_key TEXT",
    "ALTER TABLE request ADD COLUMN letter TEXT",
    "CREATE INDEX request_created ON request (created_ms, id)",
    "CREATE INDEX request_status ON request (status, ends_ms)",
    "CREATE TABLE request_officer (account TEXT NOT NULL, created_ms BIGINT NOT NULL, request TEXT NOT NULL, \
     PRIMARY KEY (account, created_ms, request))",
    "CREATE TABLE request_camera (camera TEXT NOT NULL, created_ms BIGINT NOT NULL, request TEXT NOT NULL, \
     PRIMARY KEY (camera, created_ms, request))",
    // ended_ms: when the two-officer session of a viewing ends or ended; null for acts without one.
    "ALTER TABLE register ADD COLUMN ended_ms BIGINT",
    "ALTER TABLE register ADD COLUMN unit_key TEXT",
    "CREATE INDEX register_at ON register (at_ms, leaf)",
    "CREATE INDEX register_request ON register (request, at_ms, leaf)",
    "CREATE INDEX register_camera ON register (camera, at_ms, leaf)",
    // Whose line it is: the names are sealed, the accounts are not. Of old lines only the first officer is known.
    "CREATE TABLE register_person (account TEXT NOT NULL, at_ms BIGINT NOT NULL, leaf BIGINT NOT NULL, \
     PRIMARY KEY (account, at_ms, leaf))",
    "INSERT INTO register_person (account, at_ms, leaf) SELECT a.account, r.at_ms, r.leaf FROM register r \
     JOIN act a ON a.idx = r.leaf WHERE a.account IS NOT NULL",
    // scope: JSON of domain::viewing::Scope; scope_sha256 its digest; report: JSON of the verification at the making. Of one scope
    // of a request there is one export that is being made or is there.
    "ALTER TABLE export ADD COLUMN scope TEXT",
    "ALTER TABLE export ADD COLUMN scope_sha256 TEXT",
    "ALTER TABLE export ADD COLUMN sm3 TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE export ADD COLUMN report TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE export ADD COLUMN removed_ms BIGINT",
    "ALTER TABLE export ADD COLUMN removed_why TEXT NOT NULL DEFAULT ''",
    "CREATE UNIQUE INDEX export_scope ON export (request, scope_sha256) WHERE state IN ('making', 'done')",
    "CREATE INDEX export_request ON export (request, created_ms)",
    "CREATE INDEX export_removed ON export (removed_ms)",
    "CREATE INDEX hold_request ON hold (request)",
    // Bookmarks of the unit's staff. The note is sealed, and gone once the bookmark is removed.
    "CREATE TABLE bookmark (id TEXT PRIMARY KEY, camera TEXT NOT NULL, from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, \
     made_by TEXT NOT NULL, note_sealed {blob}, made_ms BIGINT NOT NULL, removed_ms BIGINT)",
    "CREATE INDEX bookmark_camera ON bookmark (camera, from_ms)",
    // Which footage an entry of the log speaks of, for the ticks of a timeline.
    "CREATE TABLE act_footage (camera TEXT NOT NULL, from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, idx BIGINT NOT NULL, \
     PRIMARY KEY (camera, from_ms, idx))",
];

const UPPERS: &[&str] = &[
    // Upper platforms. config is JSON, the password is sealed.
    "CREATE TABLE upper_platform (id TEXT PRIMARY KEY, config TEXT NOT NULL, secret_sealed {blob}, created_ms BIGINT NOT NULL, \
     removed_ms BIGINT)",
    // Live views from above; leaf = entry of the beginning. ended_ms is null while it runs.
    "CREATE TABLE upper_view (leaf BIGINT PRIMARY KEY, upper TEXT NOT NULL REFERENCES upper_platform(id), camera TEXT NOT NULL, \
     began_ms BIGINT NOT NULL, ended_ms BIGINT)",
    "CREATE INDEX upper_view_upper ON upper_view (upper, leaf)",
];

const DISKS: &[&str] = &[
    // Disks that hold footage: identity is what the disk's own file must say, so that nothing is written on a stranger.
    "CREATE TABLE disk (name TEXT PRIMARY KEY, identity TEXT NOT NULL, since_ms BIGINT NOT NULL)",
];

const SHIFTS: &[&str] = &[
    // Who held the watch. At most one row has no until_ms. begun: free, handover, alone. Notes are sealed; items is a JSON list of texts.
    "CREATE TABLE shift (number BIGINT PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), since_ms BIGINT NOT NULL, \
     until_ms BIGINT, begun TEXT NOT NULL, offered_to TEXT, offered_ms BIGINT, note_sealed {blob}, items TEXT NOT NULL, \
     why_sealed {blob})",
    "CREATE INDEX shift_since ON shift (since_ms)",
];

const NEW_LINES: &[&str] = &[
    // Authority: a person looked at a contradiction and accepted the line it shows (a site that was restored from a backup), or it was
    // settled together with that one. why_sealed is what was typed, only in the row that was accepted; settled_leaf is the entry.
    "ALTER TABLE witness_conflict ADD COLUMN settled_ms BIGINT",
    "ALTER TABLE witness_conflict ADD COLUMN settled_by TEXT",
    "ALTER TABLE witness_conflict ADD COLUMN settled_leaf BIGINT",
    "ALTER TABLE witness_conflict ADD COLUMN why_sealed {blob}",
];

const INTEGRITY: &[&str] = &[
    // When a container was last read whole and compared with rows and log.
    "ALTER TABLE container ADD COLUMN checked_ms BIGINT",
    // Rounds of the integrity scrub. scope: '' everything, camera:ID, disk:NAME; ended_ms is null while it runs.
    "CREATE TABLE scrub_round (number BIGINT PRIMARY KEY, scope TEXT NOT NULL, asked_by TEXT, began_ms BIGINT NOT NULL, ended_ms BIGINT, \
     containers BIGINT NOT NULL, fragments BIGINT NOT NULL, bytes BIGINT NOT NULL, faults BIGINT NOT NULL, away BIGINT NOT NULL)",
    // What it found; gone_ms when a later look found it whole or its term ended. leaf is the entry of its finding.
    "CREATE TABLE scrub_fault (container TEXT NOT NULL, code TEXT NOT NULL, first_seq BIGINT NOT NULL, last_seq BIGINT NOT NULL, \
     camera TEXT NOT NULL, path TEXT NOT NULL, from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, found_ms BIGINT NOT NULL, \
     seen_ms BIGINT NOT NULL, gone_ms BIGINT, leaf BIGINT NOT NULL, PRIMARY KEY (container, code, first_seq))",
    "CREATE INDEX scrub_fault_open ON scrub_fault (gone_ms, camera)",
    // Errors of clocks over time: subject '' is the site's own against its time source, else device:CODE or camera:ID.
    "CREATE TABLE clock_sample (subject TEXT NOT NULL, at_ms BIGINT NOT NULL, error_ms BIGINT NOT NULL, PRIMARY KEY (subject, at_ms))",
];

const PROPOSALS: &[&str] = &[
    // Sensitive changes that wait for a second administrator. kind: domain::proposal::Kind; change_sealed is JSON and may name a
    // person; state: open confirmed declined expired. account is whom it is about, if it is about one.
    "CREATE TABLE proposal (id TEXT PRIMARY KEY, kind TEXT NOT NULL, account TEXT, change_sealed {blob} NOT NULL, \
     made_by TEXT NOT NULL REFERENCES account(id), made_ms BIGINT NOT NULL, ends_ms BIGINT NOT NULL, state TEXT NOT NULL, \
     decided_by TEXT, decided_ms BIGINT)",
    "CREATE INDEX proposal_state ON proposal (state, ends_ms)",
];

const EXHIBITS: &[&str] = &[
    // Site: pictures and clips that go with a report, one row a camera and kind (picture, clip). id and body (JSON) are those of their
    // message once it is made; ended_ms: received, or refused by law (then without receipt, error says the code).
    "CREATE TABLE exhibit_out (report TEXT NOT NULL REFERENCES report_outbox(id), incident TEXT NOT NULL, camera TEXT NOT NULL, \
     kind TEXT NOT NULL, id TEXT, body TEXT NOT NULL, attempts BIGINT NOT NULL, next_try_ms BIGINT NOT NULL, error TEXT NOT NULL, \
     receipt {blob}, ended_ms BIGINT, made_ms BIGINT NOT NULL, PRIMARY KEY (report, camera, kind))",
    "CREATE INDEX exhibit_due ON exhibit_out (ended_ms, next_try_ms)",
    "CREATE INDEX exhibit_incident ON exhibit_out (incident)",
    // Authority: exhibits that are here whole. sha256 (hex) is that of their bytes, null where the site has none; deleted_ms: bytes deleted.
    "CREATE TABLE inbox_exhibit (site TEXT NOT NULL, id TEXT NOT NULL, seq BIGINT NOT NULL, report TEXT NOT NULL, leaf BIGINT NOT NULL, \
     sha256 TEXT, body_sha256 TEXT NOT NULL, note {blob} NOT NULL, body_sealed {blob} NOT NULL, receipt {blob} NOT NULL, \
     received_ms BIGINT NOT NULL, deleted_ms BIGINT, PRIMARY KEY (site, id))",
    "CREATE UNIQUE INDEX inbox_exhibit_leaf ON inbox_exhibit (leaf)",
    "CREATE INDEX inbox_exhibit_report ON inbox_exhibit (site, report)",
    // Their bytes as they came, sealed, without holes: pos 0, 262144, ...
    "CREATE TABLE inbox_part (site TEXT NOT NULL, report TEXT NOT NULL, sha256 TEXT NOT NULL, pos BIGINT NOT NULL, bytes BIGINT NOT NULL, \
     sealed {blob} NOT NULL, stored_ms BIGINT NOT NULL, PRIMARY KEY (site, report, sha256, pos))",
    // Who looked at which (leaf = inbox_exhibit.leaf); entry is the place of the view's own entry.
    "CREATE TABLE inbox_exhibit_view (entry BIGINT PRIMARY KEY, leaf BIGINT NOT NULL, account TEXT NOT NULL, at_ms BIGINT NOT NULL)",
    "CREATE INDEX inbox_exhibit_view_of ON inbox_exhibit_view (leaf, account, at_ms)",
];

const FREE_TEXT: &[&str] = &[
    // Words of people, sealed; the open column beside each is '' from now on. Rows of earlier releases are sealed at the next start by
    // `unsealed`, for a migration has no key; the indexes hold only those that wait for it.
    "ALTER TABLE incident ADD COLUMN body_sealed {blob}",
    "ALTER TABLE report_outbox ADD COLUMN body_sealed {blob}",
    "ALTER TABLE test_window ADD COLUMN reason_sealed {blob}",
    "CREATE INDEX incident_unsealed ON incident (id) WHERE body_sealed IS NULL",
    "CREATE INDEX report_unsealed ON report_outbox (id) WHERE body_sealed IS NULL",
    "CREATE INDEX test_window_unsealed ON test_window (id) WHERE reason_sealed IS NULL",
];

const INCIDENT_PAGE: &[&str] = &[
    // Whom the watch calls. At an area (path, '' the whole site), at a source, or at a zone of it: then zone is not null. person_sealed:
    // salt (hex), name, number, note, a line each. position 1..99.
    "CREATE TABLE contact (id TEXT PRIMARY KEY, area TEXT, source TEXT, zone BIGINT, duty TEXT NOT NULL, position BIGINT NOT NULL, \
     person_sealed {blob} NOT NULL, changed_ms BIGINT NOT NULL)",
    // Plans of areas. The picture (image/png or image/jpeg) is sealed; sha256 is that of its bytes.
    "CREATE TABLE plan (id TEXT PRIMARY KEY, area TEXT NOT NULL UNIQUE, media_type TEXT NOT NULL, width_px BIGINT NOT NULL, \
     height_px BIGINT NOT NULL, sha256 TEXT NOT NULL, picture_sealed {blob} NOT NULL, changed_ms BIGINT NOT NULL)",
    // What stands on them: domain::plan::Marked as text; x and y 0..1000.
    "CREATE TABLE plan_mark (plan TEXT NOT NULL REFERENCES plan(id), what TEXT NOT NULL, x BIGINT NOT NULL, y BIGINT NOT NULL, \
     PRIMARY KEY (plan, what))",
];

const DUTIES: &[&str] = &[
    // Papers about duties. kind: domain::duty::PaperKind; days are Shanghai's, 2026-11-21. text_sealed: salt (hex), title, number, a
    // line each.
    "CREATE TABLE duty_paper (id TEXT PRIMARY KEY, kind TEXT NOT NULL, day TEXT NOT NULL, until_day TEXT, document_sha256 TEXT, \
     text_sealed {blob} NOT NULL, entered_by TEXT NOT NULL REFERENCES account(id), entered_ms BIGINT NOT NULL)",
    // Where each duty stood last: met due overdue unknown.
    "CREATE TABLE duty_state (code TEXT PRIMARY KEY, state TEXT NOT NULL, since_ms BIGINT NOT NULL, day TEXT)",
];

const VIEWS: &[&str] = &[
    // Width of a plan's picture on the ground, 1,000..5,000,000 mm.
    "CREATE TABLE plan_ground (plan TEXT PRIMARY KEY REFERENCES plan(id), width_mm BIGINT NOT NULL, changed_ms BIGINT NOT NULL)",
    // Windows and doors of homes, public areas: domain::view::Shape, one row a version. kind: domain::view::ShapeKind; points: pairs of
    // thousandths, '' takes the shape away; from_day: YYYY-MM-DD; words_sealed: name and decision, a line each.
    "CREATE TABLE plan_shape (plan TEXT NOT NULL REFERENCES plan(id), number BIGINT NOT NULL, version BIGINT NOT NULL, kind TEXT NOT NULL, \
     points TEXT NOT NULL, words_sealed {blob} NOT NULL, from_day TEXT NOT NULL, entered_ms BIGINT NOT NULL, \
     account TEXT NOT NULL, PRIMARY KEY (plan, number, version))",
    // How a camera looks from its mark on a plan: domain::view::Aim. approval: number of the police's approval (B-14-3), '' none.
    "CREATE TABLE camera_view (camera TEXT PRIMARY KEY, plan TEXT NOT NULL REFERENCES plan(id), direction_ddeg BIGINT NOT NULL, \
     angle_ddeg BIGINT NOT NULL, reach_mm BIGINT NOT NULL, masks TEXT NOT NULL, approval TEXT NOT NULL, changed_ms BIGINT NOT NULL)",
];

const LAW_PACKS: &[&str] = &[
    // Packs of a folder that were in use: files is JSON, path to text; sha256 is law::LawDigest over all.
    "CREATE TABLE law_packs (sha256 TEXT PRIMARY KEY, at_ms BIGINT NOT NULL, files {blob} NOT NULL)",
];

const EMERGENCIES: &[&str] = &[
    // Emergency accesses of upper platforms; leaf is the place of their entry. clauses: JSON; due_day: YYYY-MM-DD; own_days: days of the
    // own rule that set it, null where a clause did; state: domain::emergency::State.
    "CREATE TABLE emergency (leaf BIGINT PRIMARY KEY, upper TEXT NOT NULL, platform TEXT NOT NULL, reason_sealed {blob} NOT NULL, \
     from_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, account TEXT NOT NULL, clauses TEXT NOT NULL, due_day TEXT NOT NULL, \
     own_days BIGINT, state TEXT NOT NULL, overdue_ms BIGINT)",
    "CREATE INDEX emergency_upper ON emergency (upper, until_ms)",
    // What was done about each: explained, returned, confirmed; entry is the place of its entry. text_sealed: salt (hex), then the words.
    "CREATE TABLE emergency_step (entry BIGINT PRIMARY KEY, emergency BIGINT NOT NULL REFERENCES emergency(leaf), what TEXT NOT NULL, \
     account TEXT NOT NULL, at_ms BIGINT NOT NULL, text_sealed {blob})",
    "CREATE INDEX emergency_step_of ON emergency_step (emergency, entry)",
];

const READINGS: &[&str] = &[
    // How slips of the law texts are read on this server; entry is the place of its entry. choice: literal evident; from_day: YYYY-MM-DD;
    // reason_sealed: salt (hex), then the words.
    "CREATE TABLE reading_decision (entry BIGINT PRIMARY KEY, reading TEXT NOT NULL, choice TEXT NOT NULL, from_day TEXT NOT NULL, \
     reason_sealed {blob} NOT NULL, proposed_by TEXT NOT NULL, confirmed_by TEXT NOT NULL, at_ms BIGINT NOT NULL)",
];

const INSTALLERS: &[&str] = &[
    // Who put a camera up: key of law::Installer. Those of before were all entered as of the unit that runs the place.
    "ALTER TABLE camera ADD COLUMN installer TEXT NOT NULL DEFAULT 'managing_unit'",
];

const APPROVALS: &[&str] = &[
    // Number of the police's approval to put a camera up in a social public area; empty: none.
    "ALTER TABLE camera ADD COLUMN approval TEXT NOT NULL DEFAULT ''",
];

const DUTY_DEADLINES: &[&str] = &[
    // How the last day of a duty was counted when it was last looked at: law::Deadline as JSON, with what it said before. Null: none.
    "ALTER TABLE duty_state ADD COLUMN deadline TEXT",
];

const BENEFIT_OFFERS: &[&str] = &[
    // What was offered or demanded (A-29, B-33); entry is the place of its entry. kind, outcome: domain::offer; on_day: YYYY-MM-DD;
    // code, clauses (JSON): the gate's answer to taking it up; each *_sealed: salt (hex), then the words.
    "CREATE TABLE benefit_offer (entry BIGINT PRIMARY KEY, kind TEXT NOT NULL, outcome TEXT NOT NULL, on_day TEXT NOT NULL, \
     who_sealed {blob} NOT NULL, behalf_sealed {blob} NOT NULL, words_sealed {blob} NOT NULL, code TEXT NOT NULL, \
     clauses TEXT NOT NULL, account TEXT NOT NULL, at_ms BIGINT NOT NULL)",
    "CREATE INDEX benefit_offer_of ON benefit_offer (account, entry)",
];

/// Brings the database to the newest version; returns (before, after).
///
/// # Errors
/// The database refuses, or is newer than this program (then nothing is touched).
pub async fn migrate(db: &Db) -> Result<(usize, usize), DbError> {
    let blob = blob_of(db);
    let mut tx = db.begin().await?;
    tx.exec("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)", vec![]).await?;
    let rows = tx.rows("SELECT COALESCE(MAX(version), 0) FROM schema_version", vec![]).await?;
    let before = rows.first().map_or(Ok(0), |r| r.int(0))?;
    tx.commit().await?;
    let before = usize::try_from(before).unwrap_or(0);
    if before > MIGRATIONS.len() {
        return Err(DbError(sqlx::Error::Configuration(
            format!(
                "the database has schema version {before}, this program knows {}: use the newer program",
                MIGRATIONS.len()
            )
            .into(),
        )));
    }
    // Nothing is there that could be lost between two steps: one commit, which waits for the disk once.
    if before == 0 {
        let mut tx = db.begin().await?;
        for version in 0..MIGRATIONS.len() {
            step(&mut tx, version, blob).await?;
        }
        tx.commit().await?;
        return Ok((0, MIGRATIONS.len()));
    }
    for version in before..MIGRATIONS.len() {
        let mut tx = db.begin().await?;
        step(&mut tx, version, blob).await?;
        tx.commit().await?;
    }
    Ok((before, MIGRATIONS.len()))
}

/// The migration after `version`, and its row.
async fn step(tx: &mut RawTx, version: usize, blob: &str) -> Result<(), DbError> {
    for sql in MIGRATIONS[version] {
        let sql = match sql.strip_prefix("{sqlite}") {
            Some(_) if blob != SQLITE_BLOB => continue,
            Some(own) => own,
            None => sql,
        };
        tx.schema(sql.replace("{blob}", blob)).await?;
    }
    let after = u64::try_from(version + 1).unwrap_or(0);
    tx.exec("INSERT INTO schema_version (version) VALUES ($1)", crate::args![after]).await?;
    Ok(())
}

/// What `{blob}` is there.
const SQLITE_BLOB: &str = "BLOB";

const fn blob_of(db: &Db) -> &'static str {
    match db {
        Db::Sqlite { .. } => SQLITE_BLOB,
        Db::Postgres { .. } => "BYTEA",
    }
}

/// The table that says which version a database has.
pub(crate) const VERSION_TABLE: &str = "schema_version";

/// The newest version this program knows.
#[must_use]
pub const fn version() -> usize {
    MIGRATIONS.len()
}

/// All tables in the order they were made, so that each stands behind those it refers to.
pub(crate) fn tables() -> Vec<&'static str> {
    tables_of(MIGRATIONS.len())
}

/// The tables of an earlier version.
pub(crate) fn tables_of(version: usize) -> Vec<&'static str> {
    let statements = MIGRATIONS.iter().take(version).flat_map(|m| m.iter());
    let name = |sql: &&'static str| sql.strip_prefix("CREATE TABLE ")?.split([' ', '(']).next();
    statements.filter_map(name).collect()
}

/// Makes the tables of `version` in an empty database, with no row but that of the version: a backup brings the rows.
///
/// # Errors
/// The database refuses.
pub(crate) async fn make_empty(tx: &mut RawTx, db: &Db, version: usize) -> Result<(), DbError> {
    tx.exec("CREATE TABLE schema_version (version BIGINT NOT NULL)", vec![]).await?;
    for before in 0..version {
        step(tx, before, blob_of(db)).await?;
    }
    for table in tables_of(version).into_iter().rev() {
        tx.schema(format!("DELETE FROM {table}")).await?;
    }
    Ok(())
}
