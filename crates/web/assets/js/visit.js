// @ts-check
/**
 * A visit on a phone. Every change goes to IndexedDB at once and waits there until the server has it; what two phones wrote differently is shown
 * side by side. An item counts as answered, and the visit can be closed, only when what is shown lies in the storage of the phone: a reload, a flat
 * battery or a lost network then loses nothing.
 */
import { clock, el, say, t } from './lang.js';
import { content, draw as drawPaper } from './visit-paper.js';

const root = /** @type {HTMLElement} */ (document.querySelector('[data-visit]'));
const id = root.dataset.case ?? '';
const key = `${document.body.dataset.login}/${id}`;
/** Where the page of this visit is: also after a form of it came back with an error, so that a reload without a network finds what was kept. */
const PAGE = `/visits/${id}`;
if (location.pathname !== PAGE) history.replaceState(null, '', PAGE);
const KEPT = 'jifang-visits-1';
const EVERY_MS = 5000;
/** So long the phone may look for its place; a question to its holder that nobody answers is waited for twice as long. */
const PLACE_MS = 5000;

/** @typedef {{ version: number, fields: Record<string, { v: number, value: any }>, pending: Record<string, { base: any, value: any }>, conflicts: any[], pictures: Record<string, { sha256: string, blob: Blob }>, half: Record<string, any>, sealed: boolean, voids: number }} Visit */
/** @type {Visit} */
let visit = { ...JSON.parse(root.dataset.visit ?? '{}'), pending: {}, conflicts: [], pictures: {}, half: {} };
/** @type {IDBDatabase} */
let db;
let photos = 0;
let running = false;
let fault = '';
/** Changes made, and those of them that lie in the storage. */
let made = 0;
let safe = 0;
/** @type {Promise<void> | null} */
let keeping = null;
/** Fields by their newest change that is not in the storage yet. @type {Map<string, number>} */
const fresh = new Map();
/** Fields on their way to the server. @type {Set<string>} */
const sending = new Set();
/** Photos that wait for their place. @type {Set<IDBValidKey>} */
const placing = new Set();
/** Fields that somebody else changed while they were being filled in here. @type {Set<string>} */
const stale = new Set();

/* -- what the phone keeps -- */
/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const done = (request) => new Promise((ok, bad) => { request.onsuccess = () => ok(request.result); request.onerror = () => bad(request.error); });
const store = (/** @type {string} */ name, /** @type {IDBTransactionMode} */ mode = 'readwrite') => db.transaction(name, mode).objectStore(name);

function open() {
  const request = indexedDB.open('jifang-visits', 1);
  request.onupgradeneeded = () => { request.result.createObjectStore('visits'); request.result.createObjectStore('photos', { autoIncrement: true }).createIndex('visit', 'visit'); };
  return done(request);
}
/** Only the end of the transaction says that it is there: a page that goes before that takes the request along. @param {IDBTransaction} tx @returns {Promise<void>} */
const finished = (tx) => new Promise((ok, bad) => { tx.oncomplete = () => ok(); tx.onabort = () => bad(tx.error); });

/** Writes until the storage has what is here. One write at a time: the next takes along whatever was changed meanwhile. */
function keep() {
  made += 1;
  keeping ??= (async () => {
    // What is changed in one go is one write.
    await null;
    try {
      while (safe < made) {
        const upTo = made;
        const tx = db.transaction('visits', 'readwrite');
        tx.objectStore('visits').put(visit, key);
        await finished(tx);
        safe = upTo;
        for (const [field, n] of fresh) if (n <= safe) fresh.delete(field);
      }
    } finally { keeping = null; }
  })();
  return /** @type {Promise<void>} */ (keeping);
}
/** Sentences of the page about the storage and the network. @type {DOMStringMap} */
const says = /** @type {HTMLElement} */ (document.querySelector('[data-sync]')).dataset;
const isFull = () => { fault = says.full ?? ''; show(); };
/** What is typed and is no whole answer yet is kept too, until it is one. @param {string} field @param {any} now */
function unfinished(field, now) {
  visit.half[field] = now;
  show();
  if (db) keep().catch(isFull);
}

/** The value as the phone has it. @param {string} field */
const value = (field) => (field in visit.pending ? visit.pending[field].value : visit.fields[field]?.value ?? null);
/** As text, whatever order its fields came in. @param {any} v */
const asText = (v) => JSON.stringify(v ?? null, (_, x) => (x && typeof x === 'object' && !Array.isArray(x) ? Object.fromEntries(Object.entries(x).sort()) : x));
const same = (/** @type {any} */ a, /** @type {any} */ b) => asText(a) === asText(b);
/** What a page shows of a value: not which report answers it. @param {any} v */
const shown = (v) => (v && typeof v === 'object' ? { ...v, report: null } : v);

