// @ts-check
/**
 * The provisional paper of a visit: made on the phone from what it keeps, without a network and without a number, with the signatures that were drawn.
 * Its digest is that of one text of the answers and signatures, which the server makes anew of the record when the visit is closed
 * (`authority::visits::offline`): the record then says whether it is still the same.
 */
import { desk, el, t } from './lang.js';

/**
 * What a paper is made of. Which report answered an item, where a code was scanned, and papers themselves are no part of it.
 * @param {string} visit case and number in it
 * @param {string[]} names fields
 * @param {(field: string) => any} value
 * @param {Record<string, { sha256: string }>} pictures
 */
export function content(visit, names, value, pictures) {
  /** @type {Record<string, any>} */
  const fields = {};
  for (const name of names) {
    const v = value(name);
    if (v === null || v === undefined || name.startsWith('offline/')) continue;
    if (name === 'scan') fields[name] = v.code;
    else if (name.startsWith('item/')) fields[name] = { answered: v.answered, defects: v.defects, remark: v.remark };
    else fields[name] = v;
  }
  const signatures = Object.fromEntries(Object.entries(pictures).map(([whose, picture]) => [whose, picture.sha256]));
  return { visit, fields, signatures };
}

/** A fact with its name. @param {string} name @param {string} text */
const fact = (name, text) => (text ? [el('div', '', el('dt', '', name), el('dd', '', text))] : []);

/** A drawn signature; the page takes no pictures from elsewhere, so it is drawn again. @param {string} name @param {Blob} blob */
function signature(name, blob) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 350, height: 120 });
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', name);
  createImageBitmap(blob).then((picture) => canvas.getContext('2d')?.drawImage(picture, 0, 0, 350, 120), () => {});
  return el('figure', 'visit-signed', canvas, el('figcaption', '', name));
}

/**
 * Fills the paper in. Nothing of it is a number of ours, and it says so.
 * @param {HTMLElement} box
 * @param {{ facts: DOMStringMap, items: [string, string][], present: string, order: string[], unit: string[], people: [string, Blob][], sha256: string, at: number }} paper
 */
export function draw(box, { facts, items, present, order, unit, people, sha256, at }) {
  const head = [
    ...fact(t('被检查单位', 'Unit'), facts.unit ?? ''), ...fact(t('地址', 'Address'), facts.address ?? ''),
    ...fact(t('检查编号', 'Visit'), facts.which ?? ''), ...fact(t('检查日期', 'Day'), facts.day ?? ''),
    ...fact(t('检查人员', 'Inspectors'), facts.inspectors ?? ''), ...fact(t('检查表', 'Checklist'), facts.checklist ?? ''),
    ...fact(t('在场人员', 'Present for the unit'), present),
  ];
  const lines = items.map(([question, answer]) => el('li', '', el('span', '', question), ' ', el('b', '', answer)));
  box.replaceChildren(
    el('h3', '', t('现场检查记录（离线稿）', 'Record of the visit (provisional)')),
    el('p', 'strong', t('本稿没有文号。带文号的检查记录和责令改正文书由服务器制作后另行送达，以其为准。', 'This paper has no number. The numbered record and order are made at the server and served after it; they decide.')),
    el('dl', 'kv', ...head), el('h4', '', t('检查内容', 'What was looked at')), el('ol', '', ...lines),
    ...(order.length ? [el('h4', '', t('责令改正（草稿）', 'Order to correct (a draft)')), ...order.map((line) => el('p', 'prose', line))] : []),
    ...unit.map((line) => el('p', '', line)),
    el('div', 'visit-signatures', ...people.map(([name, blob]) => signature(name, blob))),
    el('p', 'muted', t(`离线稿作成时间（手机）：${desk(at)}`, `Made at (by the phone): ${desk(at)}`)),
    el('p', 'hash', `SHA-256 ${sha256}`),
    el('p', 'muted', t('以上摘要由手机保存的回答和签名算出。结束检查时服务器用收到的记录重新计算，检查记录写明是否一致。', 'The digest is of the answers and signatures that the phone keeps. When the visit is closed the server makes it anew of the record, and the record says whether it is the same.')),
  );
  box.hidden = false;
}
