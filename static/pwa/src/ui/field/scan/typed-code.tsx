// A code or a serial number typed by hand, judged at every key: found, check character right, mistyped.

import { CODE_LENGTH, parse, TAG_TEXT_LENGTH_MAX } from "../../../core/tags.ts";
import { Icon } from "../../kit/icons.tsx";
import { StateWord } from "../../kit/state.tsx";
import { useSession } from "../app.ts";
import { t } from "../words.ts";
import { meaningOf } from "./meaning.ts";

/** As many characters as a code has, so that half a code is not called wrong. */
function isWhole(text: string): boolean {
  return text.replace(/[\s-]/g, "").length >= CODE_LENGTH;
}

function Verdict({ text }: { text: string }) {
  const { records } = useSession();
  const meaning = meaningOf(text, records);
  if (meaning.kind === "asset" && meaning.code === null) {
    return (
      <StateWord icon="tick" tone="quiet" size={18}>
        {t("scan.bySerial", { name: meaning.asset.data.name })}
      </StateWord>
    );
  }
  if (parse(text).kind === "tag") {
    return (
      <StateWord icon="tick" tone="quiet" size={18}>
        {t("scan.checkRight")}
      </StateWord>
    );
  }
  if (meaning.kind === "mistyped") {
    return (
      <StateWord icon="alert" tone="warn" size={18}>
        {t("scan.checkWrong")}
      </StateWord>
    );
  }
  return isWhole(text) ? <span class="note">{t("scan.noSerial")}</span> : null;
}

type TypedProps = { text: string; onInput: (text: string) => void; onText: (text: string) => void };

export function TypedCode({ text, onInput, onText }: TypedProps) {
  return (
    <form
      class="typ"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") onText(text);
      }}
    >
      <label class="lab" for="typed-code">
        {t("scan.type")}
      </label>
      <div class="row">
        <div class="in grow code">
          <input
            id="typed-code"
            type="text"
            value={text}
            maxLength={TAG_TEXT_LENGTH_MAX}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            enterkeyhint="search"
            aria-describedby="typed-code-words"
            placeholder={t("scan.example")}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        </div>
        <button
          type="submit"
          class="btn icon"
          aria-label={t("scan.find")}
          disabled={text.trim() === ""}
        >
          <Icon name="find" size={24} />
        </button>
      </div>
      <p id="typed-code-words" class="okc" aria-live="polite">
        {text.trim() !== "" && <Verdict text={text} />}
      </p>
    </form>
  );
}