/** A change: kept at once, sent when it can be. @param {string} field @param {any} to */
function change(field, to) {
  const theirs = visit.fields[field]?.value ?? null;
  const base = visit.pending[field]?.base ?? theirs;
  // What is on its way arrives, so going back to what was before it is a change too.
  if (same(base, to) && !sending.has(field)) delete visit.pending[field]; else visit.pending[field] = { base, value: to };
  const open = visit.conflicts.find((c) => c.field === field);
  if (open) open.mine = to; else if (stale.has(field) && !same(to, theirs)) visit.conflicts.push({ field, base, mine: to, theirs });
  if (open || stale.has(field)) conflicts();
  fresh.set(field, made + 1);
  show();
  // Before the storage is open a change waits here, and is written when it is.
  if (db) keep().then(show, isFull);
  soon();
}

/* -- items -- */
const items = /** @type {HTMLElement[]} */ ([...root.querySelectorAll('[data-item]')]);
/** @param {HTMLElement} item @param {string} name @returns {any} */
const part = (item, name) => item.querySelector(name);

/** What an item shows, whole or not. @param {HTMLElement} item */
function shows(item) {
  const ticked = part(item, 'input[type=radio]:checked')?.value ?? '';
  const number = part(item, '[data-number]')?.value ?? '';
  let answered = null;
  if (ticked.startsWith('choice:')) answered = { choice: ticked.slice(7) };
  else if (ticked) answered = ticked;
  else if (/^-?\d{1,15}$/.test(number)) answered = { number: Number(number) };
  const defects = [...item.querySelectorAll('[data-defect]:checked')].map((d) => /** @type {HTMLInputElement} */ (d).value);
  return { answered, defects, remark: part(item, '[data-remark]').value, report: null };
}

/** The answer that an item shows; null while it is not whole. @param {HTMLElement} item */
function read(item) {
  const now = shows(item);
  const auto = item.dataset.auto ? JSON.parse(item.dataset.auto) : null;
  const letters = (now.remark.match(/[\p{L}\p{N}]/gu) ?? []).length;
  return now.answered === null || (auto !== null && !same(auto, now.answered) && letters < 4) ? null : now;
}

/** Shows an answer. @param {HTMLElement} item @param {any} answer */
function write(item, answer) {
  const a = answer?.answered ?? null;
  const word = a === null ? '' : typeof a === 'string' ? a : 'choice' in a ? `choice:${a.choice}` : '';
  for (const radio of /** @type {NodeListOf<HTMLInputElement>} */ (item.querySelectorAll('input[type=radio]'))) radio.checked = radio.value === word;
  const number = part(item, '[data-number]');
  if (number) number.value = a !== null && typeof a === 'object' && 'number' in a ? String(a.number) : '';
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (item.querySelectorAll('[data-defect]'))) box.checked = answer?.defects?.includes(box.value) ?? false;
  part(item, '[data-remark]').value = answer?.remark ?? '';
}

/** What the signed report answers is changed only on purpose. @param {HTMLElement} item @param {boolean} locked */
function lock(item, locked) {
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (item.querySelectorAll('.visit-answers input'))) input.disabled = locked;
}

for (const item of items) {
  if (item.dataset.auto) lock(item, true);
  part(item, '[data-contradict]')?.addEventListener('click', () => { lock(item, false); part(item, '[data-remark]').focus(); });
  item.addEventListener('input', (e) => {
    const at = /** @type {HTMLInputElement} */ (e.target);
    if (at.type === 'file') return;
    const number = part(item, '[data-number]');
    if (at === number) for (const radio of /** @type {NodeListOf<HTMLInputElement>} */ (item.querySelectorAll('input[type=radio]'))) radio.checked = false;
    if (at.type === 'radio' && number) number.value = '';
    const field = `item/${item.dataset.item}`;
    const answer = read(item);
    if (answer) { delete visit.half[field]; change(field, answer); } else unfinished(field, shows(item));
  });
}
// Who leaves a field sees what came for it meanwhile.
root.addEventListener('focusout', () => setTimeout(() => { for (const field of [...stale]) arrived(field); }));
const plain = /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll('[data-field]')]);
for (const input of plain) input.addEventListener('input', () => change(input.dataset.field ?? '', input.value || null));

/* -- the draft of the order: fields of the record like the others; here are its list of items and its reading -- */
const orderList = /** @type {HTMLElement | null} */ (root.querySelector('[data-order-items]'));
const paper = /** @type {HTMLElement | null} */ (root.querySelector('[data-order-paper]'));
const DRAFT = 'order/';
const LISTED = `${DRAFT}items`;
/** What the server takes of the draft after the visit is closed; the rest stays in the record. */
const AFTER = ['order_defects', 'correct_days', 'interim'].map((name) => DRAFT + name);
const listed = () => String(value(LISTED) ?? '').split(',').filter(Boolean);
/** The question of an item. @param {string} item */
const asked = (item) => items.find((i) => i.dataset.item === item)?.querySelector('legend')?.textContent ?? item;
/** What a word of the record is called on the page. @param {HTMLElement} item @param {string} want */
const labelOf = (item, want) => [...item.querySelectorAll('input')].find((i) => i.value === want)?.closest('label')?.textContent ?? want;
/** Words of a list of items, as the order will have them: what is wrong, else what was asked. @param {string} text */
const named = (text) => text.split(',').filter(Boolean).map((id) => {
  const item = items.find((i) => i.dataset.item === id);
  const wrong = value(`item/${id}`)?.defects ?? [];
  return item && wrong.length ? wrong.map((/** @type {string} */ word) => labelOf(item, word)).join('；') : asked(id);
}).join('；');

