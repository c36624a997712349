// What became of a submitted inspection, in words. Rule: green only for a receipt of the server.

import type { ItemState } from "../../../core/status.ts";
import type { Seen } from "../../../core/work.ts";
import { Icon, type IconName } from "../../kit/icons.tsx";
import { StateWord, type Tone } from "../../kit/state.tsx";
import { instant } from "../../words/format.ts";
import { signPath } from "../paths.ts";
import { customerSignature, workOfVisit } from "../sign/presence.ts";
import { isStale, SignedLine, useSince } from "../sign/signed.tsx";
import { useHere } from "./context.ts";
import { t } from "./words.ts";

const LOOKS: Readonly<Record<ItemState, readonly [IconName, Tone]>> = {
  "needs-you": ["needsYou", "bad"],
  returned: ["returned", "warn"],
  draft: ["device", "plain"],
  waiting: ["clock", "plain"],
  "answers-received": ["photosLeft", "warn"],
  "with-office": ["clock", "quiet"],
  received: ["sending", "quiet"],
  confirmed: ["confirmed", "ok"],
  none: ["underWay", "quiet"],
};

const FROM_SERVER = {
  open: "state.notStarted",
  draft: "state.underWay",
  returned: "state.returned",
  submitted: "sent.received",
  accepted: "sent.accepted",
} as const;

/** Where the work is: on this device, received, confirmed, or with the office. */
export function WhereItIs() {
  const { work, sheet, now } = useHere();
  const item = work.work.item(sheet.id);
  const state = work.work.itemState(sheet.id);
  const isAccepted = state === "none" && sheet.state === "accepted";
  const [icon, tone] = isAccepted ? (["tick", "plain"] as const) : LOOKS[state];
  const { confirmedAt } = item.tally;
  const time = confirmedAt === null ? "" : instant(confirmedAt, sheet.zone, now);
  const words: Readonly<Record<ItemState, string>> = {
    "needs-you": t("sent.needsYou"),
    returned: t("state.returned"),
    draft: t("state.underWay"),
    waiting: t("sent.waiting"),
    "answers-received": t("sent.photosLeft", { n: item.photosLeft }),
    "with-office": t("sent.withOffice"),
    received: t("sent.received"),
    confirmed: t("sent.confirmed", { time }),
    // Nothing of it is from this device: what the server said is all there is to say.
    none: t(FROM_SERVER[sheet.state]),
  };
  return (
    <StateWord icon={icon} tone={tone} size={22}>
      {words[state]}
    </StateWord>
  );
}

/** On top of a list that was handed in. */
export function Sent({ visit }: { visit: Seen<"visit"> | undefined }) {
  const { sheet, isClosed, now } = useHere();
  const { inspection, state, zone } = sheet;
  if (state !== "submitted" && state !== "accepted") return null;
  const at = inspection?.step?.at;
  const review = inspection?.review;
  return (
    <section class="sent" aria-label={t("sent.none")}>
      <div class="grow">
        <h2>{at ? t("sent.title", { time: instant(at, zone, now) }) : t("sent.none")}</h2>
        {state === "accepted" && review ? (
          <StateWord icon="tick" size={22}>
            {t("sent.accepted")}
            <span class="note">
              {t("sent.acceptedBy", {
                name: review.reviewer_name,
                time: instant(review.at, zone, now),
              })}
            </span>
          </StateWord>
        ) : (
          <WhereItIs />
        )}
        {state === "submitted" && !isClosed && <p class="note">{t("sent.editing")}</p>}
      </div>
      {visit && <Customer visit={visit} />}
    </section>
  );
}

/** The way to the customer's signature; offered first where the one that was given is out of date. */
function Customer({ visit }: { visit: Seen<"visit"> }) {
  const { sheet, work, now } = useHere();
  const { zone } = sheet;
  const { records } = work.work;
  const signature = customerSignature(records, visit.id);
  const covered = signature ? workOfVisit(records, visit, zone) : [];
  const { sha256 } = work.hands;
  const since = useSince({ sha256, records, signature, work: covered });
  const isOld = isStale(since);
  return (
    <div class="customer">
      {signature && <SignedLine {...{ signature, since, zone, now }} />}
      <a class={isOld ? "btn pri" : "btn"} href={signPath(visit.id)}>
        {isOld && <Icon name="pen" size={22} />}
        {t(isOld ? "sign.again" : "sent.sign")}
      </a>
    </div>
  );
}
