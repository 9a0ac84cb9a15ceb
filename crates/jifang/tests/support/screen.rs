//! Walks over the demo's pages: its accounts, signing in and out as a person does, the clock inside the picture, what every page must be.
//!
//! The simulated cameras draw their own time into each picture ([`sim::scene::strip`]). Reading it out of a `<video>` proves
//! that the browser decoded that very picture, and tells how true the time beside it is.

use super::browser::Browser;
use super::http::Client;
use super::server::Server;
use super::wait_until;
use base::UtcMs;
use base64::Engine;
use serde_json::{Value, json};
use sim::scene::{Strip, read_strip};
use std::collections::BTreeMap;
use std::time::Duration;

/// First picture, first footage: cameras register, send a key picture, a session begins; slow machines take long.
pub const FIRST_PICTURE: Duration = Duration::from_secs(90);

/// A running demo and the passwords it printed.
pub struct Demo {
    /// The server.
    pub server: Server,
    passwords: BTreeMap<String, String>,
}

impl Demo {
    /// Starts `jifang demo` and reads its accounts.
    #[track_caller]
    pub fn start() -> Self {
        Self::of(Server::demo())
    }

    /// As [`Self::start`], of a city square that a public body manages.
    #[track_caller]
    pub fn square() -> Self {
        Self::of(Server::demo_with(&["--place", "square"]))
    }

    #[track_caller]
    fn of(server: Server) -> Self {
        server.wait_line("the end of the list of accounts", |line| line.contains("Ctrl-C").then_some(()));
        let logins = ["admin", "manager", "duty", "custodian", "officer1", "officer2", "security", "auditor"];
        let words = |line: &str| {
            let mut words = line.split_whitespace().map(str::to_owned);
            Some((words.next()?, words.next()?))
        };
        let passwords: BTreeMap<_, _> =
            server.log().iter().filter_map(|line| words(line)).filter(|(l, _)| logins.contains(&l.as_str())).collect();
        assert_eq!(passwords.len(), logins.len(), "{:?}", server.log());
        Self { server, passwords }
    }

    /// The password printed for a login.
    #[track_caller]
    pub fn password(&self, login: &str) -> &str {
        self.passwords.get(login).expect("the demo printed it")
    }

    /// Signs in at the login page; ends on the guide.
    #[track_caller]
    pub fn sign_in(&self, page: &Browser, login: &str) {
        page.go(&self.server.url("/login"));
        page.fill("#login", login);
        page.fill("#password", self.password(login));
        page.click("form[action='/login'] button");
        page.wait_url("/welcome");
    }

    /// Signs whoever is there out by the menu, then somebody else in.
    #[track_caller]
    pub fn change_to(&self, page: &Browser, login: &str) {
        sign_out(page);
        self.sign_in(page, login);
    }

    /// Cameras by name.
    #[track_caller]
    pub fn cameras(&self, page: &Browser) -> BTreeMap<String, String> {
        let list = page.eval_async("return await (await fetch('/api/v1/cameras')).json()");
        let list = list.as_array().or_else(|| list["cameras"].as_array()).cloned().unwrap_or_default();
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        list.iter().map(|c| (text(&c["name"]), text(&c["id"]))).collect()
    }
}

/// Signs out by the menu of the bar.
#[track_caller]
pub fn sign_out(page: &Browser) {
    page.click("details.menu[data-menu] > summary");
    page.click("form[action='/logout'] button");
    page.wait_js("location.pathname === '/login'", super::PATIENCE);
}

/// Waits until this much of a camera is on disk, ms.
#[track_caller]
pub fn wait_footage(page: &Browser, camera: &str, length_ms: i64) {
    let ask = format!(
        "const now = Date.now(); const r = await fetch(`/api/v1/cameras/{camera}/timeline?from=${{now - 3600000}}&to=${{now}}`);\
         return (await r.json()).spans.reduce((sum, [from, to]) => sum + to - from, 0)"
    );
    wait_until("footage on disk", FIRST_PICTURE + Duration::from_millis(length_ms.unsigned_abs()), || {
        (page.eval_async(&ask).as_i64().unwrap_or(0) >= length_ms).then_some(())
    });
}

/// What a `<video>` shows, and what the page says beside it, taken at the same moment.
#[derive(Debug)]
pub struct Seen {
    /// What the picture says of itself.
    pub strip: Strip,
    /// Clock of this machine.
    pub now: UtcMs,
    /// Value of the expression asked for beside the picture.
    pub beside: Value,
}

impl Seen {
    /// Time in the picture.
    pub fn at(&self) -> UtcMs {
        UtcMs(i64::try_from(self.strip.utc_ms).expect("48 bits"))
    }

    /// How far the time in the picture is from a desk time beside it (`2026-11-21 18:30:05`), ms.
    #[track_caller]
    pub fn off_ms(&self) -> i64 {
        let text = self.beside.as_str().unwrap_or_default().replace(' ', "T");
        let beside = UtcMs::parse_shanghai(&text);
        // The words are cut to whole seconds.
        beside.unwrap_or_else(|| panic!("`{text}` is no time")).plus_ms(500).since(self.at()).abs()
    }
}

