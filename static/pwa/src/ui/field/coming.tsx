// In the place of a list whose rows are not here yet: that they come, or why they do not and what to do.
// Rule: nothing is called coming while it cannot come, and what is empty is not told before it is known.

import type { SyncState } from "../../sync/engine.ts";
import { go } from "../kit/address.ts";
import { Empty, Loading } from "../kit/notices.tsx";
import { useSession } from "./app.ts";
import { SYNC } from "./paths.ts";
import { receivingWords } from "./standing.ts";
import { type FieldLabel, t } from "./words.ts";

/** What keeps rows from coming until somebody does something about it. */
const STOPPED: Readonly<Partial<Record<SyncState["phase"], FieldLabel>>> = {
  "enrol-again": "phase.enrolAgainHow",
  "cloned-device": "phase.clonedHow",
  "update-needed": "phase.updateHow",
  draining: "phase.drainingHow",
};

export function Coming() {
  const session = useSession();
  const { phase, receiving } = session.sync.value;
  const stopped = STOPPED[phase];
  if (stopped) {
    return <Empty why={t(stopped)} action={{ label: t("coming.see"), onClick: () => go(SYNC) }} />;
  }
  if (phase === "offline") {
    const again = { label: t("sync.now"), onClick: () => session.wake("button") };
    return <Empty why={t("coming.away")} action={again} />;
  }
  const words = receiving ? receivingWords(receiving.done, receiving.total) : t("today.coming");
  return <Loading words={words} />;
}
