// @ts-check
/**
 * The wall of the desk: 1, 4, 9 or 16 cells, each live or playing back, one of them chosen. The tree puts a camera into the chosen
 * cell; the timeline below belongs to it. Invariants: a cell has at most one source at a time; only the chosen cell may sound.
 */
import { bitRate, desk, el, icon, t } from './lang.js';
import { serverNow } from './live-status.js';
import { isTyping } from './keys.js';
import { Player } from './playback.js';
import { Timeline } from './timeline.js';
import { Whep } from './whep.js';

/** @typedef {{id: string, name: string, place: string, live: boolean, why: string}} Camera */

/** @type {Map<string, Camera>} */
const cameras = new Map();
for (const b of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.cam[data-camera]'))) {
  const d = b.dataset;
  cameras.set(d.camera ?? '', { id: d.camera ?? '', name: d.name ?? '', place: d.place ?? '', live: d.live === 'true', why: d.why ?? '' });
}

class Cell {
  /** @param {number} no @param {(cell: Cell) => void} onChange */
  constructor(no, onChange) {
    this.no = no;
    this.onChange = onChange;
    /** @type {Camera | null} */ this.camera = null;
    /** @type {'empty'|'live'|'playback'} */ this.mode = 'empty';
    /** @type {Whep | null} */ this.whep = null;
    /** @type {Player | null} */ this.player = null;
    this.video = document.createElement('video');
    this.video.muted = true;
    this.video.playsInline = true;
    this.name = el('span', 'name');
    this.tag = el('span', 'tag');
    this.meter = el('div', 'meter');
    this.dark = el('div', 'dark');
    this.box = el('div', 'cell', this.video, this.dark, el('div', 'label', el('span', 'no', String(no)), this.name, this.tag), this.meter);
    this.box.tabIndex = 0;
    this.box.setAttribute('role', 'option');
    this.empty();
  }

  empty() {
    this.stop();
    this.camera = null;
    this.mode = 'empty';
    this.name.textContent = '';
    this.tag.hidden = true;
    this.say('plus', t('空格位', 'Empty'), t('从左边选一路摄像机', 'choose a camera on the left'));
  }

  /** @param {string} mark @param {string} what @param {string} more */
  say(mark, what, more) {
    this.dark.hidden = false;
    this.dark.replaceChildren(icon(mark), el('b', '', what), el('span', 'more', more));
  }

  /** @param {Camera} camera */
  show(camera) {
    this.stop();
    this.camera = camera;
    this.name.textContent = camera.name;
    this.box.title = `${camera.name} · ${camera.place}`;
    this.live();
  }

  live() {
    const camera = this.camera;
    if (!camera) return;
    this.stop();
    this.setMode('live', t('实时', 'Live'));
    if (!camera.live) { this.say('dark', camera.why || t('浏览器不能实时播放', 'the browser cannot play it live'), t('录像照常，可以回放', 'it is recorded; playback works')); this.tag.hidden = true; return; }
    if (camera.why) { this.say('dark', camera.why, ''); this.tag.hidden = true; }
    this.whep = new Whep(camera.id, this.video, (state, words, more) => {
      if (this.mode !== 'live') return;
      this.tag.hidden = state !== 'live';
      if (state === 'live') this.dark.hidden = true;
      else if (state !== 'closed') this.say(state === 'connecting' ? 'dot-busy' : 'dark', this.camera?.why || words, this.camera?.why ? words : more);
    }, (bps) => { this.meter.textContent = bitRate(bps); });
  }

  /** @param {number} ms @param {boolean} [play] */
  playback(ms, play = true) {
    const camera = this.camera;
    if (!camera) return;
    if (this.mode !== 'playback' || !this.player) {
      this.stop();
      const player = new Player(this.video);
      player.camera = camera.id;
      this.player = player;
      this.setMode('playback', t('回放', 'Playback'));
      this.say('dot-busy', t('正在取录像', 'Fetching footage'), '');
      player.addEventListener('shown', () => { this.dark.hidden = true; });
      player.addEventListener('time', (e) => { this.tag.textContent = `${t('回放', 'Playback')} ${desk(/** @type {CustomEvent} */ (e).detail).slice(11)}`; this.onChange(this); });
      player.addEventListener('dark', (e) => { const d = /** @type {CustomEvent} */ (e).detail; this.say('dark', d.what, d.next); });
      player.addEventListener('jump', (e) => { this.tag.textContent = t('跳过缺口', 'gap skipped'); this.onChange(this); e.stopPropagation(); });
    }
    this.player.seek(ms, play);
  }

