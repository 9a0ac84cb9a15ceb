//! Every route of the program: method, path, who may try it, and the handler. Data, not code: what is not here does not exist.
//!
//! A route cannot be written without its policy. The table as text is the committed file `docs/ref/routes.txt`; a test walks every
//! route with every role. The policy is the first door (who may try at all); the corridors of `site` and `authority` ask role and law again.

use crate::answer::Reply;
use crate::call::Call;
use crate::handle::apply_papers;
use crate::handle::staff_life;
use crate::handle::{
    accounts, alarms, api, apply, areas, case, case_desk, case_documents, case_panel, case_publish, case_rest,
    case_status, case_steps, cases, changes, clocks, complaint, contacts, delegations, devices, draw_plans, draws,
    duties, emergencies, entry, exchange, exchange_in, find, footage, held_unit, import, inbox, integrity, joining,
    law, law_list, link, log, marks, media, my_cases, newcomer, notices, offers, offices, ops, own_request, panels,
    payments, person_orders, places, plan_said, plan_views, plans, platforms, proofs, public, readings, recusals,
    register, register_files, register_imports, register_state_files, registers, relays, row_files, second_step,
    services, sessions, settings, shifts, showing, sites, staff_numbers, staff_registers, staff_rows, statistics,
    storage, supervision, support, use_cover, use_export, use_request, use_session, verify, verify_proof, visit_close,
    visit_papers, visit_sync, visits, watch,
};
use base::limits;
use domain::access::{Permission as P, Role};
use std::future::Future;
use std::pin::Pin;

/// Who may try a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Policy {
    /// Anybody.
    Public,
    /// Anybody, while there is no account at all; afterwards nobody.
    FirstRunOnly,
    /// Any account.
    SignedIn,
    /// Accounts whose role holds the permission.
    Needs(P),
    /// Accounts whose role holds one of the two.
    Either(P, P),
    /// Staff who may play back; or an officer (`UseGrant`) who names a request by `use=`: the corridor then asks for its
    /// two-officer session and its scope.
    GrantSession,
    /// A program on this machine (loopback), or an account that may see storage.
    Machine,
    /// Anybody on an authority's server, which tells the public by which law it acts; elsewhere accounts whose role holds the permission.
    OpenThere(P),
}

impl Policy {
    /// May `role` (none = nobody signed in) try it? `names_use` tells that the request has a `use=` field, `loopback` that it
    /// came from this machine. `FirstRunOnly` is answered for a server that has accounts, `OpenThere` for a site's.
    #[must_use]
    pub fn admits(self, role: Option<Role>, names_use: bool, loopback: bool) -> bool {
        let may = |what: P| role.is_some_and(|r| r.may(what));
        match self {
            Self::Public => true,
            Self::FirstRunOnly => false,
            Self::SignedIn => role.is_some(),
            Self::Needs(what) | Self::OpenThere(what) => may(what),
            Self::Either(one, other) => may(one) || may(other),
            Self::GrantSession => may(P::PlayBack) || (names_use && may(P::UseGrant)),
            Self::Machine => loopback || may(P::SeeStorage),
        }
    }

    /// As the committed table prints it.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Needs(what) => format!("Needs({what:?})"),
            Self::OpenThere(what) => format!("OpenThere({what:?})"),
            Self::Either(one, other) => format!("Either({one:?}, {other:?})"),
            other => format!("{other:?}"),
        }
    }
}

/// Method of a route. `HEAD` is answered where `Get` is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// Reads.
    Get,
    /// Acts.
    Post,
    /// Ends a live session or a token.
    Delete,
}

