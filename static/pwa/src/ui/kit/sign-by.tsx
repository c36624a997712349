// How somebody signs: with a pen or a finger, or, who cannot, by the name that they typed.
// Rule: what was typed is never drawn as if a hand had written it; the mark says that it was typed.

import { useState } from "preact/hooks";
import { t } from "../words/sign.ts";
import { Icon } from "./icons.tsx";
import { PenPad } from "./pen-pad.tsx";

/** What stands for a typed signature: "/s/", as on papers that are signed without a pen. */
export const TYPED_MARK =
  "M40,180L90,40M168,88L148,80L132,88L130,102L142,112L162,120L170,134L164,150L146,156L128,148M200,180L250,40";

export interface Signed {
  /** Path data; empty while nothing was signed. */
  readonly strokes: string;
  readonly isTyped: boolean;
}

export const UNSIGNED: Signed = { strokes: "", isTyped: false };

type SignByProps = {
  /** Whose signature it is, as it was typed above. */
  name: string;
  onSigned: (signed: Signed) => void;
};

export function SignBy({ name, onSigned }: SignByProps) {
  const [isTyped, setTyped] = useState(false);
  const turn = (): void => {
    setTyped(!isTyped);
    onSigned(isTyped ? UNSIGNED : { strokes: TYPED_MARK, isTyped: true });
  };
  return (
    <>
      {isTyped ? (
        <div class="penpad typed" role="status">
          <p class="as-typed">/s/ {name}</p>
          <span class="base note">{t("sign.typed")}</span>
        </div>
      ) : (
        <PenPad onPath={(strokes) => onSigned({ strokes, isTyped: false })} />
      )}
      <button type="button" class="btn txt" aria-pressed={isTyped} onClick={turn}>
        <Icon name="pen" size={22} />
        {t(isTyped ? "sign.byPen" : "sign.byTyping")}
      </button>
    </>
  );
}
