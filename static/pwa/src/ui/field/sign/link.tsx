// A link by which the customer signs later, made on the tablet while it has a network.
// Rule: it is on the screen only; nothing of it is kept here.

import { useState } from "preact/hooks";
import { member } from "../../../core/json.ts";
import { json, open, slugOf } from "../../../sync/http.ts";
import type { Machine } from "../../../sync/machine.ts";
import type { Id, SignLink } from "../../../wire/types.ts";
import { ErrorPlace } from "../../kit/notices.tsx";
import { instant } from "../../words/format.ts";
import { t } from "../../words/sign.ts";

type Made =
  | { readonly kind: "none" | "making" | "not-yet" | "away" }
  | { readonly kind: "made"; readonly link: SignLink };

export type Asked = {
  readonly machine: Machine;
  readonly credential: string;
  readonly visit: Id;
};

/** Ask the server for a link; any that was made before works no more. */
export async function askForLink({ machine, credential, visit }: Asked): Promise<Made> {
  const opened = await open(machine, {
    path: `/visits/${visit}/link`,
    method: "POST",
    body: "",
    credential,
    signal: new AbortController().signal,
  });
  if (opened.kind === "refused") {
    const slug = slugOf(opened.problem);
    const isNotYet = slug === "not-found" || slug === "sign-nothing-yet";
    return { kind: isNotYet ? "not-yet" : "away" };
  }
  if (opened.kind !== "opened") return { kind: "away" };
  const answer = await json(opened);
  return isLink(answer) ? { kind: "made", link: answer } : { kind: "away" };
}

function isLink(value: unknown): value is SignLink {
  return ["link", "qr_svg", "expires_at"].every((name) => typeof member(value, name) === "string");
}

export function LaterByLink({ zone, now, ...asked }: Asked & { zone: string; now: number }) {
  const [made, setMade] = useState<Made>({ kind: "none" });
  const [isCopied, setCopied] = useState(false);
  const make = async (): Promise<void> => {
    setMade({ kind: "making" });
    setCopied(false);
    setMade(await askForLink(asked));
  };
  const copy = (link: string): void => {
    // Without permission the link can still be marked and copied by hand.
    void navigator.clipboard.writeText(link).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div class="later">
      <button
        type="button"
        class="btn"
        disabled={made.kind === "making"}
        onClick={() => void make()}
      >
        {t(made.kind === "making" ? "sign.linkMaking" : "sign.linkAsk")}
      </button>
      <p class="note">{t("sign.linkNote")}</p>
      {made.kind === "not-yet" && (
        <ErrorPlace what={t("sign.linkNotYet")} safe={t("sign.linkSafe")} />
      )}
      {made.kind === "away" && <ErrorPlace what={t("sign.linkAway")} safe={t("sign.linkSafe")} />}
      {made.kind === "made" && (
        <div class="made">
          <img
            src={`data:image/svg+xml;utf8,${encodeURIComponent(made.link.qr_svg)}`}
            alt={t("sign.linkPicture")}
          />
          <p>{t("sign.linkUntil", { time: instant(made.link.expires_at, zone, now) })}</p>
          <code>{made.link.link}</code>
          <button type="button" class="btn" onClick={() => copy(made.link.link)}>
            {t(isCopied ? "sign.linkCopied" : "sign.linkCopy")}
          </button>
        </div>
      )}
    </div>
  );
}
