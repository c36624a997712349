// One round: its devices by room and place, what came back on top, the visit and the customer's own list.

import { type RoomWork, type RoundWork, roundOf, type TargetWork } from "../../core/work.ts";
import type { Id } from "../../wire/types.ts";
import { useAddressState } from "../kit/address.ts";
import { FieldHead } from "../kit/field-shell.tsx";
import { Icon } from "../kit/icons.tsx";
import { ListRow, SectionHeader, StickyBar } from "../kit/layout.tsx";
import { Empty } from "../kit/notices.tsx";
import { Segmented } from "../kit/segmented.tsx";
import { StateWord } from "../kit/state.tsx";
import { Count, Ticks } from "../kit/ticks.tsx";
import { useApp, useSession, zoneOf } from "./app.ts";
import { modelOf } from "./asset-words.ts";
import { Coming } from "./coming.tsx";
import { FindDevice, TargetState, useMore } from "./devices.tsx";
import { dueOf } from "./due.ts";
import { judgeFor } from "./judge.ts";
import { assetPath, inspectPath, SCAN, TODAY } from "./paths.ts";
import { useGun } from "./scan/gun.ts";
import { Screen } from "./screen.tsx";
import { finder } from "./search.ts";
import { RoundState } from "./today.tsx";
import { isFinished, markOf, nextOf, walk, walkRoom, whereOf } from "./today-model.ts";
import { VisitPanel } from "./visit.tsx";
import { inLanguage, t } from "./words.ts";

export const FILTERS = ["open", "abnormal", "all"] as const;
export type Filter = (typeof FILTERS)[number];

/** Tell whether a target passes a filter; what came back from the office is open again. */
export function passes(filter: Filter, target: TargetWork): boolean {
  if (filter === "open") return !isFinished(target);
  return filter === "all" || target.isAbnormal;
}

export function RoundPage({ id }: { id: Id }) {
  const session = useSession();
  useGun();
  const assignment = session.records.record("assignment", id);
  if (assignment === undefined) {
    const isComplete = session.sync.value.isComplete;
    return (
      <Screen current={TODAY} head={<FieldHead title={t("round.title")} back={TODAY} />}>
        <main class="scroll page">{isComplete ? <Empty why={t("round.gone")} /> : <Coming />}</main>
      </Screen>
    );
  }
  const round = roundOf(assignment, session.person.person, session.records, judgeFor(session));
  return <Round round={round} />;
}

function Round({ round }: { round: RoundWork }) {
  const app = useApp();
  const session = useSession();
  const { assignment, site, done, total } = round;
  const zone = zoneOf(session, assignment.data.site);
  const targets = walk(round.rooms);
  const due = dueOf(assignment.data.due_at, app.now, zone);
  const where = done === total ? whereOf(session, targets, { now: app.now, zone }) : null;
  const next = nextOf(targets);
  return (
    <Screen
      current={TODAY}
      head={
        <FieldHead
          title={inLanguage(assignment.data.title)}
          note={site ? `${site.data.city} · ${site.data.name}` : t("site.coming")}
          back={TODAY}
        >
          <RoundState row={{ due, where }} />
        </FieldHead>
      }
      bar={
        <StickyBar>
          <a class="btn" href={SCAN}>
            <Icon name="scan" size={24} />
            {t("nav.scan")}
          </a>
          {next && (
            <a class="btn pri" href={inspectPath(assignment.id, next.assetId)}>
              <span class="one">{nextWords(next)}</span>
              <Icon name="right" size={22} />
            </a>
          )}
        </StickyBar>
      }
    >
      <main class="scroll page">
        <div class="row gauge">
          <Count done={done} of={total} measure={t("measure.devices")} />
          <Ticks marks={targets.map(markOf)} />
        </div>
        <Devices round={round} zone={zone} />
      </main>
      <aside class="sidecol below">
        <VisitPanel
          {...{ assignment, zone }}
          inspections={targets.flatMap(({ inspection }) => (inspection ? [inspection] : []))}
        />
      </aside>
    </Screen>
  );
}

function nextWords(next: TargetWork): string {
  const name = next.asset?.data.name ?? t("asset.notHere");
  if (next.state === "returned") return t("round.mend", { name });
  return t(next.state === "draft" ? "round.goOn" : "round.nextDo", { name });
}

