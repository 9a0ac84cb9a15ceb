// @ts-check
/** Progress of an export that is being made; the page reloads when it is ready, so that the server says what there is. */
import { call } from './lang.js';

const box = /** @type {HTMLElement | null} */ (document.querySelector('[data-export]'));
if (box) {
  const look = async () => {
    try {
      const { state, percent } = await call('GET', `/api/v1/exports/${box.dataset.export}`);
      const bar = box.querySelector('progress');
      const words = box.querySelector('[data-percent]');
      if (bar) bar.value = percent;
      if (words) words.textContent = String(percent);
      if (state !== 'running') { location.reload(); return; }
    } catch { /* the bar says that the connection is lost; we go on asking */ }
    setTimeout(look, 1000);
  };
  setTimeout(look, 700);
}
