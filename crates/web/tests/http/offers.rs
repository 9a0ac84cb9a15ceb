//! Offers and demands over HTTP, on a site's server and on an authority's: recorded with what the law says, wrong forms, who reads what.

use crate::harness::{Browser, Server};

const WORDS: &str = "验收当天送来购物卡<b>，当场退回。";

fn form<'a>(kind: &'a str, who: &'a str, on: &'a str, outcome: &'a str, words: &'a str) -> [(&'a str, &'a str); 6] {
    [("kind", kind), ("who", who), ("behalf", "某安防公司"), ("on", on), ("outcome", outcome), ("words", words)]
}

fn today(server: &Server) -> String {
    server.site.now().utc.shanghai_date().to_string()
}

async fn signed_in<'a>(server: &'a Server, login: &str) -> Browser<'a> {
    let mut browser = server.browser();
    browser.login(login).await;
    browser
}

#[tokio::test]
async fn a_site_and_an_authority_record_what_was_offered() {
    let (site, police) = (Server::with_people().await, Server::of_authority().await);
    for (server, login) in [(&site, "duty_officer"), (&police, "police_duty")] {
        let today = today(server);
        let mut one = signed_in(server, login).await;
        let page = one.get("/offers").await.text;
        assert!(page.contains("action=\"/offers\"") && page.contains("没有登记"), "{page:.600}");
        assert!(!page.contains("value=\"taken\"") && !page.contains("value=\"accepted\""));
        for (fields, says) in [
            (form("", "王经理", &today, "declined", WORDS), "请选择是什么"),
            (form("bribe", "王经理", &today, "declined", WORDS), "请选择是什么"),
            (form("benefit", " ", &today, "declined", WORDS), "请写明是谁"),
            (form("benefit", "王经理", "2999-01-01", "declined", WORDS), "不晚于今天"),
            (form("benefit", "王经理", "soon", "declined", WORDS), "不晚于今天"),
            (form("benefit", "王经理", &today, "taken", WORDS), "请选择怎样处理"),
            (form("benefit", "王经理", &today, "declined", "短<i>"), "请写明经过"),
        ] {
            let got = one.post("/offers", &fields).await;
            assert!(got.status == 400 && got.text.contains(says), "{fields:?}: {} {:.300}", got.status, got.text);
            assert!(!got.text.contains("购物卡<b>") && !got.text.contains("短<i>"), "typed words are shown as text");
        }
        assert!(one.get("/offers").await.text.contains("没有登记"), "nothing wrong was kept");
        let good = form("demand", "李科长", &today, "reported", WORDS);
        assert_eq!(one.post("/offers", &good).await.status, 303);
        let page = one.get("/offers").await.text;
        for words in ["data-offer=", "李科长", "某安防公司", "已报告", "购物卡", "不得接受或者照办", "/law/B-33-1"]
        {
            assert!(page.contains(words), "{words}: {page:.900}");
        }
        assert!(!page.contains("购物卡<b>"));
        one.get("/lang/en?back=/").await;
        let page = one.get("/offers").await.text;
        assert!(page.contains("may not be taken up") && page.contains("reported"), "{page:.600}");
        let mut auditor = signed_in(server, "auditor").await;
        let log = auditor.get("/log?act=offer.").await.text;
        assert!(log.contains("登记要约或者要求") && log.contains("B-33-1") && !log.contains("李科长"), "{log:.900}");
    }
}

#[tokio::test]
async fn each_reads_their_own_and_three_roles_read_all() {
    let server = Server::with_people().await;
    let today = today(&server);
    let mut officer = signed_in(&server, "police_officer").await;
    let good = form("benefit", "欧阳经理", &today, "handed_in", WORDS);
    assert_eq!(officer.post("/offers", &good).await.status, 303);
    assert!(officer.get("/offers").await.text.contains("欧阳经理"));
    for login in ["duty_officer", "information_custodian", "police_duty", "security_administrator"] {
        let page = signed_in(&server, login).await.get("/offers").await;
        assert!(page.status == 200 && page.text.contains("没有登记"), "{login}");
        assert!(!page.text.contains("欧阳经理"), "{login}");
    }
    for login in ["security_manager", "administrator", "auditor"] {
        let page = signed_in(&server, login).await.get("/offers").await;
        assert!(page.status == 200 && page.text.contains("欧阳经理"), "{login}");
    }
    let mut auditor = signed_in(&server, "auditor").await;
    assert!(auditor.get("/offers?before=0").await.text.contains("没有登记"), "nothing stands before the first entry");
    assert!(auditor.get("/offers?before=x").await.text.contains("欧阳经理"), "what is no place is no bound");
    assert_eq!(server.get("/offers", "").await.place(), "/login?next=%2Foffers", "nobody else at all");
}
