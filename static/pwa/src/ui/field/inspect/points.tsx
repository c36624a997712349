// Point by point on the pad: the grid at the left, our own keys at the right.
// Rule: the target is named above the keys, the next step on the largest of them; each figure is an
// answer as soon as it is one.

import { useEffect, useState } from "preact/hooks";
import { DEFAULTS } from "../../../wire/defaults.ts";
import type { Group } from "../../../wire/types.ts";
import { type PadKey, pressKey, readFigure } from "../../kit/figures.ts";
import { NumberPad } from "../../kit/pad.tsx";
import { quantity } from "../../words/format.ts";
import { anchorOf, useHere } from "./context.ts";
import { withValue } from "./edits.ts";
import { answerAt, lastAt } from "./form.ts";
import { OfficeRemarks, Reasons, useAsked } from "./frame.tsx";
import { type Figure, figuresOf, gridOf, nextOpen, type Point, pathAt } from "./grid.ts";
import { type Active, PointGauges, PointGrid, shownAs } from "./group-grid.tsx";
import { Item } from "./items.tsx";
import { Saved } from "./saved.tsx";
import { unitOf } from "./say.ts";
import { said, t } from "./words.ts";

export type PointsProps = {
  group: Group;
  point: Point;
  onPoint: (point: Point) => void;
  onDone: () => void;
};

function decimalsOf(item: Figure): number {
  return item.type === "counter" ? 0 : (item.decimals ?? DEFAULTS.NumberItem.decimals);
}

function isSigned(item: Figure): boolean {
  return item.type === "number" && (item.low ?? -1) < 0;
}

/** What the pad writes into, and what was typed there so far. */
function useTarget({ group, point }: PointsProps) {
  const { sheet, work } = useHere();
  const figures = figuresOf(group);
  const [at, setAt] = useState(0);
  const item = figures[Math.min(at, figures.length - 1)];
  const path = item ? pathAt(group, point, item) : "";
  const answer = answerAt(sheet.inspection, path);
  const [typed, setTyped] = useState<{ path: string; text: string } | null>(null);
  const kept = typeof answer?.value === "number" ? String(answer.value) : "";
  const text = typed?.path === path ? typed.text : kept;
  const onText = (next: string): void => {
    setTyped({ path, text: next });
    const value = readFigure(next);
    if (value !== undefined && value !== readFigure(text)) {
      void work.answer(path, withValue(answer, value));
    }
  };
  return { figures, at, setAt, item, path, text, onText };
}

export function Points(props: PointsProps) {
  const { group, point, onPoint, onDone } = props;
  const { sheet, isClosed } = useHere();
  const target = useTarget(props);
  const { figures, at, setAt, item, text, onText } = target;
  const next = nextOpen(sheet.evaluation, group, point);
  const following = figures[at + 1];
  const goOn = (): void => {
    if (following) setAt(at + 1);
    else {
      setAt(0);
      if (next) onPoint(next);
      else onDone();
    }
  };
  const label = following
    ? t("points.nextItem", { name: said(following.title) })
    : next
      ? t("points.next", { name: said(next.place.title) })
      : t("points.done");
  useKeys(text, item, onText, goOn);
  useEffect(() => {
    // On a phone the pad leaves room for a part of the grid only.
    document
      .getElementById(anchorOf(`${group.id}.${point.element}`))
      ?.scrollIntoView({ block: "nearest" });
  }, [group, point.element]);
  const active: Active | null = item ? { element: point.element, item: item.id, text } : null;
  const open = (one: Point): void => {
    setAt(0);
    onPoint(one);
  };
  return (
    <div class="shell pointview">
      <main class="scroll">
        <PointGrid group={group} active={isClosed ? null : active} onOpen={open} />
        <PointGauges group={group} />
      </main>
      {!isClosed && item && (
        <aside class="kp">
          <NumberPad
            target={<Target group={group} point={point} />}
            decimals={decimalsOf(item)}
            signed={isSigned(item)}
            next={{ label, onClick: goOn }}
            {...{ text, onText }}
          >
            <Toggle {...{ group, point, figures, at, setAt, text }} />
          </NumberPad>
          <Rest group={group} point={point} />
          <Saved />
        </aside>
      )}
    </div>
  );
}

