//! End-to-end tests: the real binary, its pages in a browser, and what stands on the other side of its lines.
//!
//! One program for all files of this folder: what they stand on is built and linked once, not forty times. `cargo xtask test` runs each file
//! in a process of its own; one alone is run with `cargo test -p jifang-jifang --test e2e FILE::`.

mod accounts;
mod alarm_path;
mod alarms;
mod authority;
mod backup;
#[path = "support/branches.rs"]
mod branches;
mod crash;
mod crash_alarm;
mod demo_authority;
mod disks;
mod draw_command;
mod duty_pages;
mod faults;
mod first_run;
mod footage_request;
mod glass_pages;
mod incident;
mod interop_alarm;
#[path = "support/late.rs"]
mod late;
mod law_command;
mod law_folder;
mod law_pages;
mod pages;
mod panels;
mod people_pages;
mod place_pages;
mod platform_pages;
mod police_pages;
mod procedures;
mod recording;
mod register_command;
mod scrub;
mod serve;
mod support;
mod support_itself;
mod tamper;
#[path = "support/town.rs"]
mod town;
mod upper;
mod use_pages;
mod visit_pages;
#[path = "support/walk.rs"]
mod walk;
mod walkthrough;

/// A file that is not named above would not be run.
#[test]
fn every_file_of_this_folder_is_named_here() {
    let named = include_str!("e2e.rs");
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests")).expect("the folder") {
        let file = entry.expect("an entry").file_name().into_string().expect("a name");
        let Some(module) = file.strip_suffix(".rs").filter(|module| *module != "e2e") else { continue };
        assert!(named.contains(&format!("\nmod {module};\n")), "{file} is not named in e2e.rs");
    }
}
