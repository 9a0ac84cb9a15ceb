// @ts-check
/** Forms: confirm, no double sending, upload progress, content kept over a language switch, copy buttons, clause beside the page. */
import { el, t } from './lang.js';

const confirmBox = /** @type {HTMLDialogElement | null} */ (document.querySelector('#confirm'));

/** Asks; true = yes. @param {string} text */
export function ask(text) {
  return new Promise((done) => {
    const words = confirmBox?.querySelector('[data-confirm-text]');
    if (!confirmBox || !words) { done(true); return; }
    words.textContent = text;
    confirmBox.returnValue = 'no';
    confirmBox.addEventListener('close', () => done(confirmBox.returnValue === 'yes'), { once: true });
    confirmBox.showModal();
  });
}

/* -- what was typed is kept over a language switch, a sign-in, and the way back (never passwords or files) -- */
const keepKey = `keep:${location.pathname}`;
const who = document.body.dataset.login ?? '';
/** Fields of the page by name and place. @returns {(HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[]} */
const fields = () => [...document.querySelectorAll('main form input, main form textarea, main form select')].filter((f) => !['hidden', 'password', 'file', 'submit'].includes(/** @type {any} */ (f).type)).map((f) => /** @type {any} */ (f));
/** @param {string} why */
const keep = (why) => {
  if (location.pathname === '/login' || !fields().length) return;
  const values = fields().map((f) => (f instanceof HTMLInputElement && (f.type === 'checkbox' || f.type === 'radio') ? f.checked : f.value));
  sessionStorage.setItem(keepKey, JSON.stringify({ why, who, values }));
};

for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('a[data-keep]'))) {
  link.addEventListener('click', () => {
    keep('lang');
    // A page that only repeats what was sent leads back to its form.
    const form = `keep:${new URL(new URL(link.href).searchParams.get('back') ?? '/', location.origin).pathname}`;
    const sent = form === keepKey ? null : sessionStorage.getItem(form);
    if (sent) sessionStorage.setItem(form, JSON.stringify({ ...JSON.parse(sent), why: 'lang' }));
  });
}
document.addEventListener('jifang:leave', () => keep('gone'));
const kept = sessionStorage.getItem(keepKey);
if (kept) {
  const { why, who: whose, values } = JSON.parse(kept);
  const now = fields();
  const fromLogin = document.referrer.startsWith(`${location.origin}/login`);
  const back = /** @type {any} */ (performance.getEntriesByType('navigation')[0])?.type === 'back_forward';
  // What was sent and taken is done: it comes back only after a sign-in, or when the person goes back to it; to its owner alone.
  const wanted = why === 'lang' || ((fromLogin || back) && whose === who);
  if (wanted && values.length === now.length) {
    now.forEach((f, i) => { if (typeof values[i] === 'boolean') /** @type {HTMLInputElement} */ (f).checked = values[i]; else f.value = values[i]; });
    if (fromLogin) document.dispatchEvent(new CustomEvent('jifang:kept'));
  }
  sessionStorage.removeItem(keepKey);
}

/* -- a list narrowed by typing; without this program the whole list is there -- */
for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('[data-narrows], [data-find-rows]'))) {
  box.closest('[data-narrow-box]')?.removeAttribute('hidden');
  // Inside a form the key would send it: a decision, before it was read.
  box.addEventListener('keydown', (e) => { if (e.key === 'Enter') e.preventDefault(); });
  box.addEventListener('input', () => {
    const words = box.value.trim().toLowerCase();
    const rows = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(box.dataset.narrows ?? `${box.dataset.findRows} > *`));
    for (const row of rows) keepRow(row, words);
  });
}

/* -- a number, or the choice that there is none: whichever is taken last stands, and the other is shown to be gone -- */
document.addEventListener('input', (e) => {
  const at = /** @type {HTMLInputElement} */ (e.target);
  const box = /** @type {HTMLElement | null} */ (at.closest?.('[data-zero]'));
  if (!box) return;
  const number = /** @type {HTMLInputElement | null} */ (box.querySelector('input[inputmode=numeric]'));
  const counted = /** @type {HTMLInputElement | null} */ (box.querySelector('input[type=radio][value=no]'));
  if (at.type === 'radio' && at.value === 'yes' && number) number.value = '';
  if (at === number && number?.value && counted) counted.checked = true;
});

/* -- sending -- */
document.addEventListener('submit', async (e) => {
  const form = /** @type {HTMLFormElement} */ (e.target);
  if (form.method === 'dialog' || e.defaultPrevented) return;
  const by = /** @type {HTMLButtonElement | null} */ (e.submitter);
  if (by?.dataset.confirm && !by.dataset.sure) {
    e.preventDefault();
    // What was typed stands in the question, where it names the field.
    const typed = by.dataset.confirmOf ? form.querySelector(`[name="${by.dataset.confirmOf}"]`) : null;
    const words = typed instanceof HTMLInputElement ? by.dataset.confirm.replace('{}', () => typed.value.trim()) : by.dataset.confirm;
    if (await ask(words)) { by.dataset.sure = '1'; form.requestSubmit(by); delete by.dataset.sure; }
    return;
  }
  if (form.dataset.sent) { e.preventDefault(); return; }
  // A download leaves the page where it is: its form may be sent again.
  if (form.dataset.download !== undefined) return;
  form.dataset.sent = '1';
  if (form.closest('main')) keep('sent');
  addEventListener('pageshow', () => { delete form.dataset.sent; }, { once: true });
  if (form.dataset.upload !== undefined) upload(e, form, by);
});

