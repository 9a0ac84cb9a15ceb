//! What the file may say: defaults, each part, faults by line and key, and whatever is accepted comes back the same.

use super::*;
use proptest::prelude::*;

#[test]
fn the_printed_defaults_are_the_defaults() {
    let config: Config = toml::from_str(DEFAULT).unwrap();
    assert_eq!(config.site, SiteConfig::default());
    assert_eq!(config.http, HttpConfig::default());
    assert_eq!((config.log, config.log_format), (default_log(), default_log_format()));
    assert!(
        !config.https_cookies
            && config.database_url.is_none()
            && config.law_folder.is_none()
            && config.authority.is_none()
    );
    assert!(config.storage.disk.is_empty());
    let with_authority = DEFAULT.replace("# [authority]", "[authority]").replace("# listen", "listen");
    let config: Config = toml::from_str(&with_authority).unwrap();
    assert_eq!(config.authority.map(|a| a.listen.port()), Some(8_444));
}

#[test]
fn the_printed_tls_can_be_used_either_way_and_not_both() {
    let lines = || DEFAULT.lines().skip_while(|l| *l != "# [http.tls]").take_while(|l| !l.is_empty());
    let with = |leave: &[&str]| {
        let values = lines().map(|l| l.trim_start_matches("# "));
        let values = values.filter(|l| l.starts_with('[') || l.contains(" = ") && !l.starts_with("fingerprint"));
        let kept = values.filter(|l| !leave.iter().any(|name| l.starts_with(name)));
        toml::from_str::<Config>(&format!("data = \"x\"\n{}\n", kept.collect::<Vec<_>>().join("\n")))
    };
    let given = with(&["generate"]).unwrap().http.tls.unwrap();
    assert!(matches!(given.source, Source::Files { .. }) && given.redirect.is_some());
    let made = with(&["certificate", "key"]).unwrap().http.tls.unwrap();
    assert_eq!((made.source, made.names.len()), (Source::Generated, 2));
    assert!(with(&[]).unwrap_err().to_string().contains("not both"));
}

#[test]
fn pages_in_clear_are_exposed_where_others_reach_them() {
    let exposed = |text: &str| toml::from_str::<Config>(&format!("data = \"x\"\n{text}\n")).unwrap().http.exposed();
    assert!(exposed("") && exposed("http = \"192.0.2.1:80\"") && exposed("http = \"[::]:80\""));
    assert!(!exposed("http = \"127.0.0.1:80\"") && !exposed("http = \"[::1]:80\""));
    assert!(!exposed("[http]\ntrusted_proxies = [\"127.0.0.1\"]"));
    assert!(!exposed("[http.tls]\ngenerate = true"));
}

#[test]
fn http_is_an_address_or_a_table() {
    let short: Config = toml::from_str("data = \"x\"\nhttp = \"127.0.0.1:9000\"\n").unwrap();
    assert_eq!(short.http, HttpConfig { listen: ([127, 0, 0, 1], 9_000).into(), ..HttpConfig::default() });
    let table = "data = \"x\"\n[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nclient_header = \"forwarded\"\n";
    let long: Config = toml::from_str(table).unwrap();
    let [ten, _] = long.http.trusted_proxies[..] else { panic!("{long:?}") };
    assert!(ten.holds([10, 1, 2, 3].into()) && !ten.holds([11, 1, 2, 3].into()));
    assert_eq!(long.http.client_header, ClientHeader::Forwarded);
    for (bad, part) in [
        ("http = \"here\"", "no address"),
        ("http = 8080", "table [http]"),
        ("[http]\nlisten = 1", "listen"),
        ("[http]\ntrusted_proxies = [\"10.0.0.0/99\"]", "10.0.0.0/99"),
        ("[http]\nclient_header = \"x-real-ip\"", "x-real-ip"),
        ("[http]\ntrusted = []", "trusted"),
    ] {
        let error = toml::from_str::<Config>(&format!("data = \"x\"\n{bad}\n")).unwrap_err().to_string();
        assert!(error.contains(part), "{bad}: {error}");
    }
}

#[test]
fn the_printed_disks_can_be_used() {
    let disks: Vec<_> = DEFAULT.lines().skip_while(|l| *l != "# [[storage.disk]]").collect();
    let is_value = |l: &&str| l.starts_with("[[") || l.contains(" = ");
    let text: Vec<_> = disks.iter().map(|l| l.trim_start_matches("# ")).filter(is_value).collect();
    let config: Config = toml::from_str(&format!("data = \"x\"\n{}", text.join("\n"))).unwrap();
    let names: Vec<_> = config.storage.disk.iter().map(|d| (d.name.as_str(), d.state.code())).collect();
    assert_eq!(names, [("b", "active"), ("main", "readonly")]);
}

fn faults(text: &str) -> Vec<(usize, Option<String>, String)> {
    let faults = read(text).expect_err(text);
    faults.into_iter().map(|f| (f.line, f.key, f.message)).collect()
}

fn keys(text: &str) -> Vec<(usize, String)> {
    faults(text).into_iter().map(|(line, key, _)| (line, key.unwrap_or_default())).collect()
}

