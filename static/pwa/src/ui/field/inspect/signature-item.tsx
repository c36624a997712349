// A signature that a checklist asks for: the device's user, under the statement of the template.

import { useState } from "preact/hooks";
import { isName } from "../../../core/names.ts";
import type { Seen } from "../../../core/work.ts";
import { NAME_LENGTH_MAX } from "../../../wire/limits.ts";
import type { SignatureItem } from "../../../wire/types.ts";
import { Drawn } from "../../kit/drawn.tsx";
import { TextField } from "../../kit/fields.tsx";
import { Icon } from "../../kit/icons.tsx";
import { ErrorPlace } from "../../kit/notices.tsx";
import { SignBy, UNSIGNED } from "../../kit/sign-by.tsx";
import { instant } from "../../words/format.ts";
import { t as say } from "../../words/sign.ts";
import { AsSigned } from "../sign/as-signed.tsx";
import { isStale, Stale, useSince } from "../sign/signed.tsx";
import { useHere } from "./context.ts";
import type { Asked } from "./frame.tsx";
import { said, t } from "./words.ts";

export function SignatureEntry({ item, path }: Asked<SignatureItem>) {
  const { sheet, isClosed } = useHere();
  const [isOpen, setOpen] = useState(false);
  if (isOpen && !isClosed) {
    return <Signing item={item} path={path} onDone={() => setOpen(false)} />;
  }
  const given = sheet.signatures.get(path);
  if (given !== undefined) return <Given signature={given} onAgain={() => setOpen(true)} />;
  if (isClosed) return null;
  return (
    <button type="button" class="btn entry" onClick={() => setOpen(true)}>
      <Icon name="pen" size={22} />
      {t("sign.start")}
    </button>
  );
}

type GivenProps = { signature: Seen<"signature">; onAgain: () => void };

/** A signature that was given; where answers were changed after it, it is said and offered again. */
function Given({ signature, onAgain }: GivenProps) {
  const { sheet, work, isClosed, now } = useHere();
  const { name = "", strokes = "", signed_at: at } = signature.data;
  const { id, inspection: data, version } = sheet;
  const covered: readonly Seen<"inspection">[] =
    data === null ? [] : [{ id, kind: "inspection", scope: null, version, data }];
  const { sha256 } = work.hands;
  const since = {
    ...useSince({ sha256, records: work.work.records, signature, work: covered }),
    added: 0,
  };
  return (
    <div class="entry signed">
      <Drawn strokes={strokes} name={name} />
      <p class="note">{t("sign.done", { name, time: instant(at, sheet.zone, now) })}</p>
      <Stale since={since} />
      <AsSigned
        person={work.work.person}
        records={work.work.records}
        sealer={work.hands}
        zone={sheet.zone}
        {...{ signature }}
      />
      {isStale(since) && !isClosed && (
        <button type="button" class="btn" onClick={onAgain}>
          <Icon name="pen" size={22} />
          {t("sign.again")}
        </button>
      )}
    </div>
  );
}

type SigningProps = { item: SignatureItem; path: string; onDone: () => void };

function Signing({ item, path, onDone }: SigningProps) {
  const { work } = useHere();
  const [name, setName] = useState("");
  const [{ strokes, isTyped }, setSigned] = useState(UNSIGNED);
  const [hasFailed, setFailed] = useState(false);
  const confirm = async (): Promise<void> => {
    try {
      const statement = [said(item.statement), ...(isTyped ? [say("sign.typedMeaning")] : [])];
      await work.sign({ path, strokes, name: name.trim(), statement });
      onDone();
    } catch {
      setFailed(true);
    }
  };
  const lacks = !isName(name) ? "sign.needName" : strokes === "" ? "sign.needStrokes" : null;
  return (
    <div class="entry signing">
      <p>{said(item.statement)}</p>
      <TextField
        label={t("sign.userName")}
        value={name}
        onInput={setName}
        max={NAME_LENGTH_MAX}
        required
      />
      <SignBy name={name.trim()} onSigned={setSigned} />
      {isTyped && <p class="note">{say("sign.typedMeaning")}</p>}
      {hasFailed && <ErrorPlace what={t("sign.failed")} safe={t("sign.failedSafe")} />}
      <div class="row">
        <button type="button" class="btn" onClick={onDone}>
          {t("group.cancel")}
        </button>
        <button
          type="button"
          class="btn pri grow"
          disabled={lacks !== null}
          onClick={() => void confirm()}
        >
          {t(lacks ?? "sign.confirm")}
        </button>
      </div>
    </div>
  );
}
