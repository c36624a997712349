// One result on the desk: its items by filter, and the decision. Rule: what is shown stays as it is while
// somebody looks at it; a newer state is announced, and shown when asked for or when a decision needs it.

import { useEffect, useState } from "preact/hooks";
import type { InspectionDetail } from "../../../wire/types.ts";
import { useAddressState } from "../../kit/address.ts";
import { READS } from "../api.ts";
import { Failure, Show } from "../failure.tsx";
import { PhotoViewer, view } from "../files/viewer.tsx";
import { useHeld } from "../held.ts";
import { useMay } from "../state.ts";
import { t } from "../words.ts";
import { Bar, JustDecided } from "./bar.tsx";
import { type Deciding, useDeciding } from "./decide.ts";
import { done, filledRemarks, isSame, needsReason, remarksFor, writeRemark } from "./desk.ts";
import { Extras } from "./extras.tsx";
import { FindingForm } from "./finding.tsx";
import { Filters, Head } from "./head.tsx";
import { Item, RemarkField } from "./item.tsx";
import { useKeys } from "./keys.ts";
import { Sheet } from "./sheet.tsx";
import {
  countsOf,
  FILTERS,
  type Filter,
  filtered,
  isGroup,
  photosOf,
  type SheetItem,
  sheetItems,
  subjectOf,
  titleOf,
} from "./sheet-items.ts";

type BodyProps = {
  detail: InspectionDetail;
  deciding: Deciding;
  onNext: () => void;
  onRecorded: () => void;
};

/** Everything the person has in hand at one result: filter, selected item, remarks, reason. */
function useHand({ detail, deciding, onNext }: BodyProps) {
  const { id } = detail.row;
  const items = sheetItems(detail);
  const counts = countsOf(items);
  const [wanted, setFilter] = useAddressState("show");
  // With nothing abnormal there is nothing to look at first: the whole is shown.
  const usual: Filter = counts.abnormal > 0 ? "abnormal" : "all";
  const filter = FILTERS.find((one) => one === wanted) ?? usual;
  const shown = filtered(items, filter, detail.order ?? []).filter((entry) => !isGroup(entry));
  const [selected, setSelected] = useState<string | null>(null);
  const [writing, setWriting] = useState<string | null>(null);
  const [reason, setReason] = useState<string | null>(null);
  const [isRecording, setRecording] = useState(false);
  const follows = useMay("follow-up");
  const mayRecord = follows && detail.row.step === "submitted";
  const remarks = remarksFor(id);
  const filled = filledRemarks(remarks).length;
  const may = detail.may ?? [];
  const at = shown.findIndex((entry) => entry.path === selected);
  const current = shown[at] ?? (filter === "all" ? null : (shown[0] ?? null));
  const move = (step: number) => {
    const from = at < 0 ? (current ? 0 : -1) : at;
    const next = shown[Math.min(Math.max(from + step, 0), shown.length - 1)];
    if (next) setSelected(next.path);
  };
  const write = (path: string) => {
    if (may.includes("return")) setWriting(path);
  };
  // Of the item in hand; where it has none, of the whole.
  const look = () => {
    const own = photosOf(detail, current?.path ?? "").filter((photo) => photo.shown);
    const [first] = own.length > 0 ? own : (detail.photos ?? []).filter((photo) => photo.shown);
    view(
      own.length > 0 ? own : (detail.photos ?? []),
      first,
      detail.row.time_zone,
      subjectOf(detail),
    );
  };
  const sendBack = async () => {
    // Nothing to mend was said yet: the field for it opens at the item in hand.
    if (filled === 0) return write(current?.path ?? "");
    if (await deciding.sendBack(detail)) onNext();
  };
  const accept = async () => {
    if (!may.includes("accept")) return;
    if (needsReason(detail) && (reason === null || reason.trim() === "")) return setReason("");
    if (await deciding.accept(detail, reason ?? "")) onNext();
  };
  return {
    ...{ items, counts, filter, setFilter, shown, current, remarks, filled, writing, reason },
    ...{ mayRecord, isRecording, setRecording },
    ...{ setSelected, setWriting, setReason, move, write, look, sendBack, accept, usual },
  };
}

type Hand = ReturnType<typeof useHand>;

function useHandKeys(hand: Hand, undo: () => void): void {
  useKeys({
    ArrowDown: () => hand.move(1),
    ArrowUp: () => hand.move(-1),
    Enter: () => hand.write(hand.current?.path ?? ""),
    " ": hand.look,
    a: () => void hand.accept(),
    r: () => void hand.sendBack(),
    u: undo,
    f: () => hand.setRecording(hand.mayRecord),
    e: () => {
      const next: Filter = hand.filter === "abnormal" ? "all" : "abnormal";
      hand.setFilter(next === hand.usual ? "" : next);
    },
    Escape: () => {
      hand.setWriting(null);
      hand.setReason(null);
      hand.setSelected(null);
    },
  });
}

type ListProps = { detail: InspectionDetail; hand: Hand };

