// @ts-check
/**
 * Opaque boxes over others, where footage is shown to a citizen and the decision wants others covered. The custodian draws them by pointer or by
 * keys. The picture stays blurred and does not play until a box lies on it or the custodian has said that nobody else is in it. Boxes are kept in
 * shares of the picture, so they lie right at any size and in full screen. They follow nobody, and the footage itself stays as it is. What was
 * done on each camera is sent with the end of the viewing, which is refused where a camera that was played has nothing.
 */
import { isTyping } from './keys.js';
import { el } from './lang.js';

const MOST = 40;
/** Smallest side of a box, share of the picture: a dot in a corner covers nobody. */
const LEAST = 0.04;
/** One step of a key. */
const STEP = 0.02;

/** @typedef {{ x: number, y: number, w: number, h: number, set: boolean, at: HTMLElement }} Box */

const screen = /** @type {HTMLElement | null} */ (document.querySelector('[data-cover]'));
const panel = /** @type {HTMLElement | null} */ (document.querySelector('[data-covering]'));
if (screen && panel) cover(screen, panel);

/** @param {HTMLElement} screen @param {HTMLElement} panel */
function cover(screen, panel) {
  const video = /** @type {HTMLVideoElement} */ (screen.querySelector('video'));
  const $ = (/** @type {string} */ what) => /** @type {HTMLInputElement} */ (document.querySelector(`[data-cover-${what}]`));
  const nobody = $('nobody');
  /** @type {Box[]} */
  let boxes = [];
  /** The one that was touched last. @type {Box | undefined} */
  let last;
  /** What the pointer holds. @type {{ box: Box, x: number, y: number, dx: number, dy: number } | null} */
  let held = null;

  // What the register is told at the end, by camera: each is a page of its own.
  const key = `jifang-cover/${screen.dataset.use}/${panel.dataset.covering}`;
  /** @type {Record<string, { boxes: number, none: number }>} */
  const all = JSON.parse(sessionStorage.getItem(key) ?? '{}');
  const camera = screen.dataset.camera ?? '';
  const used = all[camera] ?? { boxes: 0, none: 0 };
  all[camera] = used;
  function tell() {
    sessionStorage.setItem(key, JSON.stringify(all));
    $('list').value = Object.entries(all).map(([id, had]) => `${id}:${had.boxes}:${had.none}`).join(',');
  }

  /** Where the picture lies in the screen. */
  function picture() {
    const r = screen.getBoundingClientRect();
    const by = Math.min(r.width / video.videoWidth, r.height / video.videoHeight);
    const [w, h] = [video.videoWidth * by, video.videoHeight * by];
    return { w, h, left: (r.width - w) / 2, top: (r.height - h) / 2, x: r.left, y: r.top };
  }
  const bound = (/** @type {number} */ n, /** @type {number} */ most, least = 0) => Math.min(most, Math.max(least, n));

  function draw() {
    if (video.videoWidth) {
      const p = picture();
      for (const { at, x, y, w, h } of boxes) {
        Object.assign(at.style, { left: `${p.left + x * p.w}px`, top: `${p.top + y * p.h}px`, width: `${w * p.w}px`, height: `${h * p.h}px` });
      }
    }
    const ready = nobody.checked || boxes.some((b) => b.set);
    screen.dataset.cover = ready ? 'set' : 'open';
    $('told').hidden = ready;
    if (!ready) video.pause();
  }

  /** @param {number} x @param {number} y @param {number} w @param {number} h */
  function add(x, y, w, h) {
    if (!video.videoWidth || boxes.length >= MOST) return null;
    const at = el('div', 'cover');
    at.tabIndex = 0;
    at.setAttribute('role', 'group');
    at.setAttribute('aria-label', panel.dataset.name ?? '');
    const box = { x, y, w, h, set: false, at };
    at.addEventListener('keydown', (e) => keyed(e, box));
    at.addEventListener('focus', () => { last = box; });
    boxes.push(box);
    screen.append(at);
    return box;
  }

  /** From here on it counts. @param {Box | null} box */
  function set(box) {
    if (!box) return;
    box.set = true;
    used.boxes += 1;
    tell();
    draw();
    box.at.focus();
  }
  const middle = () => set(add(0.4, 0.35, 0.2, 0.3));

  /** @param {Box | undefined} box */
  function drop(box) {
    box?.at.remove();
    boxes = boxes.filter((b) => b !== box);
    last = boxes[boxes.length - 1];
    draw();
  }

  /** @param {KeyboardEvent} e @param {Box} box */
  function keyed(e, box) {
    const by = /** @type {Record<string, number[]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] })[e.key];
    if (by && e.shiftKey) {
      box.w = bound(box.w + by[0] * STEP, 1 - box.x, LEAST);
      box.h = bound(box.h + by[1] * STEP, 1 - box.y, LEAST);
    } else if (by) {
      box.x = bound(box.x + by[0] * STEP, 1 - box.w);
      box.y = bound(box.y + by[1] * STEP, 1 - box.h);
    } else if (e.key === 'Delete' || e.key === 'Backspace') drop(box);
    else return;
    // The same keys move the film.
    e.stopPropagation();
    e.preventDefault();
    draw();
  }

  /** @param {PointerEvent} e */
  function share(e) {
    const p = picture();
    return { x: bound((e.clientX - p.x - p.left) / p.w, 1), y: bound((e.clientY - p.y - p.top) / p.h, 1) };
  }
  screen.addEventListener('pointerdown', (e) => {
    if (e.button || held || !video.videoWidth) return;
    const { x, y } = share(e);
    const box = boxes.find((b) => b.at === e.target) ?? add(x, y, 0, 0);
    if (!box) return;
    held = { box, x, y, dx: x - box.x, dy: y - box.y };
    screen.setPointerCapture(e.pointerId);
    // The focus goes to the box, not to where the captured pointer is taken to be.
    e.preventDefault();
    if (box.set) box.at.focus();
  });
  screen.addEventListener('pointermove', (e) => {
    if (!held) return;
    const { x, y } = share(e);
    const { box } = held;
    if (box.set) Object.assign(box, { x: bound(x - held.dx, 1 - box.w), y: bound(y - held.dy, 1 - box.h) });
    else Object.assign(box, { x: Math.min(x, held.x), y: Math.min(y, held.y), w: Math.abs(x - held.x), h: Math.abs(y - held.y) });
    draw();
  });
  for (const end of ['pointerup', 'pointercancel']) {
    screen.addEventListener(end, () => {
      const box = held?.box;
      held = null;
      if (!box || box.set) return;
      if (box.w < LEAST || box.h < LEAST) drop(box); else set(box);
    });
  }

  $('add').addEventListener('click', middle);
  $('drop').addEventListener('click', () => drop(last));
  $('clear').addEventListener('click', () => { for (const box of boxes) box.at.remove(); boxes = []; draw(); });
  document.addEventListener('keydown', (e) => { if (e.key === 'c' && !isTyping(e)) middle(); });
  nobody.addEventListener('change', () => { if (nobody.checked) { used.none = 1; tell(); } draw(); });
  for (const when of ['play', 'loadedmetadata', 'resize']) video.addEventListener(when, draw);
  new ResizeObserver(draw).observe(screen);
  tell();
  draw();
}
