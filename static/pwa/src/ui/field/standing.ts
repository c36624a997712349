// What the status line says of the work on this device. Rule: pure; the most urgent first, every state
// true at this moment, and nothing is called confirmed but what a matching receipt has confirmed.

import type { ItemState, Status } from "../../core/status.ts";
import type { StorageState } from "../../db/resilience.ts";
import type { SyncState } from "../../sync/engine.ts";
import type { Status as Shown } from "../kit/field-shell.tsx";
import type { IconName } from "../kit/icons.tsx";
import type { Tone } from "../kit/state.tsx";
import { figure, instant } from "../words/format.ts";
import { type FieldLabel, t } from "./words.ts";

export interface Standing {
  readonly status: Status;
  readonly sync: SyncState;
  readonly storage: StorageState;
  readonly now: number;
  readonly zone: string;
}

/** How many things wait for the engineer: refused, in conflict, returned. */
export function needsOf(status: Status): number {
  return status.needsYou + status.returned;
}

const STORAGE: Readonly<Record<Exclude<StorageState, "fine">, FieldLabel>> = {
  full: "storage.full",
  broken: "storage.broken",
  "newer-app": "storage.newer",
};

const LOST: Readonly<Partial<Record<Status["phase"], FieldLabel>>> = {
  "enrol-again": "phase.enrolAgain",
  "cloned-device": "phase.cloned",
  "update-needed": "phase.update",
  draining: "phase.draining",
};

/** In order of urgency; the line shows two, and always the one that needs the person. */
export function statesOf({ status, sync, storage, now, zone }: Standing): readonly Shown[] {
  const shown: Shown[] = [];
  if (storage !== "fine") {
    shown.push({ icon: "needsYou", words: t(STORAGE[storage]), needsYou: true });
  }
  const lost = LOST[status.phase];
  if (lost) shown.push({ icon: "needsYou", words: t(lost), needsYou: true });
  const { sending, receiving } = sync;
  if (sending) {
    shown.push({
      icon: "sending",
      words: t("state.sending", { done: sending.done, n: sending.total }),
    });
  } else if (receiving && !sync.isComplete) {
    shown.push({ icon: "sync", words: receivingWords(receiving.done, receiving.total) });
  }
  const needs = needsOf(status);
  if (needs > 0) {
    shown.push({ icon: "needsYou", words: t("state.needsYou", { n: needs }), needsYou: true });
  }
  if (status.waiting > 0 && !sending) {
    shown.push({ icon: "clock", words: t("state.waiting", { n: status.waiting }) });
  }
  if (status.answersReceived > 0) {
    shown.push({ icon: "photosLeft", words: t("state.photosLeft", { n: status.photosLeft }) });
  }
  if (status.draft > 0)
    shown.push({ icon: "device", words: t("state.draft", { n: status.draft }) });
  if (shown.length > 0) return shown;
  if (status.confirmedAt !== null) {
    const time = instant(status.confirmedAt, zone, now);
    return [{ icon: "confirmed", words: t("state.confirmed", { time }) }];
  }
  return [{ icon: "device", words: t("state.allSent") }];
}

export function receivingWords(done: number, total: number): string {
  return t("sync.receiving", { done: figure(done), all: figure(total) });
}

export function lastSyncWords({ sync, now, zone }: Standing): string {
  if (sync.lastSuccess === null) return t("sync.never");
  return t("sync.last", { time: instant(sync.lastSuccess, zone, now) });
}

/** When the last sync was; and that the server is not there, while it is not. */
export function reachWords(standing: Standing): string {
  const last = lastSyncWords(standing);
  return standing.status.phase === "offline" ? t("sync.away", { last }) : last;
}

export interface ItemWords {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly words: string;
}

/** Where one item is, as a state word; null when this device did nothing to it. */
export function itemWords(
  state: ItemState,
  item: { readonly photosLeft: number; readonly confirmedAt: number | null },
  { now, zone }: Pick<Standing, "now" | "zone">,
): ItemWords | null {
  switch (state) {
    case "needs-you":
      return { icon: "needsYou", tone: "bad", words: t("item.needsYou") };
    case "returned":
      return { icon: "returned", tone: "warn", words: t("state.returned") };
    case "draft":
      return { icon: "device", tone: "quiet", words: t("item.draft") };
    case "waiting":
      return { icon: "clock", tone: "quiet", words: t("item.waiting") };
    case "answers-received":
      return {
        icon: "photosLeft",
        tone: "warn",
        words: t("state.photosLeft", { n: item.photosLeft }),
      };
    case "with-office":
      return { icon: "person", tone: "plain", words: t("item.withOffice") };
    case "received":
      return { icon: "sending", tone: "act", words: t("item.received") };
    case "confirmed": {
      const time = item.confirmedAt === null ? "" : instant(item.confirmedAt, zone, now);
      return { icon: "confirmed", tone: "ok", words: t("state.confirmed", { time }) };
    }
    case "none":
      return null;
  }
}
