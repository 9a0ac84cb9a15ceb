// @ts-check
/**
 * A visit that is over leaves nothing on the phone: what was kept of it is at the server. Only what a phone drafted of the order without hearing
 * of the end is still there: it is sent first, and where the desk has entered something else both are shown until somebody chooses. Answers and
 * photos that did not arrive before another phone closed the visit are no part of its record any more: they stay until a person takes them off.
 */
import { el, say, t } from './lang.js';

const at = /** @type {HTMLElement | null} */ (document.querySelector('[data-ended]'));
const id = at?.dataset.ended ?? '';
const key = `${document.body.dataset.login}/${id}`;
const KEPT = 'jifang-visits-1';
/** What the server takes of a draft after the visit. @type {Record<string, string>} */
const DRAFT = {
  'order/order_defects': t('违法事实、存在的问题', 'What is wrong'),
  'order/correct_days': t('改正期限', 'Time to correct'),
  'order/interim': t('改正前应当采取的措施', 'What to do until then'),
};

/** A value in words: no days to correct is at once. @param {string} field @param {any} v */
const words = (field, v) => (v === null || v === undefined || v === '' ? '—' : field.endsWith('_days') && v === '0' ? t('当场改正', 'at once') : v);

/** The page goes; the files too, unless the page of another visit needs them. */
async function forget() {
  const kept = await caches.open(KEPT);
  const pages = (await kept.keys()).filter((request) => new URL(request.url).pathname.startsWith('/visits/'));
  const others = pages.filter((request) => new URL(request.url).pathname !== location.pathname);
  await (others.length ? kept.delete(location.pathname, { ignoreSearch: true }) : caches.delete(KEPT));
  document.documentElement.dataset.gone = 'yes';
}
if (window.caches) forget();

/** Takes what was kept off the phone. @param {IDBDatabase} db @returns {Promise<void>} */
function drop(db) {
  const change = db.transaction(['visits', 'photos'], 'readwrite');
  change.objectStore('visits').delete(key);
  const photos = change.objectStore('photos');
  const found = photos.index('visit').getAllKeys(key);
  found.onsuccess = () => found.result.forEach((n) => photos.delete(n));
  return new Promise((ok) => { change.oncomplete = () => ok(); });
}

/** @param {{ field: string, base: any, value: any }[]} changes */
async function send(changes) {
  const csrf = document.querySelector('meta[name=csrf]')?.getAttribute('content') ?? '';
  const headers = { accept: 'application/json', 'content-type': 'application/json', 'x-csrf': csrf };
  const answer = await fetch(`/api/v1/visits/${id}/order`, { method: 'POST', headers, body: JSON.stringify({ changes }) });
  const got = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(`${say(got?.what)} ${say(got?.next)}`);
  return got;
}

/** A choice that a person makes. @param {string} word @param {() => Promise<void>} act */
function choice(word, act) {
  const button = el('button', 'btn', word);
  button.addEventListener('click', () => act().catch((error) => { button.replaceChildren(String(error.message)); }));
  return button;
}

/** Shows what is only on this phone. @param {...(Node | string)} inside @returns {HTMLElement} */
function note(...inside) {
  const box = el('div', 'notice notice-warning', el('div', '', ...inside));
  box.dataset.left = 'yes';
  at?.after(box);
  return box;
}

/** Photos and signatures that never left the phone. @param {IDBDatabase} db @returns {Promise<{ blob: Blob }[]>} */
function unsent(db) {
  const found = db.transaction('photos', 'readonly').objectStore('photos').index('visit').getAll(key);
  return new Promise((ok) => { found.onsuccess = () => ok(found.result); });
}

/** The draft has arrived; the rest stays on the phone. @param {IDBDatabase} db @param {any} kept @returns {Promise<void>} */
function settled(db, kept) {
  for (const field of Object.keys(DRAFT)) delete kept.pending[field];
  const change = db.transaction('visits', 'readwrite');
  change.objectStore('visits').put(kept, key);
  return new Promise((ok) => { change.oncomplete = () => ok(); });
}

