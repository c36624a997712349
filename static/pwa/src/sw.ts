// The service worker: keeps the files of the app on the device, so that it starts without a network.
// Rule: it answers only for files of its own build and for the app's pages. Everything else (sync,
// files, labels, tags, health) goes to the network untouched, and no work is ever kept here.

declare const self: ServiceWorkerGlobalScope;
/** [address, SHA-256 in hex] of every file of this build; written in by precache.ts. */
declare const __PRECACHE__: readonly (readonly [string, string])[];

const FILES = new Map(__PRECACHE__);
const CACHE = "xunjian-app";
const PAGE = "/index.html";
// The app's own pages. An address that is not listed here is the server's.
const PAGES = /^\/($|(enrol|field|office)(\/|$))/;

// Files are kept under address and digest: a build downloads only what changed, and the build in
// use keeps its own files until the next one takes over.
const key = (address: string, digest: string): string => `${address}?${digest}`;

async function keep(cache: Cache, address: string, digest: string): Promise<void> {
  if (await cache.match(key(address, digest))) return;
  const answer = await fetch(address, { cache: "no-cache", credentials: "omit" });
  const bytes = await answer.clone().arrayBuffer();
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const found = Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
  // A portal's sign-in page, or half of a deployment, must not become part of the app.
  if (!answer.ok || found !== digest) throw new Error(`${address}: other bytes than the build's`);
  await cache.put(key(address, digest), answer);
}

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(Array.from(FILES, ([address, digest]) => keep(cache, address, digest)));
}

async function clean(): Promise<void> {
  const cache = await caches.open(CACHE);
  const mine = new Set(Array.from(FILES, ([address, digest]) => key(address, digest)));
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    if (!mine.has(pathname + search)) await cache.delete(request);
  }
}

async function kept(address: string, digest: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(key(address, digest))) ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
// The first build takes its open page at once, so that the first visit already works offline.
self.addEventListener("activate", (event) =>
  event.waitUntil(clean().then(() => self.clients.claim())),
);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const isPage = request.mode === "navigate" && PAGES.test(url.pathname);
  const address = isPage ? PAGE : url.pathname;
  const digest = FILES.get(address);
  if (digest !== undefined) event.respondWith(kept(address, digest, request));
});

// A waiting build takes over when the app is next started, or now if a person says so.
self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(self.skipWaiting());
});
