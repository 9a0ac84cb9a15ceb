// @ts-check
/** Keeps the page of a visit and its files, so that a phone can open it again without a network. Nothing else, and only what was opened. */
const KEPT = 'jifang-visits-1';
const worker = /** @type {any} */ (self);

/** @param {URL} url */
const isPage = (url) => /^\/visits\/[0-9a-f-]{36}$/.test(url.pathname);

worker.addEventListener('install', () => worker.skipWaiting());
worker.addEventListener('activate', (/** @type {any} */ e) => e.waitUntil(worker.clients.claim()));
worker.addEventListener('fetch', (/** @type {any} */ e) => {
  const url = new URL(e.request.url);
  const page = e.request.mode === 'navigate' && isPage(url);
  if (e.request.method !== 'GET' || url.origin !== location.origin || !(page || url.pathname.startsWith('/assets/'))) return;
  e.respondWith(answer(e.request));
});

/** The network first; what was kept only where there is none. A page that leads to the sign-in is never kept. @param {Request} request */
async function answer(request) {
  try {
    const got = await fetch(request);
    // What was thrown away is not begun again by a file that comes later.
    if (got.ok && !got.redirected && got.type === 'basic' && await caches.has(KEPT)) {
      const kept = await caches.open(KEPT);
      if (await kept.match(request, { ignoreSearch: true })) await kept.put(request, got.clone());
    }
    return got;
  } catch (error) {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}