/// Waits for a picture in the `<video>` at `css` that says its own time; `beside` is an expression read with it.
#[track_caller]
pub fn look(page: &Browser, css: &str, beside: &str) -> Seen {
    let script = format!(
        "(() => {{ const v = document.querySelector({css}), w = v?.videoWidth, h = v?.videoHeight; \
         if (!w || v.readyState < 2 || v.seeking) return null; \
         const c = document.createElement('canvas'); c.width = w; c.height = h; \
         const g = c.getContext('2d', {{willReadFrequently: true}}); g.drawImage(v, 0, 0); \
         const rows = Math.floor(h / 45) * 2, d = g.getImageData(0, h - rows, w, rows).data; let s = ''; \
         for (let i = 0; i < d.length; i += 4) s += String.fromCharCode(d[i] * .299 + d[i + 1] * .587 + d[i + 2] * .114); \
         return {{w, h, rows, luma: btoa(s), now: Date.now(), beside: ({beside})}}; }})()",
        css = json!(css)
    );
    let seen = super::poll(FIRST_PICTURE, || seen(&page.eval(&script)));
    seen.unwrap_or_else(|| page.fail(&format!("no picture with its own time in `{css}`")))
}

/// As [`look`], until what is seen `is` what is waited for: a page that was just told to show something else may still show what was
/// before, and a picture of a busy machine comes late and catches up.
#[track_caller]
pub fn look_for(page: &Browser, css: &str, beside: &str, what: &str, is: impl Fn(&Seen) -> bool) -> Seen {
    let mut last = None;
    let found = super::poll(FIRST_PICTURE, || {
        let seen = look(page, css, beside);
        if is(&seen) {
            return Some(seen);
        }
        last = Some(seen);
        None
    });
    found.unwrap_or_else(|| page.fail(&format!("no picture in `{css}` that is {what}: {last:?}")))
}

fn seen(answer: &Value) -> Option<Seen> {
    let number = |name: &str| answer[name].as_u64().and_then(|n| usize::try_from(n).ok());
    let (width, height, rows) = (number("w")?, number("h")?, number("rows")?);
    let luma = base64::engine::general_purpose::STANDARD.decode(answer["luma"].as_str()?).ok()?;
    let mut plane = vec![0; width * (height - rows)];
    plane.extend_from_slice(&luma);
    let strip = read_strip(&plane, width, width, height)?;
    Some(Seen { strip, now: UtcMs(answer["now"].as_i64()?), beside: answer["beside"].clone() })
}

/// Language, what the page says of it, theme, width and height: both languages, wide and narrow, light and dark.
const LOOKS: [(&str, &str, &str, u32, u32); 4] = [
    ("zh", "zh-CN", "light", 1440, 900),
    ("en", "en", "dark", 1440, 900),
    ("zh", "zh-CN", "dark", 390, 844),
    ("en", "en", "light", 390, 844),
];

/// A page as somebody sees it, in a language and a theme.
pub fn turn(page: &Browser, server: &Server, who: &Client, lang: &str, theme: &str, path: &str) {
    let mut cookies = who.cookies.clone();
    cookies.insert("lang".into(), lang.into());
    cookies.insert("theme".into(), theme.into());
    cookies.remove("flash");
    page.go(&server.url("/login"));
    page.take_cookies(&cookies);
    page.go(&server.url(path));
}

/// One page in both languages, wide and narrow, light and dark; leaves pictures.
#[track_caller]
pub fn everywhere(page: &Browser, server: &Server, who: &Client, name: &str, path: &str) {
    for (lang, tag, theme, width, height) in LOOKS {
        page.window_size(width, height);
        turn(page, server, who, lang, theme, path);
        assert_eq!(page.page_language(), tag, "{path}");
        check_page(page);
        check_access(page);
        page.screenshot(&format!("{name}-{lang}-{theme}-{width}"));
    }
    page.window_size(1440, 900);
}

/// Every page: one main heading with words, a language, nothing wider than the window.
#[track_caller]
pub fn check_page(page: &Browser) {
    page.wait_js(
        "document.readyState === 'complete' && document.querySelectorAll('main h1').length === 1",
        super::PATIENCE,
    );
    let heading = page.eval("document.querySelector('main h1').textContent.trim().length > 0");
    assert_eq!(heading, true, "{}: a heading without words", page.url());
    let wide = page.eval("[document.documentElement.scrollWidth, document.documentElement.clientWidth]");
    if wide[0].as_u64() > wide[1].as_u64() {
        let culprits = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)\
                        .slice(0, 8).map(e => e.tagName + '.' + e.className)";
        page.fail(&format!("the page is wider than the window: {wide}: {}", page.eval(culprits)));
    }
    // On a phone the header of the public site is folded: what the page is about begins on the first screen.
    let header =
        "innerWidth > 400 || (document.querySelector('.public-top')?.getBoundingClientRect().height ?? 0) <= 120";
    assert_eq!(page.eval(header), true, "{}: the header takes more than 120 px of a phone", page.url());
}

