//! Emergency accesses over HTTP: the list, one access explained and confirmed with what is wrong on the way, JSON, and who may do what.

use crate::harness::Server;
use law::{Jurisdiction, SiteProfile};
use site::Profile;

const WORDS: &str = "指挥中心来电，称门前有人持刀，要求直接查看大厅和门口的画面。<b>十分钟后</b>警情解除。";

/// A site in Liaoning with an upper platform and an emergency that the custodian entered; the place of its entry.
async fn entered(server: &Server) -> u64 {
    let profile =
        Profile { name: "示范银行".into(), address: String::new(), law: SiteProfile::new(Jurisdiction::Liaoning) };
    let admin = server.actor("administrator").await;
    let was = server.site.settings_effect(&admin, profile.clone()).unwrap().was();
    server.site.change_settings(&admin, profile, &was).await.unwrap();
    let form = site::upper::UpperForm {
        name: "市公安局".into(),
        organ: law::OrganKind::Police,
        need: String::new(),
        address: "10.1.2.3:5060".into(),
        platform: "23010000002000000009".into(),
        own: "23010000002000000001".into(),
        username: String::new(),
        secret: None,
        tcp: false,
        charset: store::uppers::UpperCharset::Gb18030,
        expires_s: 86_400,
        keepalive_s: 60,
        cameras: vec![],
        enabled: false,
    };
    let manager = server.actor("security_manager").await;
    let id = server.site.add_upper(&manager, form).await.unwrap();
    let mut custodian = server.browser();
    custodian.login("information_custodian").await;
    let fields = [("reason", "指挥中心：现场有人持刀"), ("hours", "1")];
    assert_eq!(custodian.post(&format!("/platforms/{id}/emergency"), &fields).await.status, 303);
    server.site.emergencies(&manager).await.unwrap().list[0].0.leaf
}

/// The custodian ends what `entered` began.
async fn end(server: &Server) {
    let manager = server.actor("security_manager").await;
    let (platform, _) = server.site.upper_platforms(&manager).await.unwrap().remove(0);
    let custodian = server.actor("information_custodian").await;
    server.site.close_emergency(&custodian, platform.id).await.unwrap();
}

#[tokio::test]
async fn an_access_is_explained_sent_back_and_confirmed() {
    let server = Server::with_people().await;
    let leaf = entered(&server).await;
    let path = format!("/emergencies/{leaf}");
    let (explain, review) = (format!("{path}/explain"), format!("{path}/review"));
    let mut custodian = server.browser();
    custodian.login("information_custodian").await;
    let page = custodian.get("/platforms").await.text;
    assert!(page.contains("href=\"/emergencies\""));
    let list = custodian.get("/emergencies").await.text;
    assert!(list.contains(&format!("href=\"{path}\"")) && list.contains("待说明") && list.contains("不是法律"));
    let got = custodian.post(&explain, &[("explanation", "短<i>")]).await;
    assert!(got.status == 400 && got.text.contains("至少20个字") && !got.text.contains("短<i>"), "{:.400}", got.text);
    assert_eq!(custodian.post(&explain, &[("explanation", WORDS)]).await.status, 303);
    let page = custodian.get(&path).await.text;
    assert!(page.contains("十分钟后") && !page.contains("<b>十分钟后"), "shown as text");
    assert!(!page.contains("id=\"review\"") && !page.contains("id=\"explain\""), "nothing more for this person");
    assert_eq!(custodian.post(&explain, &[("explanation", WORDS)]).await.status, 409);

    let mut manager = server.browser();
    manager.login("security_manager").await;
    let page = manager.get(&path).await.text;
    let seen = |page: &str| {
        let (_, rest) = page.split_once("name=\"seen\" value=\"").expect("a form to answer");
        rest.split('"').next().unwrap().to_owned()
    };
    let first = seen(&page);
    let got = manager.post(&review, &[("seen", &first), ("decision", "return"), ("reason", "不")]).await;
    assert!(got.status == 400 && got.text.contains("为什么退回"), "{}", got.status);
    let back = [("seen", first.as_str()), ("decision", "return"), ("reason", "没有写明是谁来电")];
    assert_eq!(manager.post(&review, &back).await.status, 303);
    assert_eq!(manager.post(&review, &back).await.status, 409, "answered before");
    assert!(custodian.get(&path).await.text.contains("没有写明是谁来电"));
    assert_eq!(custodian.post(&explain, &[("explanation", WORDS)]).await.status, 303);

    let mut auditor = server.browser();
    auditor.login("auditor").await;
    let stale = [("seen", first.as_str()), ("decision", "confirm")];
    assert_eq!(auditor.post(&review, &stale).await.status, 409, "another explanation stands there now");
    let second = seen(&auditor.get(&path).await.text);
    let confirm = [("seen", second.as_str()), ("decision", "confirm")];
    let early = auditor.post(&review, &confirm).await;
    assert!(early.status == 409 && early.text.contains("才结束"), "in force: {}", early.status);
    assert!(early.text.contains("data-not-yet") && !early.text.contains("data-confirm-it"));
    end(&server).await;
    assert_eq!(auditor.post(&review, &confirm).await.status, 303);
    let json = auditor.get("/api/v1/emergencies").await.json();
    let one = &json["accesses"][0];
    assert_eq!((one["index"].as_u64(), one["state"].as_str()), (Some(leaf), Some("confirmed")));
    assert_eq!((one["own_rule_days"].as_u64(), one["clauses"][0].as_str()), (Some(3), Some("A-24-3")));
    assert!(!auditor.get("/api/v1/emergencies").await.text.contains("警情解除"), "the list has no explanations");
}

