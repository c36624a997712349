// One round: its devices room by room, who goes, and what has come of each.

import { useState } from "preact/hooks";
import type { Failed } from "../../sync/office.ts";
import type {
  AssignmentDetail,
  OfficeEdit,
  OfficeEdited,
  Settled,
  TargetRow,
} from "../../wire/types.ts";
import { go } from "../kit/address.ts";
import { Dialog } from "../kit/dialog.tsx";
import type { IconName } from "../kit/icons.tsx";
import { SectionHeader } from "../kit/layout.tsx";
import { Menu, type MenuItem } from "../kit/menu.tsx";
import { Empty } from "../kit/notices.tsx";
import { StateWord, type Tone } from "../kit/state.tsx";
import { Count, Ticks } from "../kit/ticks.tsx";
import { instant } from "../words/format.ts";
import { READS, WRITES } from "./api.ts";
import { reassigned, retargeted, stated } from "./edits.ts";
import { Failure, Show } from "./failure.tsx";
import { ReportsOf } from "./reports/section.tsx";
import { Assign, isOver } from "./round-assign.tsx";
import { RoundSteps } from "./round-state.tsx";
import { marksOf, RoundDue, RoundState } from "./round-words.tsx";
import { Page } from "./shell.tsx";
import { Visits } from "./sign/visits.tsx";
import { minute, useOffice, useRead } from "./state.ts";
import { when } from "./times.ts";
import { dotted, inLanguage, t } from "./words.ts";

type Standing = { readonly icon: IconName; readonly tone: Tone; readonly words: string };

/** How one device of the round stands. */
export function targetStanding(target: TargetRow): Standing {
  const { step = "open", tick = "open", photos_waiting = 0 } = target;
  if (tick === "withdrawn") return { icon: "dash", tone: "quiet", words: t("target.withdrawn") };
  if (target.discarded) return { icon: "paused", tone: "warn", words: t("target.discarded") };
  switch (step) {
    case "accepted":
      return { icon: "tick", tone: "quiet", words: t("review.accepted") };
    case "submitted":
      return photos_waiting > 0
        ? { icon: "photosLeft", tone: "warn", words: t("round.photos", { n: photos_waiting }) }
        : { icon: "confirmed", tone: "ok", words: t("target.toReview") };
    case "returned":
      return { icon: "returned", tone: "warn", words: t("state.returned") };
    case "draft":
      return { icon: "underWay", tone: "plain", words: t("state.underWay") };
    default:
      return { icon: "open", tone: "quiet", words: t("state.notStarted") };
  }
}

/** What was found there, once somebody has said so. */
function Found({ target }: { target: TargetRow }) {
  const { step = "open", abnormal = 0, warning = 0 } = target;
  if (step === "open" || step === "draft") return null;
  if (abnormal > 0) {
    return (
      <StateWord icon="alert" tone="bad" size={16}>
        {t("found.abnormal", { n: abnormal })}
      </StateWord>
    );
  }
  if (warning > 0) {
    return (
      <StateWord icon="above" tone="warn" size={16}>
        {t("found.warning", { n: warning })}
      </StateWord>
    );
  }
  return (
    <StateWord icon="tick" tone="quiet" size={16}>
      {t("found.normal")}
    </StateWord>
  );
}

/** Who let it go, when and why; and the way to give it out again, which changes nothing of the round. */
function Discarded({ of, zone, onAssign }: { of: Settled; zone: string; onAssign: OnAssign }) {
  return (
    <tr class="up">
      <td colSpan={6}>
        <div class="row">
          <p class="grow">
            {dotted(of.by_name, when(of.at, zone, minute.value), of.words)}{" "}
            <span class="note">{t("target.again")}</span>
          </p>
          {onAssign && (
            <button type="button" class="btn" onClick={onAssign}>
              {t("target.giveOut")}
            </button>
          )}
        </div>
      </td>
    </tr>
  );
}

