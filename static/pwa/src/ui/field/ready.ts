// "Ready for offline?": six checks before leaving the network. Rule: pure; what the browser said is
// given, unknown stays unknown, and only what was seen to be so is called ready.

import { isFlagged, type Skew } from "../../core/skew.ts";
import { figure, fileSize } from "../words/format.ts";
import { receivingWords } from "./standing.ts";
import { t } from "./words.ts";

/** What was found out about this device. Null: it did not say. */
export interface Findings {
  /** Started from the home screen, without the browser's own bars. */
  readonly isStandalone: boolean;
  /** The service worker serves this page: it would start without a network. */
  readonly isKept: boolean;
  readonly version: string;
  readonly isPersisted: boolean | null;
  readonly isComplete: boolean;
  readonly receiving: { readonly done: number; readonly total: number } | null;
  readonly freeBytes: number | null;
  /** `absent`: no camera, or no secure context to use it in. */
  readonly camera: "granted" | "prompt" | "denied" | "absent" | null;
  readonly skew: Skew | null;
}

/** `warn`: works, with a risk that is named. `bad`: would not work without a network. */
export type Level = "ok" | "warn" | "bad";
export type CheckName = "app" | "storage" | "data" | "space" | "camera" | "clock";

export interface Check {
  readonly name: CheckName;
  readonly level: Level;
  readonly words: string;
  /** What to do about it; absent when nothing is. */
  readonly advice?: string;
}

/** Room for the photos of a long round: about 1,600 of 300 kB. */
export const FREE_BYTES_MIN = 500_000_000;

export function checksOf(found: Findings): readonly Check[] {
  return [app(found), storage(found), data(found), space(found), camera(found), time(found)];
}

function app({ isStandalone, isKept, version }: Findings): Check {
  if (!isKept) {
    return { name: "app", level: "bad", words: t("ready.notKept"), advice: t("ready.notKeptHow") };
  }
  if (isStandalone) return { name: "app", level: "ok", words: t("ready.version", { version }) };
  return { name: "app", level: "warn", words: t("ready.inBrowser"), advice: t("ready.installHow") };
}

function storage({ isPersisted }: Findings): Check {
  if (isPersisted) return { name: "storage", level: "ok", words: t("ready.persisted") };
  const words = t(isPersisted === null ? "ready.unknown" : "ready.notPersisted");
  return { name: "storage", level: "warn", words, advice: t("ready.persistHow") };
}

function data({ isComplete, receiving }: Findings): Check {
  if (isComplete) return { name: "data", level: "ok", words: t("ready.here") };
  const words = receiving
    ? `${figure(receiving.done)} / ${figure(receiving.total)}`
    : t("ready.notHere");
  const advice = receiving ? receivingWords(receiving.done, receiving.total) : t("ready.syncHow");
  return { name: "data", level: "bad", words, advice };
}

function space({ freeBytes }: Findings): Check {
  if (freeBytes === null) return { name: "space", level: "warn", words: t("ready.unknown") };
  if (freeBytes >= FREE_BYTES_MIN)
    return { name: "space", level: "ok", words: fileSize(freeBytes) };
  const advice = t("ready.spaceHow");
  return { name: "space", level: "warn", words: fileSize(freeBytes), advice };
}

function camera(found: Findings): Check {
  switch (found.camera) {
    case "granted":
      return { name: "camera", level: "ok", words: t("ready.allowed") };
    case "denied":
      return {
        name: "camera",
        level: "warn",
        words: t("ready.denied"),
        advice: t("ready.deniedHow"),
      };
    case "absent":
      return {
        name: "camera",
        level: "warn",
        words: t("ready.absent"),
        advice: t("ready.typeHow"),
      };
    case "prompt":
      return {
        name: "camera",
        level: "warn",
        words: t("ready.notAsked"),
        advice: t("ready.askHow"),
      };
    case null:
      return {
        name: "camera",
        level: "warn",
        words: t("ready.unknown"),
        advice: t("ready.askHow"),
      };
  }
}

function time({ skew }: Findings): Check {
  if (skew === null || !Number.isFinite(skew.uncertaintyMs)) {
    return {
      name: "clock",
      level: "warn",
      words: t("ready.notMeasured"),
      advice: t("ready.syncHow"),
    };
  }
  const words = skewWords(skew);
  if (!isFlagged(skew)) return { name: "clock", level: "ok", words };
  return { name: "clock", level: "warn", words, advice: t("ready.clockHow") };
}

/** "0.8 秒", "快 12 分钟": how far this clock is from the server's. */
export function skewWords({ offsetMs }: Pick<Skew, "offsetMs">): string {
  const seconds = Math.abs(offsetMs) / 1000;
  if (seconds < 60) return t("ready.seconds", { n: figure(Math.round(seconds * 10) / 10) });
  const n = Math.round(seconds / 60);
  return offsetMs < 0 ? t("ready.fast", { n }) : t("ready.slow", { n });
}

export interface Verdict {
  readonly level: Level;
  readonly words: string;
  readonly note: string;
}

/** The heading of the list: ready, ready with something to look at, not ready. */
export function verdictOf(checks: readonly Check[], time: string): Verdict {
  const ready = checks.filter(({ level }) => level === "ok").length;
  const open = checks.length - ready;
  if (checks.some(({ level }) => level === "bad")) {
    return { level: "bad", words: t("ready.no"), note: t("ready.open", { n: open, time }) };
  }
  if (open > 0) {
    return { level: "warn", words: t("ready.look", { n: open }), note: t("ready.at", { time }) };
  }
  return { level: "ok", words: t("ready.yes"), note: t("ready.all", { n: ready, time }) };
}
