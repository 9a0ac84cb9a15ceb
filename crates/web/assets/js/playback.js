// @ts-check
/**
 * Recorded footage in a `<video>`: `/api/v1/cameras/<id>/play.mp4?from&to`, with `play.json` beside it that ties media time to the
 * wall clock (a window may have gaps: its pieces are closed up in the file). `Player` serves the wall too; the page is wired below.
 * Invariant: a stale load (older `turn`) never touches the video.
 */
import { Refused, call, desk, el, fromBeijing, icon, lasting, t } from './lang.js';
import { serverNow } from './live-status.js';
import { isTyping } from './keys.js';
import { Timeline } from './timeline.js';

const WINDOW_MS = 600000;
const LEAD_MS = 20000;
/** What is younger may still be on its way to disk. */
const EDGE_MS = 20000;
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];

/** @typedef {{media_ms: number, utc_ms: number, len_ms: number}} Piece */

export class Player extends EventTarget {
  /** @param {HTMLVideoElement} video @param {{use?: string, limit?: {from: number, to: number} | null}} [how] */
  constructor(video, how = {}) {
    super();
    this.video = video;
    this.use = how.use ? `&use=${encodeURIComponent(how.use)}` : '';
    this.limit = how.limit ?? null;
    this.camera = '';
    this.turn = 0;
    /** @type {Piece[]} */ this.pieces = [];
    this.windowTo = 0;
    this.loadedAt = 0;
    this.want = 0;
    this.speed = 1;
    this.playing = true;
    this.off = new AbortController();
    const on = { signal: this.off.signal };
    video.addEventListener('timeupdate', () => { if (this.pieces.length) this.dispatchEvent(new CustomEvent('time', { detail: this.now() })); }, on);
    video.addEventListener('ended', () => this.next(), on);
    video.addEventListener('error', () => { if (video.src && this.pieces.length) this.dark(t('浏览器不能解码这段录像', 'the browser cannot decode this footage'), t('H.265 录像请换支持的浏览器，或导出后播放。', 'For H.265 use a browser that supports it, or play the export.')); }, on);
  }

  /** Wall clock of what is shown, ms UTC. */
  now() {
    const media = this.video.currentTime * 1000;
    let best = this.pieces[0];
    for (const p of this.pieces) if (p.media_ms <= media + 1) best = p;
    return best ? best.utc_ms + Math.min(best.len_ms, media - best.media_ms) : this.want;
  }

  /** Media time of a wall clock, ms; the next piece if it falls into a gap; NaN beyond the window. @param {number} ms */
  mediaOf(ms) {
    for (const p of this.pieces) if (ms < p.utc_ms + p.len_ms) return p.media_ms + Math.max(0, ms - p.utc_ms);
    return NaN;
  }

  /** Goes to `ms`, loading another window only if it must. @param {number} ms @param {boolean} [play] */
  async seek(ms, play = this.playing) {
    if (this.limit) ms = Math.min(this.limit.to - 1, Math.max(this.limit.from, ms));
    this.want = ms;
    this.playing = play;
    const first = this.pieces[0];
    const media = first && ms >= first.utc_ms ? this.mediaOf(ms) : NaN;
    if (!Number.isNaN(media) && this.video.readyState > 0) {
      this.video.currentTime = media / 1000;
      this.resume();
      return;
    }
    await this.load(ms);
  }

  /** @param {number} ms @param {boolean} [on] goes on from a window that ran out: waits for what is not on disk yet */
  async load(ms, on = false) {
    const turn = ++this.turn;
    const from = Math.floor(Math.max(this.limit?.from ?? 0, ms - LEAD_MS));
    let to = Math.floor(Math.min(this.limit?.to ?? Infinity, ms + WINDOW_MS));
    const path = (/** @type {string} */ kind) => `/api/v1/cameras/${encodeURIComponent(this.camera)}/play.${kind}?from=${from}&to=${to}${this.use}`;
    try {
      const { pieces, until } = await call('GET', path('json'));
      if (turn !== this.turn) return;
      this.pieces = pieces;
      // The film's true end: asked for by it, the file stays the same while recording goes on.
      to = until;
      this.windowTo = to;
      this.loadedAt = performance.now();
      const media = this.mediaOf(ms);
      if (Number.isNaN(media)) { this.pieces = []; await this.beyond(ms, turn, on, pieces[pieces.length - 1]); return; }
      this.video.srcObject = null;
      this.video.src = path('mp4');
      this.video.addEventListener('loadedmetadata', () => { if (turn === this.turn) { this.video.currentTime = media / 1000; this.dispatchEvent(new CustomEvent('shown')); this.resume(); } }, { once: true });
    } catch (error) {
      if (turn !== this.turn) return;
      this.pieces = [];
      this.dark(error instanceof Error ? error.message : '', error instanceof Refused ? error.next : t('稍后会再试。', 'It will be tried again.'));
    }
  }