  /** @param {'live'|'playback'} mode @param {string} word */
  setMode(mode, word) {
    this.mode = mode;
    this.box.dataset.mode = mode;
    this.tag.hidden = false;
    this.tag.textContent = word;
    this.meter.textContent = '';
    this.onChange(this);
  }

  /** Instant shown. */
  now() { return this.mode === 'playback' && this.player ? this.player.now() : serverNow(); }

  stop() {
    const { whep, player } = this;
    this.whep = null;
    this.player = null;
    whep?.close();
    player?.close();
  }
}

const wallBox = /** @type {HTMLElement | null} */ (document.querySelector('[data-wall]'));
const lineBox = /** @type {HTMLElement | null} */ (document.querySelector('[data-timeline]'));
if (wallBox && lineBox) runWall(wallBox, lineBox);

/** @param {HTMLElement} wall @param {HTMLElement} lineBox */
function runWall(wall, lineBox) {
  /** @type {Cell[]} */ const cells = [];
  let chosen = 0;
  let sound = false;
  const line = new Timeline(lineBox);
  const $ = (/** @type {string} */ q) => /** @type {HTMLElement | null} */ (document.querySelector(q));
  const cell = () => /** @type {Cell} */ (cells[chosen]);

  /** @param {Cell} c */
  const changed = (c) => { if (c === cells[chosen]) refresh(); };

  function refresh() {
    const c = cells[chosen];
    if (!c) return;
    const live = c.mode !== 'playback';
    if (!line.drag) line.setAt(c.now());
    $('[data-act=live]')?.setAttribute('aria-pressed', String(live));
    const where = $('[data-where]');
    if (where) where.textContent = c.camera ? `${c.no} · ${c.camera.name} · ${c.camera.place}` : `${c.no}`;
    const link = $('[data-to-playback]');
    if (link && c.camera) link.setAttribute('href', `/playback?camera=${encodeURIComponent(c.camera.id)}&at=${Math.floor(c.now())}`);
    const text = $('[data-line-text]');
    if (text) text.textContent = live ? '' : desk(c.now());
  }

  function choose(/** @type {number} */ i) {
    if (!cells[i]) return;
    chosen = i;
    cells.forEach((c, n) => { c.box.setAttribute('aria-selected', String(n === i)); c.video.muted = !(sound && n === i); });
    line.show(cell().camera?.id ?? '');
    markTree();
    refresh();
  }

  function markTree() {
    for (const b of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.cam'))) {
      const at = cells.filter((c) => c.camera?.id === b.dataset.camera);
      b.setAttribute('aria-current', String(at.includes(cell())));
      const no = b.querySelector('.cell-no');
      if (no) no.textContent = at.map((c) => c.no).join(' ');
    }
  }

  function layout(/** @type {number} */ n, /** @type {string[]} */ ids) {
    while (cells.length > n) { const c = cells.pop(); c?.stop(); c?.box.remove(); }
    while (cells.length < n) {
      const c = new Cell(cells.length + 1, changed);
      c.box.addEventListener('click', () => choose(c.no - 1));
      c.box.addEventListener('focus', () => choose(c.no - 1));
      c.box.addEventListener('dblclick', () => full());
      cells.push(c);
      wall.append(c.box);
      const camera = cameras.get(ids[c.no - 1] ?? '');
      if (camera) c.show(camera);
    }
    wall.dataset.cells = String(n);
    for (const b of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-cells-to]'))) b.setAttribute('aria-pressed', String(Number(b.dataset.cellsTo) === n));
    choose(Math.min(chosen, n - 1));
  }

  const remember = () => localStorage.setItem('wall', JSON.stringify({ n: cells.length, ids: cells.map((c) => c.camera?.id ?? '') }));
  const full = () => (document.fullscreenElement ? document.exitFullscreen() : cell().box.requestFullscreen());
  const step = (/** @type {number} */ by) => { const c = cell(); const to = c.now() + by; if (to >= serverNow() - 2000) { if (c.mode === 'playback') c.live(); } else c.playback(to); refresh(); };
  const pause = () => { const c = cell(); if (c.player) c.player.toggle(); else if (c.video.paused) c.video.play().catch(() => {}); else { c.video.pause(); c.tag.textContent = t('已暂停', 'Paused'); } };
  const acts = /** @type {Record<string, () => void>} */ ({ full, pause, live: () => cell().live(), back30: () => cell().playback(serverNow() - 30000), mute: () => { sound = !sound; $('[data-act=mute]')?.setAttribute('aria-pressed', String(sound)); choose(chosen); } });

  document.addEventListener('click', (e) => {
    const at = /** @type {HTMLElement} */ (e.target);
    const cam = /** @type {HTMLElement | null} */ (at.closest('.cam'));
    const camera = cameras.get(cam?.dataset.camera ?? '');
    if (camera) {
      const there = cells.findIndex((c) => c.camera === camera);
      if (there >= 0) choose(there); else { cell().show(camera); choose(chosen); remember(); }
    }
    const n = Number(/** @type {HTMLElement | null} */ (at.closest('[data-cells-to]'))?.dataset.cellsTo);
    if (n) { layout(n, cells.map((c) => c.camera?.id ?? '').concat([...cameras.keys()].filter((id) => !cells.some((c) => c.camera?.id === id)))); remember(); }
    acts[/** @type {HTMLElement | null} */ (at.closest('[data-act]'))?.dataset.act ?? '']?.();
  });
  document.addEventListener('keydown', (e) => {
    if (isTyping(e)) return;
    const button = e.target instanceof HTMLElement && e.target.closest('button, a, summary');
    if (/^[0-9]$/.test(e.key)) { const i = (Number(e.key) + 9) % 10; choose(i); cells[i]?.box.focus(); return; }
    const go = /** @type {Record<string, () => void>} */ ({ ArrowLeft: () => step(-10000), ArrowRight: () => step(10000), ' ': pause, l: acts.live, f: full, m: acts.mute, '+': () => line.zoom(0.5), '=': () => line.zoom(0.5), '-': () => line.zoom(2) })[e.key];
    if (!go || (button && e.key === ' ')) return;
    e.preventDefault();
    go();
  });
  line.addEventListener('seek', (e) => { const { ms, done } = /** @type {CustomEvent} */ (e).detail; if (done) { if (ms >= serverNow() - 2000) cell().live(); else cell().playback(ms); } });
  document.addEventListener('jifang:camera', (e) => {
    const d = /** @type {CustomEvent} */ (e).detail;
    const camera = cameras.get(d.id);
    if (!camera) return;
    const was = camera.why;
    camera.why = d.mark === 'ok' || d.mark === 'busy' || d.mark === 'attention' ? '' : t(d.zh, d.en);
    if (was && !camera.why) for (const c of cells) if (c.camera === camera && c.mode === 'live') c.live();
  });
  $('[data-find]')?.addEventListener('input', (e) => {
    const want = /** @type {HTMLInputElement} */ (e.target).value.trim().toLowerCase();
    for (const place of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll('details[data-place]'))) {
      let any = false;
      for (const b of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll('.cam'))) { b.hidden = !!want && !`${b.dataset.name} ${b.dataset.place}`.toLowerCase().includes(want); any ||= !b.hidden; }
      place.hidden = !any;
      if (want && any) place.open = true;
    }
  });
  setInterval(refresh, 1000);

  /** @type {{n: number, ids: string[]} | null} */ let kept = null;
  try { kept = JSON.parse(localStorage.getItem('wall') ?? 'null'); } catch { /* a broken memory is no memory */ }
  const valid = kept && [1, 4, 9, 16].includes(kept.n) && kept.ids.some((id) => cameras.has(id));
  layout(valid && kept ? kept.n : Number(wall.dataset.cells), valid && kept ? kept.ids : (wall.dataset.shown ?? '').split(' '));
}