/** A time to correct in words. @param {string} text */
const dayWords = (text) => (text === '0' ? t('当场改正', 'at once') : t(`${text} 日`, `${text} days`));
/** The longest time that the checklist has for what was found, 0: at once; empty: nothing is ordered. */
function suggested() {
  const days = items.filter((i) => value(`item/${i.dataset.item}`)?.defects?.length > 0).map((i) => i.dataset.within ?? '').filter(Boolean);
  return days.length ? String(Math.max(...days.map(Number))) : '';
}

/** The items in which something was found wrong, to be ticked; made anew only when they are others. */
function orderItems() {
  if (!orderList || !paper) return;
  const isWrong = (/** @type {any} */ answer) => answer?.answered === 'no' || answer?.defects?.length > 0;
  const wrong = items.filter((i) => !('advice' in i.dataset) && isWrong(value(`item/${i.dataset.item}`))).map((i) => i.dataset.item ?? '');
  const chosen = listed();
  const offered = [...wrong, ...chosen.filter((item) => !wrong.includes(item))];
  if (orderList.dataset.offered !== offered.join(',')) {
    orderList.dataset.offered = offered.join(',');
    orderList.querySelectorAll('label').forEach((label) => label.remove());
    for (const item of offered) {
      const box = Object.assign(document.createElement('input'), { type: 'checkbox', value: item });
      box.addEventListener('change', () => change(LISTED, [...orderList.querySelectorAll('input')].filter((b) => b.checked).map((b) => b.value).join(',') || null));
      orderList.append(el('label', 'visit-choice', box, el('span', '', asked(item))));
    }
    orderList.hidden = offered.length === 0;
  }
  for (const box of orderList.querySelectorAll('input')) box.checked = chosen.includes(box.value);
  const limit = suggested();
  const first = root.querySelector('[data-suggested]');
  if (first) first.textContent = limit ? t(`按检查表的建议：${dayWords(limit)}`, `as the checklist suggests: ${dayWords(limit)}`) : t('按检查表的建议', 'as the checklist suggests');
  let some = false;
  for (const at of /** @type {NodeListOf<HTMLElement>} */ (paper.querySelectorAll('[data-reads]'))) {
    const field = at.dataset.reads ?? '';
    const text = String(value(field) ?? '').trim();
    if (text) some = true;
    const days = field.endsWith('_days') ? text || limit : '';
    at.textContent = field === LISTED ? named(text) : days ? dayWords(days) : text;
  }
  // Nobody is given an empty paper to sign.
  paper.hidden = !some;
}

/* -- the provisional paper -- */
/** Before the account in what a signature is that was only drawn on the paper. */
const DRAWN = 'drawn/';
/** Most papers that the record names of one inspector. */
const PAPERS = 5;
const given = `offline/${document.body.dataset.login}`;
const offline = /** @type {HTMLElement} */ (root.querySelector('[data-offline]'));
const offlineText = /** @type {HTMLElement} */ (offline.querySelector('[data-offline-text]'));
/** What the paper that is shown was made of; empty: none is shown. */
let madeOf = '';
const madeNow = () => asText(content(offline.dataset.which ?? '', [...new Set([...Object.keys(visit.fields), ...Object.keys(visit.pending)])], value, visit.pictures));

/** Who signed, by the boxes of the page: with the own account or on the phone of the unit's person, or only drawn. */
function signedBy() {
  /** @type {[string, Blob][]} */
  const out = [];
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-sign]'))) {
    const whose = box.dataset.sign ?? '';
    const own = visit.pictures[whose];
    const only = visit.pictures[whose.replace('signature/', DRAWN)];
    const name = box.dataset.who ?? '';
    if (own) out.push([name, own.blob]);
    else if (only) out.push([t(`${name}（签名没有经本人账号确认）`, `${name} (drawn, not confirmed by the own account)`), only.blob]);
  }
  return out;
}

/** The paper as the phone has it now, with its digest in the record. */
async function giveOut() {
  const state = /** @type {HTMLElement} */ (offline.querySelector('[data-offline-state]'));
  if (items.some((i) => !i.hasAttribute('data-done'))) { state.textContent = state.dataset.open ?? ''; return; }
  const text = madeNow();
  const sha256 = await digestOf(new Blob([text]));
  if (!sha256) return;
  const before = /** @type {any[]} */ (value(given) ?? []);
  const there = before.find((paper) => paper.sha256 === sha256);
  const at = there?.at ?? Date.now();
  if (!there) change(given, [...before, { sha256, at, signatures: JSON.parse(text).signatures }].slice(-PAPERS));
  state.textContent = '';
  madeOf = text;
  const say = (/** @type {string} */ field) => String(value(field) ?? '').trim();
  // A second look gives no new order.
  const days = orderList ? say('order/correct_days') || suggested() : '';
  const order = days || say('order/order_defects') || listed().length ? [named(listed().join(',')), say('order/order_defects'), say('order/interim'), days ? t(`改正期限：${dayWords(days)}`, `Time to correct: ${dayWords(days)}`) : ''].filter(Boolean) : [];
  const refused = say('close/reason') || say('close/witness');
  const unit = refused ? [t(`单位拒绝签名：${say('close/reason')}；见证人：${say('close/witness')}`, `The unit does not sign: ${say('close/reason')}; witness: ${say('close/witness')}`)] : say('close/unit_name') ? [t(`单位签名人：${say('close/unit_name')}`, `Signed for the unit by: ${say('close/unit_name')}`)] : [];
  const present = [say('present_name'), say('present_post'), say('present_phone')].filter(Boolean).join(' ');
  drawPaper(offlineText, { facts: offline.dataset, items: items.map((i) => [asked(i.dataset.item ?? ''), words(`item/${i.dataset.item}`, value(`item/${i.dataset.item}`))]), present, order, unit, people: signedBy(), sha256, at });
  show();
}
offline.querySelector('[data-offline-make]')?.addEventListener('click', giveOut);