/** Tells what did not arrive in time, and lets it be saved. @param {any[]} fields @param {{ blob: Blob }[]} photos @param {() => Promise<void>} over */
function late(fields, photos, over) {
  const link = (/** @type {Blob} */ blob, /** @type {number} */ n) => Object.assign(el('a', '', t(`保存第${n}张`, `Save photo ${n}`)), { href: URL.createObjectURL(blob), download: `photo-${n}.${blob.type === 'image/png' ? 'png' : 'jpg'}` });
  const what = t(`本机有${fields.length}项填写、${photos.length}张照片或者签名在检查结束前没有送达，没有收入检查记录。`, `${fields.length} entries and ${photos.length} photos or signatures of this phone did not arrive before the visit was closed: they are not in its record.`);
  const next = t('需要的，保存后作为材料提交到案卷。', 'Save what is needed, and hand it in as a paper of the case.');
  note(el('p', 'strong', what), el('p', '', next), el('ul', 'lines', ...fields.map((v) => el('li', '', v?.remark || v?.code || (typeof v === 'string' ? v : JSON.stringify(v?.answered ?? v)))), ...photos.map(({ blob }, n) => el('li', '', link(blob, n + 1)))), choice(t('不再需要，从手机删除', 'Not needed: take it off the phone'), over));
}

/** Sends the draft that is left, and shows what the desk has otherwise. @param {IDBDatabase} db @param {any} kept */
async function sendLeft(db, kept) {
  const changes = Object.keys(DRAFT).filter((field) => field in kept.pending).map((field) => ({ field, ...kept.pending[field] }));
  const photos = await unsent(db);
  const fields = [...Object.entries(kept.pending).filter(([field]) => !(field in DRAFT)).map(([, p]) => p.value), ...Object.values(kept.half ?? {})];
  const isLate = fields.length > 0 || photos.length > 0;
  const over = async () => { await drop(db); location.reload(); };
  const end = async () => {
    if (!isLate) return over();
    await settled(db, kept);
    late(fields, photos, over);
  };
  try {
    const got = changes.length ? await send(changes) : null;
    if (!got) return isLate ? late(fields, photos, over) : drop(db);
    if (!got.conflicts.length) return end();
    for (const c of got.conflicts) {
      const sides = [el('p', 'strong', DRAFT[c.field]), el('p', '', `${t('手机：', 'Phone: ')}${words(c.field, c.mine)}`), el('p', '', `${t('案卷：', 'Case: ')}${words(c.field, c.theirs)}`)];
      // What is kept goes when the last of them is chosen.
      const chosen = async () => { box.remove(); if (!document.querySelector('[data-left]')) await end(); };
      const mine = async () => { await send([{ field: c.field, base: c.theirs, value: c.mine }]); await chosen(); };
      const box = note(...sides, choice(t('采用手机上的', 'Take the phone\'s'), mine), choice(t('保留案卷中的', 'Keep the case\'s'), chosen));
    }
  } catch (error) {
    const texts = changes.map((c) => el('p', '', `${DRAFT[c.field]}：${words(c.field, c.value)}`));
    note(el('p', 'strong', t('手机上的草稿没有送达：', 'The draft of the phone did not arrive: ')), el('p', '', String(/** @type {any} */ (error).message)), ...texts, choice(t('不再需要，从手机删除', 'Not needed: take it off the phone'), over));
    if (isLate) late(fields, photos, over);
  }
}

const request = indexedDB.open('jifang-visits');
// A phone that kept nothing has no such store: none is made here.
request.onupgradeneeded = () => request.transaction?.abort();
request.onsuccess = () => {
  const db = request.result;
  const kept = db.transaction('visits', 'readonly').objectStore('visits').get(key);
  kept.onsuccess = () => (kept.result ? sendLeft(db, kept.result) : drop(db));
};
