// Sync, as f5 of the look: where the work is, what waits for the engineer, and a way out for everything.
// Rule: nothing is called sent before a receipt, and no "later" without a time.

import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Entry } from "../../core/outbox.ts";
import type { RoundWork, TargetWork } from "../../core/work.ts";
import type { Session } from "../../sync/session.ts";
import { go } from "../kit/address.ts";
import { Icon, type IconName } from "../kit/icons.tsx";
import { ListRow, SectionHeader } from "../kit/layout.tsx";
import { Empty } from "../kit/notices.tsx";
import { clock, figure, instant } from "../words/format.ts";
import { useApp, useSession, zoneOf } from "./app.ts";
import { TargetState, useMore } from "./devices.tsx";
import { m } from "./mend-words.ts";
import { NeedList } from "./need-list.tsx";
import { doneOfRecords, needsOfRecords } from "./needs.ts";
import { DoneList } from "./needs-done.tsx";
import { WithOffice } from "./needs-office.tsx";
import { OtherKey } from "./own-key.tsx";
import { ENROL, inspectPath, SYNC } from "./paths.ts";
import { rescueOf, saveFile } from "./rescue.ts";
import { Screen, useStanding } from "./screen.tsx";
import { lastSyncWords, receivingWords, type Standing } from "./standing.ts";
import { SyncPhotos, sumWords } from "./sync-photos.tsx";
import { todayOf, walk } from "./today-model.ts";
import { Differing } from "./vouching.tsx";
import { inLanguage, t } from "./words.ts";

export function SyncPage() {
  const entries = useRefused();
  const session = useSession();
  const needs = needsOfRecords(session, entries);
  const done = doneOfRecords(session, entries);
  return (
    <Screen current={SYNC}>
      <section class="stages">
        <Stages />
      </section>
      <main class="scroll sorted">
        <Differing />
        <OtherKey />
        <SectionHeader
          title={t("need.title")}
          count={needs.length > 0 ? t("need.others") : undefined}
        />
        {needs.length > 0 ? <NeedList needs={needs} /> : <p class="note rest">{t("need.none")}</p>}
        <SyncPhotos />
        <WithOffice />
        <DoneList done={done} />
        <MyDevices />
      </main>
    </Screen>
  );
}

/** Ops that were not taken, from the outbox, whole; again after every change of it. */
function useRefused(): readonly Entry[] {
  const { store } = useSession();
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  useEffect(() => {
    let isHere = true;
    const read = async () => {
      const found = await store.read((db) => db.outbox.filter(isNotTaken).sortBy("n"));
      if (isHere) setEntries(found);
    };
    void read().catch(() => undefined);
    const stop = store.onChange(() => void read().catch(() => undefined));
    return () => {
      isHere = false;
      stop();
    };
  }, [store]);
  return entries;
}

const NOT_TAKEN: readonly unknown[] = ["rejected", "held"];

function isNotTaken({ state, outcome, witness }: Entry): boolean {
  return !witness && (state === "refused" || NOT_TAKEN.includes(outcome));
}

type Stage = {
  readonly key: string;
  readonly icon: IconName;
  readonly look: "q" | "act" | "warn" | "ok";
  readonly title: string;
  readonly note: string;
  readonly n: number;
};

function stagesOf({ status, sync }: Standing, photos: string | null): readonly Stage[] {
  const { sending } = sync;
  const under = sending ? Math.max(sending.total - sending.done, 0) : 0;
  const stages: readonly (Stage | null)[] = [
    {
      key: "draft",
      icon: "device",
      look: "q",
      title: t("stage.draft"),
      note: t("stage.draftNote"),
      n: status.draft,
    },
    {
      key: "waiting",
      icon: "clock",
      look: "q",
      title: t("stage.waiting"),
      note: t(status.phase === "offline" ? "stage.waitingOffline" : "stage.waitingNote"),
      n: Math.max(status.waiting - under, 0),
    },
    sending && {
      key: "sending",
      icon: "sending",
      look: "act",
      title: t("stage.sending"),
      note: t("stage.sendingNote", { done: sending.done, n: sending.total }),
      n: under,
    },
    {
      key: "answers",
      icon: "photosLeft",
      look: status.answersReceived > 0 ? "warn" : "q",
      title: t("stage.answers"),
      note:
        photos ??
        (status.photosLeft > 0
          ? t("stage.photosNote", { n: status.photosLeft })
          : t("stage.answersNote")),
      n: status.answersReceived,
    },
    status.withOffice > 0
      ? {
          key: "office",
          icon: "person",
          look: "q",
          title: t("stage.office"),
          note: t("stage.officeNote"),
          n: status.withOffice,
        }
      : null,
    status.witnesses > 0
      ? {
          key: "witnesses",
          icon: "shield",
          look: "q",
          title: m("stage.witnesses"),
          note: m("stage.witnessesNote"),
          n: status.witnesses,
        }
      : null,
    {
      key: "confirmed",
      icon: "confirmed",
      look: status.confirmed > 0 ? "ok" : "q",
      title: t("stage.confirmed"),
      note: t("stage.confirmedNote"),
      n: status.confirmed,
    },
  ];
  return stages.filter((stage) => stage !== null);
}