/* -- at the door -- */
const scan = /** @type {HTMLInputElement} */ (root.querySelector('[data-scan]'));
const scanState = /** @type {HTMLElement} */ (root.querySelector('[data-scan-state]'));
/** How it came, when and where goes into the record with the code; the place comes when the phone knows it. @param {'scanned' | 'typed'} how */
function scanned(how) {
  const code = scan.value.trim().toUpperCase();
  delete visit.half.scan;
  scanState.textContent = (!code ? '' : code === scan.dataset.unit ? scanState.dataset.ok : scanState.dataset.other) ?? '';
  if (!code) return;
  const at = Date.now();
  change('scan', { code, at, how, place: '' });
  here().then((place) => { const now = value('scan'); if (place && !visit.sealed && now?.code === code && now.at === at) change('scan', { ...now, place }); });
}
scan.addEventListener('input', () => unfinished('scan', scan.value));
scan.addEventListener('change', () => scanned('typed'));
const Detector = /** @type {any} */ (window).BarcodeDetector;
if (Detector) {
  /** @type {HTMLElement} */ (root.querySelector('[data-scan-photo]')).hidden = false;
  root.querySelector('[data-scan-file]')?.addEventListener('change', async (e) => {
    const file = /** @type {HTMLInputElement} */ (e.target).files?.[0];
    if (!file) return;
    const found = await new Detector({ formats: ['qr_code'] }).detect(await createImageBitmap(file)).catch(() => []);
    const code = found.map((/** @type {any} */ f) => /[0-9A-HJ-NPQRTUWXY]{18}/.exec(f.rawValue)?.[0]).find(Boolean);
    if (code) { scan.value = code; scanned('scanned'); } else scanState.textContent = scanState.dataset.none ?? '';
  });
} else /** @type {HTMLElement} */ (root.querySelector('[data-scan-none]')).hidden = false;

/* -- photos and signatures: digest on the phone, then the queue -- */
/** SHA-256 of a picture; empty where this browser makes none. @param {Blob} blob */
async function digestOf(blob) {
  if (!crypto.subtle) { fault = t('照片需要加密连接（HTTPS）。', 'Photos need an encrypted connection (HTTPS).'); show(); return ''; }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return [...digest].map((b) => b.toString(16).padStart(2, '0')).join('');
}

/** Where the phone says it is; empty where it says nothing, which is no fault. @returns {Promise<string>} */
const here = () => new Promise((tell) => {
  setTimeout(tell, 2 * PLACE_MS, '');
  const found = (/** @type {GeolocationPosition} */ { coords: c }) => tell(`${c.latitude.toFixed(5)},${c.longitude.toFixed(5)} ±${Math.round(c.accuracy)} m`);
  if (navigator.geolocation) navigator.geolocation.getCurrentPosition(found, () => tell(''), { enableHighAccuracy: true, timeout: PLACE_MS, maximumAge: 30000 });
  else tell('');
});

/** Who signs, signs the record; who reads the draft of the order does not. @param {string} belongs */
const seals = (belongs) => /^signature\/(?!order)/.test(belongs);

/** Whether the phone keeps it now. A photo is kept first and gets its place when it is known; only its sending waits for that. @param {Blob} blob @param {string} belongs @param {Promise<string>} [place] none: a signature */
async function add(blob, belongs, place) {
  const taken = Date.now();
  const sha256 = await digestOf(blob);
  if (!sha256) return false;
  const photo = { visit: key, belongs, taken, sha256, blob, place: '' };
  const tx = db.transaction('photos', 'readwrite');
  const adding = tx.objectStore('photos').add(photo);
  if (place) adding.onsuccess = () => placing.add(adding.result);
  await finished(tx);
  if (place) placed(adding.result, photo, place); else { visit.pictures[belongs] = { sha256, blob }; visit.sealed ||= seals(belongs); await keep().catch(isFull); }
  thumb(blob, belongs);
  await count();
  soon();
  return true;
}

/** @param {IDBValidKey} n @param {{ place: string }} photo @param {Promise<string>} place */
async function placed(n, photo, place) {
  photo.place = await place;
  if (photo.place) await done(store('photos').put(photo, n)).catch(() => {});
  placing.delete(n);
  soon();
}

