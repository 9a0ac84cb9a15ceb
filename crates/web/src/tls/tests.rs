//! Which certificate is shown, over good files, bad files, files that come late, and time.

use super::certificate::tests::{NOW, given};
use super::*;
use config::NAMES;
use serde::Deserialize;

fn config(text: &str) -> Result<TlsConfig, String> {
    #[derive(Deserialize)]
    struct Table {
        tls: TlsConfig,
    }
    serde_json::from_str::<Table>(&format!("{{\"tls\":{text}}}")).map(|t| t.tls).map_err(|e| e.to_string())
}

fn files(folder: &Path) -> TlsConfig {
    let source = Source::Files { certificate: folder.join("a.crt"), key: folder.join("a.key") };
    TlsConfig { source, names: vec![], redirect: None }
}

fn open(config: TlsConfig, folder: &Path) -> Tls {
    Tls::open(config, folder, vec!["localhost".into(), "no name".into()], NOW).unwrap()
}

#[test]
fn the_table_says_one_source_and_names_that_can_be_names() {
    let good =
        config(r#"{"generate":true,"names":["jifang.example","192.0.2.1","::1"],"redirect":"0.0.0.0:80"}"#).unwrap();
    assert_eq!((good.source, good.names.len(), good.redirect.unwrap().port()), (Source::Generated, 3, 80));
    assert!(matches!(config(r#"{"certificate":"a","key":"b"}"#).unwrap().source, Source::Files { .. }));
    for (bad, part) in [
        ("{}", "generate = true"),
        (r#"{"certificate":"a"}"#, "go together"),
        (r#"{"key":"a","generate":true}"#, "go together"),
        (r#"{"certificate":"a","key":"b","generate":true}"#, "not both"),
        (r#"{"generate":true,"names":["a b"]}"#, "`a b` is no name"),
        (r#"{"generate":true,"nmaes":[]}"#, "nmaes"),
    ] {
        let told = config(bad).unwrap_err();
        assert!(told.contains(part), "{bad}: {told}");
    }
    let names = |n: usize| format!(r#"{{"generate":true,"names":{:?}}}"#, vec!["a"; n]);
    assert!(config(&names(NAMES)).is_ok() && config(&names(NAMES + 1)).is_err());
}

#[test]
fn a_changed_file_is_read_when_it_stands_still_and_a_bad_one_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    given(dir.path(), "a", NOW);
    let tls = open(files(dir.path()), dir.path());
    let first = tls.shown();
    assert_eq!((first.origin, &first.problem), (Origin::Given, &None));
    assert!(!dir.path().join("pages.pem").exists(), "nothing is made where nothing is needed");

    let (crt, key) = given(dir.path(), "b", NOW);
    std::fs::copy(&crt, dir.path().join("a.crt")).unwrap();
    tls.look(NOW, false);
    assert_eq!(tls.shown(), first, "the key may still be on its way");
    tls.look(NOW, false);
    let refused = tls.shown();
    assert_eq!((refused.fingerprint, refused.origin), (first.fingerprint, Origin::Given), "the old one stays");
    assert!(refused.problem.unwrap().en.contains("a.key: the key does not belong to the certificate"));
    std::fs::copy(&key, dir.path().join("a.key")).unwrap();
    tls.look(NOW, false);
    tls.look(NOW, false);
    let second = tls.shown();
    assert_eq!((second.origin, &second.problem), (Origin::Given, &None));
    assert_ne!(second.fingerprint, first.fingerprint);

    std::fs::remove_file(dir.path().join("a.crt")).unwrap();
    tls.look(NOW, true);
    assert_eq!(tls.shown().fingerprint, second.fingerprint);
    assert!(tls.shown().problem.is_some(), "a file that is gone is told at once to who asks");
}

#[test]
fn without_a_usable_file_an_own_certificate_takes_its_place_until_there_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let tls = open(files(dir.path()), dir.path());
    let shown = tls.shown();
    assert_eq!((shown.origin, shown.problem.is_some(), shown.days_left(NOW)), (Origin::Substitute, true, 824));
    given(dir.path(), "a", NOW);
    tls.look(NOW, true);
    assert_eq!((tls.shown().origin, tls.shown().problem), (Origin::Given, None));
    let text = tls.shown().spoken();
    assert!(text.len() == 95 && text.split(':').count() == 32, "{text}");
}

#[test]
fn an_own_certificate_is_renewed_while_the_server_runs() {
    let dir = tempfile::tempdir().unwrap();
    let tls = open(config(r#"{"generate":true}"#).unwrap(), dir.path());
    let first = tls.shown();
    assert_eq!(first.origin, Origin::Own);
    tls.look(NOW.plus_ms(700 * 86_400_000), true);
    assert_eq!(tls.shown(), first);
    let late = NOW.plus_ms(800 * 86_400_000);
    tls.look(late, false);
    assert_ne!(tls.shown().fingerprint, first.fingerprint);
    assert_eq!(tls.shown().days_left(late), 824);
    let again = open(config(r#"{"generate":true}"#).unwrap(), dir.path());
    assert_ne!(again.shown().fingerprint, tls.shown().fingerprint, "seen from before it, it is not good yet");
}

#[test]
fn a_folder_that_takes_no_file_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let error = Tls::open(config(r#"{"generate":true}"#).unwrap(), &dir.path().join("none"), vec![], NOW);
    assert!(error.is_err_and(|told| told.en.contains("pages.pem: cannot be written")));
}
