// @ts-check
/** Devices: what the law says while a place is chosen; a check that runs, step by step, until it has a result. */
import { call, desk, el, icon, say, t } from './lang.js';

/** @typedef {{zh: string, en: string}} Text */
/** @typedef {{clause: string, article: Text}} Clause */

const clause = (/** @type {Clause} */ c) => { const a = el('a', 'clause', icon('law'), say(c.article)); a.setAttribute('href', `/law/${encodeURIComponent(c.clause)}`); a.dataset.beside = ''; return a; };
const notice = (/** @type {string} */ kind, /** @type {string} */ mark, /** @type {Node[]} */ ...inside) => el('div', `notice notice-${kind}`, icon(mark), el('div', '', ...inside));

/* -- the law's answer beside the form -- */
const law = /** @type {HTMLElement | null} */ (document.querySelector('[data-placement]'));
const form = law?.closest('form');
if (law && form) {
  let turn = 0;
  const ask = async () => {
    const f = new FormData(form);
    const kind = String(f.get('place_kind') ?? '');
    const mine = ++turn;
    if (!kind) { law.replaceChildren(); return; }
    const q = new URLSearchParams({ place_kind: kind, faces_homes: f.get('faces_homes') === 'yes' ? '1' : '', audio: f.get('audio') ? '1' : '', sign: f.get('sign_date') ? '1' : '', installer: String(f.get('installer') ?? ''), approval: String(f.get('approval') ?? '').trim() ? '1' : '' });
    const said = await call('GET', `/api/v1/placement?${q}`).catch(() => null);
    if (mine !== turn || !said) return;
    if (!said.allow) {
      law.replaceChildren(notice('critical', 'law', el('h3', '', t('法律不允许装在这里', 'The law does not allow it there')), el('p', '', `${say(said.what)} ${say(said.next)}`), el('span', 'clauses', ...said.why.map(clause))));
      return;
    }
    const asks = said.duties.map((/** @type {{what: Text, why: Clause}} */ d) => el('li', '', say(d.what), ' ', clause(d.why)));
    const days = el('li', '', `${t('录像保存', 'Footage is kept')} ${said.keep_days} ${t('天。', 'days.')}`);
    law.replaceChildren(notice('info', 'law', el('h3', '', t('法律允许，要求如下', 'The law allows it and asks')), el('ul', 'asks', days, ...asks)));
  };
  form.addEventListener('change', (e) => { if (/^(place_kind|faces_homes|audio|installer|approval|sign_date)$/.test(/** @type {any} */ (e.target).name)) ask(); });
  addEventListener('pageshow', ask);
}

/* -- a check that runs -- */
const box = /** @type {HTMLElement | null} */ (document.querySelector('[data-diagnosis]'));
const running = () => !!box?.querySelector('[data-probe-result] progress');
if (box) {
  const look = async () => {
    try {
      const d = await call('GET', `/api/v1/cameras/${box.dataset.diagnosis}/diagnosis`);
      const steps = d.steps.map((/** @type {any} */ s) => {
        const next = say(s.next) && el('div', 'next', el('span', 'strong', t('怎么办：', 'What to do: ')), say(s.next));
        return el('li', s.state, icon(s.icon), el('span', 'strong', say(s.question)), el('span', 'word', say(s.word)), el('span', 'seen', say(s.seen)), next || '');
      });
      box.querySelector('[data-chain]')?.replaceChildren(...steps);
      const at = box.querySelector('[data-diagnosed]');
      if (at) at.textContent = `${t('状态截至', 'as of')} ${desk(d.now)}`;
      if (d.probe) {
        const p = d.probe;
        const bar = p.running ? el('progress') : el('p', '', say(p.next));
        if (p.running) bar.setAttribute('aria-label', t('正在检查', 'Being checked'));
        box.querySelector('[data-probe-result]')?.replaceChildren(notice(p.mark, p.icon, el('p', '', el('span', 'strong', say(p.what)), ' ', el('span', 'muted small', desk(p.at))), bar));
      }
      const button = /** @type {HTMLButtonElement | null} */ (box.querySelector('[data-probe]'));
      if (button) button.disabled = running();
    } catch { /* the bar says that the connection is lost; we go on asking */ }
    if (running()) setTimeout(look, 1000);
  };
  if (running()) setTimeout(look, 700);
  document.addEventListener('jifang:camera', (e) => { if (/** @type {CustomEvent} */ (e).detail.id === box.dataset.diagnosis && !running()) look(); });
}
