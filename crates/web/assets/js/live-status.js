// @ts-check
/**
 * The bar's clock and health, and the state of each camera, from one EventSource.
 *
 * Events: `clock` {utc_ms, offset_ms|null}; `health` {recording, total}; `camera` {id, mark, zh, en, bps, recording}; `notice` {notices};
 * `alarms` {version, count}. Each is re-sent to the page as `jifang:<name>` on `document`. A lost connection shows in the bar and heals by itself.
 */
import { desk, signIn, t } from './lang.js';

const clockBox = /** @type {HTMLElement | null} */ (document.querySelector('[data-clock]'));
const lost = /** @type {HTMLElement | null} */ (document.querySelector('[data-lost]'));

/** Server time less browser time, ms. Until the first event: from the page itself. */
let ahead = clockBox ? Number(clockBox.dataset.clock) - performance.timeOrigin - performance.now() : 0;
if (Math.abs(ahead) < 5000) ahead = 0;

/** Server time now, ms UTC. */
export const serverNow = () => performance.timeOrigin + performance.now() + ahead;

function tick() {
  const time = clockBox?.querySelector('time');
  if (time) time.textContent = desk(serverNow());
}

/** @param {boolean} on */
function showLost(on) {
  if (lost) lost.hidden = !on;
  document.querySelector('.desk')?.classList.toggle('lost-on', on);
  document.documentElement.toggleAttribute('data-lost', on);
}

/** @param {{utc_ms: number, offset_ms: number | null}} e */
function onClock(e) {
  ahead = e.utc_ms - performance.timeOrigin - performance.now();
  const note = clockBox?.querySelector('small');
  if (!note || !clockBox) return;
  const off = e.offset_ms;
  const fine = off !== null && Math.abs(off) <= 1000;
  clockBox.toggleAttribute('data-bad', !fine);
  // Where nothing is recorded the line stays empty until the clock was compared.
  const unknown = note.hasAttribute('data-plain') ? '' : t('尚未与标准时间核对', 'not compared with standard time yet');
  note.textContent = off === null ? unknown : fine ? `${t('已对时，误差', 'in step, off by')} ${off} ms` : `${t('时钟偏差', 'clock off by')} ${off} ms`;
}

/** @param {{recording: number, total: number}} e */
function onHealth(e) {
  const box = document.querySelector('[data-health]');
  if (!box) return;
  const whole = e.recording >= e.total;
  box.toggleAttribute('data-bad', !whole);
  box.querySelector('use')?.setAttribute('href', `/assets/icons.svg#${whole ? 'dot-check' : 'p1'}`);
  const set = (/** @type {string} */ what, /** @type {number} */ n) => { const b = box.querySelector(what); if (b) b.textContent = String(n); };
  set('[data-recording]', e.recording);
  set('[data-total]', e.total);
}

/** Notices of a code where the page wants them: `<div data-notices="code">`. @param {{notices: {code: string, zh: string, en: string}[]}} e */
function onNotice(e) {
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-notices]'))) {
    const lines = e.notices.filter((n) => n.code === box.dataset.notices).map((n) => {
      const line = document.createElement('div');
      line.className = 'notice notice-critical';
      line.innerHTML = '<svg class="icon" aria-hidden="true"><use href="/assets/icons.svg#p1"/></svg><div class="strong"></div>';
      const text = line.querySelector('div');
      if (text) text.textContent = t(n.zh, n.en);
      return line;
    });
    box.replaceChildren(...lines);
  }
}

function connect(/** @type {number} */ tries) {
  const path = document.body.dataset.events;
  if (!path || !document.querySelector('[data-menu]')) return;
  const source = new EventSource(path);
  let timer = 0;
  /** The server speaks at least every 15 s (clock); silence is a lost connection too. */
  const alive = () => {
    clearTimeout(timer);
    showLost(false);
    tries = 0;
    timer = window.setTimeout(again, 40000);
  };
  const again = async () => {
    clearTimeout(timer);
    source.close();
    showLost(true);
    if (await signedIn() === false) { signIn(); return; }
    window.setTimeout(() => connect(tries + 1), Math.min(15000, 1000 * 2 ** Math.min(tries, 4)) * (0.75 + Math.random() / 2));
  };
  source.addEventListener('end', () => { clearTimeout(timer); source.close(); signIn(); });
  source.onopen = alive;
  source.onerror = again;
  for (const [name, on] of /** @type {[string, (e: any) => void][]} */ ([['clock', onClock], ['health', onHealth], ['camera', () => {}], ['alarms', () => {}], ['notice', onNotice]])) {
    source.addEventListener(name, (e) => {
      alive();
      const data = JSON.parse(/** @type {MessageEvent} */ (e).data);
      on(data);
      document.dispatchEvent(new CustomEvent(`jifang:${name}`, { detail: data }));
    });
  }
  addEventListener('pagehide', () => { clearTimeout(timer); source.close(); }, { once: true });
}

/**
 * Still signed in? `false` = no, `null` = the server does not say (it is away). Mends the token of this page's forms when the same person
 * signed in anew in another tab; loads the page again when it is somebody else's.
 */
async function signedIn() {
  const meta = document.querySelector('meta[name=csrf]');
  try {
    const answer = await fetch('/api/v1/session', { cache: 'no-store' });
    if (answer.status === 401) return false;
    if (!answer.ok) return null;
    const { login, csrf } = await answer.json();
    if (document.body.dataset.login !== login) { location.reload(); return null; }
    if (csrf && meta?.getAttribute('content') !== csrf) {
      meta?.setAttribute('content', csrf);
      for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('input[name=csrf]'))) field.value = csrf;
    }
    return true;
  } catch { return null; }
}

tick();
setInterval(tick, 1000);
connect(0);
/** A tab one comes back to: somebody may have signed out or in meanwhile, in another. */
document.addEventListener('visibilitychange', async () => { if (!document.hidden && document.querySelector('[data-menu]') && await signedIn() === false) signIn(); });

/** Countdowns of viewing sessions: `<p data-until="ms">`. */
for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-until]'))) {
  const show = () => {
    const left = Number(box.dataset.until) - serverNow();
    const s = Math.max(0, Math.floor(left / 1000));
    const pad = (/** @type {number} */ n) => String(n).padStart(2, '0');
    box.textContent = `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
    box.toggleAttribute('data-short', left < 300000);
    if (left <= 0) { clearInterval(timer); document.dispatchEvent(new CustomEvent('jifang:session-end')); }
  };
  const timer = setInterval(show, 1000);
  show();
}

/** Marks of cameras in tree and device list follow the events. */
document.addEventListener('jifang:camera', (event) => {
  const e = /** @type {CustomEvent} */ (event).detail;
  const icons = { ok: 'dot-check', busy: 'dot-busy', info: 'p-info', attention: 'p3', warning: 'p2', critical: 'p1', off: 'dot-off' };
  const id = CSS.escape(e.id);
  for (const row of document.querySelectorAll(`.cam[data-camera="${id}"], [data-device="${id}"]`)) {
    const mark = row.querySelector('.mark');
    if (!mark) continue;
    if (row instanceof HTMLElement && row.dataset.mark) row.dataset.mark = e.mark;
    mark.className = `mark mark-${e.mark}`;
    mark.querySelector('use')?.setAttribute('href', `/assets/icons.svg#${icons[/** @type {keyof typeof icons} */ (e.mark)] ?? 'p-info'}`);
    const word = mark.querySelector('span');
    if (word) word.textContent = t(e.zh, e.en);
  }
});
