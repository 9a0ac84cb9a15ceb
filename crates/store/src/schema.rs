//! Tables and their migrations, one list for both databases.
//!
//! A migration is never changed once released; a new one is added below. Each runs in a transaction with its row in
//! `schema_version`, so a crash in the middle leaves the version before. `{blob}` becomes `BLOB` or `BYTEA`;
//! what begins with `{sqlite}` is for SQLite alone.
//! Times are `_ms` UTC; yes/no is 0/1; ids are text. Every range of a column is written beside it.

use crate::db::{Db, DbError, RawTx};

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

const CASEWORK: &[&str] = &[
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

const CASE_FILES: &[&str] = &[
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

const CASE_RESULTS: &[&str] = &[
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

const APPLICANTS: &[&str] = &[
    // For whom an applicant's account stands: one party an account; a party may have several.
    "CREATE TABLE applicant (account TEXT PRIMARY KEY REFERENCES account(id), party TEXT NOT NULL REFERENCES party(id), at_ms BIGINT NOT NULL)",
    "CREATE INDEX applicant_party ON applicant (party, account)",
];

const ABSENCES: &[&str] = &[
    // Authority: who is absent from when until when (YYYY-MM-DD, both counted), and who stands in; entry is the place of its entry.
    "CREATE TABLE absence (entry BIGINT PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), \
     stand_in TEXT NOT NULL REFERENCES account(id), office TEXT NOT NULL REFERENCES office(id), from_day TEXT NOT NULL, \
     until_day TEXT NOT NULL, by_account TEXT NOT NULL, at_ms BIGINT NOT NULL, ended_ms BIGINT)",
    "CREATE INDEX absence_account ON absence (account, from_day) WHERE ended_ms IS NULL",
    "CREATE INDEX absence_stand_in ON absence (stand_in, from_day) WHERE ended_ms IS NULL",
    "CREATE INDEX absence_office ON absence (office, until_day) WHERE ended_ms IS NULL",
];

const PLANS: &[&str] = &[
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

const ORDERS: &[&str] = &[
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

const EXCHANGE: &[&str] = &[
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

const SHOWINGS: &[&str] = &[
    // Site: the requests for use that were made to carry out an order to show footage; one at a time, several in a row.
    "CREATE TABLE order_request (order_id TEXT NOT NULL REFERENCES authority_order(id), request TEXT NOT NULL UNIQUE REFERENCES request(id), \
     PRIMARY KEY (order_id, request))",
];

const VISITS: &[&str] = &[
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

const PAYMENTS: &[&str] = &[
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

const PUBLIC_ROWS: &[&str] = &[
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