/** Sends a form with a file by XMLHttpRequest so that progress shows; without a file the browser sends it. @param {Event} e @param {HTMLFormElement} form @param {HTMLButtonElement | null} by */
function upload(e, form, by) {
  const file = /** @type {HTMLInputElement | null} */ (form.querySelector('input[type=file]'));
  const box = /** @type {HTMLElement | null} */ (form.querySelector('[data-upload-progress]'));
  if (!file?.files?.length || !box) return;
  e.preventDefault();
  const data = new FormData(form, by);
  const bar = box.querySelector('progress');
  const words = box.querySelector('[data-upload-text]');
  const request = new XMLHttpRequest();
  const failed = (/** @type {string} */ why) => { delete form.dataset.sent; if (words) words.textContent = why; };
  box.hidden = false;
  request.upload.onprogress = (p) => {
    const part = p.lengthComputable ? Math.floor((p.loaded / p.total) * 100) : 0;
    if (bar) bar.value = part;
    if (words) words.textContent = `${t('正在上传', 'Uploading')} ${part} %`;
  };
  request.onerror = () => failed(t('上传中断，内容还在，请再试一次。', 'The upload broke off; nothing typed is lost, try again.'));
  request.onload = () => {
    if (request.responseURL && new URL(request.responseURL).pathname === '/login') { location.assign(request.responseURL); return; }
    if (request.status === 413) { failed(t('文件太大。', 'The file is too large.')); return; }
    if (request.responseURL && request.status < 400 && request.responseURL !== location.href) { location.assign(request.responseURL); return; }
    const page = new DOMParser().parseFromString(request.responseText, 'text/html').querySelector('main');
    const main = document.querySelector('main');
    if (page && main) { main.replaceWith(page); focusError(); } else failed(`${t('服务器答复', 'the server answered')} ${request.status}`);
  };
  request.open('POST', form.action);
  request.send(data);
}

function focusError() {
  /** @type {HTMLElement | null} */ (document.querySelector('[data-focus]'))?.focus();
}
focusError();

/* -- small things -- */
document.addEventListener('click', async (e) => {
  const at = /** @type {HTMLElement} */ (e.target);
  const copy = /** @type {HTMLElement | null} */ (at.closest('[data-copy]'));
  if (copy) {
    const word = copy.querySelector('span');
    const was = word?.textContent ?? '';
    // Without https a browser gives no clipboard: that is said, too.
    const copied = navigator.clipboard?.writeText(copy.dataset.copy ?? '') ?? Promise.reject(new Error('no clipboard'));
    await copied.then(() => { if (word) word.textContent = t('已复制', 'Copied'); }, () => { if (word) word.textContent = t('请手动复制', 'copy by hand'); });
    setTimeout(() => { if (word) word.textContent = was; }, 1500);
  }
  if (at.closest('[data-print]')) print();
  const beside = /** @type {HTMLAnchorElement | null} */ (at.closest('a[data-beside]'));
  if (beside && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0) openBeside(e, beside);
});

/** Opens the article beside the page instead of leaving it; the link still works without this. @param {Event} e @param {HTMLAnchorElement} link */
async function openBeside(e, link) {
  const box = /** @type {HTMLDialogElement | null} */ (document.querySelector('#beside'));
  const body = box?.querySelector('[data-beside-body]');
  if (!box || !body || link.closest('dialog')) return;
  e.preventDefault();
  body.replaceChildren(el('p', 'muted', t('正在取条文…', 'Fetching the article…')));
  box.showModal();
  try {
    const answer = await fetch(link.href);
    if (new URL(answer.url).pathname === '/login') throw new Error('signed out');
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const part = page.querySelector('[data-beside-part] .card-body');
    const head = page.querySelector('main h1');
    if (!answer.ok || !part) throw new Error(String(answer.status));
    const whole = Object.assign(el('a', 'btn btn-small', t('打开整页', 'Open the page')), { href: link.href });
    body.replaceChildren(el('h3', '', head?.textContent ?? ''), document.importNode(part, true), whole);
  } catch {
    location.assign(link.href);
  }
}

/** Radios that show one part and hide its neighbours. */
function showParts() {
  for (const radio of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('[data-shows]'))) {
    const part = /** @type {HTMLElement | null} */ (document.querySelector(radio.dataset.shows ?? ''));
    if (part) part.hidden = !radio.checked;
  }
}
document.addEventListener('change', showParts);
showParts();

/**
 * Shows what has the words. Rows under a head are looked at one by one; the words of the head show them all.
 * @param {HTMLElement} row
 * @param {string} want
 */
function keepRow(row, want) {
  const has = (/** @type {Element | null} */ part) => Boolean(part?.textContent?.toLowerCase().includes(want));
  const inner = /** @type {NodeListOf<HTMLElement>} */ (row.querySelectorAll('[data-row]'));
  const whole = has(row.querySelector('[data-row-head]'));
  for (const one of inner) one.hidden = !whole && !has(one);
  row.hidden = inner.length > 0 ? [...inner].every((one) => one.hidden) : !has(row);
}