function Items({ detail, hand }: ListProps) {
  const { shown, current, remarks, writing } = hand;
  const mayReturn = (detail.may ?? []).includes("return");
  const { id } = detail.row;
  if (shown.length === 0) return <p class="nothing quiet">{t(`filter.none.${hand.filter}`)}</p>;
  return (
    <>
      {shown.map((entry: SheetItem) => (
        <Item
          key={entry.path}
          isSelected={entry.path === current?.path}
          remark={remarks[entry.path] ?? ""}
          isWriting={writing === entry.path}
          onSelect={() => hand.setSelected(entry.path)}
          onWrite={() => hand.write(entry.path)}
          onRemark={(text) => writeRemark(id, entry.path, text)}
          onLeave={() => hand.setWriting(null)}
          {...{ entry, detail, mayReturn }}
        />
      ))}
    </>
  );
}

/** In the whole list a remark opens above it, for the line that is selected; and over the whole. */
function Remarks({ detail, hand }: ListProps) {
  const { id } = detail.row;
  // An item that is listed by itself has its remark with it.
  const listed = new Set(hand.filter === "all" ? [] : hand.shown.map((entry) => entry.path));
  const begun = [...Object.keys(hand.remarks), hand.writing].filter((path) => path !== null);
  const entries = [...new Set(begun)].filter(
    (path) => !listed.has(path) && (hand.writing === path || hand.remarks[path]),
  );
  if (entries.length === 0) return null;
  return (
    <div class="loose">
      {entries.map((path) => {
        const entry = hand.items.find((one) => one.path === path);
        const title = entry
          ? t("remark.at", { item: titleOf(detail, entry) })
          : t("remark.wholeLabel");
        return (
          <RemarkField
            key={path}
            title={title}
            text={hand.remarks[path] ?? ""}
            isFocused={hand.writing === path}
            onInput={(text) => writeRemark(id, path, text)}
            onLeave={() => hand.setWriting(null)}
          />
        );
      })}
    </div>
  );
}

function Body(props: BodyProps) {
  const { detail, deciding } = props;
  const hand = useHand(props);
  const { id } = detail.row;
  const last = done.value.at(-1);
  const undo = () => {
    const mine = done.peek().find((one) => one.row.id === id) ?? last;
    if (mine) void deciding.undo(mine);
  };
  useHandKeys(hand, undo);
  const mayReturn = (detail.may ?? []).includes("return");
  return (
    <>
      <div class="scroll">
        <Head detail={detail} />
        <Filters
          counts={hand.counts}
          filter={hand.filter}
          onFilter={(next) => hand.setFilter(next === hand.usual ? "" : next)}
        />
        {hand.filter === "all" ? (
          <Sheet
            detail={detail}
            items={hand.items}
            selected={hand.current?.path ?? null}
            onSelect={hand.setSelected}
          />
        ) : (
          <Items detail={detail} hand={hand} />
        )}
        <Remarks detail={detail} hand={hand} />
        {mayReturn && hand.writing !== "" && !hand.remarks[""] && (
          <button type="button" class="btn txt whole" onClick={() => hand.write("")}>
            {t("remark.writeWhole")}
          </button>
        )}
        <Extras detail={detail} />
      </div>
      <PhotoViewer />
      {deciding.failed && !deciding.hasMoved && (
        <Failure failed={deciding.failed} safe={t("safe.undecided")} />
      )}
      {hand.isRecording && (
        <FindingForm
          key={hand.current?.path ?? ""}
          detail={detail}
          entry={hand.current}
          onRecorded={props.onRecorded}
          onClose={() => hand.setRecording(false)}
        />
      )}
      {last && <JustDecided done={last} isBusy={deciding.isBusy} onUndo={undo} />}
      <Bar
        detail={detail}
        remarks={hand.filled}
        isBusy={deciding.isBusy}
        reason={hand.reason}
        onReason={hand.setReason}
        onAccept={() => void hand.accept()}
        onReturn={() => void hand.sendBack()}
        onUndo={undo}
        onFinding={hand.mayRecord ? () => hand.setRecording(true) : undefined}
      />
    </>
  );
}

type ResultProps = { id: string; onNext: () => void };

export function Result({ id, onNext }: ResultProps) {
  const held = useHeld(READS.result(id), ({ row }) => row.id === id, isSame);
  const deciding = useDeciding(held.release);
  const { clear } = deciding;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another result starts without the old failure.
  useEffect(() => clear(), [id]);
  return (
    <main class="rv">
      {deciding.hasMoved && (
        <p class="changed" role="alert">
          {t("result.moved")}
        </p>
      )}
      {held.hasNewer && (
        <p class="changed" role="status">
          {t("result.newer")}
          <button type="button" class="btn" onClick={held.showNewer}>
            {t("result.showNewer")}
          </button>
        </p>
      )}
      <Show loaded={held.loaded} words={t("result.loading")} rows={6}>
        {(detail) => (
          <Body key={detail.row.id} onRecorded={held.release} {...{ detail, deciding, onNext }} />
        )}
      </Show>
    </main>
  );
}
