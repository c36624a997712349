// A new version of the app: downloaded silently, offered once, used at the next start or when asked.
// Rule: nothing is reloaded under a person's hands unless that person said so here.

import { signal } from "@preact/signals";

/** True when a new version is on the device and waits for the next start. */
export const updateWaiting = signal(false);

let registration: ServiceWorkerRegistration | undefined;

function watch(worker: ServiceWorker | null): void {
  const check = () => {
    // Without a controller this is the first version, not an update.
    if (worker?.state === "installed" && navigator.serviceWorker.controller) {
      updateWaiting.value = true;
    }
  };
  worker?.addEventListener("statechange", check);
  check();
}

/** Register the service worker; without one (no secure context) the app works while online. */
export async function keepApp(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  registration = await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  // Another tab may have found it first: then it is on its way, or here, already.
  watch(registration.installing);
  watch(registration.waiting);
  registration.addEventListener("updatefound", () => watch(registration?.installing ?? null));
}

/** Use the waiting version now: the page is loaded again. Drafts are on the device already. */
export function takeUpdate(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
  registration?.waiting?.postMessage("take over");
}
