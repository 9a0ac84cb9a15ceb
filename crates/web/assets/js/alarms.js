// @ts-check
/**
 * The alarm queue on every page: fetched anew when the server says that it changed, a pop-up for what calls, sound until it is
 * taken, ages that grow, keys `a` and `v`. Invariants: the server's answer is the whole truth, nothing is kept here; at most one
 * fetch is under way; sound stops with the last alarm that calls.
 */
import { call, lasting, t } from './lang.js';
import { serverNow } from './live-status.js';
import { isTyping } from './keys.js';

const pop = /** @type {HTMLElement | null} */ (document.querySelector('[data-pop]'));
const page = location.pathname.match(/^\/alarms\/([^/]+)$/);
/** On the page of an alarm its own pop-up would only cover it. */
const here = page ? `?on=${encodeURIComponent(page[1])}` : '';
const told = new Set();
let busy = false;
let again = false;

async function load() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(`/alarms/queue${here}`);
    if (answer.ok) put(await answer.text());
  } catch { /* the connection heals by itself, and the next event fetches again */ }
  busy = false;
  if (again) { again = false; load(); }
}

/** @param {string} html */
function put(html) {
  const box = document.createElement('template');
  box.innerHTML = html;
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (box.content.querySelector(`[data-part=${name}]`));
  const list = document.querySelector('[data-queue]');
  const [rows, card] = [part('list'), part('pop')];
  // The keyboard stays where it was.
  const at = document.activeElement?.closest('[data-alarm]')?.getAttribute('data-alarm');
  if (list) list.replaceChildren(...rows.childNodes);
  if (at) /** @type {HTMLElement | null} */ (list?.querySelector(`[data-alarm="${at}"] a`))?.focus();
  pop?.replaceChildren(...card.childNodes);
  sound(Number(card.dataset.sound));
  for (const n of document.querySelectorAll('[data-alarm-count]')) { n.textContent = card.dataset.count ?? ''; n.toggleAttribute('hidden', card.dataset.count === '0'); }
  ages();
  seen(box.content);
  seen(document);
}

/** Says to the server that an alarm is on a screen, once. @param {ParentNode} where */
function seen(where) {
  if (document.visibilityState !== 'visible') return;
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (where.querySelectorAll('[data-unseen]'))) {
    const id = row.dataset.alarm ?? '';
    if (told.has(id)) continue;
    told.add(id);
    call('POST', `/api/v1/alarms/${id}/shown`).catch(() => told.delete(id));
  }
}

function ages() {
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-age]'))) box.textContent = lasting(serverNow() - Number(box.dataset.age));
}

/** @type {AudioContext | null} */ let audio = null;
let tone = 0;
let level = 0;

/** Sounds until it is told 0. @param {number} to 0 none, 1 urgent, 2 alarm, 3 one note */
function sound(to) {
  if (to === level) { blocked(); return; }
  level = to;
  clearInterval(tone);
  if (!to) return;
  audio ??= new AudioContext();
  audio.resume().catch(() => {});
  beep();
  if (to < 3) tone = window.setInterval(beep, to === 1 ? 900 : 2400);
  setTimeout(blocked, 150);
}

/** Two tones, made here. Browsers keep quiet until the person has done something on the page. */
function beep() {
  if (!audio || audio.state !== 'running') return;
  const at = audio.currentTime;
  const notes = level === 1 ? [880, 660, 880, 660] : [740, 555];
  notes.forEach((hz, i) => {
    const osc = audio?.createOscillator();
    const gain = audio?.createGain();
    if (!osc || !gain || !audio) return;
    osc.frequency.value = hz;
    gain.gain.setValueAtTime(0.0001, at + i * 0.18);
    gain.gain.exponentialRampToValueAtTime(level === 1 ? 0.5 : 0.25, at + i * 0.18 + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + i * 0.18 + 0.16);
    osc.connect(gain).connect(audio.destination);
    osc.start(at + i * 0.18);
    osc.stop(at + i * 0.18 + 0.17);
  });
}

function blocked() {
  for (const hint of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-sound-on]'))) hint.hidden = !level || audio?.state === 'running';
}

/** @param {string} id */
async function take(id) {
  try {
    await call('POST', `/api/v1/alarms/${id}/take`);
    if (!document.querySelector('[data-queue]')) location.href = `/alarms/${id}`;
  } catch (e) {
    const box = pop?.querySelector('.muted');
    if (box) box.textContent = /** @type {Error} */ (e).message;
  }
  load();
}

document.addEventListener('click', (e) => {
  audio?.resume().then(blocked).catch(() => {});
  const at = /** @type {HTMLElement} */ (e.target);
  const id = /** @type {HTMLElement | null} */ (at.closest('[data-take]'))?.dataset.take;
  if (id) take(id);
});
document.addEventListener('keydown', (e) => {
  audio?.resume().then(blocked).catch(() => {});
  if (isTyping(e) || (e.key !== 'a' && e.key !== 'v')) return;
  const row = document.activeElement?.closest('[data-alarm]');
  const to = /** @type {HTMLElement | null} */ (row?.querySelector(e.key === 'a' ? '[data-take]' : 'a') ?? document.querySelector(`main [data-key=${e.key}], [data-pop] [data-key=${e.key}]`) ?? document.querySelector(e.key === 'v' ? '[data-alarm] a' : '[data-take]'));
  if (!to) return;
  e.preventDefault();
  // A step of the incident is chosen with v and done with Enter; taking is one key.
  if (e.key === 'a' || to instanceof HTMLAnchorElement) to.click(); else to.focus();
});
// A page without a place for alarms shows none: who may not see them, or a server that has none.
if (pop) document.addEventListener('jifang:alarms', load);
document.addEventListener('visibilitychange', () => seen(document));
if (pop) { load(); setInterval(ages, 1000); }
if (document.querySelector('[data-queue] .alarm')) document.title = `${t('报警', 'Alarm')} · ${document.title}`;
