//! Accounts of the public: names that nobody can ask about, faults told at once, passports, and the way in and out of the public site.

use crate::harness::{Browser, PASSWORD, Server};
use crate::public::{ID_NUMBER, PERSON, PHONE, between};

fn newcomer<'a>(word: &'a str, name: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("kind", "person"),
        ("login_word", word),
        ("person_name", name),
        ("resident_id", ID_NUMBER),
        ("contact_phone", PHONE),
        ("party_address", ""),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
        ("next", "/public/services/area_approval"),
    ]
}

/// An account that stands for nobody is told at its own page where to come and with what, and is led there from wherever it would apply.
async fn leads_to_the_counter(browser: &mut Browser<'_>, page: &str, login: &str) {
    let own = between(page, "data-bring>", "</ul>");
    assert!(own.contains("居民身份证") && !own.contains("营业执照"), "a person's papers: {own}");
    assert!(
        page.contains("data-join") && page.contains(login) && page.contains("href=\"/login?switch=1"),
        "{page:.4000}"
    );
    let there = "/public/account?next=%2Fpublic%2Fservices%2Farea_approval";
    browser.get("/public/services").await;
    assert_eq!(browser.post("/apply", &[("service", "area_approval")]).await.place(), there);
    assert_eq!(browser.get("/apply/new?service=area_approval").await.place(), there);
    assert_eq!(browser.get("/apply/footage").await.place(), "/public/account?next=%2Fapply%2Ffootage");
    let own = browser.get("/public/account?next=%2Fapply%2Ffootage").await.text;
    assert!(
        !own.contains("href=\"/apply/footage\"") && own.contains("href=\"/public/footage\""),
        "no link leads back here: {own:.4000}"
    );
    assert!(browser.get("/my/cases").await.text.contains("href=\"/public/account\""));
    assert_eq!(browser.get("/login?switch=1&next=/public/services").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_may_take_one_word_and_neither_learns_of_the_other() {
    let server = Server::of_authority().await;
    let mut names = Vec::new();
    for _ in 0..2 {
        let mut browser = server.browser();
        browser.get("/public/account?kind=person").await;
        let got = browser.post("/public/account", &newcomer("zhang", PERSON)).await;
        assert_eq!(got.status, 303, "{:.3000}", got.text);
        let page = browser.get(got.place()).await;
        let name = between(&page.text, "data-account=\"", "\"").to_owned();
        assert!(name.starts_with("zhang-") && name.len() == "zhang-12345".len(), "{name}");
        assert!(page.text.contains("href=\"/public/services/area_approval\""), "{:.3000}", page.text);
        // The same person is known already the second time: only the account that was made is told to come to the counter.
        assert_eq!(page.text.contains("还没有和您的单位或者本人关联"), !names.is_empty());
        if !names.is_empty() {
            leads_to_the_counter(&mut browser, &page.text, &name).await;
        }
        names.push(name);
    }
    assert_ne!(names[0], names[1]);
    let mut again = server.browser();
    again.login(&names[0]).await;
    // A staff member's name is no word that anybody could ask about: it gets its own digits too.
    let mut other = server.browser();
    other.get("/public/account?kind=person").await;
    let mut fields = newcomer("administrator", "李四");
    fields[3].1 = "110105194912310038";
    let got = other.post("/public/account", &fields).await;
    assert!(got.status == 303 || got.status == 400, "{}", got.status);
    assert!(!got.text.contains("已被使用"));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_new_account_are_told_at_once_and_many_tries_wait() {
    let server = Server::of_authority().await;
    let mut browser = server.browser();
    browser.get("/public/account").await;
    let got =
        browser.post("/public/account", &[("kind", "unit"), ("login_word", "张"), ("password", "sh0rt-pw")]).await;
    assert_eq!(got.status, 400);
    for part in ["单位名称", "统一社会信用代码", "登录名的词", "两次输入的密码不同", "密码少于"]
    {
        assert!(got.text.contains(part), "{part}: {:.4000}", got.text);
    }
    assert!(!got.text.contains("sh0rt-pw"), "a password is never sent back");
    let mut last = 0;
    for _ in 0..30 {
        let mut fresh = server.browser();
        fresh.get("/public/account?kind=person").await;
        last = fresh.post("/public/account", &newcomer("li", PERSON)).await.status.as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_from_the_public_site_signs_in_there_and_leaves_there() {
    let server = Server::of_authority().await;
    let page = server.get("/login?next=/public/services/area_approval", "lang=zh").await.text;
    for part in [
        "data-people",
        "class=\"public-nav\"",
        "href=\"/public/account?next=%2Fpublic%2Fservices%2Farea_approval\"",
        "href=\"/public/services/area_approval\"",
        "一次性密码",
    ] {
        assert!(page.contains(part), "{part}: {page:.4000}");
    }
    assert!(!page.contains("本单位的管理员") && !page.contains("href=\"/login?next=%2Flogin"), "{page:.4000}");
    for staff in ["/login", "/login?next=/desk", "/login?next=/publicity", "/login?next=//evil"] {
        let page = server.get(staff, "lang=zh").await.text;
        assert!(!page.contains("data-people") && page.contains("href=\"/public\""), "{staff}: {page:.3000}");
    }
    let site = Server::with_people().await;
    let page = site.get("/login?next=/public/services", "lang=zh").await.text;
    assert!(!page.contains("data-people") && !page.contains("href=\"/public\""), "a site has no public pages");
    let mut browser = server.browser();
    browser.get("/public/account?kind=person").await;
    assert_eq!(browser.post("/public/account", &newcomer("wang", PERSON)).await.status, 303);
    assert_eq!(browser.get("/login?next=/public/services").await.place(), "/public/services");
    assert_eq!(browser.get("/login?next=/login").await.place(), "/");
    browser.get("/public/services").await;
    assert_eq!(browser.post("/logout", &[]).await.place(), "/public");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_resident_card_makes_an_account_with_a_passport() {
    let server = Server::of_authority().await;
    let mut browser = server.browser();
    browser.get("/public/account?kind=person").await;
    let mut fields = newcomer("smith", "SMITH JOHN");
    fields[3].1 = "110105194912310021";
    let wrong = browser.post("/public/account", &fields).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("校验不符") && !wrong.text.contains("校验码应为"), "{:.4000}", wrong.text);
    // What is said to be a resident's number is no passport's, however short it is.
    fields[3].1 = "1101051949";
    fields.push(("resident_id_kind", "resident"));
    let short = browser.post("/public/account", &fields).await;
    assert!(short.status == 400 && short.text.contains("现为10位"), "{:.4000}", short.text);
    assert!(short.text.contains("name=\"resident_id_kind\"") && short.text.contains("value=\"1101051949\""));
    fields.pop();
    fields.push(("resident_id_kind", "passport"));
    fields[3].1 = "E 12345678";
    let got = browser.post("/public/account", &fields).await;
    assert_eq!(got.status, 303, "{:.4000}", got.text);
    let page = browser.get(got.place()).await.text;
    assert!(!page.contains("还没有和您的单位或者本人关联"), "{page:.4000}");
}
