// @ts-check
/** SHA-256 of a chosen file, made in the browser and filled into a field: the file never leaves the device. Without WebCrypto (no HTTPS) the page says so. */
import { t } from './lang.js';

/** Largest file that is read, bytes: papers are far smaller, and a phone holds the whole file in memory. */
const FILE_BYTES = 200 * 1024 * 1024;

/** @param {ArrayBuffer} bytes @returns {Promise<string>} */
export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((b) => b.toString(16).padStart(2, '0')).join('');
}

/** @param {HTMLElement} box */
function offer(box) {
  const pick = /** @type {HTMLInputElement | null} */ (box.querySelector('[data-digest-file]'));
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector(`#${pick?.dataset.digestFile}`));
  const said = box.querySelector('[data-digest-said]');
  if (!pick || !field || !said) return;
  let latest = 0;
  pick.addEventListener('change', async () => {
    const file = pick.files?.[0];
    const mine = ++latest;
    field.value = '';
    said.textContent = '';
    if (!file) return;
    if (file.size > FILE_BYTES) { said.textContent = t('文件太大，算不了。', 'The file is too large.'); return; }
    said.textContent = t('正在计算……', 'Working …');
    try {
      const hex = await sha256(await file.arrayBuffer());
      if (mine !== latest) return;
      field.value = hex;
      said.textContent = t('算好了，已填在下面。请按“核验”。', 'Done, filled in below. Press “Check”.');
    } catch {
      if (mine === latest) said.textContent = t('读不了这个文件，请再选一次。', 'The file cannot be read: choose it again.');
    }
  });
  box.hidden = false;
}

for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-digest-pick]'))) {
  if (globalThis.crypto?.subtle) offer(box); else box.nextElementSibling?.removeAttribute('hidden');
}