/// For everybody: fields and buttons have names, ids are unique, text stands out from its ground (WCAG 2.2 AA, computed).
#[track_caller]
pub fn check_access(page: &Browser) {
    let found = page.eval(ACCESS);
    if found.as_array().is_none_or(|list| !list.is_empty()) {
        page.fail(&format!("not for everybody: {found}"));
    }
}

const ACCESS: &str = r"(() => {
  const out = [], seen = e => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && e.getBoundingClientRect().width > 1;
  const tell = (e, why) => out.push(`${why}: <${e.tagName.toLowerCase()} class=${e.className?.baseVal ?? e.className}> ${(e.textContent ?? '').trim().slice(0, 40)}`);
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => out.push(`id twice: ${id}`));
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (seen(e) && !e.labels?.length && !e.getAttribute('aria-label')) tell(e, `no label (${e.name})`);
  for (const e of document.querySelectorAll('button, a[href], summary, [role=option], [role=slider]'))
    if (seen(e) && !(e.textContent.trim() || e.getAttribute('aria-label') || e.title)) tell(e, 'no name');
  const light = c => { const f = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; return .2126 * f(c[0]) + .7152 * f(c[1]) + .0722 * f(c[2]); };
  const read = s => { const m = (s.match(/[\d.]+/g) ?? []).map(Number), k = s.startsWith('color(') ? 255 : 1; return [m[0] * k, m[1] * k, m[2] * k, m[3] ?? 1]; };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const ground = e => { const all = []; for (let n = e; n; n = n.parentElement) { const c = read(getComputedStyle(n).backgroundColor); all.push(c); if (c[3] === 1) break; } return all.reverse().reduce((b, c) => over(c, b), [255, 255, 255, 1]); };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const done = new Set();
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || done.has(e) || !seen(e) || e.closest('.hush, .skip, svg, script, noscript, option, [disabled], [aria-disabled=true], .cell, .screen')) continue;
    done.add(e);
    const style = getComputedStyle(e), back = ground(e), a = light(over(read(style.color), back)), b = light(back);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05), px = parseFloat(style.fontSize);
    const most = px >= 24 || (px >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < most) tell(e, `contrast ${ratio.toFixed(2)} of ${style.color} on ${back.slice(0, 3).map(Math.round)}`);
  }
  return out.slice(0, 8);
})()";

/// By keyboard alone: Tab reaches everything that can be pressed or typed into, in turn, and each shows that it has the focus.
#[track_caller]
pub fn check_keyboard(page: &Browser) {
    page.eval("(() => { document.activeElement?.blur(); window.scrollTo(0, 0); window.reached = new Set(); window.last = null; })()");
    let mark = r"(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return 'end';
      // A field of a date has several stops.
      if (e === window.last) return 'fine';
      window.last = e;
      if (window.reached.has(e)) return 'round';
      window.reached.add(e);
      const s = getComputedStyle(e);
      const shows = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) || e.closest('video');
      return shows ? 'fine' : `focus is not seen: <${e.tagName.toLowerCase()} class=${e.className}> ${(e.textContent ?? '').trim().slice(0, 40)}`;
    })()";
    let mut ends = 0;
    for _ in 0..400 {
        page.press("Tab");
        let how = page.eval(mark);
        match how.as_str() {
            Some("fine") => {}
            // It begins where the page put the focus: once past the end, and on from the top.
            Some("end") if ends < 2 => ends += 1,
            Some("end" | "round") => break,
            _ => page.fail(&format!("by keyboard: {how}")),
        }
    }
    let missed = page.eval(
        r"[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')]
          .filter(e => e.checkVisibility() && e.getBoundingClientRect().width > 1 && !e.disabled && e.tabIndex >= 0 && !window.reached.has(e)
            && !(e.type === 'radio' && [...window.reached].some(r => r.name === e.name)) && !e.closest('dialog'))
          .slice(0, 5).map(e => `${e.tagName} ${e.className} ${(e.textContent ?? '').trim().slice(0, 30)}`)",
    );
    if missed.as_array().is_none_or(|list| !list.is_empty()) {
        page.fail(&format!("Tab does not reach: {missed}"));
    }
}

/// Sets a field that has a picker (dates, times), with its events.
#[track_caller]
pub fn set(page: &Browser, css: &str, value: &str) {
    page.wait_for(css);
    page.eval(&format!(
        "(e => {{ e.value = {}; e.dispatchEvent(new Event('input', {{bubbles: true}})); \
         e.dispatchEvent(new Event('change', {{bubbles: true}})); return e.value; }})(document.querySelector({}))",
        json!(value),
        json!(css)
    ));
    assert_eq!(page.value(css), value, "{css}");
}
