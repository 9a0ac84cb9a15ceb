// @ts-check
/** What every page runs: live clock and states, forms, keys. */
import './live-status.js';
import './forms.js';
import './keys.js';
import './alarms.js';

/** On narrow screens the navigation scrolls: show where we are. */
const here = document.querySelector('.nav [aria-current]');
if (here?.parentElement) here.parentElement.scrollLeft = /** @type {HTMLElement} */ (here).offsetLeft - 80;