function Stages() {
  const standing = useStanding();
  const session = useSession();
  const { status, sync } = standing;
  const photos = sumWords(session.uploads.value);
  const left = status.draft + status.waiting + status.answersReceived;
  const isBusy = sync.phase === "syncing";
  return (
    <>
      <h1>{left > 0 ? t("sync.left", { n: left }) : t("sync.nothingLeft")}</h1>
      <p class="quiet lead" role="status">
        {phaseWords(standing)}
      </p>
      <ol class="path">
        {stagesOf(standing, photos).map(({ key, icon, look, title, note, n }) => (
          <li key={key} class={look}>
            <Icon name={icon} size={28} />
            <div class="grow">
              <b>{title}</b>
              <span class="note">{note}</span>
            </div>
            <span class="n">{figure(n)}</span>
          </li>
        ))}
      </ol>
      <p class="note">{lastSyncWords(standing)}</p>
      <RoomNote standing={standing} />
      <div class="ends">
        <Lost standing={standing} />
        <button
          type="button"
          class="btn pri"
          disabled={isBusy}
          onClick={() => session.wake("button")}
        >
          <Icon name="sync" size={24} />
          {t(isBusy ? "sync.running" : "sync.now")}
        </button>
        <Export />
      </div>
    </>
  );
}

/** What the engine is doing, and when it goes on by itself. */
function phaseWords({ sync, status, storage, now, zone }: Standing): string {
  if (storage !== "fine") return t(`storage.${storage === "newer-app" ? "newer" : storage}How`);
  const { phase, receiving, nextAt } = sync;
  if (phase === "enrol-again") return t("phase.enrolAgainHow");
  if (phase === "cloned-device") return t("phase.clonedHow");
  if (phase === "update-needed") return t("phase.updateHow");
  if (phase === "draining") return t("phase.drainingHow");
  if (receiving && !sync.isComplete) return receivingWords(receiving.done, receiving.total);
  if (phase === "offline") {
    const time = nextAt === null ? "" : clock(Math.max(nextAt, now), zone);
    return time === "" ? t("phase.offline") : t("phase.offlineUntil", { time });
  }
  if (phase === "syncing") return t("phase.syncing");
  if (status.draft + status.waiting + status.answersReceived > 0) return t("phase.safe");
  return t("phase.idle");
}

/** What went before its time, because the device was full: said, whoever was not looking then. */
function RoomNote({ standing: { sync, zone, now } }: { standing: Standing }) {
  const { room } = sync;
  if (room === null) return null;
  const { ops, photos, at } = room;
  const time = instant(at, zone, now);
  return <p class="note">{m("room.made", { ops: figure(ops), photos: figure(photos), time })}</p>;
}

function Lost({ standing }: { standing: Standing }) {
  const { phase } = standing.sync;
  if (phase !== "enrol-again" && phase !== "cloned-device") return null;
  return (
    <button type="button" class="btn pri" onClick={() => go(ENROL)}>
      <Icon name="scan" size={24} />
      {t("enrol.again")}
    </button>
  );
}

function Export() {
  const app = useApp();
  const session = useSession();
  const said = useSignal("");
  const save = async () => {
    try {
      const { file, name, ops, photos } = await rescueOf(session, zoneOf(session), app.version);
      saveFile(file, name);
      said.value = t("rescue.done", { name, ops, n: photos });
    } catch {
      said.value = t("rescue.failed");
    }
  };
  return (
    <>
      <button type="button" class="btn" onClick={() => void save()}>
        <Icon name="export" size={24} />
        {t("rescue.save")}
      </button>
      <p class="note" role="status">
        {said.value}
      </p>
    </>
  );
}

const SETTLED: readonly string[] = ["none", "confirmed"];

function isSettled(session: Session, { inspectionId }: TargetWork): number {
  return Number(SETTLED.includes(session.itemState(inspectionId)));
}

function whichRound({ assignment, site }: RoundWork): string {
  return [site?.data.name ?? "", inLanguage(assignment.data.title)].filter(Boolean).join(" · ");
}

/** The devices of my rounds that this tablet worked on, and where each is. */
function MyDevices() {
  const app = useApp();
  const session = useSession();
  const { sites, backup } = todayOf(session, app.now);
  const { person } = session.person;
  const worked = [...sites, ...backup]
    .flatMap((site) => site.rounds.map(({ round }) => ({ round, zone: site.zone })))
    .flatMap(({ round, zone }) =>
      walk(round.rooms)
        .filter(({ inspection }) => inspection?.data.inspector === person)
        .map((target) => ({ target, zone, round })),
    )
    // What is still on its way stands on top.
    .toSorted((one, other) => isSettled(session, one.target) - isSettled(session, other.target));
  const rounds = new Set(worked.map(({ round }) => round.assignment.id)).size;
  const counts = [t("round.devices", { n: worked.length }), t("sync.rounds", { n: rounds })];
  const { n, more } = useMore(worked.length, "");
  return (
    <>
      <SectionHeader
        title={t("sync.round")}
        count={counts.slice(0, rounds > 1 ? 2 : 1).join(t("list.comma"))}
      />
      {worked.length === 0 && <Empty why={t("sync.roundEmpty")} />}
      <ul>
        {worked.slice(0, n).map(({ target, zone, round }) => (
          <li key={target.inspectionId}>
            <ListRow
              href={inspectPath(target.assignment, target.assetId)}
              title={target.asset?.data.name ?? t("asset.notHere")}
              note={rounds > 1 ? whichRound(round) : undefined}
              state={<TargetState target={target} at={{ now: app.now, zone }} />}
            />
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}
