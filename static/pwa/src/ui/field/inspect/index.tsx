// The page `/inspect/<assignment or "-">/<asset>`: one asset's checklist.
// Rule: what is on the device shows at once. What is not is said in one sentence, with the way back.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { Machine } from "../../../sync/machine.ts";
import type { Session } from "../../../sync/session.ts";
import type { Group, Id } from "../../../wire/types.ts";
import { go, useAddressState } from "../../kit/address.ts";
import { FieldHead } from "../../kit/field-shell.tsx";
import { Icon } from "../../kit/icons.tsx";
import { StickyBar } from "../../kit/layout.tsx";
import { Empty } from "../../kit/notices.tsx";
import { useApp, useSession } from "../app.ts";
import { whyNot } from "../begin.tsx";
import { assetPath, roundPath, SCAN } from "../paths.ts";
import { FieldStatus } from "../screen.tsx";
import { visitOver } from "../sign/presence.ts";
import { LastButton } from "./before.tsx";
import { Checklist } from "./checklist.tsx";
import { type Here, HereProvider, useHere } from "./context.ts";
import { Finish, readinessOf } from "./finish.tsx";
import { gridOf, isMeasured, type Point } from "./grid.ts";
import "./inspect.css";
import "./points.css";
import { Points } from "./points.tsx";
import { FaultPlace, Saved } from "./saved.tsx";
import { reportedOf } from "./say.ts";
import type { Sheet } from "./sheet.ts";
import type { Shelf } from "./typing.ts";
import { said, t } from "./words.ts";
import { Worksheet } from "./worksheet.ts";

type PageProps = {
  /** Null for an inspection outside any round. */
  assignment: Id | null;
  asset: Id;
};

/** The page with its status line. */
export function InspectPage({ assignment, asset }: PageProps) {
  const { machine } = useApp();
  const session = useSession();
  const back = assignment === null ? assetPath(asset) : roundPath(assignment);
  return (
    <div class="app">
      <FieldStatus />
      <Inspect {...{ session, machine, assignment, asset, back }} scan={SCAN} />
    </div>
  );
}

export type InspectProps = PageProps & {
  session: Session;
  machine: Pick<Machine, "sha256" | "subtle">;
  /** Where back leads. */
  back: string;
  /** Where the next one is scanned. */
  scan: string;
};

/** Below the status line, in the column of `.app`. */
export function Inspect({ session, machine, assignment, asset, back, scan }: InspectProps) {
  const work = useMemo(() => {
    const subject = { assignment, asset };
    return new Worksheet(session, machine, subject, shelf());
  }, [session, machine, assignment, asset]);
  useEffect(() => {
    const stop = work.typing.watch(document, window);
    void work.resume().catch(() => undefined);
    return () => {
      work.typing.hurry();
      stop();
    };
  }, [work]);
  const [isEditing, setEditing] = useState(false);
  const found = work.found.value;
  if (found.kind === "missing") {
    const action = { label: t("missing.back"), onClick: () => go(back) };
    return (
      <main class="scroll nothing">
        <Empty why={t(`missing.${found.what}`)} action={action} />
      </main>
    );
  }
  const { sheet } = found;
  const why = sheet.inspection === null ? whyNot(session) : null;
  if (why !== null) {
    return (
      <main class="scroll nothing">
        <Empty why={why} action={{ label: t("missing.back"), onClick: () => go(back) }} />
      </main>
    );
  }
  const isClosed = sheet.state === "accepted" || (sheet.state === "submitted" && !isEditing);
  const here: Here = { sheet, work, isClosed, now: session.pen.now() };
  return (
    <HereProvider value={here}>
      <Views {...{ back, scan }} onEdit={() => setEditing(true)} onDone={() => setEditing(false)} />
    </HereProvider>
  );
}

// A device may refuse storage (private window, policy): then only what became an op is kept.
function shelf(): Shelf | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

type ViewsProps = { back: string; scan: string; onEdit: () => void; onDone: () => void };

