// @ts-check
/**
 * Opaque boxes over others, where footage is shown to a citizen and the decision wants others covered. The footage is cut into spans of some
 * seconds. In look mode (the screen turned to the custodian alone) a span plays to its end and stops; the custodian then says that nobody else
 * can be recognised in it, or that boxes lie over them. In show mode only spans that were looked at are seen: before any other the picture is
 * blurred and stops. A box has a place at some instants and moves on a straight line between them; it begins and ends with the person.
 * Invariants: a change that could uncover somebody takes back the word on the spans that it touches; everything is kept on the server with the
 * session (`/api/v1/use/ID/covers/CAMERA`), and the end of the viewing is refused while something was shown that nobody looked at. Places are in
 * thousandths of the picture, so boxes lie right at any size and in full screen. The footage itself stays as it is.
 */
import { isTyping } from './keys.js';
import { call, desk, el, t } from './lang.js';
import { here } from './playback.js';

/** As the server has it: most boxes, most places of all, least side. */
const MOST = 200;
const MOST_KEYS = 1000;
const LEAST = 40;
/** One step of a key. */
const STEP = 20;
/** How long before the end of a span it stops, at speed 1, ms: no frame of the next one is seen. */
const GUARD_MS = 150;
/** A box is there that much before and after its time: a frame may be late. */
const EDGE_MS = 120;
/** A jump of the film up to this length skips nobody, ms. */
const SKIP_MS = 300;

/** @typedef {{ x: number, y: number, w: number, h: number }} Rect */
/** @typedef {Rect & { t: number }} Key */
/** `live`: where the pointer holds it. @typedef {{ keys: Key[], end: number, live: Rect | null, at: HTMLElement }} Box */

const screen = /** @type {HTMLElement | null} */ (document.querySelector('[data-cover]'));
const panel = /** @type {HTMLElement | null} */ (document.querySelector('[data-covering]'));
if (screen && panel && here) cover(screen, panel, here);

/** @param {number} n @param {number} most @param {number} [least] */
function bound(n, most, least = 0) { return Math.min(most, Math.max(least, n)); }

/** Whole thousandths, inside the picture. @param {Rect} r @returns {Rect} */
function fixed(r) {
  const [w, h] = [bound(Math.round(r.w), 1000, LEAST), bound(Math.round(r.h), 1000, LEAST)];
  return { x: bound(Math.round(r.x), 1000 - w), y: bound(Math.round(r.y), 1000 - h), w, h };
}

/** Where a box lies then; null: it is not there. @param {Box} box @param {number} at @param {number} [edge] @returns {Rect | null} */
function lies(box, at, edge = 0) {
  if (box.live) return box.live;
  const { keys } = box;
  if (at < keys[0].t - edge || at > box.end + edge) return null;
  const n = keys.findIndex((k) => k.t > at);
  if (n === 0) return keys[0];
  if (n < 0) return keys[keys.length - 1];
  const [a, b] = [keys[n - 1], keys[n]];
  const part = (at - a.t) / (b.t - a.t);
  const mid = (/** @type {'x' | 'y' | 'w' | 'h'} */ k) => a[k] + (b[k] - a[k]) * part;
  return { x: mid('x'), y: mid('y'), w: mid('w'), h: mid('h') };
}

/** Numbers as runs that touch nowhere. @param {number[]} numbers @param {(n: number) => unknown} [word] @returns {[number, number, unknown][]} */
function runs(numbers, word = () => 0) {
  /** @type {[number, number, unknown][]} */
  const out = [];
  for (const n of numbers.sort((a, b) => a - b)) {
    const last = out[out.length - 1];
    if (last && last[1] === n && last[2] === word(n)) last[1] = n + 1; else out.push([n, n + 1, word(n)]);
  }
  return out;
}

