// @ts-check
/** Words, times and requests that every module needs. Pages are made on the server; this only speaks its language. */

const english = document.documentElement.lang === 'en';

/** The one of two texts that is in the language of the page. @param {string} zh @param {string} en */
export const t = (zh, en) => (english ? en : zh);

/** The text of a bilingual answer of the server. @param {{zh?: string, en?: string} | undefined} text */
export const say = (text) => (text ? (english ? text.en : text.zh) || '' : '');

const two = (/** @type {number} */ n) => String(n).padStart(2, '0');

/** A date whose UTC fields are Beijing time (UTC+8, no daylight saving). @param {number} utcMs */
export const beijing = (utcMs) => new Date(utcMs + 8 * 3600000);

/** `2026-11-21 18:30:05`, Beijing. @param {number} utcMs */
export function desk(utcMs) {
  const d = beijing(utcMs);
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())} ${clock(utcMs)}`;
}

/** `18:30:05`, Beijing. @param {number} utcMs */
export function clock(utcMs) {
  const d = beijing(utcMs);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

/** UTC ms of a Beijing date and time as typed. @param {string} date @param {string} time */
export const fromBeijing = (date, time) => Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}+08:00`);

/** Duration in its two largest units. @param {number} ms */
export function lasting(ms) {
  let s = Math.max(0, Math.round(ms / 1000));
  const out = [];
  for (const [size, zh, en] of /** @type {[number, string, string][]} */ ([[86400, '天', 'd'], [3600, '小时', 'h'], [60, '分', 'min'], [1, '秒', 's']])) {
    if (s >= size && out.length < 2) { out.push(`${Math.floor(s / size)} ${t(zh, en)}`); s %= size; }
  }
  return out.join(' ') || t('0 秒', '0 s');
}

/** Bit rate in words. @param {number} bps */
export const bitRate = (bps) => (bps >= 1e6 ? `${(bps / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bps / 1e3)} kbit/s`);

/** An icon of the sprite. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `/assets/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** An element with class and children. @param {string} tag @param {string} [cls] @param {...(Node|string)} inside */
export function el(tag, cls, ...inside) {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  e.append(...inside);
  return e;
}

/** To the sign-in page, and from there back here; forms keep what was typed (`forms.js`). */
export function signIn() {
  document.dispatchEvent(new CustomEvent('jifang:leave'));
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** What the server said no to: what, clauses, what next. */
export class Refused extends Error {
  /** @param {number} status @param {any} body */
  constructor(status, body) {
    super(say(body?.what) || t(`服务器答复 ${status}`, `the server answered ${status}`));
    this.status = status;
    this.next = say(body?.next);
    /** @type {{clause: string, article: {zh: string, en: string}}[]} */
    this.why = body?.why ?? [];
  }
}

/**
 * One request to the API with the CSRF header; JSON in and out. A refusal becomes `Refused`.
 * @param {string} method @param {string} path @param {unknown} [body] @param {AbortSignal} [signal]
 */
export async function call(method, path, body, signal) {
  const csrf = document.querySelector('meta[name=csrf]')?.getAttribute('content') ?? '';
  /** @type {Record<string, string>} */
  const headers = { accept: 'application/json' };
  if (method !== 'GET') headers['x-csrf'] = csrf;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const answer = await fetch(path, { method, headers, body: JSON.stringify(body), signal });
  const json = await answer.json().catch(() => null);
  if (answer.status === 401) signIn();
  if (!answer.ok) throw new Refused(answer.status, json);
  return json;
}