  /** Nothing on disk at `ms` yet, or a gap. @param {number} ms @param {number} turn @param {boolean} on @param {Piece | undefined} last */
  async beyond(ms, turn, on, last) {
    const young = serverNow() - ms < EDGE_MS;
    if (young && on) setTimeout(() => { if (turn === this.turn) this.load(ms, true); }, 1500);
    else if (young && last) await this.load(Math.max(last.utc_ms, last.utc_ms + last.len_ms - 3000));
    else await this.jumpGap(ms, turn);
  }

  /** No footage at `ms`: on to the next there is, saying so. @param {number} ms @param {number} turn */
  async jumpGap(ms, turn) {
    const far = Math.min(this.limit?.to ?? Infinity, serverNow());
    const line = ms < far ? await call('GET', `/api/v1/cameras/${encodeURIComponent(this.camera)}/timeline?from=${Math.floor(ms)}&to=${Math.ceil(far)}${this.use}`).catch(() => null) : null;
    if (turn !== this.turn) return;
    const next = line?.spans.find((/** @type {[number, number]} */ s) => s[1] > ms + 500);
    const start = next ? Math.max(next[0], ms) : NaN;
    if (next && start > ms) { this.dispatchEvent(new CustomEvent('jump', { detail: { from: ms, to: start } })); await this.seek(start); return; }
    this.dark(t('这里没有录像', 'No footage here'), t('到此为止，之后也没有。', 'Nor after it.'));
    // Apart from what could not be loaded: here there is nothing to see.
    if (line) this.dispatchEvent(new CustomEvent('over'));
  }

  /** Next window when this one has run out. */
  next() {
    const end = this.limit ? Math.min(this.limit.to, this.windowTo) : this.windowTo;
    if (this.limit && end >= this.limit.to - 500) { this.playing = false; this.dispatchEvent(new CustomEvent('end')); return; }
    const last = this.pieces[this.pieces.length - 1];
    if (performance.now() - this.loadedAt < 400) { this.dark(t('录像已到末尾', 'End of the footage'), ''); return; }
    this.load(Math.max(end >= serverNow() - EDGE_MS && last ? last.utc_ms + last.len_ms : end, this.want + 1), true);
  }

  resume() {
    this.video.playbackRate = this.speed;
    if (this.playing) this.video.play().catch(() => {}); else this.video.pause();
  }

  toggle() { this.playing = this.video.paused; this.resume(); }

  /** @param {number} x */
  setSpeed(x) { this.speed = x; this.video.playbackRate = x; }

  /** One frame (a 25th of a second; the file's own steps may be longer). @param {number} by */
  step(by) { this.playing = false; this.video.pause(); this.video.currentTime = Math.max(0, this.video.currentTime + by / 25); }

  /** @param {string} what @param {string} next */
  dark(what, next) { this.dispatchEvent(new CustomEvent('dark', { detail: { what, next } })); }

  close() { this.turn++; this.off.abort(); this.pieces = []; this.video.removeAttribute('src'); this.video.load(); }
}

/* -- the page -- */
const screen = /** @type {HTMLElement | null} */ (document.querySelector('[data-player]'));
const lineBox = /** @type {HTMLElement | null} */ (document.querySelector('[data-timeline]'));
/** The player of this page; null on pages that only borrow `Player`. */
export const here = screen && lineBox ? page(screen, lineBox) : null;