/** @param {HTMLElement} screen @param {HTMLElement} panel @param {import('./playback.js').Player} player */
function cover(screen, panel, player) {
  const video = player.video;
  const $ = (/** @type {string} */ what) => /** @type {HTMLElement} */ (document.querySelector(`[data-cover-${what}]`));
  const press = (/** @type {string} */ what, /** @type {() => void} */ act) => $(what).addEventListener('click', act);
  const able = (/** @type {string} */ what, /** @type {boolean} */ may) => { /** @type {HTMLButtonElement} */ ($(what)).disabled = !may; };
  const camera = screen.dataset.camera ?? '';
  const path = `/api/v1/use/${encodeURIComponent(screen.dataset.use ?? '')}/covers/${encodeURIComponent(camera)}`;
  const [from, to] = [Number(screen.dataset.from), Number(screen.dataset.to)];
  let span = Number(panel.dataset.spanMs);
  let count = 0;
  /** Stretches of footage, and the spans that have any: of the others there is nothing to see. @type {[number, number][]} */
  let film = [];
  /** @type {number[]} */
  let filmed = [];
  /** What the server has is known. */
  let ready = false;
  let looking = false;
  /** The span that is looked at. */
  let cur = 0;
  /** From where it was followed without a jump. */
  let since = NaN;
  let last = NaN;
  /** The begin that a seek of ours leads to. */
  let awaited = NaN;
  /** @type {Box[]} */
  let boxes = [];
  /** The one that was touched last. @type {Box | undefined} */
  let chosen;
  /** Spans that were looked at, and whether nobody else is in them. @type {Map<number, boolean>} */
  const looked = new Map();
  /** Spans that were followed to their end since the last change in them. @type {Set<number>} */
  const followed = new Set();
  /** @type {Set<number>} */
  const shown = new Set();
  /** What the pointer holds; `fresh`: it draws it. @type {{ box: Box, x: number, y: number, dx: number, dy: number, fresh: boolean } | null} */
  let held = null;

  // The film waits for a person: it may lie before somebody who is not to see it.
  player.playing = false;
  const now = () => (player.pieces.length ? player.now() : player.want);
  const begin = (/** @type {number} */ n) => from + n * span;
  const endOf = (/** @type {number} */ n) => Math.min(to, begin(n + 1));
  const number = (/** @type {number} */ at) => bound(Math.floor((at - from) / span), Math.max(0, count - 1));
  /** Where the footage of a span ends. @param {number} n */
  const stopAt = (n) => film.reduce((end, [a, b]) => (a < endOf(n) && b > begin(n) ? Math.min(b, endOf(n)) : end), endOf(n));
  const after = (/** @type {number} */ n) => filmed.find((m) => m > n);
  const before = (/** @type {number} */ n) => filmed.filter((m) => m < n).pop();
  const inSpan = (/** @type {Box} */ b, /** @type {number} */ n) => b.keys.length > 0 && b.keys[0].t < endOf(n) && b.end > begin(n);
  const guard = () => GUARD_MS * Math.max(1, video.playbackRate);

  /* -- kept on the server -- */
  const state = () => ({
    span_ms: span,
    boxes: boxes.filter((b) => b.keys.length).map(({ keys, end }) => ({ keys, end })),
    looked: runs([...looked.keys()], (n) => looked.get(n)).map(([a, b, nobody]) => ({ from: a, to: b, nobody })),
    shown: runs([...shown]).map(([a, b]) => [a, b]),
  });
  let dirty = false;
  let timer = 0;
  /** @type {Promise<void>} */
  let sending = Promise.resolve();
  function changed() {
    dirty = true;
    panel.dataset.kept = 'no';
    /** @type {HTMLInputElement} */ ($('list')).value = JSON.stringify({ camera, covering: state() });
    clearTimeout(timer);
    timer = window.setTimeout(() => { sending = sending.then(send); }, 500);
  }
  async function send() {
    if (!dirty) return;
    dirty = false;
    try {
      await call('POST', path, state());
      fault('');
      if (!dirty) panel.dataset.kept = 'yes';
    } catch (error) {
      dirty = true;
      fault(error instanceof Error ? error.message : '');
    }
  }
  /** @param {string} words */
  function fault(words) { $('fault').hidden = !words; $('fault').textContent = words; }
  addEventListener('pagehide', () => {
    if (!dirty) return;
    const csrf = document.querySelector('meta[name=csrf]')?.getAttribute('content') ?? '';
    fetch(path, { method: 'POST', keepalive: true, headers: { 'x-csrf': csrf, 'content-type': 'application/json' }, body: JSON.stringify(state()) }).catch(() => {});
  });

  /* -- what is seen -- */
  /** Where the picture lies in the screen. */
  function picture() {
    const r = screen.getBoundingClientRect();
    const by = Math.min(r.width / video.videoWidth, r.height / video.videoHeight);
    const [w, h] = [video.videoWidth * by, video.videoHeight * by];
    return { w, h, left: (r.width - w) / 2, top: (r.height - h) / 2, x: r.left, y: r.top };
  }
  /** @param {number} at */
  function place(at) {
    if (!video.videoWidth) return;
    const p = picture();
    for (const box of boxes) {
      const r = lies(box, at, EDGE_MS);
      box.at.hidden = !r;
      if (r) Object.assign(box.at.style, { left: `${p.left + (r.x / 1000) * p.w}px`, top: `${p.top + (r.y / 1000) * p.h}px`, width: `${(r.w / 1000) * p.w}px`, height: `${(r.h / 1000) * p.h}px` });
    }
  }

  /** Judges the frame that is there: whether it may be seen, whether the film goes on. */
  function frame() {
    const at = now();
    if (looking && ready) lookOn(at); else showOn(at);
    last = at;
    place(at);
    tell();
  }
  /** @param {number} at */
  function lookOn(at) {
    screen.dataset.cover = 'look';
    // A seek of ours is still on its way: the place is that of before.
    if (!Number.isNaN(awaited) || at < stopAt(cur) - guard()) return;
    if (since <= begin(cur) + SKIP_MS) followed.add(cur);
    video.pause();
  }
  /** The next footage was not looked at, and this span is at its end. @param {number} n @param {number} at */
  function stopsAt(n, at) {
    const next = after(n);
    return next !== undefined && !looked.has(next) && at >= stopAt(n) - guard();
  }
  /** @param {number} at */
  function showOn(at) {
    const n = number(at);
    const may = ready && looked.has(n);
    screen.dataset.cover = may ? 'set' : 'open';
    if (!may) { video.pause(); return; }
    if (video.readyState > 1 && !shown.has(n)) { shown.add(n); changed(); }
    if (stopsAt(n, at)) video.pause();
  }
  function tick() { frame(); if (!video.paused) requestAnimationFrame(tick); }
  video.addEventListener('play', () => requestAnimationFrame(tick));
  for (const when of ['play', 'pause', 'loadedmetadata', 'resize', 'seeked', 'timeupdate']) video.addEventListener(when, frame);
  video.addEventListener('seeking', () => {
    const at = now();
    if (!Number.isNaN(awaited)) { since = awaited; awaited = NaN; } else if (!(at >= last - 50 && at <= last + SKIP_MS)) { since = at; cur = number(at); }
    frame();
  });
  // Where the film is over, or goes on nowhere, the span was followed as far as there is footage.
  for (const when of ['end', 'over']) player.addEventListener(when, () => { if (looking && since <= begin(cur) + SKIP_MS) followed.add(cur); tell(); });
  document.addEventListener('visibilitychange', () => { if (document.hidden) video.pause(); });
  new ResizeObserver(() => place(now())).observe(screen);

  /* -- modes and spans -- */
  /** @param {number} n */
  function look(n) {
    if (!ready) return;
    looking = true;
    cur = bound(n, count - 1);
    awaited = begin(cur);
    since = awaited;
    player.seek(begin(cur), true);
    frame();
  }
  const unlooked = (/** @type {number} */ n) => filmed.find((m) => m >= n && !looked.has(m)) ?? filmed.find((m) => !looked.has(m)) ?? n;
  const left = () => filmed.filter((n) => !looked.has(n)).length;
  function show() {
    looking = false;
    awaited = NaN;
    video.pause();
    const all = [...looked.keys()].sort((a, b) => a - b);
    const next = all.find((n) => !shown.has(n)) ?? all[0];
    if (next !== undefined) player.seek(begin(next), false);
    frame();
  }
  /** @param {boolean} nobody */
  function confirm(nobody) {
    if (!looking || !followed.has(cur) || (!nobody && !boxes.some((b) => inSpan(b, cur)))) return;
    looked.set(cur, nobody);
    const next = after(cur);
    if (next === cur + 1 && !looked.has(next)) {
      // Who is still there at the end of this span is there at the begin of the next one.
      for (const box of boxes) if (box.end === endOf(cur)) box.end = endOf(next);
    }
    changed();
    if (left()) look(unlooked(cur + 1)); else tell();
  }
  const put = (/** @type {Element | null} */ where, /** @type {string} */ words) => { if (where && where.textContent !== words) where.textContent = words; };
  function tell() {
    const [all, done] = [filmed.length, filmed.length - left()];
    const n = looking ? cur : number(now());
    const stopped = !looking && !looked.has(n);
    const next = !looking && !stopped && stopsAt(n, now());
    const followedIt = followed.has(cur);
    $('told').hidden = !stopped && !next;
    put($('told').lastElementChild, next ? t('下一段还没有检查，不能继续播放。', 'The next span was not looked at: it stops here.') : t('这一段还没有检查：画面模糊，不能播放。', 'This span was not looked at: the picture is blurred and does not play.'));
    put($('progress'), t(`已检查 ${done} 段，共 ${all} 段；已播放 ${shown.size} 段。`, `${done} of ${all} spans looked at; ${shown.size} shown.`));
    $('span').hidden = !looking;
    put($('where'), `${t(`第 ${cur + 1} 段`, `Span ${cur + 1}`)} · ${desk(begin(cur)).slice(11)}–${desk(endOf(cur)).slice(11)} · ${word(cur)}`);
    $('look').setAttribute('aria-pressed', String(looking));
    $('show').setAttribute('aria-pressed', String(!looking));
    able('look', ready);
    able('show', ready && done > 0);
    able('prev', before(cur) !== undefined);
    able('next', after(cur) !== undefined);
    able('nobody', followedIt);
    able('boxes', followedIt && boxes.some((b) => inSpan(b, cur)));
    for (const what of ['begins', 'ends', 'drop']) able(what, looking && !!chosen);
    able('add', ready);
  }
  /** @param {number} n */
  function word(n) {
    if (looked.has(n)) return looked.get(n) ? t('认不出他人', 'nobody else') : t('已遮住', 'covered');
    return followed.has(n) ? t('看完了，请确认', 'followed to its end: say what it is') : t('还没有检查', 'not looked at yet');
  }

  /* -- boxes -- */
  /** Something between these instants may lie open now. @param {number} a @param {number} b */
  function opened(a, b) {
    // An end on the border of two spans is of the first.
    const [one, end] = [number(a), number(Math.max(a, b - 1))];
    for (let n = one; n <= end; n += 1) { looked.delete(n); followed.delete(n); }
    // What was followed so far was followed without the change.
    if (one <= cur && cur <= end) since = NaN;
  }
  const keysOf = () => boxes.reduce((sum, b) => sum + b.keys.length, 0);
  /** @param {Key[]} keys @param {number} end @param {Rect | null} live */
  function make(keys, end, live) {
    const at = el('div', 'cover');
    at.tabIndex = 0;
    at.setAttribute('role', 'group');
    at.setAttribute('aria-label', panel.dataset.name ?? '');
    const box = { keys, end, live, at };
    at.addEventListener('keydown', (e) => keyed(e, box));
    at.addEventListener('focus', () => { chosen = box; tell(); });
    boxes.push(box);
    screen.append(at);
    return box;
  }
  /** A new box lies over the whole span: nothing of it is open before it was drawn. @param {Box} box @param {Rect} r */
  function set(box, r) {
    const n = number(now());
    box.live = null;
    box.keys = [{ t: begin(n), ...fixed(r) }];
    box.end = endOf(n);
    followed.delete(n);
    if (n === cur) since = NaN;
    chosen = box;
    changed();
    frame();
    box.at.focus();
  }
  function middle() {
    video.pause();
    if (ready && video.videoWidth && boxes.length < MOST && keysOf() < MOST_KEYS) set(make([], 0, null), { x: 400, y: 350, w: 200, h: 300 });
  }
  /** @param {Box | undefined} box */
  function drop(box) {
    if (!box) return;
    box.at.remove();
    boxes = boxes.filter((b) => b !== box);
    if (chosen === box) chosen = undefined;
    if (box.keys.length) { opened(box.keys[0].t, box.end); changed(); }
    frame();
  }
  /** It lies there at this instant. @param {Box} box @param {Rect} r */
  function move(box, r) {
    const at = bound(Math.round(now()), box.end, box.keys[0].t);
    const near = box.keys.find((k) => Math.abs(k.t - at) <= 40);
    if (!near && keysOf() >= MOST_KEYS) { fault(t('黑框移动的次数太多。', 'Boxes are moved too often.')); return; }
    const key = { t: near ? near.t : at, ...fixed(r) };
    box.keys = [...box.keys.filter((k) => k !== near), key].sort((a, b) => a.t - b.t);
    const n = box.keys.indexOf(key);
    opened(box.keys[n - 1]?.t ?? key.t, box.keys[n + 1]?.t ?? box.end);
    changed();
    frame();
  }
  /** The person comes in, or leaves, here. @param {boolean} comes */
  function cut(comes) {
    const at = Math.round(now());
    const r = chosen && lies(chosen, at);
    if (!looking || !chosen || !r) return;
    if (comes) {
      opened(chosen.keys[0].t, at);
      chosen.keys = [{ t: Math.min(at, chosen.end - 1), ...fixed(r) }, ...chosen.keys.filter((k) => k.t > at)];
    } else {
      opened(at, chosen.end);
      const end = Math.max(at, chosen.keys[0].t + 1);
      chosen.end = end;
      chosen.keys = [...chosen.keys.filter((k) => k.t < end), { t: end, ...fixed(r) }];
    }
    changed();
    frame();
  }

  /** @param {KeyboardEvent} e @param {Box} box */
  function keyed(e, box) {
    const by = /** @type {Record<string, number[]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] })[e.key];
    const r = lies(box, now(), EDGE_MS);
    if (!looking || !r) return;
    if (by && e.shiftKey) move(box, { ...r, w: bound(r.w + by[0] * STEP, 1000 - r.x, LEAST), h: bound(r.h + by[1] * STEP, 1000 - r.y, LEAST) });
    else if (by) move(box, { ...r, x: r.x + by[0] * STEP, y: r.y + by[1] * STEP });
    else if (e.key === '[') cut(true);
    else if (e.key === ']') cut(false);
    else if (e.key === 'Delete' || e.key === 'Backspace') drop(box);
    else return;
    // The same keys move the film.
    e.stopPropagation();
    e.preventDefault();
  }

  /** @param {PointerEvent} e */
  function share(e) {
    const p = picture();
    return { x: bound(((e.clientX - p.x - p.left) / p.w) * 1000, 1000), y: bound(((e.clientY - p.y - p.top) / p.h) * 1000, 1000) };
  }
  screen.addEventListener('pointerdown', (e) => {
    if (e.button || held || !ready || !video.videoWidth) return;
    const { x, y } = share(e);
    const old = boxes.find((b) => b.at === e.target);
    // While it is shown a box may be added at once, and none be moved away.
    video.pause();
    // The focus goes to the box, not to where the captured pointer is taken to be.
    e.preventDefault();
    if (old) old.at.focus();
    if ((old && !looking) || (!old && (boxes.length >= MOST || keysOf() >= MOST_KEYS))) return;
    const r = old ? lies(old, now(), EDGE_MS) : { x, y, w: 0, h: 0 };
    if (!r) return;
    held = { box: old ?? make([], 0, r), x, y, dx: x - r.x, dy: y - r.y, fresh: !old };
    screen.setPointerCapture(e.pointerId);
  });
  screen.addEventListener('pointermove', (e) => {
    if (!held) return;
    const { x, y } = share(e);
    const r = lies(held.box, now(), EDGE_MS);
    if (!r) return;
    if (held.fresh) held.box.live = { x: Math.min(x, held.x), y: Math.min(y, held.y), w: Math.abs(x - held.x), h: Math.abs(y - held.y) };
    else held.box.live = { ...r, x: bound(x - held.dx, 1000 - r.w), y: bound(y - held.dy, 1000 - r.h) };
    place(now());
  });
  for (const end of ['pointerup', 'pointercancel']) {
    screen.addEventListener(end, () => {
      if (!held) return;
      const { box, fresh } = held;
      const { live } = box;
      held = null;
      box.live = null;
      if (!fresh) { if (live) move(box, live); } else if (!live || live.w < LEAST || live.h < LEAST) drop(box); else set(box, live);
    });
  }

  press('look', () => look(unlooked(number(now()))));
  press('show', show);
  press('prev', () => look(before(cur) ?? cur));
  press('again', () => look(cur));
  press('next', () => look(after(cur) ?? cur));
  press('nobody', () => confirm(true));
  press('boxes', () => confirm(false));
  press('add', middle);
  press('begins', () => cut(true));
  press('ends', () => cut(false));
  press('drop', () => drop(chosen));
  document.addEventListener('keydown', (e) => {
    if (isTyping(e)) return;
    const act = /** @type {Record<string, () => void>} */ ({ c: middle, v: () => (looking ? show() : look(unlooked(number(now())))), n: () => confirm(true), b: () => confirm(false), r: () => { if (looking) look(cur); } })[e.key];
    if (act) act();
  });

  const line = `/api/v1/cameras/${encodeURIComponent(camera)}/timeline?from=${from}&to=${to}&use=${encodeURIComponent(screen.dataset.use ?? '')}`;
  Promise.all([call('GET', path), call('GET', line)]).then(([had, { spans }]) => {
    span = had.span_ms;
    count = Math.max(1, Math.ceil((to - from) / span));
    film = spans.map((/** @type {[number, number]} */ s) => [s[0], s[1]]);
    for (let n = 0; n < count; n += 1) if (film.some(([a, b]) => a < endOf(n) && b > begin(n))) filmed.push(n);
    for (const run of had.looked) for (let n = run.from; n < run.to; n += 1) looked.set(n, run.nobody);
    for (const [a, b] of had.shown) for (let n = a; n < b; n += 1) shown.add(n);
    for (const box of had.boxes) make(box.keys, box.end, null);
    ready = true;
    frame();
  }).catch((error) => fault(error instanceof Error ? error.message : ''));
  frame();
}