function Devices({ round, zone }: { round: RoundWork; zone: string }) {
  const [filter, setFilter] = useAddressState("show", round.done === round.total ? "all" : "open");
  const [typed, setTyped] = useAddressState("find");
  const chosen = FILTERS.find((one) => one === filter) ?? "open";
  const fits = finder(typed);
  const targets = walk(round.rooms);
  const count = (one: Filter) => targets.filter((target) => passes(one, target)).length;
  // Who searches, searches everything: a device that is done must not seem to be missing.
  const isShown = (target: TargetWork) =>
    typed.trim() === "" ? passes(chosen, target) : fits(target.asset);
  const returned = targets.filter(({ state }) => state === "returned");
  const rooms = round.rooms.map((room) => ({
    ...room,
    targets: walkRoom(room.targets).filter(
      (target) => isShown(target) && (typed.trim() !== "" || target.state !== "returned"),
    ),
  }));
  const total = rooms.reduce((sum, room) => sum + room.targets.length, 0);
  const { n, more } = useMore(total, `${chosen}/${typed}`);
  const options = FILTERS.map((one) => ({
    value: one,
    label: t("round.filter", { name: t(`round.${one}`), n: count(one) }),
  }));
  const isQuiet = total === 0 && (returned.length === 0 || typed.trim() !== "");
  return (
    <>
      <div class="seek">
        <Segmented
          label={t("round.filterLabel")}
          options={options}
          value={chosen}
          onChange={(value) => setFilter(value ?? "all")}
          clearable={false}
        />
        <FindDevice value={typed} onInput={setTyped} label={t("find.device")} />
      </div>
      {typed.trim() === "" && returned.length > 0 && (
        <Returned targets={returned} zone={zone} assignment={round.assignment.id} />
      )}
      <RoomLists {...{ rooms, n, zone }} assignment={round.assignment.id} all={round.rooms} />
      {more}
      {isQuiet && <Empty why={emptyWords(chosen, typed)} />}
    </>
  );
}

function emptyWords(filter: Filter, typed: string): string {
  if (typed.trim() !== "") return t("find.noneFor", { text: typed.trim() });
  return t(filter === "abnormal" ? "round.noAbnormal" : "round.noOpen");
}

type ListsProps = {
  rooms: readonly RoomWork[];
  all: readonly RoomWork[];
  n: number;
  zone: string;
  assignment: Id;
};

function RoomLists({ rooms, all, n, zone, assignment }: ListsProps) {
  let left = n;
  return (
    <>
      {rooms.map((room, index) => {
        const shown = room.targets.slice(0, Math.max(left, 0));
        left -= shown.length;
        const whole = all[index]?.targets ?? [];
        if (shown.length === 0) return null;
        return (
          <section key={room.room?.id ?? "-"} class="grp">
            <SectionHeader
              level={3}
              title={room.room?.data.name ?? t("room.none")}
              count={t("round.roomDone", {
                done: whole.filter(isFinished).length,
                n: whole.length,
              })}
            />
            <ul>
              {shown.map((target) => (
                <TargetRow key={target.inspectionId} {...{ target, zone, assignment }} />
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}

type RowProps = { target: TargetWork; zone: string; assignment: Id };

function TargetRow({ target, zone, assignment }: RowProps) {
  const app = useApp();
  const { asset, assetId, isAbnormal } = target;
  const model = asset ? modelOf(asset.data) : "";
  const note = [asset?.data.position, model, asset?.data.serial].filter(Boolean).join(" · ");
  return (
    <li>
      <ListRow
        href={asset ? inspectPath(assignment, assetId) : assetPath(assetId)}
        title={asset?.data.name ?? t("asset.notHere")}
        note={note}
        state={
          <span class="states">
            {isAbnormal && (
              <StateWord icon="alert" tone="bad" size={18}>
                {t("answer.abnormal")}
              </StateWord>
            )}
            <TargetState target={target} at={{ now: app.now, zone }} />
          </span>
        }
      />
    </li>
  );
}

type ReturnedProps = { targets: readonly TargetWork[]; zone: string; assignment: Id };

/** What the office sent back stands on top, whatever the filter. */
function Returned({ targets, zone, assignment }: ReturnedProps) {
  return (
    <section class="grp">
      <SectionHeader
        level={3}
        title={t("state.returned")}
        count={t("round.devices", { n: targets.length })}
      />
      <ul>
        {targets.map((target) => (
          <TargetRow key={target.inspectionId} {...{ target, zone, assignment }} />
        ))}
      </ul>
    </section>
  );
}
