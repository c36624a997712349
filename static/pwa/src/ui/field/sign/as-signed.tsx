// A signature as it was given, on the tablet: its own words, and what its seal is worth here.
// Rule: read from the document alone; a key that this tablet was never told proves nothing here.

import { useEffect, useState } from "preact/hooks";
import { keyId } from "../../../core/ids.ts";
import type { Records, Seen } from "../../../core/work.ts";
import type { PersonRow } from "../../../db/database.ts";
import { Drawn } from "../../kit/drawn.tsx";
import { SealWord, type Worth } from "../../kit/seal.tsx";
import { readStated } from "../../kit/stated.ts";
import { StatementOf } from "../../kit/statement.tsx";
import { instant } from "../../words/format.ts";
import { t } from "../../words/sign.ts";
import { kidOf, type Sealer, sealOf } from "./seal.ts";

type Looked = {
  sealer: Sealer;
  person: PersonRow;
  records: Records;
  signature: Seen<"signature">;
};

/** What this device can say of a seal; null until it has been looked at. */
export function useSeal({ sealer, person, records, signature }: Looked): Worth | null {
  const [worth, setWorth] = useState<Worth | null>(null);
  const { id, data } = signature;
  const keys = records.by("key", "thumbprint", kidOf(data));
  const isTold = records.by("key", "device", person.device).length > 0;
  useEffect(() => {
    let isGone = false;
    const first = keys.filter((one) => one.id === keyId(one.data.device));
    const recorded = first.map((one) => one.data);
    void sealOf(sealer, { own: person.keys.publicKey, recorded, isTold }, id, data)
      .then((found) => {
        if (!isGone) setWorth(found);
      })
      .catch(() => undefined);
    return () => {
      isGone = true;
    };
  }, [sealer, person, id, data, keys, isTold]);
  return worth;
}

type AsSignedProps = Looked & { zone: string };

/** Opened in place below a signature; it prints alone. */
export function AsSigned({ zone, ...looked }: AsSignedProps) {
  const [isOpen, setOpen] = useState(false);
  const worth = useSeal(looked);
  const { data } = looked.signature;
  const { name = "", title = "", strokes = "" } = data;
  return (
    <div class="assigned">
      {worth && <SealWord seal={worth} size={20} />}
      <button type="button" class="btn txt" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {t(isOpen ? "sign.asSignedClose" : "sign.asSigned")}
      </button>
      {isOpen && (
        <section class="sheetof" aria-label={t("sign.asSigned")}>
          <StatementOf stated={readStated(data.document)} />
          <Drawn strokes={strokes} name={name} />
          <p class="note">
            {[name, title, instant(data.signed_at, zone, 0)].filter((part) => part).join(" · ")}
          </p>
          <p class="note digest">{data.digest}</p>
          <button type="button" class="btn noprint" onClick={() => window.print()}>
            {t("sign.print")}
          </button>
        </section>
      )}
    </div>
  );
}