/** Opens the choice of an engineer; null for who may not choose, or where the round is over. */
type OnAssign = (() => void) | null;

type TargetProps = {
  target: TargetRow;
  zone: string;
  mayPlan: boolean;
  onAssign: OnAssign;
  onWithdraw: (isWithdrawn: boolean) => void;
};

function Target({ target, zone, mayPlan, onAssign, onWithdraw }: TargetProps) {
  const { icon, tone, words } = targetStanding(target);
  const isOut = target.tick === "withdrawn";
  const items: MenuItem[] = [
    {
      label: t("target.openAsset"),
      icon: "asset",
      onClick: () => go(`/office/assets/${target.asset}`),
    },
  ];
  if (mayPlan) {
    items.push(
      isOut
        ? { label: t("target.putBack"), icon: "returned", onClick: () => onWithdraw(false) }
        : { label: t("target.withdraw"), icon: "dash", onClick: () => onWithdraw(true) },
    );
  }
  const name = target.asset_name || t("asset.unnamed");
  return (
    <>
      <tr class={isOut ? "gone" : ""}>
        <th scope="row">
          <a
            class="one"
            href={
              target.inspection
                ? `/office/review/${target.inspection}`
                : `/office/assets/${target.asset}`
            }
          >
            {name}
          </a>
          <span class="note one">{dotted(target.position, target.asset_number)}</span>
        </th>
        <td>{inLanguage(target.template_title)}</td>
        <td>
          <Found target={target} />
        </td>
        <td>
          <StateWord icon={icon} tone={tone} size={16}>
            {words}
          </StateWord>
        </td>
        <td class="nw">
          {target.inspector_name}
          <span class="note">
            {target.submitted_at && ` ${when(target.submitted_at, zone, minute.value)}`}
          </span>
        </td>
        <td class="num">
          <Menu items={items} />
        </td>
      </tr>
      {!isOut && target.discarded && <Discarded of={target.discarded} {...{ zone, onAssign }} />}
    </>
  );
}

/** Devices by room, in the order of the round. */
export function byRoom(targets: readonly TargetRow[]): readonly (readonly [string, TargetRow[]])[] {
  const rooms = new Map<string, TargetRow[]>();
  for (const target of targets) {
    const room = target.room_name ?? "";
    rooms.set(room, [...(rooms.get(room) ?? []), target]);
  }
  return [...rooms];
}

type RoomsProps = {
  detail: AssignmentDetail;
  onAssign: OnAssign;
  onWithdraw: (target: TargetRow, isWithdrawn: boolean) => void;
};