/** A small picture, drawn: the page takes no pictures from elsewhere. @param {Blob} blob @param {string} belongs */
async function thumb(blob, belongs) {
  const list = root.querySelector(`[data-photos="${belongs}"]`);
  const picture = list ? await createImageBitmap(blob).catch(() => null) : null;
  if (!list || !picture) return;
  const small = Object.assign(document.createElement('canvas'), { width: 192, height: 144 });
  small.getContext('2d')?.drawImage(picture, 0, 0, 192, 144);
  list.append(el('li', '', small));
}
const count = async () => { photos = await done(store('photos', 'readonly').index('visit').count(key)); show(); };

for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll('[data-photo]'))) {
  input.addEventListener('change', async () => {
    const place = here();
    for (const file of input.files ?? []) await add(file, input.dataset.photo ?? '', place);
    input.value = '';
  });
}
for (const box of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-sign]'))) {
  const canvas = /** @type {HTMLCanvasElement} */ (box.querySelector('canvas'));
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  let drawn = false;
  const clear = () => { pen.fillStyle = '#fff'; pen.fillRect(0, 0, canvas.width, canvas.height); drawn = false; };
  const at = (/** @type {PointerEvent} */ e) => { const r = canvas.getBoundingClientRect(); return /** @type {[number, number]} */ ([((e.clientX - r.left) * canvas.width) / r.width, ((e.clientY - r.top) * canvas.height) / r.height]); };
  clear();
  canvas.addEventListener('pointerdown', (e) => { canvas.setPointerCapture(e.pointerId); pen.lineWidth = 5; pen.lineCap = 'round'; pen.strokeStyle = '#000'; pen.beginPath(); pen.moveTo(...at(e)); });
  canvas.addEventListener('pointermove', (e) => { if (!e.buttons) return; drawn = true; pen.lineTo(...at(e)); pen.stroke(); });
  box.querySelector('[data-sign-clear]')?.addEventListener('click', clear);
  const picture = (/** @type {(blob: Blob) => void} */ then) => { if (drawn) canvas.toBlob((blob) => { if (blob) then(blob); }, 'image/png'); else told(box, t('请先签名。', 'Sign first.')); };
  box.querySelector('[data-sign-keep]')?.addEventListener('click', () => picture(async (blob) => {
    if (await add(blob, box.dataset.sign ?? '')) signed(box);
  }));
  box.querySelector('[data-sign-draw]')?.addEventListener('click', () => picture(async (blob) => {
    if (await add(blob, (box.dataset.sign ?? '').replace('signature/', DRAWN))) told(box, box.dataset.told ?? '');
  }));
  box.querySelector('[data-sign-confirm]')?.addEventListener('click', () => picture((blob) => beside(box, blob)));
}

/** @param {HTMLElement} box */
function signed(box) {
  /** @type {HTMLElement} */ (box.querySelector('[data-signed]')).hidden = false;
  const form = /** @type {HTMLElement | null} */ (box.querySelector('[data-sign-beside]'));
  if (form) form.hidden = true;
}
const told = (/** @type {HTMLElement} */ box, /** @type {string} */ words) => { const at = box.querySelector('[data-sign-state]'); if (at) at.textContent = words; };

/** Another inspector signs here with their own account: at once or not at all. No password is ever kept. @param {HTMLElement} box @param {Blob} blob */
async function beside(box, blob) {
  const body = new FormData();
  for (const name of ['login', 'password', 'code']) {
    const input = /** @type {HTMLInputElement} */ (box.querySelector(`[data-sign-${name}]`));
    body.append(name, name === 'password' ? input.value : input.value.trim());
    if (name !== 'login') input.value = '';
  }
  const sha256 = await digestOf(blob);
  if (!sha256) return;
  for (const [name, text] of Object.entries({ sha256, belongs: box.dataset.sign ?? '', taken: String(Date.now()) })) body.append(name, text);
  body.append('file', blob, 'signature');
  try {
    meta?.setAttribute('content', (await ask('/api/v1/session')).csrf);
    await ask(`/api/v1/visits/${id}/sign`, body);
    visit.pictures[box.dataset.sign ?? ''] = { sha256, blob };
    visit.sealed = true;
    keep().then(show, isFull);
    told(box, '');
    signed(box);
  } catch (error) {
    const why = /** @type {any} */ (error) ?? {};
    told(box, why.status ? why.message : box.dataset.away ?? '');
  }
}

/* -- the way to the server -- */
/** @type {number | undefined} */
let timer;
const soon = () => { clearTimeout(timer); timer = setTimeout(sync, 600); };
const meta = document.querySelector('meta[name=csrf]');

/** One request; a refusal is thrown with its sentence. @param {string} path @param {any} [body] */
async function ask(path, body) {
  const json = body !== undefined && !(body instanceof FormData);
  /** @type {Record<string, string>} */
  const headers = { accept: 'application/json', ...(json ? { 'content-type': 'application/json' } : {}), ...(body === undefined ? {} : { 'x-csrf': meta?.getAttribute('content') ?? '' }) };
  const answer = await fetch(path, { method: body === undefined ? 'GET' : 'POST', headers, body: json ? JSON.stringify(body) : body });
  const got = await answer.json().catch(() => null);
  if (!answer.ok) throw Object.assign(new Error(`${say(got?.what)} ${say(got?.next)}`), { status: answer.status, code: got?.code });
  return got;
}

