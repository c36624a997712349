// Name, title and pen of somebody with a link, or the typed name. Rule: what was given stays on the screen
// until it is with the server; everything is reached by keys alone.

import { useState } from "preact/hooks";
import { isName } from "../../core/names.ts";
import { LINE_LENGTH_MAX, NAME_LENGTH_MAX } from "../../wire/limits.ts";
import type { SignReceipt } from "../../wire/types.ts";
import { TextField } from "../kit/fields.tsx";
import { ErrorPlace } from "../kit/notices.tsx";
import { SignBy, UNSIGNED } from "../kit/sign-by.tsx";
import { language } from "../words/index.ts";
import { t } from "../words/sign.ts";
import { type Fetch, give } from "./asking.ts";

/** What was signed with, to be shown again. */
export interface Written {
  readonly name: string;
  readonly strokes: string;
}

type GivingProps = {
  fetch: Fetch;
  secret: string;
  /** The digest of what is shown. */
  content: string;
  onDone: (receipt: SignReceipt, written: Written) => void;
  onMoved: () => void;
  onGone: () => void;
};

export function Giving({ fetch, secret, content, onDone, onMoved, onGone }: GivingProps) {
  const [name, setName] = useState("");
  const [title, setTitle] = useState("");
  const [{ strokes, isTyped }, setSigned] = useState(UNSIGNED);
  const [isBusy, setBusy] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  const lacks = !isName(name) ? "link.needName" : strokes === "" ? "link.needStrokes" : null;
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setFailed(false);
    const given = { name: name.trim(), title: title.trim(), strokes };
    const told = await give(fetch, { ...given, secret, content, language: language.value });
    setBusy(false);
    if (told.kind === "told") onDone(told.value, given);
    else if (told.kind === "moved") onMoved();
    else if (told.kind === "gone") onGone();
    else setFailed(true);
  };
  return (
    <section class="giving" aria-label={t("sign.signature")}>
      <div class="nm">
        <TextField
          label={t("sign.name")}
          value={name}
          onInput={setName}
          max={NAME_LENGTH_MAX}
          required
        />
        <TextField
          label={t("sign.jobTitle")}
          value={title}
          onInput={setTitle}
          max={LINE_LENGTH_MAX}
        />
      </div>
      <span class="lab">{t("sign.signature")}</span>
      <SignBy name={name.trim()} onSigned={setSigned} />
      {isTyped && <p class="note">{t("sign.typedMeaning")}</p>}
      {hasFailed && <ErrorPlace what={t("link.failed")} safe={t("link.failedSafe")} />}
      <button
        type="button"
        class="btn pri"
        disabled={lacks !== null || isBusy}
        onClick={() => void confirm()}
      >
        {t(lacks ?? "link.confirm")}
      </button>
    </section>
  );
}
