//! Decisions, one module a noun. Pure: facts and time in, events and refusals out; nothing here stores, sends or waits.
//!
//! `access` who may try what · `account` passwords and lock-out · `area` where and when · `alarm` what a source said · `contact` whom the
//! watch calls · `plan` the picture of an area and what stands on it · `view` what a camera sees on a plan: homes, public areas, masks ·
//! `recording` frames to footage · `retention` how long · `storage` disks · `duty` what the unit owes today · `emergency` accesses explained
//! afterwards · `shift` who is on duty · `totp` the second step of signing in · `viewing` official request, grant, session · `proposal`
//! changes that need a second administrator · `reading` decisions on slips of the law · `offer` benefits offered and products demanded ·
//! `evidence` the export bundle and its offline verifier · `table` a CSV file read as records · `workbook` the first
//! sheet of an XLSX file read as rows.
//! Of the authority: `casework` cases by the procedures of the packs · `form` what was typed into their forms · `document` their papers ·
//! `identifier` numbers of units, persons, places and police units · `number` numbers of cases and documents as people type them · `office` which police office is competent · `draw` which units are
//! inspected and by whom, so that anybody can draw again · `inspection` visits, checklists answered, orders, second looks · `payment` what is
//! owed of a fine · `sought` which connected site is meant by typed words · `register_state` which rows stood in a public register on which day ·
//! `penalty_amount` several breaches, one decision · `order` what an authority tells a site to keep and to show, and what it answers.
//! Imports `base`, `law` and `ledger` only.

pub mod access;
pub mod account;
pub mod alarm;
pub mod area;
pub mod casework;
pub mod clock;
pub mod contact;
pub mod document;
pub mod draw;
pub mod duty;
pub mod emergency;
pub mod evidence;
pub mod form;
#[cfg(test)]
mod form_tests;
pub mod identifier;
#[cfg(test)]
mod identifier_tests;
pub mod inspection;
pub mod number;
pub mod offer;
pub mod office;
pub mod order;
mod own_words;
pub mod payment;
pub mod penalty_amount;
pub mod plan;
pub mod proposal;
pub mod reading;
pub mod recording;
pub mod register_state;
pub mod retention;
pub mod shift;
pub mod sought;
pub mod storage;
pub mod table;
pub mod totp;
pub mod view;
pub mod viewing;
pub mod workbook;
