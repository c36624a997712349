// What several pages of the show-case use.

import { type Destination, type Status, StatusLine } from "../field-shell.tsx";
import type { Tick } from "../ticks.tsx";
import { t } from "./words.ts";

const row = (kind: Tick, n: number): readonly Tick[] => Array.from({ length: n }, () => kind);

export const MARKS: readonly Tick[] = [
  ...row("done", 4),
  "abnormal",
  ...row("done", 5),
  "abnormal",
  "done",
  "na",
  ...row("open", 11),
];

export const DESTINATIONS: readonly Destination[] = [
  {
    href: "/",
    icon: "home",
    get label() {
      return t("nav.today");
    },
  },
  {
    href: "/field/rooms",
    icon: "room",
    get label() {
      return t("nav.rooms");
    },
  },
  {
    href: "/field/sync",
    icon: "sync",
    count: 3,
    get label() {
      return t("nav.sync");
    },
  },
  {
    href: "/field/device",
    icon: "settings",
    get label() {
      return t("nav.device");
    },
  },
];

export function FieldStatus({ home = false, needsYou = 0 }: { home?: boolean; needsYou?: number }) {
  const states: readonly Status[] = [
    { icon: "clock", words: t("state.waiting", { n: 3 }) },
    { icon: "device", words: t("state.draft", { n: 1 }) },
    ...(needsYou > 0
      ? [{ icon: "needsYou" as const, words: t("state.needsYou", { n: needsYou }), needsYou: true }]
      : []),
  ];
  const last = t("sync.last", { time: "08:41" });
  return <StatusLine states={states} last={last} href="/field/sync" home={home} />;
}