#[test]
fn every_fault_is_told_with_its_line_and_key() {
    let said = |line: usize, key: &str| (line, key.to_owned());
    assert_eq!(keys("data = \"x\"\nhtpp = \"1.2.3.4:5\"\n"), [said(2, "htpp")]);
    assert_eq!(keys("data = 7\n"), [said(1, "data")]);
    assert_eq!(keys("log = \"info\"\n"), [said(1, "data")], "what is missing is named");
    let many = "# all of it\ndata = \"x\"\nlog = 3\n[http]\nlisten = \"here\"\ntrusted_proxies = [\n  \"10.0.0.0/8\",\n  \"10.0.0.0/99\",\n]\n\
        [http.tls]\ncertificate = \"a\"\n[site]\nsip = \"0.0.0.0:5060\"\nscrub_hours = [0]\n\n[site.alarm_limits]\nshown = 1\n\
        [[storage.disk]]\nname = \"b\"\n[[storage.disk]]\nname = \"c\"\nstate = \"gone\"\n";
    let mut told = keys(many);
    told.sort();
    let want = [
        said(3, "log"),
        said(5, "http.listen"),
        said(6, "http.trusted_proxies"),
        said(10, "http.tls"),
        said(14, "site.scrub_hours"),
        said(17, "site.alarm_limits.shown"),
        said(22, "storage.disk.state"),
    ];
    assert_eq!(told, want);
    let said = read("data = 7\n").unwrap_err()[0].to_string();
    assert!(said.starts_with("第 1 行第 8 列 `data` / line 1, column 8 `data`: "), "{said}");
}

#[test]
fn what_is_no_toml_is_told_by_line_and_column() {
    let told = faults("data = \"x\"\nlog = = 3\nhttp = \"a\n");
    assert!(told.len() >= 2 && told.iter().all(|(_, key, _)| key.is_none()), "{told:?}");
    assert_eq!(told[0].0, 2);
    assert!(read("").unwrap_err()[0].message.contains("data"));
    // The parser finds the same thing again, with others between.
    let again = read("data = { a = [[[[{é]]]] :32\u{8c}\u{8c},,:10Z").unwrap_err();
    assert!(again.iter().enumerate().all(|(n, fault)| !again[..n].contains(fault)), "{again:?}");
}

#[test]
fn a_fault_hides_no_other_and_is_told_once() {
    // A disk whose name is no text has no name either; that is the same fault.
    assert_eq!(keys("data = \"x\"\n[[storage.disk]]\nname = 3\n"), [(3, "storage.disk.name".to_owned())]);
    // Without `data` it is missing, whatever else is wrong.
    let told = keys("nonsense = 1\n");
    assert_eq!(told, [(1, "nonsense".to_owned()), (1, "data".to_owned())]);
    let long: String = (0..200).map(|n| format!("key{n} = {n}\n")).collect();
    assert_eq!(read(&long).unwrap_err().len(), FAULTS);
}

#[test]
fn a_text_that_is_too_long_or_too_deep_is_refused() {
    let comment = "#".repeat(MAX_BYTES);
    assert!(faults(&format!("{comment}\ndata = \"x\""))[0].2.contains("at most"));
    let at_most = format!("data = \"x\"\n{}", "#".repeat(MAX_BYTES - 11));
    assert_eq!(at_most.len(), MAX_BYTES);
    assert!(read(&at_most).is_ok());
    for deep in ["[", "{a=", "[[", "{a.a.a.a.a.a.a.a="] {
        assert!(read(&format!("data = {}", deep.repeat(20_000))).is_err());
    }
    assert!(read(&format!("data.{}a = 1", "a.".repeat(20_000))).is_err());
    // As deep as the parser goes: every level of a value with a key of many parts. Eight such levels are taken apart.
    let deep = |levels: usize| {
        let key = vec!["a"; 79].join(".");
        format!("x = {}1{}", format!("{{{key} = ").repeat(levels), "}".repeat(levels))
    };
    assert!(faults(&deep(79))[0].2.contains("too deep"));
    assert_eq!(keys(&deep(8))[0].1, "x");
    let wide = format!("data = \"x\"\nstorage.disk = [{}]\n", "{ name = \"b\", path = \"/b.c\" },\n".repeat(64));
    assert_eq!(read(&wide).expect("many tables are not deep").storage.disk.len(), 64);
}

#[test]
fn names_of_a_certificate_are_names_of_servers() {
    let with = |names: &str| read(&format!("data = \"x\"\n[http.tls]\ngenerate = true\nnames = [{names}]\n"));
    assert!(with("\"jifang.example\", \"192.0.2.1\", \"2001:db8::1\"").is_ok());
    assert!(with("\"not a name\"").unwrap_err()[0].message.contains("not a name"));
    let many = |n: usize| vec!["\"a.example\""; n].join(", ");
    assert!(with(&many(NAMES)).is_ok() && with(&many(NAMES + 1)).is_err());
}

#[test]
fn what_is_accepted_comes_back_the_same() {
    let whole = "data = \"/d\"\nhttp = \"[::1]:80\"\ndatabase_url = \"postgres://a@b/c\"\nlaw_folder = \"/l\"\nhttps_cookies = true\n[authority]\nlisten = \"0.0.0.0:1\"\n\
        [site]\nadvertised = \"::1\"\nntp_server = \"n:123\"\n[[storage.disk]]\nname = \"b\"\npath = \"/b\"\nreserve_bytes = 7\n";
    let tls = "data = \"/d\"\n[http.tls]\ncertificate = \"a\"\nkey = \"b\"\nredirect = \"0.0.0.0:80\"\n";
    for text in [DEFAULT, whole, tls] {
        let config = read(text).unwrap();
        let printed = toml::to_string(&config).unwrap();
        assert_eq!(read(&printed), Ok(config), "{printed}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", at in 0..DEFAULT.len()) {
        let cut: String = DEFAULT.chars().take(at).collect();
        for text in [text.clone(), format!("{cut}{text}")] {
            if let Err(faults) = read(&text) {
                prop_assert!(!faults.is_empty() && faults.iter().all(|f| f.line <= text.split('\n').count()));
            }
        }
    }
}
