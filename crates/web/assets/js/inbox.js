// @ts-check
/** The police inbox: new reports appear by themselves and sound until they are taken. */
import { call, t } from './lang.js';

const EVERY_MS = 1500;
const button = /** @type {HTMLButtonElement | null} */ (document.querySelector('[data-sound]'));
/** @type {AudioContext | null} */
let audio = null;
let version = '';

/** Two rising tones, unlike any other sound of the program. */
function ring() {
  if (!audio || audio.state !== 'running') return;
  for (const [at, hz] of [[0, 880], [0.25, 1175], [0.5, 880], [0.75, 1175]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = hz;
    volume.gain.value = 0.25;
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + at);
    tone.stop(audio.currentTime + at + 0.2);
  }
}

function showSound() {
  if (!button) return;
  const on = audio?.state === 'running';
  button.setAttribute('aria-pressed', String(on));
  button.querySelector('use')?.setAttribute('href', `/assets/icons.svg#${on ? 'sound' : 'mute'}`);
  const word = button.querySelector('span');
  if (word) word.textContent = on ? t('声音已打开', 'Sound is on') : t('打开声音', 'Turn sound on');
}

button?.addEventListener('click', async () => {
  audio ??= new AudioContext();
  await (audio.state === 'running' ? audio.suspend() : audio.resume());
  showSound();
  ring();
});

/** The queue as the server draws it now. */
async function draw() {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-queue]');
  if (fresh) document.querySelector('[data-queue]')?.replaceWith(fresh);
}

async function look() {
  try {
    const state = await call('GET', '/api/v1/inbox');
    if (version && state.version !== version) await draw();
    version = state.version;
    if (state.waiting > 0) ring();
    document.title = document.title.replace(/^(\(\d+\) )?/, state.waiting > 0 ? `(${state.waiting}) ` : '');
  } catch { /* the bar says that the connection is lost; we go on asking */ }
  setTimeout(look, EVERY_MS);
}
showSound();
look();