/** "末柜 · 1.1 m · 上次 24.3 °C，49 %" */
function Target({ group, point }: Pick<PointsProps, "group" | "point">) {
  const { sheet } = useHere();
  const last = figuresOf(group).flatMap((item) => {
    const value = lastAt(sheet.last, pathAt(group, point, item))?.value;
    return typeof value === "number" ? [quantity(value, unitOf(item))] : [];
  });
  const words = [said(point.place.title)];
  if (last.length > 0) words.push(t("points.lastWas", { value: last.join(t("list.comma")) }));
  return <>{words.join(" · ")}</>;
}

type ToggleProps = Pick<PointsProps, "group" | "point"> & {
  figures: readonly Figure[];
  at: number;
  setAt: (at: number) => void;
  text: string;
};

/** The figures of the point, the one being typed with the accent edge, and what they mean. */
function Toggle({ group, point, figures, at, setAt, text }: ToggleProps) {
  return (
    <>
      <div class="tog">
        {figures.map((item, index) => (
          <Figured
            key={item.id}
            {...{ item, text }}
            path={pathAt(group, point, item)}
            isOn={index === at}
            onClick={() => setAt(index)}
          />
        ))}
      </div>
      {figures.map((item) => (
        <Said key={item.id} item={item} path={pathAt(group, point, item)} />
      ))}
    </>
  );
}

type FiguredProps = {
  item: Figure;
  path: string;
  isOn: boolean;
  text: string;
  onClick: () => void;
};

function Figured({ item, path, isOn, text, onClick }: FiguredProps) {
  const { sheet } = useHere();
  const value = answerAt(sheet.inspection, path)?.value;
  const shown = typeof value === "number" ? shownAs(item, value) : "—";
  return (
    <button type="button" class={isOn ? "on" : ""} aria-pressed={isOn} onClick={onClick}>
      <span>{said(item.title)}</span>
      <b>
        {isOn ? text : shown}
        {isOn && <i class="caret" />}
        {` ${unitOf(item)}`}
      </b>
    </button>
  );
}

function Said({ item, path }: { item: Figure; path: string }) {
  const asked = useAsked(item, path);
  if (asked === null) return null;
  return (
    <div class="field" aria-live="polite">
      <Reasons {...asked} />
      <OfficeRemarks path={path} />
    </div>
  );
}

/** What else is asked at the point, below the keys. */
function Rest({ group, point }: Pick<PointsProps, "group" | "point">) {
  const { sheet } = useHere();
  const rest = group.items.filter(
    (item) => item.type !== "number" && item.type !== "counter" && item.type !== "calculated",
  );
  if (rest.length === 0 || gridOf(group).points.length === 0 || !sheet.template) return null;
  return (
    <div class="rest">
      {rest.map((item) => (
        <Item key={item.id} item={item} path={pathAt(group, point, item)} />
      ))}
    </div>
  );
}

const KEYS: Readonly<Record<string, PadKey>> = { Backspace: "erase", ",": "." };

/** A keyboard writes like the pad: digits, point, sign, erase; Enter goes on. */
function useKeys(
  text: string,
  item: Figure | undefined,
  onText: (text: string) => void,
  goOn: () => void,
): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const isOurs = !(event.ctrlKey || event.metaKey || event.altKey);
      const into = event.target instanceof Element ? event.target.closest("input,textarea") : null;
      if (!isOurs || into !== null || item === undefined) return;
      if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) goOn();
      const key = KEYS[event.key] ?? keyOf(event.key);
      if (key === undefined || (key === "-" && !isSigned(item))) return;
      event.preventDefault();
      onText(pressKey(text, key, decimalsOf(item)));
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}

function keyOf(key: string): PadKey | undefined {
  const keys: readonly PadKey[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "-"];
  return keys.find((one) => one === key);
}