/** @param {HTMLElement} screen @param {HTMLElement} lineBox */
function page(screen, lineBox) {
  const video = /** @type {HTMLVideoElement} */ (screen.querySelector('video'));
  const limit = screen.dataset.from ? { from: Number(screen.dataset.from), to: Number(screen.dataset.to) } : null;
  const use = screen.dataset.use ?? '';
  const player = new Player(video, { use, limit });
  const line = new Timeline(lineBox, { use, limit, span: limit ? (limit.to - limit.from) * 1.3 : 7200000 });
  player.camera = screen.dataset.camera ?? '';
  const start = Number(screen.dataset.at);
  if (limit) line.view(limit.from - (limit.to - limit.from) * 0.15, limit.to + (limit.to - limit.from) * 0.15);
  else line.view(start - 3600000, start + 3600000);
  line.show(player.camera);
  const $ = (/** @type {string} */ q) => /** @type {HTMLElement | null} */ (document.querySelector(q));
  const dark = $('[data-dark]');
  const stamp = $('[data-stamp]');
  const lineText = $('[data-line-text]');
  let held = 0;

  player.addEventListener('time', (e) => { const ms = /** @type {CustomEvent} */ (e).detail; if (stamp) stamp.textContent = desk(ms); if (!line.drag) line.setAt(ms); });
  player.addEventListener('shown', () => { if (dark) dark.hidden = true; });
  player.addEventListener('dark', (e) => { const d = /** @type {CustomEvent} */ (e).detail; if (dark) { dark.hidden = false; dark.replaceChildren(el('b', '', d.what), el('span', '', d.next)); } });
  player.addEventListener('jump', (e) => { const d = /** @type {CustomEvent} */ (e).detail; if (lineText) lineText.textContent = `${t('跳过缺口', 'Skipped a gap of')} ${lasting(d.to - d.from)}`; });
  line.addEventListener('seek', (e) => {
    const { ms, done } = /** @type {CustomEvent} */ (e).detail;
    if (stamp) stamp.textContent = desk(ms);
    clearTimeout(held);
    held = window.setTimeout(() => player.seek(ms), done ? 0 : 220);
  });
  line.setAt(start);
  player.seek(start);

  const acts = /** @type {Record<string, () => void>} */ ({
    toggle: () => player.toggle(),
    back10: () => player.seek(player.now() - 10000),
    fwd10: () => player.seek(player.now() + 10000),
    frame: () => player.step(1),
    'frame-back': () => player.step(-1),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : screen.requestFullscreen()),
    mute: () => { video.muted = !video.muted; $('[data-act=mute]')?.setAttribute('aria-pressed', String(!video.muted)); },
  });
  const speed = (/** @type {number} */ x) => { player.setSpeed(x); for (const b of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-speed]'))) b.setAttribute('aria-pressed', String(Number(b.dataset.speed) === x)); };
  const faster = (/** @type {number} */ by) => speed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(player.speed) + by))] ?? 1);
  document.addEventListener('click', (e) => {
    const at = /** @type {HTMLElement} */ (e.target);
    const act = /** @type {HTMLElement | null} */ (at.closest('[data-act]'))?.dataset.act;
    if (act) acts[act]?.();
    const s = /** @type {HTMLElement | null} */ (at.closest('[data-speed]'))?.dataset.speed;
    if (s) speed(Number(s));
    const seek = /** @type {HTMLElement | null} */ (at.closest('[data-seek]'))?.dataset.seek;
    if (seek) { line.setAt(Number(seek)); player.seek(Number(seek) - 3000); }
  });
  for (const kind of ['play', 'pause']) video.addEventListener(kind, () => $('[data-act=toggle] use')?.setAttribute('href', `/assets/icons.svg#${video.paused ? 'play' : 'pause'}`));
  document.addEventListener('keydown', (e) => {
    if (isTyping(e)) return;
    const step = /** @type {Record<string, () => void>} */ ({
      ' ': acts.toggle, ArrowLeft: acts.back10, ArrowRight: acts.fwd10, ',': acts['frame-back'], '.': acts.frame, '<': () => faster(-1), '>': () => faster(1), f: acts.full, m: acts.mute,
      '+': () => line.zoom(0.5), '=': () => line.zoom(0.5), '-': () => line.zoom(2),
      i: () => line.pick({ from: player.now(), to: Math.max(line.range?.to ?? 0, player.now() + 60000) }),
      o: () => line.pick({ from: Math.min(line.range?.from ?? Infinity, player.now() - 60000), to: player.now() }),
    })[e.key];
    if (!step || (e.key === ' ' && e.target instanceof HTMLButtonElement)) return;
    e.preventDefault();
    step();
  });
  document.addEventListener('jifang:session-end', () => player.close());
  $('[data-jump]')?.addEventListener('submit', (e) => {
    const form = /** @type {HTMLFormElement} */ (e.target);
    const data = new FormData(form);
    const ms = fromBeijing(String(data.get('date')), String(data.get('time')));
    e.preventDefault();
    if (Number.isNaN(ms)) return;
    if (data.get('camera') !== player.camera) location.assign(`/playback?camera=${encodeURIComponent(String(data.get('camera')))}&at=${ms}`);
    else { line.setAt(ms); player.seek(ms); history.replaceState(null, '', `/playback?camera=${encodeURIComponent(player.camera)}&at=${ms}`); }
  });
  ranges(player, line, use);
  return player;
}

