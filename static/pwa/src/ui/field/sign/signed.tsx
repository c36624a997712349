// A signature that was given, in one line: who and when, and whether it still stands for the work.
// Rule: an old signature is never shown as if it covered what was changed after it.

import { useEffect, useState } from "preact/hooks";
import type { Seen } from "../../../core/work.ts";
import type { Records } from "../../../db/records.ts";
import { StateWord } from "../../kit/state.tsx";
import { instant } from "../../words/format.ts";
import { t } from "../inspect/words.ts";
import { type Sha, type Since, sinceSigned, UNTOUCHED } from "./document.ts";
import { standingOf } from "./presence.ts";

type Looked = {
  readonly sha256: Sha;
  readonly records: Pick<Records, "by" | "record">;
  readonly signature: Seen<"signature"> | undefined;
  /** The work that the signature is for, as it stands. */
  readonly work: readonly Seen<"inspection">[];
};

/** What has become of what was signed; untouched until it has been looked at. */
export function useSince({ sha256, records, signature, work }: Looked): Since {
  const [since, setSince] = useState<Since>(UNTOUCHED);
  const document = signature?.data.document;
  // After every drawing: the digests are kept, and nothing is drawn again unless it differs.
  useEffect(() => {
    let isGone = false;
    const look = async (): Promise<void> => {
      if (document === undefined) return setSince(UNTOUCHED);
      const { covered, handedIn } = await standingOf(sha256, records, work);
      const found = await sinceSigned(sha256, document, covered, handedIn);
      if (isGone) return;
      setSince((before) =>
        before.isChanged === found.isChanged &&
        before.added === found.added &&
        before.findings === found.findings &&
        before.photos === found.photos
          ? before
          : found,
      );
    };
    void look().catch(() => undefined);
    return () => {
      isGone = true;
    };
  });
  return since;
}

export function isStale({ isChanged, added, findings }: Since): boolean {
  return isChanged || added > 0 || findings > 0;
}

/** "签字后有改动": beside a signature that no longer covers the work. */
export function Stale({ since }: { since: Since }) {
  const { isChanged, added, findings, photos } = since;
  if (!isStale(since)) {
    if (photos === 0) return null;
    return (
      <StateWord icon="picture" tone="quiet" size={22}>
        {t("sign.photosAfter", { n: photos })}
      </StateWord>
    );
  }
  return (
    <StateWord icon="needsYou" tone="warn" size={22}>
      {isChanged
        ? t("sign.changedAfter")
        : added > 0
          ? t("sign.addedAfter", { n: added })
          : t("sign.findingsAfter", { n: findings })}
    </StateWord>
  );
}

type LineProps = { signature: Seen<"signature">; since: Since; zone: string; now: number };

/** "陈主任 已签字 16:20" and, where it is so, that something was changed since. */
export function SignedLine({ signature, since, zone, now }: LineProps) {
  const { name = "", absent_reason: why, signed_at } = signature.data;
  const time = instant(signed_at, zone, now);
  return (
    <div class="signedline">
      <StateWord icon={why ? "dash" : "pen"} tone="quiet" size={22}>
        {why ? t("sign.doneAbsent", { time }) : t("sign.done", { name, time })}
      </StateWord>
      <Stale since={since} />
    </div>
  );
}
