// The right of the page: name, title and pen, or why nobody signs.
// Rule: what was written stays on the screen until it is on the device.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { isName } from "../../../core/names.ts";
import { NAME_LENGTH_MAX, TEXT_LENGTH_MAX } from "../../../wire/limits.ts";
import { TextArea, TextField } from "../../kit/fields.tsx";
import { ErrorPlace } from "../../kit/notices.tsx";
import { SignBy, UNSIGNED } from "../../kit/sign-by.tsx";
import { t as say } from "../../words/sign.ts";
import { t } from "../inspect/words.ts";

export interface Signer {
  readonly name: string;
  readonly title: string;
  /** Path data; empty where the customer is absent. */
  readonly strokes: string;
  /** The name was typed in place of handwriting; the document says so. */
  readonly isTyped: boolean;
  readonly absentReason: string;
}

type ConfirmProps = {
  /** Of the site: offered as the signer. */
  contacts: readonly { readonly name: string; readonly title?: string }[];
  /** Resolves when the signature is on this device. */
  onSign: (signer: Signer) => Promise<void>;
  /** Where the engineer signs, who is there: back to the customer. */
  onBack?: () => void;
  /** Of the other who signs this visit: who did, or the way there. */
  children?: ComponentChildren;
};

const REASONS = ["sign.absentNone", "sign.absentBusy", "sign.absentPhone"] as const;

export function Confirm({ contacts, onSign, onBack, children }: ConfirmProps) {
  const [first] = contacts;
  const [name, setName] = useState(first?.name ?? "");
  const [title, setTitle] = useState(first?.title ?? "");
  const [{ strokes, isTyped }, setSigned] = useState(UNSIGNED);
  const [isAbsent, setAbsent] = useState(false);
  const [reason, setReason] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  const lacks = isAbsent
    ? reason.trim() === "" && "sign.needWhy"
    : !isName(name)
      ? "sign.needName"
      : strokes === "" && "sign.needStrokes";
  const confirm = async (): Promise<void> => {
    setBusy(true);
    const given = isAbsent
      ? { ...UNSIGNED, name: "", title: "", absentReason: reason.trim() }
      : { name: name.trim(), title: title.trim(), strokes, isTyped, absentReason: "" };
    await onSign(given).catch(() => setFailed(true));
    setBusy(false);
  };
  return (
    <section class="signhere">
      {isAbsent ? (
        <Absent reason={reason} onReason={setReason} />
      ) : (
        <>
          <div class="nm">
            <TextField
              label={t("sign.name")}
              value={name}
              onInput={setName}
              max={NAME_LENGTH_MAX}
            />
            <TextField
              label={t("sign.jobTitle")}
              value={title}
              onInput={setTitle}
              max={NAME_LENGTH_MAX}
            />
          </div>
          <span class="lab">{t("sign.signature")}</span>
          <SignBy name={name.trim()} onSigned={setSigned} />
          <p class="note meaning">{onBack ? say("sign.engineerMeaning") : t("sign.meaning")}</p>
          {isTyped && <p class="note">{say("sign.typedMeaning")}</p>}
        </>
      )}
      {hasFailed && <ErrorPlace what={t("sign.failed")} safe={t("sign.failedSafe")} />}
      {children}
      <div class="row act">
        <button type="button" class="btn" onClick={onBack ?? (() => setAbsent(!isAbsent))}>
          {onBack ? say("sign.engineerBack") : t(isAbsent ? "sign.present" : "sign.absent")}
        </button>
        <button
          type="button"
          class="btn pri grow"
          disabled={lacks !== false || isBusy}
          onClick={() => void confirm()}
        >
          {t(lacks || (isAbsent ? "sign.confirmAbsent" : "sign.confirm"))}
        </button>
      </div>
    </section>
  );
}

function Absent({ reason, onReason }: { reason: string; onReason: (reason: string) => void }) {
  return (
    <div class="absent">
      <div class="quick">
        {REASONS.map((key) => {
          const words = t(key);
          const isOn = reason === words;
          return (
            <button
              key={key}
              type="button"
              class={isOn ? "chip on" : "chip"}
              aria-pressed={isOn}
              onClick={() => onReason(isOn ? "" : words)}
            >
              {words}
            </button>
          );
        })}
      </div>
      <TextArea
        label={t("sign.absentWhy")}
        value={reason}
        onInput={onReason}
        max={TEXT_LENGTH_MAX}
        required
      />
    </div>
  );
}
