// @ts-check
/**
 * The timeline of one camera: footage solid, gaps hatched with the cause under the pointer, events as ticks, holds above, end of
 * retention as a line. Drag scrubs, wheel zooms from a minute to 90 days, Shift-drag chooses a range.
 *
 * Data: `GET /api/v1/cameras/<id>/timeline?from&to` (ms). Events out: `seek` {ms, done}, `range` {from, to} or null.
 */
import { call, clock, desk, el, lasting, say, t } from './lang.js';
import { serverNow } from './live-status.js';

const MINUTE = 60000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SPAN_MIN = MINUTE;
const SPAN_MAX = 90 * DAY;
const HEIGHT = 92;
const STEPS = [1000, 5000, 10000, 30000, MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY, 30 * DAY];

/** @typedef {{from: number, to: number}} Span */
/** @typedef {{from: number, to: number, spans: [number, number][], gaps: (Span & {cause: string, zh: string, en: string})[], away?: (Span & {zh: string, en: string})[], holds: Span[], events: {at: number, to: number, done: number, kind: string, zh: string, en: string}[], retention_end: number | null}} Line */

export class Timeline extends EventTarget {
  /** @param {HTMLElement} box @param {{span?: number, use?: string, limit?: Span | null}} [how] */
  constructor(box, how = {}) {
    super();
    this.box = box;
    this.use = how.use ?? '';
    this.limit = how.limit ?? null;
    this.camera = '';
    /** @type {Line | null} */ this.line = null;
    this.at = 0;
    const span = how.span ?? HOUR;
    this.to = serverNow() + span * 0.06;
    this.from = this.to - span;
    /** @type {Span | null} */ this.range = null;
    /** @type {{kind: 'scrub'|'range', start: number} | null} */ this.drag = null;
    this.hover = NaN;
    this.tip = el('div', 'tip');
    this.tip.hidden = true;
    // A poster is an MP4 of one frame.
    this.thumb = document.createElement('video');
    this.thumb.muted = true;
    this.thumb.hidden = true;
    this.words = el('div');
    this.tip.append(this.thumb, this.words);
    this.thumb.onerror = () => { this.thumb.hidden = true; };
    this.thumb.onloadeddata = () => { this.thumb.hidden = false; };
    this.canvas = document.createElement('canvas');
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'slider');
    this.canvas.setAttribute('aria-label', t('时间轴', 'Timeline'));
    box.append(this.canvas, this.tip);
    this.loadTimer = 0;
    this.thumbTimer = 0;
    this.loads = 0;
    this.drawing = 0;
    this.loadedAt = 0;
    this.listen();
    new ResizeObserver(() => this.draw()).observe(box);
    setInterval(() => { this.load(); this.draw(); }, 5000);
    document.addEventListener('jifang:theme', () => this.draw());
  }

  /** Shows another camera. @param {string} id */
  show(id) {
    if (id === this.camera) return;
    this.camera = id;
    this.line = null;
    this.pick(null);
    this.load(true);
    this.draw();
  }

  /** Puts the cursor at `ms`; scrolls when it leaves the middle. @param {number} ms */
  setAt(ms) {
    this.at = ms;
    const span = this.to - this.from;
    if (!this.drag && (ms > this.to - span * 0.03 || ms < this.from + span * 0.03)) this.view(ms - span * 0.7, ms + span * 0.3);
    this.canvas.setAttribute('aria-valuetext', desk(ms));
    this.canvas.setAttribute('aria-valuenow', String(Math.round(ms / 1000)));
    this.draw();
  }

  /** Shows `from..to`, kept within a minute and 90 days. @param {number} from @param {number} to */
  view(from, to) {
    const span = Math.min(SPAN_MAX, Math.max(SPAN_MIN, to - from));
    const mid = (from + to) / 2;
    const latest = serverNow() + span * 0.25;
    this.to = Math.min(mid + span / 2, latest);
    this.from = this.to - span;
    this.load();
    this.draw();
  }

  /** Zooms by `factor` about `about`. @param {number} factor @param {number} [about] */
  zoom(factor, about = this.at || (this.from + this.to) / 2) {
    const span = Math.min(SPAN_MAX, Math.max(SPAN_MIN, (this.to - this.from) * factor));
    const part = Math.min(1, Math.max(0, (about - this.from) / (this.to - this.from)));
    this.view(about - span * part, about + span * (1 - part));
  }

  /** Sets or clears the range. @param {Span | null} range */
  pick(range) {
    if (range && this.limit) range = { from: Math.max(range.from, this.limit.from), to: Math.min(range.to, this.limit.to) };
    this.range = range && range.to > range.from ? range : null;
    this.dispatchEvent(new CustomEvent('range', { detail: this.range }));
    this.draw();
  }

  /** First footage at or after `ms` in what is loaded; NaN if none. @param {number} ms */
  footageFrom(ms) {
    for (const [from, to] of this.line?.spans ?? []) if (to > ms) return Math.max(from, ms);
    return NaN;
  }

  /** Asks for what is shown and half as much on either side. @param {boolean} [now] */
  load(now = false) {
    if (!this.camera) return;
    const old = this.line;
    const stale = performance.now() - this.loadedAt > 9000 && this.to > serverNow() - MINUTE;
    if (!now && old && old.from <= this.from && old.to >= Math.min(this.to, serverNow()) - 20000 && (old.to - old.from) < (this.to - this.from) * 8 && !stale) return;
    clearTimeout(this.loadTimer);
    this.loadTimer = window.setTimeout(async () => {
      const turn = ++this.loads;
      const pad = (this.to - this.from) / 2;
      const camera = this.camera;
      try {
        const line = await call('GET', `/api/v1/cameras/${encodeURIComponent(camera)}/timeline?from=${Math.floor(this.from - pad)}&to=${Math.ceil(this.to + pad)}${this.use && `&use=${encodeURIComponent(this.use)}`}`);
        if (turn !== this.loads || camera !== this.camera) return;
        this.line = line;
        this.loadedAt = performance.now();
        this.dispatchEvent(new CustomEvent('loaded'));
        this.draw();
      } catch { this.loadedAt = performance.now(); /* asked again within seconds */ }
    }, now ? 0 : 180);
  }

  listen() {
    const c = this.canvas;
    const time = (/** @type {PointerEvent | WheelEvent} */ e) => { const r = c.getBoundingClientRect(); return this.from + ((e.clientX - r.left) / r.width) * (this.to - this.from); };
    c.addEventListener('pointerdown', (e) => {
      if (e.button !== 0) return;
      c.setPointerCapture(e.pointerId);
      const ms = time(e);
      this.drag = { kind: e.shiftKey ? 'range' : 'scrub', start: ms };
      if (!e.shiftKey) this.seek(ms, false);
    });
    c.addEventListener('pointermove', (e) => {
      const ms = time(e);
      this.hover = ms;
      if (this.drag?.kind === 'range') this.pick({ from: Math.min(this.drag.start, ms), to: Math.max(this.drag.start, ms) });
      else if (this.drag) this.seek(ms, false);
      this.showTip(e);
      this.draw();
    });
    const up = (/** @type {PointerEvent} */ e) => { if (this.drag?.kind === 'scrub') this.seek(time(e), true); this.drag = null; };
    c.addEventListener('pointerup', up);
    c.addEventListener('pointercancel', () => { this.drag = null; });
    c.addEventListener('pointerleave', () => { this.hover = NaN; this.tip.hidden = true; this.draw(); });
    c.addEventListener('wheel', (e) => {
      e.preventDefault();
      if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) { const by = ((e.deltaX || e.deltaY) / 800) * (this.to - this.from); this.view(this.from + by, this.to + by); } else this.zoom(Math.exp(Math.max(-1, Math.min(1, e.deltaY / 240))), time(e));
    }, { passive: false });
    c.addEventListener('keydown', (e) => {
      const span = this.to - this.from;
      if (e.key === 'PageUp') this.view(this.from - span * 0.8, this.to - span * 0.8);
      else if (e.key === 'PageDown') this.view(this.from + span * 0.8, this.to + span * 0.8);
      else return;
      e.preventDefault();
    });
  }

  /** @param {number} ms @param {boolean} done */
  seek(ms, done) {
    ms = Math.min(ms, serverNow());
    if (this.limit) ms = Math.min(this.limit.to, Math.max(this.limit.from, ms));
    this.at = ms;
    this.dispatchEvent(new CustomEvent('seek', { detail: { ms, done } }));
    this.draw();
  }

  /** What is at `ms`, in words. @param {number} ms */
  wordsAt(ms) {
    const near = ((this.to - this.from) / Math.max(1, this.canvas.clientWidth)) * 5;
    const line = this.line;
    const out = [];
    const gap = line?.gaps.find((g) => ms >= g.from && ms < g.to);
    if (gap) out.push(`${t('缺口', 'Gap')} ${lasting(gap.to - gap.from)}: ${say(gap)}`);
    const away = line?.away?.find((a) => ms >= a.from && ms < a.to);
    if (away) out.push(say(away));
    for (const e of line?.events ?? []) if (Math.abs(e.at - ms) < near) out.push(e.kind === 'bookmark' ? `${t('书签', 'Bookmark')}: ${say(e)}` : `${desk(e.done).slice(5)} ${say(e)}`);
    if (line?.holds.some((h) => ms >= h.from && ms < h.to)) out.push(t('已封存', 'on hold'));
    if (line?.retention_end && Math.abs(line.retention_end - ms) < near) out.push(t('保存期限到此', 'retention ends here'));
    return out;
  }

  /** @param {PointerEvent} e */
  showTip(e) {
    const width = this.box.clientWidth;
    this.tip.hidden = false;
    this.words.replaceChildren(el('b', '', desk(this.hover)), ...this.wordsAt(this.hover).slice(0, 3).map((w) => el('div', '', w)));
    const x = e.clientX - this.box.getBoundingClientRect().left;
    this.tip.style.left = `${Math.max(0, Math.min(width - this.tip.offsetWidth, x - this.tip.offsetWidth / 2))}px`;
    clearTimeout(this.thumbTimer);
    const at = this.hover;
    // Where others are to be covered no small picture shows them.
    const filmed = !document.querySelector('[data-cover]') && this.line?.spans.some(([from, to]) => at >= from && at < to);
    if (!filmed) { this.thumb.hidden = true; return; }
    this.thumbTimer = window.setTimeout(() => { this.thumb.src = `/api/v1/cameras/${encodeURIComponent(this.camera)}/poster?at=${Math.floor(at)}${this.use && `&use=${encodeURIComponent(this.use)}`}`; }, 160);
  }

  draw() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => { this.drawing = 0; this.paint(); });
  }

  paint() {
    const wide = this.box.clientWidth;
    const scale = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(wide * scale)) this.canvas.width = Math.max(1, Math.round(wide * scale));
    if (this.canvas.height !== Math.round(HEIGHT * scale)) this.canvas.height = Math.round(HEIGHT * scale);
    const g = this.canvas.getContext('2d');
    if (!g || wide < 2) return;
    const css = getComputedStyle(this.box);
    const ink = (/** @type {string} */ name) => css.getPropertyValue(name).trim();
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.clearRect(0, 0, wide, HEIGHT);
    const x = (/** @type {number} */ ms) => ((ms - this.from) / (this.to - this.from)) * wide;
    const bar = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ y, /** @type {number} */ h) => { const a = Math.max(0, x(from)); const b = Math.min(wide, x(to)); if (b > 0 && a < wide && b >= a) g.fillRect(a, y, Math.max(1, b - a), h); };
    this.ruler(g, wide, x, ink);
    g.fillStyle = ink('--sunken');
    g.fillRect(0, 26, wide, 34);
    g.fillStyle = ink('--foot');
    for (const [from, to] of this.line?.spans ?? []) bar(from, to, 26, 34);
    for (const gap of [...(this.line?.gaps ?? []), ...(this.line?.away ?? [])]) this.hatch(g, Math.max(0, x(gap.from)), Math.min(wide, x(gap.to)), ink);
    g.fillStyle = ink('--hold');
    for (const h of this.line?.holds ?? []) bar(h.from, h.to, 19, 4);
    for (const e of this.line?.events ?? []) this.tick(g, x(e.at), e.kind, ink);
    if (this.limit) { g.fillStyle = '#0008'; bar(this.from, this.limit.from, 0, HEIGHT); bar(this.limit.to, this.to, 0, HEIGHT); }
    const end = this.line?.retention_end;
    if (end && end > this.from && end < this.to) { g.fillStyle = ink('--p2'); g.fillRect(x(end) - 1, 16, 2, 48); }
    const now = serverNow();
    if (now < this.to) { g.fillStyle = ink('--line'); g.fillRect(x(now), 26, wide, 1); g.fillRect(x(now), 59, wide, 1); }
    if (this.range) {
      g.globalAlpha = 0.28; g.fillStyle = ink('--accent'); bar(this.range.from, this.range.to, 14, 52); g.globalAlpha = 1;
      for (const ms of [this.range.from, this.range.to]) { g.fillStyle = ink('--accent'); g.fillRect(x(ms) - 1, 14, 2, 52); }
    }
    if (!Number.isNaN(this.hover)) { g.fillStyle = ink('--muted'); g.fillRect(x(this.hover), 14, 1, 52); }
    if (this.at) this.cursor(g, x(this.at), wide, ink);
  }

  /** @param {CanvasRenderingContext2D} g @param {number} wide @param {(ms: number) => number} x @param {(n: string) => string} ink */
  ruler(g, wide, x, ink) {
    const span = this.to - this.from;
    const step = STEPS.find((s) => (s / span) * wide >= 84) ?? 30 * DAY;
    g.font = `11.5px ${getComputedStyle(document.body).fontFamily}`;
    g.textBaseline = 'middle';
    for (let ms = Math.ceil((this.from + 8 * HOUR) / step) * step - 8 * HOUR; ms < this.to; ms += step) {
      const px = Math.round(x(ms));
      g.fillStyle = ink('--line');
      g.fillRect(px, 26, 1, 42);
      const text = step >= DAY ? desk(ms).slice(5, 10) : step >= MINUTE ? clock(ms).slice(0, 5) : clock(ms);
      const midnight = step < DAY && clock(ms) === '00:00:00';
      g.fillStyle = ink(midnight ? '--text' : '--muted');
      const words = midnight ? desk(ms).slice(5, 10) : text;
      const half = g.measureText(words).width / 2;
      if (px - half > 2 && px + half < wide - 2) g.fillText(words, px - half, 78);
    }
  }

  /** @param {CanvasRenderingContext2D} g @param {number} a @param {number} b @param {(n: string) => string} ink */
  hatch(g, a, b, ink) {
    if (b < a) return;
    b = Math.max(b, a + 3);
    g.save();
    g.beginPath();
    g.rect(a, 26, b - a, 34);
    g.clip();
    g.fillStyle = ink('--surface');
    g.fillRect(a, 26, b - a, 34);
    g.strokeStyle = ink('--p2');
    g.lineWidth = 1.4;
    g.beginPath();
    for (let px = Math.floor(a / 7) * 7 - 34; px < b; px += 7) { g.moveTo(px, 60); g.lineTo(px + 34, 26); }
    g.stroke();
    g.strokeRect(a + 0.5, 26.5, b - a - 1, 33);
    g.restore();
  }

  /** Shape and colour by kind: triangle alarm, diamond bookmark, square copy, bar hold, dot the rest. @param {CanvasRenderingContext2D} g @param {number} px @param {string} kind @param {(n: string) => string} ink */
  tick(g, px, kind, ink) {
    g.beginPath();
    if (kind === 'alarm') { g.fillStyle = ink('--p1'); g.moveTo(px, 3); g.lineTo(px + 6, 14); g.lineTo(px - 6, 14); } else if (kind === 'bookmark') { g.fillStyle = ink('--p3'); g.moveTo(px, 3); g.lineTo(px + 5, 8.5); g.lineTo(px, 14); g.lineTo(px - 5, 8.5); } else if (kind === 'export') { g.fillStyle = ink('--info'); g.rect(px - 4, 5, 8, 8); } else if (kind === 'hold') { g.fillStyle = ink('--hold'); g.rect(px - 2, 3, 4, 11); } else { g.fillStyle = ink('--info'); g.arc(px, 9, 4, 0, 7); }
    g.fill();
    g.fillRect(px - 0.5, 14, 1, 12);
  }

  /** @param {CanvasRenderingContext2D} g @param {number} px @param {number} wide @param {(n: string) => string} ink */
  cursor(g, px, wide, ink) {
    if (px < -2 || px > wide + 2) return;
    g.fillStyle = ink('--text');
    g.fillRect(px - 1, 12, 2, 54);
    g.font = `600 12px ${getComputedStyle(document.body).fontFamily}`;
    const text = clock(this.at);
    const w = g.measureText(text).width + 12;
    const left = Math.max(1, Math.min(wide - w - 1, px - w / 2));
    g.fillRect(left, 66, w, 20);
    g.fillStyle = ink('--surface');
    g.fillText(text, left + 6, 76.5);
  }
}
