// Name, phone and e-mail of somebody, changed in place.
// Rule: only what was changed is sent, so that two people at it do not take back each other's words.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Failed } from "../../sync/office.ts";
import { LINE_LENGTH_MAX, NAME_LENGTH_MAX } from "../../wire/limits.ts";
import type { PersonChange, PersonSummary } from "../../wire/types.ts";
import { TextField } from "../kit/fields.tsx";
import { WRITES } from "./api.ts";
import { Failure } from "./failure.tsx";
import { useOffice } from "./state.ts";
import { t } from "./words.ts";

/** What differs from what stood there; an empty name is none. */
function changeOf(person: PersonSummary, typed: Details): PersonChange {
  const { name, phone, email } = typed;
  return {
    ...(name !== person.name && name !== "" ? { name } : {}),
    ...(phone !== (person.phone ?? "") ? { phone } : {}),
    ...(email !== (person.email ?? "") ? { email } : {}),
  };
}

type Details = { name: string; phone: string; email: string };
type Props = { person: PersonSummary; onDone: () => void; onClose: () => void };

export function PersonDetails({ person, onDone, onClose }: Props) {
  const { client } = useOffice();
  const [name, setName] = useState(person.name);
  const [phone, setPhone] = useState(person.phone ?? "");
  const [email, setEmail] = useState(person.email ?? "");
  const [isBusy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Failed | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const typed = { name: name.trim(), phone: phone.trim(), email: email.trim() };
  const change = changeOf(person, typed);
  const isReady = typed.name !== "" && Object.keys(change).length > 0;
  const save = async () => {
    if (!isReady || isBusy) return;
    setBusy(true);
    const answer = await client.write<PersonSummary>(WRITES.person(person.id), change);
    setBusy(false);
    if (answer.kind === "ok") return onDone();
    setFailed(answer);
  };
  const title = t("person.detailsOf", { name: person.name });
  return (
    <form
      ref={form}
      class="inline details"
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h3>{title}</h3>
      <TextField
        label={t("person.name")}
        value={name}
        onInput={setName}
        max={NAME_LENGTH_MAX}
        required
      />
      <TextField label={t("person.phone")} value={phone} onInput={setPhone} max={LINE_LENGTH_MAX} />
      <TextField
        label={t("person.email")}
        type="email"
        value={email}
        onInput={setEmail}
        max={LINE_LENGTH_MAX}
      />
      <p class="note">{t("person.detailsMore")}</p>
      {failed && <Failure failed={failed} safe={t("person.detailsKept")} />}
      <div class="row">
        <button type="button" class="btn" onClick={onClose}>
          {t("action.cancel")}
        </button>
        <button type="submit" class="btn pri" disabled={!isReady || isBusy}>
          {t("person.detailsSave")}
        </button>
      </div>
    </form>
  );
}