#[tokio::test]
async fn the_unit_sets_its_own_time_within_bounds() {
    let server = Server::with_people().await;
    let mut manager = server.browser();
    manager.login("security_manager").await;
    assert!(manager.get("/emergencies").await.text.contains("没有紧急使用"));
    for wrong in ["0", "31", "-1", "many", "99999999999"] {
        let got = manager.post("/emergencies/days", &[("days", wrong)]).await;
        assert!(got.status == 400 && got.text.contains("天数为1至30"), "{wrong}: {}", got.status);
    }
    assert_eq!(manager.post("/emergencies/days", &[("days", "7")]).await.status, 303);
    assert!(manager.get("/emergencies").await.text.contains("本单位自定"));
    assert_eq!(manager.get("/api/v1/emergencies").await.json()["own_rule_days"], 7);
    assert_eq!(manager.post("/emergencies/days", &[("days", "")]).await.status, 303);
    assert_eq!(manager.get("/api/v1/emergencies").await.json()["own_rule_days"], 3);
}

#[tokio::test]
async fn who_sees_explains_and_confirms() {
    let server = Server::with_people().await;
    let leaf = entered(&server).await;
    let path = format!("/emergencies/{leaf}");
    let seen = ["/emergencies".to_owned(), path.clone(), "/api/v1/emergencies".to_owned()];
    let acts = ["/emergencies/days".to_owned(), format!("{path}/explain"), format!("{path}/review")];
    for login in ["duty_officer", "police_officer", "police_duty", "administrator", "security_administrator"] {
        let mut other = server.browser();
        other.login(login).await;
        for path in &seen {
            assert_eq!(other.get(path).await.status, 403, "{login} {path}");
        }
        for path in &acts {
            assert_eq!(other.post(path, &[]).await.status, 403, "{login} {path}");
        }
    }
    for (login, refused) in [
        ("information_custodian", vec![&acts[0], &acts[2]]),
        ("auditor", vec![&acts[0], &acts[1]]),
        ("security_manager", vec![&acts[1]]),
    ] {
        let mut one = server.browser();
        one.login(login).await;
        for path in &seen {
            assert_eq!(one.get(path).await.status, 200, "{login} {path}");
        }
        for path in refused {
            assert_eq!(one.post(path, &[]).await.status, 403, "{login} {path}");
        }
    }
    let mut manager = server.browser();
    manager.login("security_manager").await;
    for none in ["/emergencies/999999", "/emergencies/x"] {
        assert_eq!(manager.get(none).await.status, 404, "{none}");
    }
    let police = Server::of_authority().await;
    let mut auditor = police.browser();
    auditor.login("auditor").await;
    for path in ["/emergencies", "/api/v1/emergencies"] {
        assert_eq!(auditor.get(path).await.status, 404, "an authority's server has no upper platforms: {path}");
    }
}
