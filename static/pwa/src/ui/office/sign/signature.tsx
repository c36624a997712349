// One signature where work is shown: the drawing, who and when, what it is worth, what came after.

import type { Signed } from "../../../wire/types.ts";
import { Drawn } from "../../kit/drawn.tsx";
import { SealWord } from "../../kit/seal.tsx";
import { StateWord } from "../../kit/state.tsx";
import { instant } from "../../words/format.ts";
import { minute } from "../state.ts";
import { dotted } from "../words.ts";
import { Since } from "./note.tsx";
import { t } from "./words.ts";

type SignatureProps = { signed: Signed; zone: string };

export function Signature({ signed, zone }: SignatureProps) {
  const { strokes = "", name = "", title, role, absent_reason: why, seal = "unsealed" } = signed;
  return (
    <div class={signed.superseded ? "signature old" : "signature"}>
      {strokes !== "" ? (
        <Drawn strokes={strokes} name={t("sign.of", { name })} />
      ) : (
        <p>{why ? t("sign.absentWhy", { why }) : t("sign.absent")}</p>
      )}
      <span class="note">
        {dotted(t(`sign.${role}`), name, title, instant(signed.signed_at, zone, minute.value))}
      </span>
      <Since signed={signed} />
      {signed.superseded && (
        <StateWord icon="history" tone="quiet" size={16}>
          {t("sign.superseded")}
        </StateWord>
      )}
      {(strokes !== "" || seal === "broken") && (
        <SealWord {...{ seal }} faults={signed.faults ?? []} by={signed.sealed_by ?? ""} />
      )}
      <a href={`/office/signatures/${signed.id}`}>{t("sign.open")}</a>
    </div>
  );
}
