// @ts-check
/** `?` shows the keys of this page, `/` goes to the search, Esc closes menus. Typing in a field is never a command. */

/** The event is typing, or belongs to an open dialog, or carries a modifier. @param {KeyboardEvent} e */
export function isTyping(e) {
  const at = e.target instanceof HTMLElement ? e.target : null;
  const field = at?.closest('input, textarea, select, [contenteditable]');
  const quiet = field instanceof HTMLInputElement && ['checkbox', 'radio', 'button'].includes(field.type);
  return (!!field && !quiet) || e.ctrlKey || e.metaKey || e.altKey || !!document.querySelector('dialog[open]');
}

const keys = /** @type {HTMLDialogElement | null} */ (document.querySelector('#keys'));

document.addEventListener('keydown', (e) => {
  if (e.key === '?' && keys && !(e.target instanceof HTMLElement && e.target.closest('input, textarea'))) {
    e.preventDefault();
    if (keys.open) keys.close(); else if (!document.querySelector('dialog[open]')) keys.showModal();
  } else if (e.key === '/' && !isTyping(e)) {
    const first = /** @type {HTMLElement | null} */ (document.querySelector('input[type=search]') ?? document.querySelector('main input:not([type=hidden])'));
    if (first) { e.preventDefault(); first.focus(); }
  } else if (e.key === 'Escape') {
    for (const menu of document.querySelectorAll('details.menu[open]')) menu.removeAttribute('open');
  }
});

document.addEventListener('click', (e) => {
  const at = /** @type {HTMLElement} */ (e.target);
  if (at.closest('[data-open-keys]')) { keys?.showModal(); }
  if (at.closest('[data-close]')) at.closest('dialog')?.close();
  if (at instanceof HTMLDialogElement && at.id !== 'confirm' && at.id !== 'reason') at.close();
  for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(at) || at.closest('[data-open-keys]')) menu.removeAttribute('open');
});