async function sync() {
  if (running || !db) return;
  running = true;
  try {
    const session = await ask('/api/v1/session');
    meta?.setAttribute('content', session.csrf);
    // Somebody else closed the visit: what was drafted of the order still goes into the case.
    await fieldsOut().catch(async (why) => { if (why.code === 'visit_state') await orderOut(); if (why.code === 'signed') aside(); throw why; });
    await photosOut();
    // Another inspector may have signed on their own phone meanwhile.
    if (root.querySelector('[data-sign-beside]:not([hidden])')) {
      const own = new Set((await ask(`/api/v1/visits/${id}`)).signed);
      for (const box of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-sign]'))) if (own.has(box.dataset.sign)) signed(box);
    }
    fault = '';
  } catch (error) {
    const why = /** @type {any} */ (error) ?? {};
    if (why instanceof DOMException) fault = says.full ?? '';
    else fault = why.status === 401 ? says.out ?? '' : why.status ? why.message : says.away ?? '';
  }
  running = false;
  show();
}

/** A part of what is signed. @param {string} field */
const isSigned = (field) => !/^(close|order|offline)\/|^supplement$/.test(field);
/** Photos and signatures that wait here. */
const queued = () => done(store('photos').index('visit').getAllKeys(key));

/** Signatures that wait here are of another text than the record has: they go, and are given anew. How many there were. */
async function unsign() {
  let gone = 0;
  for (const n of await queued()) if ((await done(store('photos').get(n))).belongs.startsWith('signature/')) { await done(store('photos').delete(n)); gone += 1; }
  return gone;
}

/** What came after somebody signed waits beside the record: it is given up, or sent when the signatures are void. */
function aside() {
  visit.sealed = true;
  for (const [field, { base, value: mine }] of Object.entries(visit.pending)) {
    if (!isSigned(field) || visit.conflicts.some((c) => c.field === field)) continue;
    visit.conflicts.push({ field, base, mine, theirs: visit.fields[field]?.value ?? null });
  }
  keep().catch(isFull);
  conflicts();
}

async function fieldsOut() {
  const sent = Object.entries(visit.pending).filter(([field]) => !visit.conflicts.some((c) => c.field === field));
  const changes = sent.map(([field, p]) => ({ field, base: p.base, value: p.value })).slice(0, 400);
  for (const { field } of changes) sending.add(field);
  const got = await ask(`/api/v1/visits/${id}/save`, { base_version: visit.version, changes }).finally(() => sending.clear());
  const differ = got.conflicts.filter((/** @type {any} */ c) => !same(c.mine, c.theirs));
  const came = Object.keys(got.fields).filter((field) => !same(shown(value(field)), shown(got.fields[field].value)));
  for (const { field, value: was } of changes) {
    const p = visit.pending[field];
    // What was typed while it was on its way is a change of its own, on what the server has now.
    if (!p || differ.some((/** @type {any} */ c) => c.field === field)) continue;
    p.base = got.fields[field]?.value ?? null;
    if (same(p.value, was) || same(p.value, p.base)) delete visit.pending[field];
  }
  visit.conflicts = [...visit.conflicts, ...differ];
  const theirs = came.filter((field) => !(field in visit.pending));
  const anew = got.voids > visit.voids;
  // What waits signed here is what the record has now, or it signs nothing.
  const gone = anew || (visit.sealed && [...theirs, ...visit.conflicts.map((c) => c.field)].some(isSigned)) ? await unsign() : 0;
  if (anew || gone) {
    visit.pictures = {};
    visit.sealed = false;
    await count();
    for (const at of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-signed], [data-sign-beside]'))) at.hidden = 'signed' in at.dataset;
    // The same picture again would be the one that is void.
    for (const at of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-sign-clear]'))) at.click();
  }
  // A signature that still waits here seals the record as one that arrived.
  visit.sealed = got.sealed || (photos > 0 && visit.sealed);
  visit.voids = got.voids;
  visit.version = got.version;
  visit.fields = got.fields;
  await keep();
  for (const field of theirs) arrived(field);
  conflicts();
  if (gone) throw { status: 409, message: says.anew };
}

/** The draft of the order after the end of the visit: what the desk entered stands, and is shown beside it. */
async function orderOut() {
  const waits = AFTER.filter((field) => field in visit.pending && !visit.conflicts.some((c) => c.field === field));
  if (!waits.length) return;
  const changes = waits.map((field) => ({ field, ...visit.pending[field] }));
  const got = await ask(`/api/v1/visits/${id}/order`, { changes });
  for (const { field, value: was } of changes) {
    const theirs = got.form[field] ?? null;
    visit.fields[field] = { v: visit.fields[field]?.v ?? 0, value: theirs };
    if (got.conflicts.some((/** @type {any} */ c) => c.field === field)) continue;
    const p = visit.pending[field];
    p.base = theirs;
    if (same(p.value, was) || same(p.value, p.base)) delete visit.pending[field];
  }
  visit.conflicts = [...visit.conflicts, ...got.conflicts];
  await keep();
  for (const { field } of changes) if (!(field in visit.pending)) arrived(field);
  conflicts();
}

