// @ts-check
/**
 * The visible watermark over granted footage: who looks, for which case, when. It is drawn over the picture in a tilted grid that
 * moves a little every few seconds, also in full screen; when it is taken away the picture is hidden. It names the leak, it does not prevent one:
 * the copy that leaves the site is the export, which is signed.
 */
import { desk, t } from './lang.js';
import { serverNow } from './live-status.js';

const screen = /** @type {HTMLElement | null} */ (document.querySelector('[data-watermark]'));

if (screen) {
  const video = /** @type {HTMLVideoElement} */ (screen.querySelector('video'));
  let canvas = sheet();

  function sheet() {
    const c = document.createElement('canvas');
    c.className = 'water';
    c.setAttribute('aria-hidden', 'true');
    screen?.append(c);
    return c;
  }

  function draw() {
    const box = /** @type {HTMLElement} */ (screen).getBoundingClientRect();
    const scale = devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(box.width * scale));
    canvas.height = Math.max(1, Math.round(box.height * scale));
    const g = canvas.getContext('2d');
    if (!g) return;
    const text = `${screen?.dataset.watermark ?? ''}  ${desk(serverNow())}`;
    g.scale(scale, scale);
    g.rotate(-0.32);
    g.font = '600 15px "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
    const wide = g.measureText(text).width + 90;
    const drift = (Math.floor(serverNow() / 5000) % 12) * 9;
    for (let y = -40 + drift; y < box.height * 1.5; y += 104) {
      for (let x = -box.width * 0.4 + ((y / 104) % 2) * 80; x < box.width * 1.2; x += wide) {
        g.fillStyle = '#0006';
        g.fillText(text, x + 1, y + 1);
        g.fillStyle = '#ffffff4d';
        g.fillText(text, x, y);
      }
    }
  }

  /** Taken away or hidden: the picture goes, the mark comes back. */
  new MutationObserver(() => {
    if (canvas.isConnected && !canvas.hidden && !canvas.getAttribute('style')) return;
    video.pause();
    canvas.remove();
    canvas = sheet();
    draw();
  }).observe(screen, { childList: true, attributes: true, subtree: true, attributeFilter: ['style', 'hidden', 'class'] });

  new ResizeObserver(draw).observe(screen);
  setInterval(draw, 1000);
  video.disablePictureInPicture = true;
  screen.addEventListener('contextmenu', (e) => e.preventDefault());
  document.addEventListener('jifang:session-end', () => {
    video.pause();
    video.removeAttribute('src');
    video.load();
    const dark = /** @type {HTMLElement | null} */ (screen.querySelector('[data-dark]'));
    if (dark) { dark.hidden = false; dark.textContent = t('查看时间已到。如需继续，请两名民警重新登录。', 'The time for viewing is over. To go on, both officers sign in again.'); }
  });
}
