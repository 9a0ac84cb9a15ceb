//! What the packs say about kinds of place: rows and policies say the same on every day, fragments stay fragments, and seeded defects are
//! found with file, line and clause.

use base::{CivilDate, Reading};
use jifang_law as law;
use law::{
    Act, Gate, Installer, Jurisdiction, PackError, Packs, PlaceKind, PlaceRule, PlaceSays, PlaceSite, PlaceSubject,
    Placement, Question, SiteProfile,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn read_dir(dir: &Path, below: &str, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read_dir(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law"), "", &mut files);
    files
}

fn packs() -> Packs {
    Packs::from_files(&files()).unwrap_or_else(|e| panic!("{e}"))
}

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn clauses(rules: &[PlaceRule]) -> Vec<&str> {
    rules.iter().map(|r| r.citation.clause.0.as_str()).collect()
}

/// The days before and of each entry into force, and one of today.
const DAYS: [&str; 7] =
    ["2012-10-31", "2012-11-01", "2015-01-31", "2015-02-01", "2025-03-31", "2025-04-01", "2026-11-22"];

const INSTALLERS: [Installer; 4] =
    [Installer::Government, Installer::ManagingUnit, Installer::SecurityDutyHolder, Installer::Other];

/// What rows predict that the gate refuses a camera by: clause and refusal code.
fn predicted(rules: &[PlaceRule], p: &Placement, listed: bool) -> BTreeSet<(String, &'static str)> {
    let mut out = BTreeSet::new();
    for rule in rules {
        let here = rule.site.is_none_or(|s| (s == PlaceSite::Listed) == listed);
        let code = match rule.says {
            PlaceSays::MayNot => "place_of_privacy",
            PlaceSays::OnlyBy if here && !rule.who.contains(&p.installer) && rule.site.is_some() => {
                "installer_not_entitled"
            }
            PlaceSays::OnlyBy if here && !rule.who.contains(&p.installer) => "public_area_government_only",
            PlaceSays::NeedsApproval if p.installer != Installer::Government && !p.public_area_approved => {
                "public_area_approval_required"
            }
            _ => continue,
        };
        out.insert((rule.citation.clause.0.clone(), code));
    }
    out
}

#[test]
fn rows_and_policies_say_the_same_of_every_kind_of_place_on_every_day() {
    let gate = Gate::new(packs()).unwrap();
    let codes =
        ["place_of_privacy", "public_area_government_only", "public_area_approval_required", "installer_not_entitled"];
    let mut refused = 0;
    for on in DAYS.map(day) {
        for jurisdiction in Jurisdiction::ALL {
            for place in PlaceKind::ALL.iter().copied() {
                let rules = gate.packs().place_rules(jurisdiction, place, on);
                for (installer, public_area_approved, listed) in
                    INSTALLERS.iter().flat_map(|i| [(*i, false, true), (*i, true, false), (*i, false, false)])
                {
                    let p = Placement {
                        place,
                        faces_homes: false,
                        has_audio: false,
                        sign_recorded: true,
                        installer,
                        public_area_approved,
                    };
                    let site = SiteProfile { security_duty_place: !listed, ..SiteProfile::new(jurisdiction) };
                    let answer = gate.decide(&Question { site, act: Act::AddCamera(p) }, on);
                    let found: BTreeSet<(String, &str)> = answer
                        .missing
                        .iter()
                        .filter_map(|m| {
                            let code = codes.iter().find(|c| **c == m.code)?;
                            Some((m.clause.as_ref()?.0.clone(), *code))
                        })
                        .collect();
                    refused += found.len();
                    assert_eq!(found, predicted(&rules, &p, listed), "{on} {jurisdiction:?} {place:?} {installer:?}");
                }
            }
        }
    }
    assert!(refused > 1_000, "{refused}");
}

#[test]
fn homes_are_forbidden_where_the_gate_says_so() {
    let gate = Gate::new(packs()).unwrap();
    for on in DAYS.map(day) {
        for jurisdiction in Jurisdiction::ALL {
            let p = Placement {
                place: PlaceKind::Warehouse,
                faces_homes: true,
                has_audio: false,
                sign_recorded: true,
                installer: Installer::ManagingUnit,
                public_area_approved: false,
            };
            let site = SiteProfile::new(jurisdiction);
            let answer = gate.decide(&Question { site, act: Act::AddCamera(p) }, on);
            let by_gate: Vec<_> = answer.missing.iter().filter(|m| m.code == "faces_homes").collect();
            let homes = PlaceSubject::Category("homes_windows_and_doors");
            let rules = gate.packs().prohibitions(jurisdiction, homes, on);
            assert_eq!(by_gate.len(), rules.len(), "{on} {jurisdiction:?}");
        }
    }
}

#[test]
fn the_union_of_prohibitions_is_told_with_its_clauses_and_days() {
    let packs = packs();
    let of = |jurisdiction, place, on| {
        let rules = packs.prohibitions(jurisdiction, place, day(on));
        clauses(&rules).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    use Jurisdiction::{Heilongjiang, Liaoning, Other};
    for (jurisdiction, place, on, want) in [
        (Liaoning, PlaceKind::GuestRoom, "2015-01-31", &[][..]),
        (Liaoning, PlaceKind::GuestRoom, "2015-02-01", &["A-14"]),
        (Liaoning, PlaceKind::GuestRoom, "2025-03-31", &["A-14"]),
        (Liaoning, PlaceKind::GuestRoom, "2025-04-01", &["A-14", "799-8"]),
        (Liaoning, PlaceKind::PrivateDiningRoom, "2025-03-31", &[]),
        (Liaoning, PlaceKind::PrivateDiningRoom, "2025-04-01", &["799-8"]),
        (Heilongjiang, PlaceKind::Bath, "2012-11-01", &["B-15"]),
        (Heilongjiang, PlaceKind::Bath, "2026-11-22", &["B-15", "799-8"]),
        (Other, PlaceKind::Bath, "2025-03-31", &[]),
        (Other, PlaceKind::Bath, "2025-04-01", &["799-8"]),
        (Liaoning, PlaceKind::Lobby, "2026-11-22", &[]),
    ] {
        assert_eq!(of(jurisdiction, place, on), want, "{jurisdiction:?} {place:?} {on}");
    }
    let evident = packs.prohibitions(Liaoning, PlaceKind::FittingRoom, day("2016-01-01"));
    assert_eq!(evident[0].citation.reading, Reading::Evident);
}

#[test]
fn public_areas_of_the_packs_are_the_kinds_that_the_gate_takes_for_public_areas() {
    let packs = packs();
    for kind in PlaceKind::ALL.iter().copied() {
        for jurisdiction in [Jurisdiction::Liaoning, Jurisdiction::Heilongjiang] {
            let rules = packs.place_rules(jurisdiction, kind, day("2026-11-22"));
            let area = rules.iter().any(|r| r.says == PlaceSays::PublicArea);
            assert_eq!(area, kind.is_social_public_area(), "{kind:?} {jurisdiction:?}");
        }
    }
    // Which of them a text names itself.
    let literal = |jurisdiction, kind| {
        let rules = packs.place_rules(jurisdiction, kind, day("2026-11-22"));
        rules.iter().any(|r| {
            r.says == PlaceSays::PublicArea && r.citation.clause.0 != "B-14-2" && r.citation.reading == Reading::Literal
        })
    };
    assert!(
        literal(Jurisdiction::Liaoning, PlaceKind::Intersection)
            && !literal(Jurisdiction::Heilongjiang, PlaceKind::Intersection)
    );
    assert!(
        !literal(Jurisdiction::Liaoning, PlaceKind::Expressway)
            && literal(Jurisdiction::Heilongjiang, PlaceKind::Expressway)
    );
}

#[test]
fn signs_builders_and_key_units_cite_their_clauses() {
    let packs = packs();
    let on = day("2026-11-22");
    let by = |jurisdiction, kind: PlaceKind, says| {
        let mut rules = packs.place_rules(jurisdiction, kind, on);
        rules.retain(|r| r.says == says);
        clauses(&rules).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    use Jurisdiction::{Heilongjiang, Liaoning};
    assert_eq!(by(Liaoning, PlaceKind::Warehouse, PlaceSays::SignNeeded), ["A-15-1"], "every covered area");
    assert_eq!(by(Liaoning, PlaceKind::Lobby, PlaceSays::SignNeeded), ["A-15-1", "799-13"]);
    assert_eq!(by(Heilongjiang, PlaceKind::Warehouse, PlaceSays::SignNeeded), [""; 0], "public places");
    assert_eq!(by(Heilongjiang, PlaceKind::Lobby, PlaceSays::SignNeeded), ["B-16", "799-13"]);
    assert_eq!(by(Liaoning, PlaceKind::Square, PlaceSays::Builds), ["A-8-1"]);
    assert_eq!(by(Heilongjiang, PlaceKind::Square, PlaceSays::Builds), ["B-14-1-1"]);
    assert_eq!(by(Heilongjiang, PlaceKind::Vehicle, PlaceSays::Builds), ["B-14-1-2"]);
    assert_eq!(by(Liaoning, PlaceKind::Vehicle, PlaceSays::KeyUnit), ["A-10-2-1"]);
    assert_eq!(by(Liaoning, PlaceKind::Square, PlaceSays::MustInstall), ["A-8-2"]);
    assert_eq!(by(Heilongjiang, PlaceKind::Square, PlaceSays::MustInstall), ["B-13-1"]);
}

#[test]
fn the_ten_tails_of_article_10_are_categories_marked_as_fragments() {
    let packs = packs();
    let on = day("2026-11-22");
    let categories = packs.place_categories(Jurisdiction::Liaoning, on);
    let tails: Vec<_> = categories.iter().filter(|c| c.clause.starts_with("A-10-1-f")).collect();
    assert_eq!(tails.len(), 10);
    for (n, tail) in tails.iter().enumerate() {
        assert_eq!(tail.clause, format!("A-10-1-f{}", n + 1));
        let rules = packs.place_rules(Jurisdiction::Liaoning, PlaceSubject::Category(&tail.id), on);
        assert!(rules.iter().all(|r| r.fragment == tail.fragment && r.fragment.is_some()), "{}", tail.id);
        let exception = rules.iter().any(|r| r.says == PlaceSays::Exception);
        assert_eq!(exception, n == 3, "{}", tail.id);
        assert_eq!(rules.iter().any(|r| r.says == PlaceSays::MustInstall), n != 3);
        assert_eq!(rules.iter().all(|r| r.unknown), n >= 8, "two tails are about what is lost");
    }
    assert!(packs.place_categories(Jurisdiction::Liaoning, day("2015-01-31")).is_empty(), "not before its first day");
    assert!(packs.place_categories(Jurisdiction::Other, on).is_empty());
    let vehicle = packs.place_rules(Jurisdiction::Liaoning, PlaceKind::Vehicle, on);
    let must: Vec<_> = vehicle.iter().filter(|r| r.says == PlaceSays::MustInstall).collect();
    assert_eq!(must.iter().map(|r| r.fragment.as_deref()).collect::<Vec<_>>(), [Some("公共交通工具")]);
}

/// Replaces `from` by `to` in one file and gives the error of loading.
fn seeded(path: &str, from: &str, to: &str) -> PackError {
    let mut files = files();
    let text = files.get_mut(path).unwrap();
    assert!(text.contains(from), "{path} holds no {from}");
    *text = text.replacen(from, to, 1);
    Packs::from_files(&files).map(|_| ()).expect_err(&format!("{path}: {from} -> {to}"))
}

#[test]
fn seeded_defects_are_found_with_file_line_and_clause() {
    let (a, b, n) = (
        "liaoning/ordinance-2015/places.toml",
        "heilongjiang/ordinance-2012/places.toml",
        "national/order-799/places.toml",
    );
    for (file, from, to, clause, says) in [
        (
            a,
            "\"guest_room\", \"dormitory\"",
            "\"guest_rooms\", \"dormitory\"",
            "A-14",
            "unknown kind of place `guest_rooms`",
        ),
        (a, "\"guest_room\", \"dormitory\"", "\"dormitory\", \"dormitory\"", "A-14", "twice in one row"),
        (b, "clause = \"B-15\"", "clause = \"B-99\"", "B-99", "is not in the clauses.toml"),
        (b, "clause = \"B-15\"", "clause = \"A-14\"", "A-14", "is not in the clauses.toml"),
        (a, "categories = [\"a10_securities\"]", "categories = [\"a10_shares\"]", "A-10-1-f2", "unknown category"),
        (a, "fragment = \"公共交通工具\"\n", "", "A-10-1-f1", "lost text"),
        (
            a,
            "fragment = \"公共交通工具\"",
            "fragment = \"城市公共交通工具\"",
            "A-10-1-f1",
            "do not stand in article 10",
        ),
        (a, "clause = \"A-10-1-f1\"\nfragment", "clause = \"A-14\"\nfragment", "A-14", "gap = true"),
        (a, "id = \"a10_securities\"", "id = \"a10_transport_vehicles\"", "A-10-1-f2", "stands twice"),
        (a, "unknown = true\n", "unknown = true\nplaces = [\"yard\"]\n", "A-10-1-f9", "without kinds of place"),
        (a, "reach = \"public_area\"\nwho", "reach = \"public_area\"\nplaces = [\"square\"]\nwho", "A-8-1", "either"),
        (a, "who = [\"government\"]\n", "", "A-8-1", "`who` stands with"),
        (b, "clause = \"B-16\"\n", "clause = \"B-16\"\nwho = [\"government\"]\n", "B-16", "`who` stands with"),
        (b, "clause = \"B-16\"\n", "clause = \"B-16\"\nreading = \"flagged_default\"\n", "B-16", "never borrowed"),
        (b, "clause = \"B-16\"\n", "clause = \"B-16\"\nnote_zh = \"只有中文\"\n", "B-16", "both languages"),
        (
            b,
            "clause = \"B-16\"\n",
            "clause = \"B-16\"\nfrom = \"2020-01-01\"\nuntil = \"2020-01-01\"\n",
            "B-16",
            "not after",
        ),
        // Contradictions: must and may not; two builders; the same twice.
        (b, "\"square\", \"park\", \"road\"", "\"square\", \"park\", \"road\", \"park\"", "B-13-1", "twice in one row"),
        (
            a,
            "\"fitting_room\"]",
            "\"fitting_room\", \"square\"]",
            "A-14",
            "must have a system, another that it may not",
        ),
        (b, "places = [\"vehicle\"]", "places = [\"square\"]", "B-14-1-2", "different hands"),
        (
            a,
            "places = [\"nursing_room\", \"fitting_room\"]",
            "places = [\"bath\"]",
            "A-14",
            "say the same by one clause",
        ),
        // Not brought together with the other prohibitions.
        (b, "says = \"may_not\"\nclause = \"B-15\"", "says = \"may_not\"\nclause = \"B-16\"", "B-16", "not in overlay"),
    ] {
        let error = seeded(file, from, to);
        assert!(error.what.contains(says), "{from} -> {to}: {error}");
        assert_eq!((error.file.as_str(), error.clause.as_deref()), (file, Some(clause)), "{error}");
        assert!(error.line.is_some_and(|l| l > 5), "{error}");
    }
    let error = seeded(a, "says = \"may_not\"", "says = \"should_not\"");
    assert!(error.line.is_some() && error.what.contains("should_not"), "{error}");
    let error = seeded("overlays.toml", "clauses = [\"A-14\", \"B-15\", \"799-8\"]", "clauses = [\"A-14\", \"B-15\"]");
    assert_eq!((error.file.as_str(), error.clause.as_deref()), (n, Some("799-8")), "{error}");
    let error = seeded(
        "overlays.toml",
        "id = \"prohibited_places\"\nrule = \"union\"",
        "id = \"prohibited_places\"\nrule = \"first_of\"",
    );
    assert!(error.what.contains("not a union"), "{error}");
    let row = "[[rule]]\nsays = \"sign_needed\"\nclause = \"799-13\"\nreach = \"public_place\"\n";
    let error = seeded(n, row, "");
    assert!(error.file == "overlays.toml" && error.what.contains("799-13"), "{error}");
}

#[test]
fn two_rows_may_follow_each_other_in_time() {
    let file = "heilongjiang/ordinance-2012/places.toml";
    let row = "says = \"builds\"\nclause = \"B-14-1-2\"\nplaces = [\"vehicle\"]\nwho = [\"managing_unit\"]\n";
    let two = |from: &str| {
        let mut changed = files();
        let with = format!(
            "{row}until = \"2027-01-01\"\n\n[[rule]]\nsays = \"builds\"\nclause = \"B-14-1-2\"\nplaces = [\"vehicle\"]\nwho = [\"government\"]\nfrom = \"{from}\"\n"
        );
        let text = changed.get_mut(file).unwrap();
        assert!(text.contains(row));
        *text = text.replacen(row, &with, 1);
        Packs::from_files(&changed)
    };
    let packs = two("2027-01-01").unwrap();
    for (on, who) in [("2026-12-31", Installer::ManagingUnit), ("2027-01-01", Installer::Government)] {
        let rules = packs.place_rules(Jurisdiction::Heilongjiang, PlaceKind::Vehicle, day(on));
        let builds: Vec<_> = rules.iter().filter(|r| r.says == PlaceSays::Builds).map(|r| r.who.clone()).collect();
        assert_eq!(builds, [vec![who]], "{on}");
    }
    assert!(two("2026-12-31").unwrap_err().what.contains("different hands"), "one day of both");
}

#[test]
fn a_file_of_places_has_a_limit_and_may_be_missing() {
    let file = "national/order-799/places.toml";
    let mut many = files();
    let row = "[[rule]]\nsays = \"only_by\"\nclause = \"799-7\"\nsite = \"listed\"\nplaces = [\"lobby\"]\nwho = [\"government\"]\n";
    many.insert(file.to_owned(), row.repeat(501));
    assert!(Packs::from_files(&many).unwrap_err().what.contains("more than 500"));
    let mut none = files();
    none.remove(file);
    let packs = Packs::from_files(&none).unwrap();
    assert!(packs.prohibitions(Jurisdiction::Other, PlaceKind::Bath, day("2026-11-22")).is_empty());
}
