// The first page of an order as it will come out of the printer. Rule: nothing is made by looking; a
// preview that does not come stands in nobody's way.

import { useEffect, useState } from "preact/hooks";
import type { LabelOrder, LabelPreview } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { WRITES } from "../api.ts";
import { useOffice } from "../state.ts";
import { t } from "./words.ts";

// So long nobody types or presses before it is drawn.
const SETTLE_MS = 400;

type Seen = {
  readonly of: string;
  readonly preview: LabelPreview | null;
  /** The server does not answer: it is the server that makes the labels, too. */
  readonly isAway: boolean;
};

/** The preview of an order, a moment after it has settled; null where none came. */
export function usePreview(order: LabelOrder, isWanted: boolean) {
  const { client } = useOffice();
  const [seen, setSeen] = useState<Seen | null>(null);
  const wanted = isWanted ? JSON.stringify(order) : "";
  useEffect(() => {
    if (wanted === "") return;
    let isGone = false;
    const timer = setTimeout(async () => {
      const asked: LabelOrder = JSON.parse(wanted);
      const answer = await client.write<LabelPreview>(WRITES.labelPreview, asked);
      const preview = answer.kind === "ok" ? answer.value : null;
      if (!isGone) setSeen({ of: wanted, preview, isAway: answer.kind === "unreachable" });
    }, SETTLE_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [client, wanted]);
  const isNewest = seen?.of === wanted;
  const { preview = null, isAway = false } = seen ?? {};
  return { preview, isAway, isComing: wanted !== "" && !isNewest };
}

type PreviewProps = { preview: LabelPreview | null; isAway: boolean; isComing: boolean };

export function Preview({ preview, isAway, isComing }: PreviewProps) {
  if (preview === null) {
    const none = isAway ? "preview.away" : "preview.none";
    return <p class="note preview">{t(isComing ? "preview.coming" : none)}</p>;
  }
  const { picture, pages, new_codes: codes = 0, missing = "" } = preview;
  return (
    <figure class={isComing ? "preview older" : "preview"} aria-busy={isComing}>
      <img src={picture} alt={t("preview.alt", { n: pages })} />
      <figcaption class="note">
        {codes > 0 && <span class="block">{t("preview.codes", { n: codes })}</span>}
        {missing !== "" && (
          <span class="st warn">
            <Icon name="needsYou" size={15} />
            {t("preview.missing", { marks: [...missing].join(" ") })}
          </span>
        )}
      </figcaption>
    </figure>
  );
}