async function photosOut() {
  for (const n of await queued()) {
    if (placing.has(n)) continue;
    const photo = await done(store('photos', 'readonly').get(n));
    // No signature is there before what it stands under.
    if (photo.belongs.startsWith('signature/') && Object.keys(visit.pending).some(isSigned)) continue;
    const body = new FormData();
    // One that was kept before photos had a place has none.
    for (const name of ['sha256', 'belongs', 'taken', 'place']) body.append(name, String(photo[name] ?? ''));
    body.append('file', photo.blob, 'photo');
    await ask(`/api/v1/visits/${id}/photos`, body);
    await done(store('photos').delete(n));
    await count();
  }
}

/* -- two wrote different things -- */
function conflicts() {
  const box = /** @type {HTMLElement} */ (document.querySelector('[data-conflicts]'));
  const list = /** @type {HTMLElement} */ (document.querySelector('[data-conflict-list]'));
  box.hidden = visit.conflicts.length === 0;
  list.replaceChildren(...visit.conflicts.map((c) => {
    const side = (/** @type {string} */ name, /** @type {any} */ v, /** @type {() => void} */ take) => {
      const button = el('button', 'btn', el('b', '', name), ` ${v === null || v === undefined ? '—' : c.field === LISTED ? named(v) : c.field.endsWith('_days') ? dayWords(v) : typeof v === 'string' ? v : words(c.field, v)}`);
      button.addEventListener('click', take);
      return button;
    };
    const settle = (/** @type {boolean} */ mine) => {
      visit.conflicts = visit.conflicts.filter((other) => other !== c);
      if (mine) visit.pending[c.field] = { base: visit.fields[c.field]?.value ?? null, value: c.mine ?? null };
      else delete visit.pending[c.field];
      delete visit.half[c.field];
      stale.delete(c.field);
      draw(c.field);
      conflicts();
      keep().then(() => { show(); soon(); }, isFull);
    };
    const label = c.field === LISTED ? orderList?.querySelector('legend') : plain.find((i) => i.dataset.field === c.field)?.labels?.[0];
    const title = (itemOf(c.field)?.querySelector('legend') ?? label)?.textContent ?? c.field;
    return el('div', '', el('p', 'strong', title), el('div', 'visit-sides', side(t('我的：', 'Mine:'), c.mine, () => settle(true)), side(t('对方的：', 'Theirs:'), c.theirs, () => settle(false))));
  }));
}

/** An answer in the words of the page. @param {string} field @param {any} v */
function words(field, v) {
  const item = items.find((i) => `item/${i.dataset.item}` === field);
  if (field === 'scan') return String(v.code ?? '');
  if (field.startsWith('offline/')) return v.map((/** @type {any} */ paper) => clock(paper.at)).join(' · ');
  if (!item || !v.answered) return JSON.stringify(v);
  const label = (/** @type {string} */ want) => labelOf(item, want);
  const a = v.answered;
  const answer = typeof a === 'string' ? label(a) : 'choice' in a ? label(`choice:${a.choice}`) : String(a.number);
  return [answer, ...v.defects.map(label), v.remark].filter(Boolean).join(' · ');
}

/* -- what the page shows -- */
/** @param {string} field */
const itemOf = (field) => items.find((i) => `item/${i.dataset.item}` === field);

/** Shows what the phone has. @param {string} field */
function draw(field) {
  const item = itemOf(field);
  if (item) { write(item, visit.half[field] ?? value(field)); if (field in visit.half) lock(item, false); }
  const input = plain.find((i) => i.dataset.field === field);
  if (input) input.value = value(field) ?? '';
  if (input?.value) input.closest('details')?.setAttribute('open', '');
  if (field === 'scan') scan.value = visit.half.scan ?? value('scan')?.code ?? '';
}

/** Somebody else's value came: shown at once, but never over what is being filled in here. @param {string} field */
function arrived(field) {
  const at = document.activeElement;
  const input = field === 'scan' ? scan : plain.find((i) => i.dataset.field === field);
  const busy = field in visit.half || Boolean(at && (itemOf(field)?.contains(at) || input === at));
  if (busy) stale.add(field); else { stale.delete(field); draw(field); }
}