function Rooms({ detail, onAssign, onWithdraw }: RoomsProps) {
  const mayPlan = (detail.may ?? []).includes("plan");
  if (detail.targets.length === 0) return <Empty why={t("round.empty")} />;
  return (
    <>
      {byRoom(detail.targets).map(([room, targets]) => (
        <section key={room}>
          <SectionHeader
            title={room || t("room.none")}
            count={t("room.devices", { n: targets.length })}
            ruled
          />
          <div class="wide">
            <table class="table targets">
              <caption class="spoken">{room || t("room.none")}</caption>
              <tbody>
                {targets.map((target) => (
                  <Target
                    key={target.asset}
                    zone={detail.row.time_zone}
                    onWithdraw={(isWithdrawn) => onWithdraw(target, isWithdrawn)}
                    {...{ target, mayPlan, onAssign }}
                  />
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
    </>
  );
}

function Head({ detail }: { detail: AssignmentDetail }) {
  const { row, note } = detail;
  const { total, done = 0, to_review = 0 } = row.progress;
  return (
    <header class="headline">
      <div class="grow">
        <h1>{inLanguage(row.title)}</h1>
        <p class="quiet">{dotted(row.city, row.site_name, row.customer_name)}</p>
        {note && <p class="note">{note}</p>}
        <div class="row long">
          <Count done={done} of={total} measure={t("measure.devices")} />
          <Ticks marks={marksOf(row.progress)} />
        </div>
      </div>
      <dl class="facts">
        <div>
          <dt>{t("round.state")}</dt>
          <dd>
            <RoundState row={row} />
          </dd>
        </div>
        <div>
          <dt>{t("round.due")}</dt>
          <dd>
            <RoundDue row={row} />
          </dd>
        </div>
        <div>
          <dt>{t("round.starts")}</dt>
          <dd>{instant(row.starts_at, row.time_zone, minute.value)}</dd>
        </div>
        {to_review > 0 && (
          <div>
            <dt>{t("review.toReview")}</dt>
            <dd>
              <a href={`/office/review?round=${row.id}`}>{t("round.review", { n: to_review })}</a>
            </dd>
          </div>
        )}
      </dl>
    </header>
  );
}

/** Write, then read again: the round on the screen is always the server's. */
function useEdit(again: () => void) {
  const { client } = useOffice();
  const [failed, setFailed] = useState<Failed | null>(null);
  const [isBusy, setBusy] = useState(false);
  const edit = async (ops: OfficeEdit): Promise<boolean> => {
    setBusy(true);
    const answer = await client.write<OfficeEdited>(WRITES.ops, ops);
    setBusy(false);
    setFailed(answer.kind === "ok" ? null : answer);
    again();
    return answer.kind === "ok";
  };
  return { failed, isBusy, edit };
}

type BodyProps = { detail: AssignmentDetail; again: () => void };

function Body({ detail, again }: BodyProps) {
  const { now, random } = useOffice();
  const { failed, isBusy, edit } = useEdit(again);
  const [asked, setAsked] = useState<TargetRow | null>(null);
  const [isAssigning, setAssigning] = useState(false);
  const mayAssign = (detail.may ?? []).includes("assign") && !isOver(detail.row);
  const minted = () => ({ now: now(), random });
  const retarget = (target: TargetRow, isWithdrawn: boolean) =>
    void edit(retargeted(detail, target.asset, isWithdrawn, minted()));
  return (
    <>
      <Head detail={detail} />
      {failed && <Failure failed={failed} safe={t("safe.unchanged")} />}
      <RoundSteps
        detail={detail}
        isBusy={isBusy}
        onState={(state) => void edit(stated(detail, state, minted()))}
      />
      <Assign
        row={detail.row}
        {...{ mayAssign, isBusy }}
        isOpen={isAssigning}
        onOpen={setAssigning}
        onAssign={(person) => edit(reassigned(detail, person, minted()))}
      />
      <ReportsOf of={detail.row.id} kind="assignment" />
      <Rooms
        detail={detail}
        onAssign={mayAssign ? () => setAssigning(true) : null}
        onWithdraw={(target, isWithdrawn) => {
          // Work was begun there: the person is asked once.
          if (isWithdrawn && target.inspection) setAsked(target);
          else retarget(target, isWithdrawn);
        }}
      />
      <Visits visits={detail.visits ?? []} zone={detail.row.time_zone} />
      {asked && (
        <Dialog
          question={t("target.ask", { name: asked.asset_name || t("asset.unnamed") })}
          consequence={t("target.askMore")}
          safe={{ label: t("target.keep"), onClick: () => setAsked(null) }}
          act={{
            label: t("target.withdraw"),
            onClick: () => {
              setAsked(null);
              retarget(asked, true);
            },
          }}
        />
      )}
    </>
  );
}

export function RoundPage({ id }: { id: string }) {
  const loaded = useRead(READS.round(id));
  const title = loaded.value ? inLanguage(loaded.value.row.title) : t("place.assignments");
  return (
    <Page title={title} note={loaded.value?.row.site_name}>
      <main class="scroll pad on-surface">
        <Show loaded={loaded} words={t("round.loading")} rows={10}>
          {(detail) => <Body detail={detail} again={loaded.again} />}
        </Show>
      </main>
    </Page>
  );
}
