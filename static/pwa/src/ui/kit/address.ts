// Where the app is: the browser's address, as a signal.
// Rule: what a screen shows (page, sort, filter) lives in the address, so that back, reload and a
// copied link show the same. Plain links work; the app follows those of its own face itself.

import { signal } from "@preact/signals";

export type FaceName = "field" | "office" | "enrol";

/** The face an app page belongs to; null for addresses that are the server's. As in src/sw.ts. */
export function faceOf(path: string): FaceName | null {
  if (/^\/office(\/|$)/.test(path)) return "office";
  if (/^\/enrol(\/|$)/.test(path)) return "enrol";
  return /^\/($|field(\/|$))/.test(path) ? "field" : null;
}

export type Address = { readonly path: string; readonly query: URLSearchParams };

function here(): Address {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

export const address = signal<Address>(here());
addEventListener("popstate", () => {
  address.value = here();
});

/** Go to a page of this face; `replace` leaves no step for the back button. */
export function go(href: string, { replace = false }: { replace?: boolean } = {}): void {
  if (replace) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  address.value = here();
}

function follow(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey);
  if (!(link instanceof HTMLAnchorElement) || !isPlain || event.defaultPrevented) return;
  const isOurs = link.origin === location.origin && link.target === "" && !link.download;
  const face = faceOf(link.pathname);
  // Another face is another program: the browser loads it.
  if (!isOurs || face === null || face !== faceOf(location.pathname)) return;
  event.preventDefault();
  go(link.pathname + link.search + link.hash);
}

/** Follow links inside the face without loading the page again. Called once, by main.tsx. */
export function followLinks(): void {
  document.addEventListener("click", follow);
}

/**
 * One value kept in the address (`?name=value`), for sort, filter and selection. Setting the
 * fallback takes the name away. Changes replace the step: back leaves the page, not the filter.
 */
export function useAddressState(
  name: string,
  fallback = "",
): readonly [value: string, set: (value: string) => void] {
  const { path, query } = address.value;
  const set = (value: string) => {
    const next = new URLSearchParams(address.peek().query);
    if (value === fallback) next.delete(name);
    else next.set(name, value);
    const text = next.toString();
    go(text === "" ? path : `${path}?${text}`, { replace: true });
  };
  return [query.get(name) ?? fallback, set];
}
