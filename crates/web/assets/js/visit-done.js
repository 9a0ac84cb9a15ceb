// @ts-check
/** A visit that is over leaves nothing on the phone: what was kept of it is at the server, or the page would not say so. */
const at = /** @type {HTMLElement | null} */ (document.querySelector('[data-ended]'));
const key = `${document.body.dataset.login}/${at?.dataset.ended}`;
const KEPT = 'jifang-visits-1';

/** The page goes; the files too, unless the page of another visit needs them. */
async function forget() {
  const kept = await caches.open(KEPT);
  const pages = (await kept.keys()).filter((request) => new URL(request.url).pathname.startsWith('/visits/'));
  const others = pages.filter((request) => new URL(request.url).pathname !== location.pathname);
  await (others.length ? kept.delete(location.pathname, { ignoreSearch: true }) : caches.delete(KEPT));
  document.documentElement.dataset.gone = 'yes';
}
if (window.caches) forget();
const request = indexedDB.open('jifang-visits');
// A phone that kept nothing has no such store: none is made here.
request.onupgradeneeded = () => request.transaction?.abort();
request.onsuccess = () => {
  const change = request.result.transaction(['visits', 'photos'], 'readwrite');
  change.objectStore('visits').delete(key);
  const photos = change.objectStore('photos');
  const found = photos.index('visit').getAllKeys(key);
  found.onsuccess = () => found.result.forEach((n) => photos.delete(n));
};
