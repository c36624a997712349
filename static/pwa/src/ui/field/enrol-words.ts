// Why joining did not work: what happened, what is safe, what to do. Rule: by the problem's type only.

import type { Enrolled } from "../../sync/enrol.ts";
import { slugOf } from "../../sync/http.ts";
import { type FieldLabel, t } from "./words.ts";

export interface Refusal {
  readonly what: string;
  readonly safe: string;
  /** Trying the same code again may help. */
  readonly mayRepeat: boolean;
  readonly code: string;
}

const WHATS: Readonly<Record<string, readonly [FieldLabel, FieldLabel, boolean]>> = {
  "ticket-used": ["enrol.used", "enrol.askNew", false],
  "ticket-expired": ["enrol.expired", "enrol.askNew", false],
  "ticket-unknown": ["enrol.unknown", "enrol.askWhole", false],
  "lineage-taken": ["enrol.taken", "enrol.askNew", false],
};

/** Why it did not work; `broken`: this device could not keep it. */
export type Refused = Exclude<Enrolled, { kind: "enrolled" }> | { readonly kind: "broken" };

export function refusalOf(result: Refused): Refusal {
  switch (result.kind) {
    case "broken":
      return { what: t("enrol.broken"), safe: t("enrol.brokenHow"), mayRepeat: true, code: "" };
    case "not-a-link":
      return { what: t("enrol.notLink"), safe: t("enrol.askWhole"), mayRepeat: false, code: "" };
    case "other-server": {
      const safe = t("enrol.openThere", { server: result.server });
      return { what: t("enrol.otherServer"), safe, mayRepeat: false, code: "" };
    }
    case "later": {
      const { status, afterMs } = result;
      const n = Math.max(1, Math.ceil((afterMs ?? 60_000) / 60_000));
      const what = t(status === 429 ? "enrol.tooMany" : "enrol.later");
      return { what, safe: t("enrol.laterHow", { n }), mayRepeat: true, code: String(status) };
    }
    case "unreachable":
      return { what: t("enrol.noServer"), safe: t("enrol.ticketWhole"), mayRepeat: true, code: "" };
    case "refused": {
      const slug = slugOf(result.problem) ?? "";
      const [what, safe, mayRepeat] = WHATS[slug] ?? ["enrol.refused", "enrol.askNew", true];
      const code = slug === "" ? String(result.status) : `${slug} (${result.status})`;
      return { what: t(what), safe: t(safe), mayRepeat, code };
    }
  }
}

/** A name under which the office finds this device again, guessed from what the browser says. */
export function defaultName(agent: string): string {
  const [, model] = /Android[^;)]*;\s*([^;)]+?)(?:\s+Build[^;)]*)?\)/.exec(agent) ?? [];
  if (model !== undefined && model !== "K" && !/^(Mobile|Tablet)$/.test(model)) return model;
  if (/iPad|Macintosh.*Mobile/.test(agent)) return "iPad";
  if (/iPhone/.test(agent)) return "iPhone";
  if (/Android/.test(agent))
    return t(/Mobile/.test(agent) ? "enrol.androidPhone" : "enrol.androidTablet");
  return t(/Windows|Macintosh|Linux|CrOS/.test(agent) ? "enrol.computer" : "enrol.tablet");
}
