// @ts-check
/** One report of the police inbox: pictures and clips appear by themselves as they come; one that plays goes on playing. */
import { call } from './lang.js';

const EVERY_MS = 1500;
let newest = '';

async function draw() {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#exhibits');
  const here = document.querySelector('#exhibits');
  if (!fresh || !here) return;
  for (const shown of here.querySelectorAll('[data-exhibit]')) fresh.querySelector(`[data-exhibit="${shown.getAttribute('data-exhibit')}"]`)?.replaceWith(shown);
  here.replaceWith(fresh);
}

async function look() {
  try {
    const state = await call('GET', '/api/v1/inbox');
    if (newest && String(state.exhibits) !== newest) await draw();
    newest = String(state.exhibits);
  } catch { /* the bar says that the connection is lost; we go on asking */ }
  if (Number(document.querySelector('#exhibits')?.getAttribute('data-awaited')) > 0) setTimeout(look, EVERY_MS);
}
look();
