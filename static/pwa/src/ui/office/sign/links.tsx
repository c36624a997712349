// Links by which a customer who was absent signs later: made, shown once, copied, withdrawn.
// Rule: the secret is on the screen only; what was made is listed without it.

import { useState } from "preact/hooks";
import type { Answer, Failed } from "../../../sync/office.ts";
import type { SignLink, SignLinkRow, VisitDetail } from "../../../wire/types.ts";
import { SectionHeader } from "../../kit/layout.tsx";
import { StateWord } from "../../kit/state.tsx";
import { instant } from "../../words/format.ts";
import { WRITES } from "../api.ts";
import { Failure } from "../failure.tsx";
import { minute, useOffice } from "../state.ts";
import { t } from "./words.ts";

type LinksProps = { visit: VisitDetail; again: () => void };

export function Links({ visit, again }: LinksProps) {
  const { client } = useOffice();
  const [made, setMade] = useState<Answer<SignLink> | "making" | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const { links = [], time_zone: zone } = visit;
  const make = async (): Promise<void> => {
    setMade("making");
    setMade(await client.write<SignLink>(WRITES.signLink(visit.id)));
    again();
  };
  const withdraw = async (id: string): Promise<void> => {
    const answer = await client.write<null>(WRITES.withdrawLink(id));
    setFailed(answer.kind === "ok" ? null : answer);
    if (answer.kind === "ok") setMade(null);
    again();
  };
  const isMade = made !== null && made !== "making" && made.kind === "ok";
  return (
    <section class="signlinks">
      <SectionHeader title={t("link.title")} ruled />
      <p class="note">{t("link.why")}</p>
      {isMade && <Made link={made.value} zone={zone} />}
      {made === "making" && <p class="note">{t("link.making")}</p>}
      {made !== null && made !== "making" && made.kind !== "ok" && (
        <Failure failed={made} safe={t("link.safe")} again={() => void make()} />
      )}
      <button type="button" class="btn" disabled={made === "making"} onClick={() => void make()}>
        {t(isMade ? "link.another" : "link.make")}
      </button>
      {failed && <Failure failed={failed} safe={t("link.safeKept")} />}
      {links.length > 0 && (
        <>
          <h3>{t("link.list")}</h3>
          <ul class="rows">
            {links.map((row) => (
              <Row key={row.id} {...{ row, zone }} onWithdraw={() => void withdraw(row.id)} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Made({ link, zone }: { link: SignLink; zone: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link.link);
      setCopied(true);
    } catch {
      // Without permission the link can still be marked and copied by hand.
      setCopied(false);
    }
  };
  return (
    <div class="madelink">
      <img
        src={`data:image/svg+xml;utf8,${encodeURIComponent(link.qr_svg)}`}
        alt={t("link.picture")}
      />
      <div class="stack">
        <StateWord icon="clock" tone="plain" size={17}>
          {t("link.until", { time: instant(link.expires_at, zone, minute.value) })}
        </StateWord>
        <p class="note">{t("link.once")}</p>
        <div class="link">
          <code>{link.link}</code>
          <button type="button" class="btn" onClick={() => void copy()}>
            {t(isCopied ? "link.copied" : "link.copy")}
          </button>
        </div>
      </div>
    </div>
  );
}

type RowProps = { row: SignLinkRow; zone: string; onWithdraw: () => void };

function Row({ row, zone, onWithdraw }: RowProps) {
  const { state, at, expires_at, created_at, created_by_name: name = "" } = row;
  const time = instant(at ?? expires_at, zone, minute.value);
  return (
    <li class="row">
      <span class="grow">
        <StateWord icon={state === "used" ? "pen" : "clock"} tone="quiet" size={16}>
          {t(`link.${state}`, { time })}
        </StateWord>
        <span class="note">
          {t("link.by", { name, time: instant(created_at, zone, minute.value) })}
        </span>
      </span>
      {state === "open" && (
        <button type="button" class="btn" onClick={onWithdraw}>
          {t("link.withdraw")}
        </button>
      )}
    </li>
  );
}
