// @ts-check
/** What every page runs: live clock and states, forms, keys. */
import './live-status.js';
import './forms.js';
import './keys.js';