/** Range: words and acts; also the ends of what is listed beside. @param {Player} player @param {Timeline} line @param {string} use */
function ranges(player, line, use) {
  const box = /** @type {HTMLElement | null} */ (document.querySelector('[data-range]'));
  const none = /** @type {HTMLElement | null} */ (document.querySelector('[data-range-none]'));
  const words = document.querySelector('[data-range-text]');
  const result = /** @type {HTMLElement | null} */ (document.querySelector('[data-act-result]'));
  if (!box || !none || !words || !result) return;
  line.addEventListener('range', () => {
    const r = line.range;
    box.hidden = !r;
    none.hidden = !!r;
    if (r) words.textContent = `${desk(r.from)} — ${desk(r.to).slice(11)}  (${lasting(r.to - r.from)})`;
  });
  const paths = /** @type {Record<string, [string, string]>} */ ({ bookmark: ['/api/v1/bookmarks', t('书签', 'Bookmark')], hold: ['/api/v1/holds', t('封存', 'Hold')], delete: ['/api/v1/deletions', t('删除这段录像', 'Delete this footage')] });
  box.addEventListener('click', async (e) => {
    const act = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (e.target).closest('[data-range-act]'))?.dataset.rangeAct;
    const r = line.range;
    if (!act || !r) return;
    const body = { camera: player.camera, from: Math.round(r.from), to: Math.round(r.to) };
    if (act === 'clear') line.pick(null);
    else if (act === 'request') location.assign(asking(body));
    else if (act === 'link') show('info', 'link', location.origin + asking(body), t('请把这个链接交给申请的民警：摄像机和时段已经填好。', 'Give this link to the officers who ask: camera and time are filled in.'), []);
    else if (act === 'export') location.assign(`/use/${encodeURIComponent(use)}/export?camera=${encodeURIComponent(body.camera)}&from=${body.from}&to=${body.to}`);
    else {
      const path = paths[act];
      const reason = path && await askReason(path[1], words.textContent ?? '');
      if (!path || reason === null || reason === undefined) return;
      await perform(path[1], () => call('POST', path[0], { ...body, reason }));
    }
  });
  document.addEventListener('click', async (e) => {
    const at = /** @type {HTMLElement} */ (e.target);
    const mark = /** @type {HTMLElement | null} */ (at.closest('[data-bookmark-remove]'))?.dataset.bookmarkRemove;
    if (mark) await perform(t('删除书签', 'Bookmark removed'), () => call('DELETE', `/api/v1/bookmarks/${encodeURIComponent(mark)}`));
    const held = /** @type {HTMLElement | null} */ (at.closest('[data-hold-release]'));
    if (!held) return;
    const title = t('解除封存', 'Release the hold');
    const reason = await askReason(title, held.dataset.rangeWords ?? '');
    if (reason !== null) await perform(title, () => call('POST', `/api/v1/holds/${encodeURIComponent(held.dataset.holdRelease ?? '')}/release`, { reason }));
  });

  /** The form of a request with its fields filled. @param {{camera: string, from: number, to: number}} of */
  function asking(of) { return `/use/new?camera=${encodeURIComponent(of.camera)}&from=${of.from}&to=${of.to}`; }

  /** Does an act, says how it went, and shows what stands now. @param {string} title @param {() => Promise<unknown>} work */
  async function perform(title, work) {
    try {
      await work();
      show('info', 'dot-check', `${title}: ${t('已完成，已记入日志。', 'done, and in the log.')}`, '', []);
      line.load(true);
      await fresh();
    } catch (error) {
      const no = error instanceof Refused ? error : null;
      show('critical', 'p1', error instanceof Error ? error.message : '', no?.next ?? '', no?.why ?? []);
    }
  }

  /** Fetches the lists beside the picture anew. */
  async function fresh() {
    const answer = await fetch(`/playback?camera=${encodeURIComponent(player.camera)}&at=${Math.round(player.now())}`);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-fresh]'))) {
      const now = page.querySelector(`[data-fresh="${box.dataset.fresh}"]`);
      if (now) box.replaceChildren(...now.childNodes);
    }
  }
  /** @param {string} kind @param {string} mark @param {string} text @param {string} next @param {{clause: string, article: {zh: string, en: string}}[]} why */
  function show(kind, mark, text, next, why) {
    const links = why.map((c) => { const a = el('a', 'clause', t(c.article.zh, c.article.en)); a.setAttribute('href', `/law/${encodeURIComponent(c.clause)}`); a.dataset.beside = ''; return a; });
    const note = el('div', `notice notice-${kind}`, icon(mark), el('div', '', el('p', 'strong', text), el('span', 'clauses', ...links), el('p', '', next)));
    note.setAttribute('role', 'status');
    result?.replaceChildren(note);
    if (result) result.hidden = false;
  }
}

/** Asks for the reason; null = no. @param {string} title @param {string} range @returns {Promise<string | null>} */
function askReason(title, range) {
  const box = /** @type {HTMLDialogElement | null} */ (document.querySelector('#reason'));
  const text = /** @type {HTMLTextAreaElement | null} */ (box?.querySelector('textarea') ?? null);
  if (!box || !text) return Promise.resolve('');
  const put = (/** @type {string} */ q, /** @type {string} */ w) => { const e = box.querySelector(q); if (e) e.textContent = w; };
  put('[data-reason-title]', title);
  put('[data-reason-range]', range);
  text.value = '';
  box.returnValue = 'no';
  return new Promise((done) => {
    box.addEventListener('close', () => done(box.returnValue === 'yes' ? text.value : null), { once: true });
    box.showModal();
  });
}
