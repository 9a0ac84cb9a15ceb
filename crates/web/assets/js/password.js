// @ts-check
/** Rules of a new password, checked while it is typed: each line of the list shows by mark and word whether it holds. The server checks again. */
import { t } from './lang.js';

/** @typedef {{ min: number, max: number, distinct: number, common: string[] }} Rules */

/** @param {string} text @param {string} login @param {Rules} rules @returns {Record<string, boolean>} */
export function check(text, login, rules) {
  const chars = [...text];
  const lower = text.toLowerCase();
  const bare = lower.replace(/[^\p{L}]+$/u, '');
  const core = lower.replace(/^\p{L}+|\p{L}+$/gu, '');
  const digits = chars.length - [...core].length <= 4 && /^[0-9]*$/.test(core);
  return {
    length: chars.length >= rules.min && chars.length <= rules.max,
    name: login.length < 3 || !lower.includes(login.toLowerCase()),
    distinct: new Set(chars).size >= rules.distinct,
    common: chars.length > 0 && !digits && !rules.common.includes(lower) && !rules.common.includes(bare),
  };
}

/** @param {HTMLElement} list @param {Rules} rules */
function follow(list, rules) {
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector(`#${list.dataset.passwordRules}`));
  const nameField = /** @type {HTMLInputElement | null} */ (document.querySelector(`#${list.dataset.loginField || 'login'}`));
  if (!field) return;
  const show = () => {
    const holds = check(field.value, list.dataset.login || nameField?.value || '', rules);
    for (const line of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('[data-rule]'))) {
      const ok = field.value !== '' && holds[line.dataset.rule ?? ''];
      line.dataset.holds = field.value === '' ? '' : String(ok);
      const word = line.querySelector('[data-verdict]');
      if (word) word.textContent = field.value === '' ? '' : ok ? t('符合', 'holds') : t('还不符合', 'not yet');
    }
  };
  field.addEventListener('input', show);
  nameField?.addEventListener('input', show);
  show();
}

const lists = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-password-rules]'));
if (lists.length) {
  fetch('/api/v1/password-rules')
    .then((answer) => answer.json())
    .then((rules) => lists.forEach((list) => follow(list, rules)))
    .catch(() => {}); // Without the rules the page still works: the server says what is wrong.
}