function show() {
  const box = /** @type {HTMLElement} */ (document.querySelector('[data-sync]'));
  const waits = Object.keys(visit.pending).length + photos;
  const text = waits ? t(`${waits} 项未发送`, `${waits} not sent`) : t(`已全部发送 ${clock(Date.now())}`, `all sent ${clock(Date.now())}`);
  /** @type {HTMLElement} */ (box.querySelector('[data-sync-text]')).textContent = fault ? `${text} · ${fault}` : text;
  box.toggleAttribute('data-bad', Boolean(fault || waits));
  box.dataset.waits = String(waits);
  orderItems();
  /** @type {HTMLElement} */ (offline.querySelector('[data-offline-print]')).hidden = madeOf === '';
  /** @type {HTMLElement} */ (offline.querySelector('[data-offline-stale]')).hidden = madeOf === '' || madeOf === madeNow();
  let open = 0;
  for (const item of items) {
    const field = `item/${item.dataset.item}`;
    const is = value(field) !== null && !fresh.has(field) && !(field in visit.half);
    item.toggleAttribute('data-done', is);
    if (!is) open += 1;
  }
  for (const at of /** @type {any[]} */ ([...items, scan, ...plain.filter((i) => i.dataset.field?.startsWith('present'))])) at.disabled = visit.sealed;
  /** @type {HTMLElement} */ (root.querySelector('[data-unsign]')).hidden = !visit.sealed;
  /** @type {HTMLInputElement} */ (document.querySelector('[data-version]')).value = String(visit.version);
  /** @type {HTMLElement} */ (document.querySelector('[data-summary]')).textContent = open ? t(`还有 ${open} 项没有回答。`, `${open} items are not answered.`) : t('各项都已回答。', 'Every item is answered.');
  /** @type {HTMLButtonElement} */ (document.querySelector('[data-close-visit]')).disabled = waits > 0 || open > 0 || fresh.size > 0 || visit.conflicts.length > 0;
}

/** The page and its files, kept for a reload without a network; a browser that has no worker here goes on without. */
async function keepPage() {
  if (!navigator.serviceWorker || !window.caches) return;
  await navigator.serviceWorker.register('/visits/sw.js', { scope: '/visits/' });
  await navigator.serviceWorker.ready;
  const files = performance.getEntriesByType('resource').map((r) => new URL(r.name).pathname).filter((p) => p.startsWith('/assets/'));
  await (await caches.open(KEPT)).addAll([location.pathname, ...new Set(files)]);
  document.documentElement.dataset.kept = 'yes';
}

/** What is kept goes when somebody signs out; when the visit is over, by the page that says so (`visit-done.js`), and not before. */
document.addEventListener('submit', (e) => {
  const form = /** @type {HTMLFormElement} */ (e.target);
  const token = /** @type {HTMLInputElement | null} */ (form.querySelector('input[name=csrf]'));
  // The page may have been kept in an earlier session.
  if (token) token.value = meta?.getAttribute('content') ?? '';
  if (form.action.endsWith('/logout')) window.caches?.delete(KEPT);
});

/** The end goes out only when the server is there to take it: a form that is sent into no network leads away from the page. */
const closing = /** @type {HTMLFormElement} */ (root.querySelector('[data-close-form]'));
const closeState = /** @type {HTMLElement | null} */ (root.querySelector('[data-close-state]'));
let reached = false;
closing.addEventListener('submit', async (e) => {
  if (reached) { reached = false; return; }
  e.preventDefault();
  if (closing.dataset.asking) return;
  closing.dataset.asking = '1';
  if (closeState) closeState.textContent = '';
  try {
    const session = await ask('/api/v1/session');
    meta?.setAttribute('content', session.csrf);
    reached = true;
    closing.requestSubmit();
  } catch (error) {
    const why = /** @type {any} */ (error) ?? {};
    if (closeState) closeState.textContent = why.status === 401 ? closeState.dataset.out ?? '' : why.status ? why.message : closeState.dataset.away ?? '';
  }
  delete closing.dataset.asking;
});
document.querySelector('[data-sync-now]')?.addEventListener('click', sync);
addEventListener('online', soon);
addEventListener('visibilitychange', () => { if (!document.hidden) soon(); });
setInterval(() => { if (navigator.onLine && (Object.keys(visit.pending).length || photos)) soon(); }, EVERY_MS);

try {
  db = await open();
  const kept = /** @type {Visit | undefined} */ (await done(store('visits', 'readonly').get(key)));
  // What was ticked while the storage opened is newer than what lies in it.
  if (kept) {
    // Signatures that were made void since sign nothing, sent or not; nor do those of a record that was changed before they were sent.
    const moved = (/** @type {string} */ f) => isSigned(f) && ![kept.fields[f], kept.pending[f] ?? kept.fields[f]].some((v) => same(shown(v?.value), shown(visit.fields[f].value)));
    const anew = visit.voids > kept.voids || (kept.sealed && visit.version > kept.version && Object.keys(visit.fields).some(moved));
    if (anew) {
      kept.pictures = {};
      await unsign();
    }
    visit = { ...(kept.version > visit.version ? kept : visit), pending: { ...kept.pending, ...visit.pending }, conflicts: kept.conflicts, pictures: { ...kept.pictures, ...visit.pictures }, half: { ...kept.half, ...visit.half }, sealed: visit.sealed || (kept.sealed && !anew) };
  }
  if (fresh.size) keep().then(show, isFull);
  // Every field, also those without a value: a browser that brings back ticks of before would show answers that nobody has.
  for (const item of items) draw(`item/${item.dataset.item}`);
  for (const input of plain) draw(input.dataset.field ?? '');
  if (scan !== document.activeElement) { draw('scan'); if ('scan' in visit.half) scanned('typed'); }
  conflicts();
  await count();
  for (const photo of await done(store('photos', 'readonly').index('visit').getAll(key))) thumb(photo.blob, photo.belongs);
  soon();
  root.dataset.ready = 'yes';
  await keepPage().catch(() => {});
} catch {
  fault = says.none ?? '';
  show();
}