impl Verb {
    /// As in HTTP.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Reply> + Send>>;

/// One route.
pub struct Route {
    /// Method.
    pub verb: Verb,
    /// Path; `{name}` is one open part, `{*name}` the whole rest.
    pub path: &'static str,
    /// Who may try it.
    pub policy: Policy,
    /// Largest body, bytes.
    pub body_bytes: usize,
    /// Needs neither database nor session: answered also when both are away.
    pub bare: bool,
    /// A page of the public site without a form that is posted: whoever is not signed in gets no cookie with it, so it can be kept.
    pub plain: bool,
    pub(crate) handler: Handler,
}

macro_rules! routes {
    ($($verb:ident $path:literal $policy:expr, $($handler:ident)::+ $([$($mark:ident),+])?;)+) => {
        /// The table.
        pub static ROUTES: &[Route] = &[$(
            Route {
                verb: Verb::$verb,
                path: $path,
                policy: $policy,
                body_bytes: body_of(&[$($(stringify!($mark)),+)?]),
                bare: has(&[$($(stringify!($mark)),+)?], "bare"),
                plain: has(&[$($(stringify!($mark)),+)?], "plain"),
                handler: |call| Box::pin($($handler)::+(call)),
            }
        ),+];
    };
}

/// Is `mark` in `marks`? In a constant.
const fn has(marks: &[&str], mark: &str) -> bool {
    let mut i = 0;
    while i < marks.len() {
        let (a, b) = (marks[i].as_bytes(), mark.as_bytes());
        // The marks differ in their first letter.
        if a[0] == b[0] {
            return true;
        }
        i += 1;
    }
    false
}

/// Largest body of a route with these marks, bytes.
const fn body_of(marks: &[&str]) -> usize {
    if has(marks, "upload") {
        limits::UPLOAD_BYTES + 64 * 1024
    } else if has(marks, "handed") {
        limits::HANDED_IN_BYTES
    } else {
        limits::HTTP_BODY_BYTES
    }
}

use Policy::{Either, FirstRunOnly, GrantSession, Machine, Needs, OpenThere, Public, SignedIn};

routes! {
    Get "/" SignedIn, entry::home;
    Get "/setup" FirstRunOnly, entry::setup;
    Post "/setup" FirstRunOnly, entry::set_up;
    Get "/login" Public, entry::login;
    Post "/login" Public, entry::sign_in;
    Get "/login/code" Public, second_step::code_page;
    Post "/login/code" Public, second_step::sign_in;
    Post "/logout" SignedIn, entry::sign_out;
    Get "/lang/{lang}" Public, entry::lang [bare];
    Get "/welcome" SignedIn, entry::welcome;
    Post "/demo/alarm" SignedIn, entry::demo_alarm;
    Get "/assets/{*path}" Public, ops::asset [bare];
    Get "/favicon.ico" Public, ops::favicon [bare];

    Get "/desk" Needs(P::ViewLive), watch::desk;
    Get "/playback" Needs(P::PlayBack), watch::playback;

    Get "/alarms" Needs(P::SeeAlarms), alarms::history;
    Get "/alarms/queue" Needs(P::SeeAlarms), alarms::queue;
    Post "/alarms/tests" Needs(P::ManageAlarms), alarms::begin_test;
    Post "/alarms/tests/{index}/end" Needs(P::ManageAlarms), alarms::end_test;
    Get "/alarms/{id}" Needs(P::SeeAlarms), alarms::show;
    Post "/alarms/{id}" Needs(P::HandleAlarms), alarms::act;
    Get "/contacts" Needs(P::SeeAlarms), contacts::list;
    Post "/contacts" Needs(P::ManageAlarms), contacts::add;
    Post "/contacts/{id}" Needs(P::ManageAlarms), contacts::change;
    Post "/contacts/{id}/remove" Needs(P::ManageAlarms), contacts::remove;
    Get "/shift" Needs(P::StandWatch), shifts::show;
    Get "/shift/roster" Needs(P::StandWatch), shifts::roster;
    Post "/shift/begin" Needs(P::StandWatch), shifts::begin;
    Post "/shift/offer" Needs(P::StandWatch), shifts::offer;
    Post "/shift/accept" Needs(P::StandWatch), shifts::accept;
    Post "/shift/end-offer" Needs(P::StandWatch), shifts::end_offer;
    Post "/shift/take" Needs(P::StandWatch), shifts::take;

    Get "/use" Needs(P::SeeRegister), use_request::list;
    Get "/use/new" Needs(P::RequestUse), use_request::new;
    Post "/use/new" Needs(P::RequestUse), use_request::save [upload];
    Get "/use/new/check" Needs(P::RequestUse), use_request::check;
    Post "/use/new/check" Needs(P::RequestUse), use_request::send;
    Get "/use/orders" Needs(P::DecideUse), footage::orders;
    Get "/use/orders/{order}" Needs(P::DecideUse), showing::order;
    Post "/use/orders/{order}/request" Needs(P::DecideUse), showing::open;
    Post "/use/orders/{order}/finish" Needs(P::DecideUse), showing::finish;
    Get "/use/orders/{order}/person" Needs(P::DecideUse), person_orders::show;
    Post "/use/orders/{order}/person" Needs(P::DecideUse), person_orders::enter;
    Post "/use/orders/{order}/person/coming" Needs(P::DecideUse), person_orders::coming;
    Get "/use/person" Needs(P::DecideUse), own_request::new;
    Post "/use/person" Needs(P::DecideUse), own_request::take;
    Get "/use/{id}/receipt.pdf" Needs(P::DecideUse), own_request::receipt;
    Get "/use/{id}/answer.pdf" Needs(P::DecideUse), own_request::answer;
    Get "/use/{id}/show" Needs(P::DecideUse), showing::papers;
    Post "/use/{id}/show" Needs(P::DecideUse), showing::show;
    Get "/use/{id}" Needs(P::SeeRegister), use_request::show;
    Get "/use/{id}/papers/{sha256}" Needs(P::OpenPapers), use_request::paper;
    Post "/use/{id}/decide" Needs(P::DecideUse), use_request::decide;
    Post "/use/{id}/close" Needs(P::DecideUse), use_request::close;
    Post "/use/{id}/release" Needs(P::DecideUse), use_request::release;
    Get "/use/{id}/signin" Needs(P::UseGrant), use_session::signin;
    Post "/use/{id}/signin" Needs(P::UseGrant), use_session::sign;
    Post "/use/{id}/start" Needs(P::UseGrant), use_session::start;
    Get "/use/{id}/view" Either(P::UseGrant, P::DecideUse), use_session::view;
    Post "/use/{id}/end" Either(P::UseGrant, P::DecideUse), use_session::end;
    Get "/use/{id}/export" Either(P::UseGrant, P::DecideUse), use_export::show;
    Post "/use/{id}/export" Either(P::UseGrant, P::DecideUse), use_export::make;
    Get "/use/{id}/exports/{export}" Either(P::UseGrant, P::DecideUse), use_export::download;
    Post "/use/{id}/exports/{export}/remove" Needs(P::DecideUse), use_export::remove;
    Get "/register" Needs(P::SeeRegister), register::list;

    Get "/devices" Needs(P::SeeDevices), devices::list;
    Get "/devices/new" Needs(P::ManageDevices), devices::new;
    Post "/devices/new" Needs(P::ManageDevices), devices::add;
    Get "/devices/{id}" Needs(P::SeeDevices), devices::show;
    Post "/devices/{id}" Needs(P::ManageDevices), devices::change;
    Post "/devices/{id}/diagnose" Needs(P::ManageDevices), devices::diagnose;
    Post "/devices/{id}/sign" Needs(P::ManageDevices), devices::sign;
    Post "/devices/{id}/remove" Needs(P::ManageDevices), devices::remove;
    Get "/panels" Needs(P::SeeDevices), panels::list;
    Get "/panels/new" Needs(P::ManageDevices), panels::new;
    Post "/panels/new" Needs(P::ManageDevices), panels::add;
    Get "/panels/{account}" Needs(P::SeeDevices), panels::show;
    Post "/panels/{account}" Needs(P::ManageDevices), panels::change;
    Post "/panels/{account}/remove" Needs(P::ManageDevices), panels::remove;
    Post "/panels/{account}/zones" Needs(P::ManageDevices), panels::set_zone;
    Post "/panels/{account}/zones/remove" Needs(P::ManageDevices), panels::remove_zone;
    Post "/devices/{id}/guard" Needs(P::ManageDevices), devices::guard;
    Get "/plans" Needs(P::SeeDevices), plans::list;
    Post "/plans" Needs(P::ManageDevices), plans::put [upload];
    Get "/plans/{id}" Needs(P::SeeDevices), plans::show;
    Get "/plans/{id}/picture" Needs(P::SeeDevices), plans::image;
    Post "/plans/{id}/marks" Needs(P::ManageDevices), plans::mark;
    Post "/plans/{id}/marks/remove" Needs(P::ManageDevices), plans::unmark;
    Post "/plans/{id}/remove" Needs(P::ManageDevices), plans::remove;
    Get "/plans/{id}/views" Needs(P::SeeDevices), plan_views::show;
    Post "/plans/{id}/views" Needs(P::ManageDevices), plan_views::put;
    Post "/plans/{id}/width" Needs(P::ManageDevices), plan_views::width;
    Post "/plans/{id}/shapes" Needs(P::ManageDevices), plan_views::shape;
    Get "/places" Needs(P::ReadLaw), places::list;
    Get "/platforms" Needs(P::SeeDevices), platforms::list;
    Get "/platforms/new" Needs(P::ManageDevices), platforms::new;
    Post "/platforms/new" Needs(P::ManageDevices), platforms::add;
    Get "/platforms/{id}" Needs(P::SeeDevices), platforms::show;
    Get "/platforms/{id}/edit" Needs(P::ManageDevices), platforms::edit;
    Post "/platforms/{id}/edit" Needs(P::ManageDevices), platforms::change;
    Post "/platforms/{id}/emergency" Needs(P::DecideUse), platforms::emergency;
    Post "/platforms/{id}/remove" Needs(P::ManageDevices), platforms::remove;
    Get "/emergencies" Needs(P::SeeEmergencies), emergencies::list;
    Post "/emergencies/days" Needs(P::ManageDuties), emergencies::set_days;
    Get "/emergencies/{index}" Needs(P::SeeEmergencies), emergencies::show;
    Post "/emergencies/{index}/explain" Needs(P::DecideUse), emergencies::explain;
    Post "/emergencies/{index}/review" Needs(P::ReviewEmergency), emergencies::review;
    Get "/storage" Needs(P::SeeStorage), storage::show;
    Get "/storage/integrity" Needs(P::SeeStorage), integrity::show;
    Post "/storage/integrity" Needs(P::ManageDevices), integrity::ask;
    Get "/clocks" Needs(P::SeeDevices), clocks::show;
    Get "/duties" Needs(P::SeeDuties), duties::list;
    Get "/duties/report" Needs(P::SeeDuties), duties::report;
    Get "/duties/report.pdf" Needs(P::SeeDuties), duties::report_pdf;
    Post "/duties/check" Needs(P::ManageDuties), duties::check;
    Post "/duties/papers" Needs(P::ManageDuties), duties::add_paper;
    Post "/duties/papers/{id}/withdraw" Needs(P::ManageDuties), duties::withdraw;
    Post "/duties/period" Needs(P::ManageDuties), duties::period;

    Get "/inbox" Needs(P::SeeReports), inbox::list;
    Get "/inbox/{index}" Needs(P::SeeReports), inbox::show;
    Post "/inbox/{index}/step" Needs(P::AnswerReports), inbox::step;
    Get "/inbox/{index}/message" Needs(P::SeeReports), inbox::message;
    Get "/inbox/{index}/receipt" Needs(P::SeeReports), inbox::receipt;
    Get "/inbox/{index}/exhibits/{leaf}" Needs(P::SeeReports), inbox::exhibit;
    Get "/sites" Either(P::SeeReports, P::ManagePeers), sites::list;
    Post "/sites" Needs(P::ManagePeers), sites::enter;
    Post "/sites/division" Needs(P::ManagePeers), sites::place;
    Post "/sites/{id}/admit" Needs(P::ManagePeers), sites::admit;
    Post "/sites/{id}/close" Needs(P::ManagePeers), sites::close;
    Get "/sites/{id}/heads/{index}" Either(P::SeeReports, P::ManagePeers), sites::heads;
    Post "/sites/{id}/heads/{index}/accept" Needs(P::ManagePeers), sites::accept;
    Get "/sites/{id}" Either(P::SeeReports, P::ManagePeers), visits::site_report;
    Get "/link" Needs(P::SeeLink), link::show;
    Post "/link" Needs(P::ManagePeers), link::set;
    Get "/link/checkpoint" Needs(P::SeeLink), link::checkpoint;
    Post "/link/report" Needs(P::ManageDuties), link::report;

    Get "/registers" Needs(P::SeeCases), staff_registers::list;
    Get "/registers/{register}" Needs(P::SeeCases), staff_registers::show;
    Get "/registers/{register}/all.csv" Needs(P::SeeCases), staff_registers::csv;
    Get "/registers/{register}/all.json" Needs(P::SeeCases), staff_registers::json;
    Get "/registers/{register}/new" Needs(P::HandleCases), staff_rows::new;
    Post "/registers/{register}/new" Needs(P::HandleCases), staff_rows::enter;
    Get "/registers/{register}/{number}" Needs(P::SeeCases), staff_rows::show;
    Get "/registers/{register}/{number}/entry" Needs(P::SeeCases), staff_rows::entry;
    Get "/registers/{register}/{number}/proof" Needs(P::SeeCases), staff_rows::proof;
    Get "/registers/{register}/{number}/edit" Needs(P::HandleCases), staff_rows::edit;
    Post "/registers/{register}/{number}/edit" Needs(P::HandleCases), staff_rows::change;
    Post "/registers/{register}/{number}/end" Needs(P::HandleCases), staff_rows::end;
    Post "/registers/{register}/{number}/reveal" Needs(P::HandleCases), staff_rows::reveal;
    Get "/registers/{register}/{number}/life" Needs(P::SeeCases), staff_life::show;
    Post "/registers/{register}/{number}/life" Needs(P::HandleCases), staff_life::settle;
    Get "/registers/{register}/{number}/files" Needs(P::SeeCases), row_files::show;
    Post "/registers/{register}/{number}/files" Needs(P::HandleCases), row_files::keep [upload];
    Post "/registers/{register}/{number}/files/{sha256}" Either(P::HandleCases, P::ApproveCases), row_files::open;
    Post "/registers/{register}/{number}/files/{sha256}/remove" Needs(P::HandleCases), row_files::remove;
    Get "/cases" Needs(P::SeeCases), cases::list;
    Get "/cases/new" Needs(P::HandleCases), cases::new;
    Post "/cases/new" Needs(P::HandleCases), cases::open;
    Get "/cases/search" Needs(P::SeeCases), find::show;
    Get "/applicants" Needs(P::HandleCases), joining::show;
    Post "/applicants" Needs(P::HandleCases), joining::join;
    Get "/cases/{id}" Needs(P::SeeCases), case::show;
    Post "/cases/{id}/papers" Needs(P::HandleCases), case::give [upload];
    Get "/cases/{id}/papers/{index}" Needs(P::SeeCases), case::paper;
    Get "/cases/{id}/documents" Needs(P::SeeCases), case_documents::show;
    Post "/cases/{id}/documents" Either(P::HandleCases, P::ApproveCases), case_documents::make;
    Get "/cases/{id}/documents/preview" Either(P::HandleCases, P::ApproveCases), case_documents::preview;
    Post "/cases/{id}/documents/void" Either(P::HandleCases, P::ApproveCases), case_documents::void;
    Post "/cases/{id}/documents/delivered" Either(P::HandleCases, P::ApproveCases), case_documents::delivered [upload];
    Get "/public-address" Needs(P::ManageOffices), case_documents::address;
    Post "/public-address" Needs(P::ManageOffices), case_documents::set_address;
    Get "/cases/{id}/documents/{sha256}" Needs(P::SeeCases), case::document;
    Post "/cases/{id}/assign" Either(P::HandleCases, P::ApproveCases), case::assign;
    Get "/cases/{id}/steps/{step}" Either(P::HandleCases, P::ApproveCases), case_steps::step;
    Post "/cases/{id}/steps/{step}" Either(P::HandleCases, P::ApproveCases), case_steps::take;
    Get "/cases/{id}/rest" Needs(P::HandleCases), case_rest::rest;
    Post "/cases/{id}/rest" Needs(P::HandleCases), case_rest::ask_for_rest;
    Get "/cases/{id}/propose" Needs(P::HandleCases), case_steps::propose_form;
    Post "/cases/{id}/propose" Needs(P::HandleCases), case_steps::propose;
    Get "/cases/{id}/review" Needs(P::ReviewCases), case_steps::review_form;
    Post "/cases/{id}/review" Needs(P::ReviewCases), case_steps::review;
    Get "/cases/{id}/decide" Needs(P::SeeCases), case_steps::decide_form;
    Post "/cases/{id}/decide" Needs(P::SeeCases), case_steps::decide;
    Get "/cases/{id}/payments" Needs(P::SeeCases), payments::show;
    Post "/cases/{id}/payments" Needs(P::HandleCases), payments::receive;
    Post "/cases/{id}/payments/leave" Needs(P::ApproveCases), payments::defer;
    Post "/cases/{id}/payments/still" Needs(P::HandleCases), payments::still;
    Post "/cases/{id}/payments/reverse" Needs(P::ApproveCases), payments::reverse;
    Get "/cases/{id}/publish" Needs(P::PublishRecords), case_publish::publish_form;
    Post "/cases/{id}/publish" Needs(P::PublishRecords), case_publish::publish;
    Get "/cases/{id}/clocks" Needs(P::SeeCases), case_desk::clocks;
    Post "/cases/{id}/clocks" Either(P::HandleCases, P::ApproveCases), case_desk::change_clock;
    Get "/cases/{id}/note" Needs(P::SeeCases), case_desk::side_form;
    Post "/cases/{id}/note" Needs(P::SeeCases), case_desk::side;
    Get "/cases/{id}/correct" Needs(P::SeeCases), case_desk::side_form;
    Post "/cases/{id}/correct" Needs(P::SeeCases), case_desk::side;
    Get "/cases/{id}/value" Needs(P::HandleCases), case_desk::side_form;
    Post "/cases/{id}/value" Needs(P::HandleCases), case_desk::side;
    Get "/cases/{id}/facts-day" Needs(P::HandleCases), case_desk::side_form;
    Post "/cases/{id}/facts-day" Needs(P::HandleCases), case_desk::side;
    Get "/cases/{id}/law" Either(P::HandleCases, P::ApproveCases), case_desk::side_form;
    Post "/cases/{id}/law" Either(P::HandleCases, P::ApproveCases), case_desk::side;
    Get "/cases/{id}/abandon" Either(P::HandleCases, P::ApproveCases), case_desk::side_form;
    Post "/cases/{id}/abandon" Either(P::HandleCases, P::ApproveCases), case_desk::side;
    Get "/cases/{id}/recuse" Needs(P::SeeCases), case_desk::recuse_form;
    Post "/cases/{id}/recuse" Needs(P::SeeCases), case_desk::recuse;
    Get "/cases/{id}/panel" Needs(P::SeeCases), case_panel::show;
    Post "/cases/{id}/panel" Needs(P::HandleCases), case_panel::change;
    Get "/recusals" Needs(P::ApproveCases), recusals::show;
    Post "/recusals/{id}" Needs(P::ApproveCases), recusals::settle;
    Post "/cases/{id}/reveal" Needs(P::SeeCases), case_desk::reveal;
    Get "/offices" Either(P::SeeCases, P::ManageOffices), offices::list;
    Get "/offices/new" Needs(P::ManageOffices), offices::new;
    Post "/offices/new" Needs(P::ManageOffices), offices::add;
    Get "/offices/{id}" Either(P::SeeCases, P::ManageOffices), offices::show;
    Post "/offices/{id}" Needs(P::ManageOffices), offices::change;
    Post "/offices/{id}/officers" Needs(P::ManageOffices), offices::put_officer;
    Post "/offices/{id}/officers/remove" Needs(P::ManageOffices), offices::remove_officer;
    Post "/offices/{id}/absences" Either(P::SeeCases, P::ManageOffices), offices::add_absence;
    Post "/offices/{id}/absences/end" Either(P::SeeCases, P::ManageOffices), offices::end_absence;
    Get "/offices/{id}/delegations" Either(P::SeeCases, P::ManageOffices), delegations::show;
    Post "/offices/{id}/delegations" Needs(P::ApproveCases), delegations::give;
    Post "/offices/{id}/delegations/end" Needs(P::ApproveCases), delegations::end;
    Get "/supervision" Needs(P::SuperviseCases), supervision::show;
    Get "/supervision/annulled.csv" Needs(P::SuperviseCases), supervision::csv;
    Get "/supervision/overdue.csv" Needs(P::SuperviseCases), supervision::csv;
    Get "/supervision/near.csv" Needs(P::SuperviseCases), supervision::csv;
    Get "/supervision/waiting.csv" Needs(P::SuperviseCases), supervision::csv;
    Get "/supervision/decided_late.csv" Needs(P::SuperviseCases), supervision::csv;
    Get "/supervision/tried.csv" Needs(P::SuperviseCases), supervision::csv;
    Get "/supervision/reveals.csv" Needs(P::SuperviseCases), supervision::csv;
    Get "/supervision/visits.csv" Needs(P::SuperviseCases), supervision::csv;
    Get "/supervision/draws.csv" Needs(P::SuperviseCases), supervision::csv;
    Get "/supervision/refusals.csv" Needs(P::SuperviseCases), supervision::csv;
    Get "/supervision/grounds.csv" Needs(P::SuperviseCases), supervision::csv;
    Get "/supervision/load.csv" Needs(P::SuperviseCases), supervision::csv;
    Get "/cases/{id}/footage" Needs(P::SeeCases), footage::show;
    Post "/cases/{id}/footage/hold" Needs(P::HandleCases), footage::hold;
    Post "/cases/{id}/footage/release" Needs(P::ApproveCases), footage::release;
    Post "/cases/{id}/footage/appoint" Needs(P::HandleCases), footage::appoint;
    Post "/cases/{id}/footage/show" Needs(P::HandleCases), footage::show_again;
    Get "/statistics" Needs(P::SeeCases), staff_numbers::show;
    Get "/statistics/all.csv" Needs(P::SeeCases), staff_numbers::csv;
    Get "/statistics/gaps" Needs(P::SeeCases), staff_numbers::gaps;
    Get "/statistics/gaps.csv" Needs(P::SeeCases), staff_numbers::gaps_csv;
    Post "/statistics/bulletin" Needs(P::ApproveCases), staff_numbers::bulletin;
    Get "/imports" Needs(P::HandleCases), register_imports::show;
    Post "/imports" Needs(P::HandleCases), register_imports::check [upload];
    Post "/imports/confirm" Needs(P::HandleCases), register_imports::confirm;
    Get "/imports/template" Needs(P::HandleCases), register_imports::template;
    Post "/apply" Needs(P::Apply), apply::start;
    Get "/apply/new" Needs(P::Apply), apply::new;
    Post "/apply/new" Needs(P::Apply), apply::begin;
    Get "/apply/footage" Needs(P::Apply), relays::new;
    Post "/apply/footage" Needs(P::Apply), relays::send;
    Get "/my/footage/{id}" Needs(P::Apply), relays::show;
    Post "/my/footage/{id}/withdraw" Needs(P::Apply), relays::withdraw;
    Get "/apply/{id}" Needs(P::Apply), apply::show;
    Post "/apply/{id}" Needs(P::Apply), apply::save;
    Get "/apply/{id}/materials" Needs(P::Apply), apply_papers::papers;
    Post "/apply/{id}/materials/{material}" Needs(P::Apply), apply_papers::upload [upload];
    Post "/apply/{id}/materials/{material}/remove" Needs(P::Apply), apply_papers::remove;
    Get "/apply/{id}/check" Needs(P::Apply), apply::check;
    Post "/apply/{id}/check" Needs(P::Apply), apply::hand_in;
    Post "/apply/{id}/unit" Needs(P::Apply), held_unit::choose;
    Get "/apply/{id}/withdraw" Needs(P::Apply), apply::give_up;
    Get "/draws" Needs(P::SeeCases), draw_plans::list;
    Get "/draws/new" Needs(P::HandleCases), draw_plans::new;
    Post "/draws/new" Needs(P::HandleCases), draw_plans::put;
    Get "/draws/{id}" Needs(P::SeeCases), draw_plans::show;
    Post "/draws/{id}/publish" Needs(P::ApproveCases), draw_plans::publish;
    Post "/draws/{id}/keep-out" Needs(P::HandleCases), draw_plans::keep_out;
    Post "/draws/{id}/pool" Needs(P::ApproveCases), draw_plans::commit;
    Post "/draws/{id}/draw" Needs(P::ApproveCases), draw_plans::draw;
    Post "/draws/{id}/replace" Needs(P::ApproveCases), draw_plans::replace [upload];
    Post "/draws/{id}/visits" Needs(P::HandleCases), draw_plans::visits;
    Post "/draws/{id}/paper" Either(P::HandleCases, P::ApproveCases), draw_plans::paper;
    Get "/my/cases" Needs(P::Apply), my_cases::list;
    Get "/my/cases/{id}" Needs(P::Apply), my_cases::show;
    Get "/my/cases/{id}/receipt" Needs(P::Apply), my_cases::receipt;
    Post "/my/cases/{id}/recuse" Needs(P::Apply), my_cases::recuse;
    Get "/my/cases/{id}/footage" Needs(P::Apply), footage::mine;
    Get "/my/cases/{id}/papers/{index}" Needs(P::Apply), case::paper;
    Get "/my/cases/{id}/documents/{sha256}" Needs(P::Apply), case::document;

    Get "/visits" Needs(P::SeeCases), visits::list;
    Get "/visits/sw.js" Public, visits::worker [bare];
    Get "/visits/{id}" Needs(P::SeeCases), visits::show;
    Post "/visits/{id}/ask" Needs(P::HandleCases), visits::ask;
    Post "/visits/{id}/approve" Needs(P::ApproveCases), visits::approve;
    Post "/visits/{id}/refuse" Needs(P::ApproveCases), visits::refuse;
    Post "/visits/{id}/begin" Needs(P::HandleCases), visits::begin;
    Post "/visits/{id}/drop" Either(P::HandleCases, P::ApproveCases), visits::call_off;
    Post "/visits/{id}/unsign" Needs(P::HandleCases), visit_close::unsign;
    Post "/visits/{id}/close" Needs(P::HandleCases), visit_close::close;
    Post "/visits/{id}/order" Needs(P::HandleCases), visit_papers::choose;
    Post "/visits/{id}/papers" Needs(P::HandleCases), visit_papers::make;
    Post "/visits/{id}/served" Needs(P::HandleCases), visit_papers::served;
    Get "/visits/{id}/photos/{index}" Needs(P::SeeCases), visit_sync::photo;
    Get "/visits/{id}/parts/{n}" Needs(P::SeeCases), visits::part;
    Get "/visits/{id}/parts/{n}/photos/{index}" Needs(P::SeeCases), visit_sync::part_photo;

    Get "/log" Needs(P::SeeLog), log::list;
    Get "/log/checkpoint" Needs(P::SeeLog), log::checkpoint;
    Get "/log/{index}" Needs(P::SeeLog), log::show;
    Get "/log/{index}/proof" Needs(P::SeeLog), log::proof;
    Get "/log/{index}/entry" Needs(P::SeeLog), log::entry_bytes;
    Get "/law" OpenThere(P::ReadLaw), law_list::list;
    Get "/law/coverage" Needs(P::ReadLaw), law_list::coverage;
    Get "/law/findings" Needs(P::ReadLaw), law_list::findings;
    Get "/law/readings" Needs(P::ReadLaw), readings::list;
    Post "/law/readings" Needs(P::ChooseReading), readings::propose;
    Get "/law/packs/{id}" OpenThere(P::ReadLaw), law_list::pack;
    Get "/law/{clause}" OpenThere(P::ReadLaw), law::show;
    Get "/offers" Needs(P::RecordOffer), offers::list;
    Post "/offers" Needs(P::RecordOffer), offers::record;

    Get "/account" Needs(P::OwnAccount), accounts::own;
    Post "/account/password" Needs(P::OwnAccount), accounts::change_password;
    Post "/account/appearance" Needs(P::OwnAccount), accounts::appearance;
    Post "/account/sessions/end" Needs(P::OwnAccount), sessions::end;
    Post "/account/sessions/known" Needs(P::OwnAccount), sessions::known;
    Get "/account/two-step" Needs(P::OwnAccount), second_step::show;
    Post "/account/two-step/begin" Needs(P::OwnAccount), second_step::begin;
    Post "/account/two-step/confirm" Needs(P::OwnAccount), second_step::confirm;
    Post "/account/two-step/codes" Needs(P::OwnAccount), second_step::renew;
    Post "/account/two-step/off" Needs(P::OwnAccount), second_step::off;
    Get "/accounts" Either(P::ManageAccounts, P::ManageRights), accounts::list;
    Post "/accounts" Needs(P::ManageAccounts), accounts::add;
    Post "/accounts/two-step" Needs(P::ManageRights), second_step::set_roles;
    Post "/accounts/{id}/two-step-reset" Needs(P::ManageRights), second_step::reset;
    Get "/accounts/{id}/areas" Needs(P::ManageRights), areas::show;
    Post "/accounts/{id}/areas" Needs(P::ManageRights), areas::save;
    Post "/accounts/{id}/reveal" Needs(P::RevealPersons), accounts::reveal;
    Post "/accounts/{id}/unlock" Needs(P::ManageRights), accounts::unlock;
    Post "/accounts/{id}/reset" Needs(P::ManageAccounts), accounts::reset;
    Post "/accounts/{id}/close" Needs(P::ManageAccounts), accounts::close;
    Post "/accounts/{id}/open" Needs(P::ManageAccounts), accounts::open;
    Post "/accounts/{id}/role" Needs(P::ManageRights), changes::set_role;
    Get "/accounts/import" Needs(P::ManageAccounts), import::show;
    Post "/accounts/import" Needs(P::ManageAccounts), import::check [upload];
    Post "/accounts/import/confirm" Needs(P::ManageAccounts), import::confirm;
    Get "/changes" Needs(P::ConfirmChanges), changes::list;
    Post "/changes/{id}/confirm" Needs(P::ConfirmChanges), changes::confirm;
    Post "/changes/{id}/decline" Needs(P::ConfirmChanges), changes::decline;

    Get "/settings" Needs(P::ManageSettings), settings::show;
    Post "/settings/check" Needs(P::ManageSettings), settings::check;
    Post "/settings/edit" Needs(P::ManageSettings), settings::edit;
    Post "/settings/save" Needs(P::ManageSettings), settings::save;
    Post "/settings/small-site" Needs(P::ManageSettings), changes::small_site;
    Post "/settings/support" Needs(P::ManageSettings), support::take;

    Get "/public" Public, public::home [plain];
    Get "/public/search" Public, public::search [plain];
    Get "/public/statistics" Public, statistics::show [plain];
    Get "/public/statistics.csv" Public, statistics::csv [plain];
    Get "/public/services" Public, services::list [plain];
    Get "/public/services/{id}" Public, services::show [plain];
    Get "/public/services/{id}/sample" Public, services::sample [plain];
    Get "/public/registers" Public, registers::list [plain];
    Get "/public/registers/{register}" Public, registers::show [plain];
    Get "/public/registers/{register}/all.csv" Public, register_files::csv [plain];
    Get "/public/registers/{register}/all.json" Public, register_files::json [plain];
    Get "/public/registers/{register}/{number}" Public, registers::row [plain];
    Get "/public/registers/{register}/{number}/state" Public, register_state_files::show [plain];
    Get "/public/notices" Public, notices::list [plain];
    Get "/public/notices/{id}" Public, notices::show [plain];
    Get "/public/draws" Public, draw_plans::public_list [plain];
    Get "/public/draws/{id}" Public, draws::show [plain];
    Get "/public/draws/{id}/record" Public, draws::record [plain];
    Get "/public/draws/{id}/plan" Public, plan_said::file [plain];
    Get "/public/entries/{index}" Public, proofs::entry [plain];
    Get "/public/entries/{index}/proof" Public, proofs::proof [plain];
    Get "/public/verify" Public, verify::show [plain];
    Get "/public/verify/proof" Public, verify_proof::show;
    Post "/public/verify/proof" Public, verify_proof::check;
    Get "/public/footage" Public, footage::guide [plain];
    Get "/public/status" Public, case_status::show;
    Post "/public/status" Public, case_status::look_up;
    Get "/public/complaint" Public, complaint::show;
    Post "/public/complaint" Public, complaint::send;
    Get "/public/account" Public, newcomer::show;
    Post "/public/account" Public, newcomer::make;
    Get "/text-size/{size}" Public, entry::text_size [bare];

    Get "/api/openapi.json" Public, api::openapi [bare];
    Get "/api/v1/password-rules" Public, sessions::rules [bare];
    Get "/api/v1/events" SignedIn, api::events;
    Get "/api/v1/cameras" Needs(P::SeeDevices), api::cameras;
    Get "/api/v1/session" SignedIn, api::session;
    Get "/api/v1/cameras/{id}/diagnosis" Needs(P::SeeDevices), devices::diagnosis;
    Get "/api/v1/cameras/{id}/timeline" GrantSession, media::timeline;
    Get "/api/v1/cameras/{id}/play.json" GrantSession, media::play_json;
    Get "/api/v1/cameras/{id}/play.mp4" GrantSession, media::play_mp4;
    Get "/api/v1/cameras/{id}/poster" GrantSession, media::poster;
    Get "/api/v1/cameras/{id}/snapshot" Needs(P::ViewLive), media::snapshot;
    Post "/api/v1/bookmarks" Needs(P::PlayBack), marks::add_bookmark;
    Delete "/api/v1/bookmarks/{id}" Needs(P::PlayBack), marks::remove_bookmark;
    Post "/api/v1/holds" Needs(P::DecideUse), marks::place_hold;
    Post "/api/v1/holds/{id}/release" Needs(P::DecideUse), marks::release_hold;
    Post "/api/v1/deletions" Needs(P::DeleteFootage), media::delete;
    Get "/api/v1/use/{id}/covers/{camera}" Needs(P::DecideUse), use_cover::read;
    Post "/api/v1/use/{id}/covers/{camera}" Needs(P::DecideUse), use_cover::save;
    Get "/api/v1/exports/{export}" Either(P::UseGrant, P::DecideUse), use_export::progress;
    Get "/api/v1/inbox" Needs(P::SeeReports), inbox::state;
    Get "/api/v1/visits/{id}" Needs(P::SeeCases), visit_sync::state;
    Post "/api/v1/visits/{id}/save" Needs(P::HandleCases), visit_sync::save;
    Post "/api/v1/visits/{id}/order" Needs(P::HandleCases), visit_sync::order;
    Post "/api/v1/visits/{id}/photos" Needs(P::HandleCases), visit_sync::add_photo [upload];
    Post "/api/v1/visits/{id}/sign" Needs(P::HandleCases), visit_sync::sign [upload];
    Get "/api/v1/placement" Needs(P::ManageDevices), api::placement;
    Get "/api/v1/alarms" Needs(P::SeeAlarms), alarms::open;
    Post "/api/v1/alarms/{id}/shown" Needs(P::HandleAlarms), alarms::shown;
    Post "/api/v1/alarms/{id}/take" Needs(P::HandleAlarms), alarms::take;
    Get "/api/v1/log/{index}" Needs(P::SeeLog), api::log_entry;
    Get "/api/v1/notices" Needs(P::SeeDevices), api::notices;
    Get "/api/v1/storage" Needs(P::SeeStorage), api::storage;
    Get "/api/v1/duties" Needs(P::SeeDuties), duties::api;
    Get "/api/v1/emergencies" Needs(P::SeeEmergencies), emergencies::api;
    Get "/api/v1/exchange/system-filings" Needs(P::SeeCases), exchange::filings;
    Get "/api/v1/exchange/places" Needs(P::SeeCases), exchange::places;
    Get "/api/v1/exchange/cases/{number}" Needs(P::SeeCases), exchange::status;
    Get "/api/v1/exchange/cases/{number}/documents/{sha256}" Needs(P::SeeCases), exchange::document;
    Get "/api/v1/exchange/form" Needs(P::SeeCases), exchange::form;
    Post "/api/v1/exchange/applications" Needs(P::HandleCases), exchange_in::take_in [handed];
    Post "/api/v1/exchange/cases/{number}/rest" Needs(P::HandleCases), exchange_in::rest [handed];
    Post "/api/v1/exchange/cases/{number}/papers" Needs(P::HandleCases), exchange_in::paper [upload];
    Get "/api/v1/tokens" Needs(P::OwnAccount), api::tokens;
    Post "/api/v1/tokens" Needs(P::OwnAccount), api::make_token;
    Delete "/api/v1/tokens/{token}" Needs(P::OwnAccount), api::end_token;

    Post "/whep/{camera}" Needs(P::ViewLive), media::whep_offer;
    Delete "/whep/{camera}/{session}" Needs(P::ViewLive), media::whep_end;

    Get "/ledger/{*path}" Needs(P::SeeLog), ops::ledger_file;
    Get "/healthz" Public, ops::health [bare];
    Get "/metrics" Machine, ops::metrics;
}

/// What a path leads to.
pub(crate) enum Found {
    /// A route and the open parts of the path.
    Route(&'static Route, Vec<String>),
    /// The path exists, with other methods.
    OtherMethod,
    /// Nothing.
    Nothing,
}

/// Finds the route of a path. Fixed parts win over open ones because they stand first in the table.
pub(crate) fn find(verb: Option<Verb>, path: &str) -> Found {
    let mut other = false;
    for route in ROUTES {
        if let Some(params) = fits(route.path, path) {
            if Some(route.verb) == verb {
                return Found::Route(route, params);
            }
            other = true;
        }
    }
    if other { Found::OtherMethod } else { Found::Nothing }
}

fn fits(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut params = Vec::new();
    let mut rest = path;
    let mut parts = pattern.split('/').peekable();
    while let Some(part) = parts.next() {
        if part.starts_with("{*") {
            return (!rest.is_empty()).then(|| {
                params.push(rest.to_owned());
                params
            });
        }
        let (here, after) = rest.split_once('/').map_or((rest, None), |(h, a)| (h, Some(a)));
        if part.starts_with('{') {
            if here.is_empty() {
                return None;
            }
            params.push(decoded(here)?);
        } else if part != here {
            return None;
        }
        match (after, parts.peek()) {
            (Some(after), Some(_)) => rest = after,
            (None, None) => return Some(params),
            _ => return None,
        }
    }
    None
}

/// One part of a path with its escapes read; `None` when that is no text or holds a slash or control character.
fn decoded(part: &str) -> Option<String> {
    let mut out = Vec::with_capacity(part.len());
    let mut bytes = part.bytes();
    while let Some(b) = bytes.next() {
        if b == b'%' {
            let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
            let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(b);
        }
    }
    String::from_utf8(out).ok().filter(|t| !t.contains(['/', '\\']) && !t.chars().any(char::is_control))
}

/// The table as text: committed as `docs/ref/routes.txt`.
#[must_use]
pub fn table() -> String {
    let mut out = String::from("# method, path, who may try it; made from web::routes, checked by a test\n");
    for r in ROUTES {
        out.push_str(&format!("{:<7}{:<36}{}\n", r.verb.text(), r.path, r.policy.text()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of(verb: Verb, path: &str) -> Option<(&'static str, Vec<String>)> {
        match find(Some(verb), path) {
            Found::Route(route, params) => Some((route.path, params)),
            _ => None,
        }
    }

    #[test]
    fn paths_lead_to_their_routes() {
        assert_eq!(path_of(Verb::Get, "/"), Some(("/", vec![])));
        assert_eq!(path_of(Verb::Get, "/use/new"), Some(("/use/new", vec![])));
        assert_eq!(path_of(Verb::Get, "/use/x"), Some(("/use/{id}", vec!["x".into()])));
        assert_eq!(path_of(Verb::Get, "/log/checkpoint"), Some(("/log/checkpoint", vec![])));
        assert_eq!(path_of(Verb::Get, "/log/7/proof"), Some(("/log/{index}/proof", vec!["7".into()])));
        assert_eq!(path_of(Verb::Get, "/assets/js/wall.js"), Some(("/assets/{*path}", vec!["js/wall.js".into()])));
        assert_eq!(path_of(Verb::Get, "/law/B-28-1-1"), Some(("/law/{clause}", vec!["B-28-1-1".into()])));
        assert_eq!(path_of(Verb::Get, "/law/%E7%AC%AC"), Some(("/law/{clause}", vec!["第".into()])));
    }

    #[test]
    fn odd_paths_lead_nowhere() {
        for path in [
            "",
            "//",
            "/desk/",
            "/use/",
            "/use//view",
            "/law/%",
            "/law/%zz",
            "/law/%2f",
            "/law/%00",
            "/law/%ff",
            "/assets/",
            "/nope",
        ] {
            assert!(matches!(find(Some(Verb::Get), path), Found::Nothing), "{path}");
        }
        assert!(matches!(find(Some(Verb::Delete), "/desk"), Found::OtherMethod));
        assert!(matches!(find(None, "/desk"), Found::OtherMethod));
    }

    #[test]
    fn no_route_is_hidden_by_one_before_it() {
        for route in ROUTES {
            let path = route.path.replace("{*path}", "x").replace(['{', '}'], "");
            assert_eq!(path_of(route.verb, &path).map(|(p, _)| p), Some(route.path));
        }
    }

    #[test]
    fn marks_are_read() {
        let of = |path: &str| ROUTES.iter().find(|r| r.path == path && (path != "/use/new" || r.verb == Verb::Post));
        assert_eq!(of("/use/new").map(|r| r.body_bytes > limits::UPLOAD_BYTES), Some(true));
        assert_eq!(of("/healthz").map(|r| r.bare), Some(true));
        let handed = of("/api/v1/exchange/applications").map(|r| (r.bare, r.plain, r.body_bytes));
        assert_eq!(handed, Some((false, false, limits::HANDED_IN_BYTES)));
        assert_eq!(of("/desk").map(|r| (r.bare, r.body_bytes)), Some((false, limits::HTTP_BODY_BYTES)));
        let open: Vec<_> = ROUTES.iter().filter(|r| r.bare).map(|r| r.policy).collect();
        assert!(
            open.iter().all(|p| *p == Policy::Public),
            "a bare route is asked for without session, so it is public"
        );
    }
}
