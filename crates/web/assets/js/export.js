// @ts-check
/** Progress of exports that are being made; the page reloads when one has ended, so that the server says what there is. */
import { call } from './lang.js';

const boxes = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-export]'));
const ids = [...new Set([...boxes].map((box) => box.dataset.export ?? ''))];
if (ids.length) {
  const look = async () => {
    try {
      for (const id of ids) {
        const { state, percent } = await call('GET', `/api/v1/exports/${id}`);
        for (const box of boxes) {
          if (box.dataset.export !== id) continue;
          const bar = box.querySelector('progress');
          const words = box.querySelector('[data-percent]');
          if (bar) bar.value = percent;
          if (words) words.textContent = String(percent);
        }
        if (state !== 'running') { location.reload(); return; }
      }
    } catch { /* the bar says that the connection is lost; we go on asking */ }
    setTimeout(look, 1000);
  };
  setTimeout(look, 700);
}
