// @ts-check
/** The incident page: footage around the alarm beside live. The clip is asked for until all of it is there. */
import { el, icon, t } from './lang.js';
import { serverNow } from './live-status.js';
import { Whep } from './whep.js';

/** Footage is safe on the disk some seconds after it was seen, ms. */
const SETTLED = 12000;

for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-clip]'))) {
  const video = /** @type {HTMLVideoElement} */ (box.querySelector('video'));
  const dark = /** @type {HTMLElement} */ (box.querySelector('.dark'));
  const [from, to] = [Number(box.dataset.from), Number(box.dataset.to)];
  let had = 0;
  const load = () => {
    const now = serverNow();
    const end = Math.floor(Math.min(to, now));
    const at = video.currentTime;
    video.src = `/api/v1/cameras/${box.dataset.clip}/play.mp4?from=${from}&to=${end}&purpose=incident`;
    video.onloadeddata = () => { had = end; dark.hidden = true; video.currentTime = at; video.play().catch(() => {}); };
    video.onerror = () => { if (!had) { dark.hidden = false; dark.replaceChildren(icon('dot-busy'), el('b', '', t('录像正在写入，几秒后自动显示', 'Footage is being written; it comes by itself'))); } };
    if (end < to || now < to + SETTLED) setTimeout(load, end < to ? 6000 : SETTLED);
    else if (!had) setTimeout(() => { if (!had) dark.replaceChildren(icon('dark'), el('b', '', t('这段时间没有录像', 'No footage of this time'))); }, 3000);
  };
  load();
}

for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-live]'))) {
  const dark = /** @type {HTMLElement} */ (box.querySelector('.dark'));
  new Whep(box.dataset.live ?? '', /** @type {HTMLVideoElement} */ (box.querySelector('video')), (state, words) => {
    dark.hidden = state === 'live';
    if (state !== 'live' && words) dark.replaceChildren(icon(state === 'connecting' ? 'dot-busy' : 'dark'), el('b', '', words));
  }, () => {});
}

// Another person's act, a receipt, a new signal: the page is made on the server, so it is fetched again, unless somebody is typing.
let first = true;
document.addEventListener('jifang:alarms', () => {
  if (first) { first = false; return; }
  refreshUnlessTyping();
});
// A picture or clip that reached the police changes no queue, so it is looked for while some are on their way.
setInterval(() => { if (document.querySelector('[data-exhibits] .mark-busy')) refreshUnlessTyping(); }, 3000);

function refreshUnlessTyping() {
  const typing = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll('main input:not([type=hidden])')]).some((i) => i.value !== i.defaultValue);
  if (!typing && !document.querySelector('dialog[open]')) refresh();
}

async function refresh() {
  const answer = await fetch(location.pathname).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const part of ['.alarm-head', '.alarm-clock', 'aside.stack-l', '#plan', '#steps']) {
    const [old, now] = [document.querySelector(`main ${part}`), page.querySelector(`main ${part}`)];
    if (old && now && old.innerHTML !== now.innerHTML) old.replaceWith(now);
    else if (!old !== !now) { location.reload(); return; }
  }
}
