// Light or dark: chosen by the person on this device, else by the system; never by the clock.

import { effect, signal } from "@preact/signals";

export type Theme = "light" | "dark" | "system";

const STORED = "xunjian.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

function stored(): Theme {
  try {
    const kept = localStorage.getItem(STORED);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

export const theme = signal<Theme>(stored());
const system = signal(dark.matches);
dark.addEventListener("change", (event) => {
  system.value = event.matches;
});

/** Choose at once and remember it on this device. */
export function setTheme(next: Theme): void {
  theme.value = next;
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // Without storage the choice lasts until the app is closed.
  }
}

effect(() => {
  const isDark = theme.value === "dark" || (theme.value === "system" && system.value);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
});