/** List, points or finish: which one stands in the address, so that a reload comes back to it. */
function Views({ back, scan, onEdit, onDone }: ViewsProps) {
  const { sheet, work, now } = useHere();
  const [view, setView] = useAddressState("view");
  const [at, setAt] = useAddressState("at");
  const [isBefore, setBefore] = useState(false);
  const spot = pointAt(sheet, view === "points" ? at : "");
  const open = (next: string, place: string): void => {
    setAt(place);
    setView(next);
  };
  if (spot !== null) {
    return (
      <PointsView
        {...spot}
        onPoint={(point) => setAt(`${spot.group.id}.${point.element}`)}
        onDone={() => open("", spot.group.id)}
      />
    );
  }
  if (view === "finish") {
    return (
      <FinishView
        onItem={(path) => open("", path)}
        onSubmitted={() => {
          onDone();
          open("", "");
        }}
      />
    );
  }
  const person = work.work.person.person;
  const here = { site: sheet.asset.data.site, person, zone: sheet.zone, now };
  const inspection = work.work.records.record("inspection", sheet.id);
  const visit = visitOver(work.work.records, here, inspection ? [inspection] : []);
  const toggle = () => setBefore(!isBefore);
  return (
    <>
      <Head back={back}>
        <LastButton isOpen={isBefore} onToggle={toggle} />
      </Head>
      <Checklist
        {...{ isBefore, onEdit, at, scan }}
        onBefore={toggle}
        onFinish={() => open("finish", "")}
        onPoint={(group, point) => open("points", `${group.id}.${point.element}`)}
        visit={visit}
      />
    </>
  );
}

/** The group and point that an address names, if the form has them. */
function pointAt(sheet: Sheet, path: string): { group: Group; point: Point } | null {
  const [id = "", element = ""] = path.split(".");
  const items = sheet.template.data.form.sections.flatMap((section) => section.items);
  const group = items.find((item) => item.id === id);
  if (group?.type !== "group") return null;
  const point = gridOf(group).points.find((one) => one.element === element);
  return point ? { group, point } : null;
}

function Head({ back, children }: { back: string; children?: preact.ComponentChildren }) {
  const { sheet } = useHere();
  const { name, maker = "", model = "", position = "", serial = "" } = sheet.asset.data;
  const made = [maker, model].filter((part) => part !== "").join(" ");
  const title = [name, made].filter((part) => part !== "").join(" · ");
  const place = [sheet.room?.data.name ?? sheet.site?.data.name ?? "", position];
  return (
    <FieldHead
      back={back}
      title={title}
      note={
        <>
          {place.filter((part) => part !== "").join(" · ")}
          {serial !== "" && <span class="wide">{` · ${t("head.sn", { serial })}`}</span>}
        </>
      }
    >
      {children}
    </FieldHead>
  );
}

type PointsViewProps = {
  group: Group;
  point: Point;
  onPoint: (point: Point) => void;
  onDone: () => void;
};

function PointsView(props: PointsViewProps) {
  const { sheet } = useHere();
  const { group, onDone } = props;
  const { points } = gridOf(group);
  const done = points.filter((point) => isMeasured(sheet.evaluation, group, point)).length;
  return (
    <>
      <div class="head">
        <button type="button" class="btn icon txt" aria-label={t("nav.back")} onClick={onDone}>
          <Icon name="left" size={28} />
        </button>
        <div class="grow">
          <h1 class="one">{`${sheet.asset.data.name} · ${said(sheet.template.data.title)}`}</h1>
          {group.hint && <p class="note one">{said(group.hint)}</p>}
        </div>
        <span class="pcount">
          <b>{done}</b>
          {` / ${points.length} ${t("points.unit")}`}
        </span>
      </div>
      <FaultPlace />
      <Points {...props} />
    </>
  );
}

type FinishViewProps = { onItem: (path: string) => void; onSubmitted: () => void };

function FinishView({ onItem, onSubmitted }: FinishViewProps) {
  const { sheet, work, isClosed } = useHere();
  const { isReady } = readinessOf(sheet);
  const isAgain = sheet.state === "submitted";
  const submit = async (): Promise<void> => {
    work.typing.hurry();
    const found = work.found.peek();
    if (found.kind !== "sheet") return;
    const reported = reportedOf(found.sheet, work.work.pen.now());
    await work.submit(reported, { step: !isAgain });
    if (work.fault.peek() === null) onSubmitted();
  };
  return (
    <>
      <div class="head">
        <button
          type="button"
          class="btn icon txt"
          aria-label={t("nav.back")}
          onClick={() => onItem("")}
        >
          <Icon name="left" size={28} />
        </button>
        <div class="grow">
          <h1 class="one">{t("finish.title", { asset: sheet.asset.data.name })}</h1>
        </div>
      </div>
      <Finish onItem={onItem} />
      <FaultPlace />
      <StickyBar state={<Saved />} note={isReady ? undefined : t("finish.blocked")}>
        <button type="button" class="btn" onClick={() => onItem("")}>
          {t("finish.back")}
        </button>
        {!isClosed && (
          <button type="button" class="btn pri" disabled={!isReady} onClick={() => void submit()}>
            {t(isAgain ? "finish.update" : "finish.submit")}
          </button>
        )}
      </StickyBar>
    </>
  );
}
