// A repeated group as a grid of tiles: measuring points, each with its figures and its verdict.
// Rule: a tile is a button that opens its point; what all points say together stands below.

import { DEFAULTS } from "../../../wire/defaults.ts";
import type { Calculated, Group } from "../../../wire/types.ts";
import { Gauge } from "../../kit/gauge.tsx";
import { Icon } from "../../kit/icons.tsx";
import { StateWord } from "../../kit/state.tsx";
import { figure, quantity } from "../../words/format.ts";
import { anchorOf, useHere } from "./context.ts";
import { answerAt } from "./form.ts";
import { OfficeRemarks } from "./frame.tsx";
import {
  extremes,
  type Figure,
  figuresOf,
  gridOf,
  hasHeads,
  headsOf,
  isMeasured,
  nextOpen,
  type Point,
  pathAt,
  statesAt,
} from "./grid.ts";
import { briefly, limitsOf, limitWords, reasonWords, unitOf } from "./say.ts";
import { said, t, tongue } from "./words.ts";

/** Where the pad writes now. */
export interface Active {
  readonly element: string;
  readonly item: string;
  /** The figure as typed so far. */
  readonly text: string;
}

type GridProps = {
  group: Group;
  active?: Active | null;
  onOpen: (point: Point) => void;
};

/** Rows and columns of tiles with their heads. */
export function PointGrid({ group, active = null, onOpen }: GridProps) {
  const grid = gridOf(group);
  const isHeaded = hasHeads(grid, tongue());
  const heads = (point?: Point) => headsOf(point ? said(point.place.title) : "");
  const style = `--columns: ${grid.columns.length}`;
  return (
    <div class={isHeaded ? "points headed" : "points"} style={style}>
      {isHeaded && <span />}
      {isHeaded &&
        grid.columns.map((column) => (
          <div key={column} class="ch">
            {heads(grid.points.find((one) => one.column === column))[0]}
          </div>
        ))}
      {grid.rows.map((row) => (
        <div key={row} class="line">
          {isHeaded && <div class="hh">{heads(grid.points.find((one) => one.row === row))[1]}</div>}
          {grid.columns.map((column) => {
            const point = grid.points.find((one) => one.row === row && one.column === column);
            if (point === undefined) return <span key={column} />;
            return <Tile key={column} {...{ group, point, active, onOpen, isHeaded }} />;
          })}
        </div>
      ))}
    </div>
  );
}

type TileProps = Required<GridProps> & { point: Point; isHeaded: boolean };

function Tile({ group, point, active, onOpen, isHeaded }: TileProps) {
  const { sheet } = useHere();
  const states = statesAt(sheet.evaluation, group, point);
  const isOn = active?.element === point.element;
  const worst = ["abnormal", "warning"].find((one) => states.some((s) => s.verdict === one));
  const isOpen = states.every(({ verdict }) => verdict === "open");
  const look = ["cell", worst ?? (isOpen ? "emp" : ""), isOn ? "act" : ""];
  const reasons = states.flatMap((state) => {
    const item = group.items.find(({ id }) => id === state.item);
    return item ? state.reasons.map((reason) => reasonWords(item, state, reason)) : [];
  });
  const short = reasons.find((reason) => reason.short !== undefined);
  const figures = figuresOf(group);
  const remarked = sheet.remarks.some(({ item }) =>
    item?.startsWith(`${group.id}.${point.element}.`),
  );
  return (
    <button
      type="button"
      id={anchorOf(`${group.id}.${point.element}`)}
      class={look.filter(Boolean).join(" ")}
      aria-pressed={isOn}
      onClick={() => onOpen(point)}
    >
      <span class={isHeaded ? "spoken" : "note name"}>{said(point.place.title)}</span>
      {figures.map((item, at) => (
        <span key={item.id} class={at === 0 ? "tv" : "rv"}>
          <Typed {...{ group, point, item, active }} />
          <span class="u">
            {unitOf(item)}
            {at > 0 && <span class="of">{` ${said(item.title)}`}</span>}
          </span>
          {at === 0 && short && (
            <span class={`hi st ${short.tone}`}>
              <Icon name={short.icon} size={20} />
              {short.short}
            </span>
          )}
        </span>
      ))}
      <Worked {...{ group, point, isOpen }} />
      <span class="spoken">{reasons.map(({ words }) => words).join(t("list.comma"))}</span>
      {remarked && <Icon name="returned" size={20} label={t("state.returned")} class="back" />}
    </button>
  );
}

type CellProps = { group: Group; point: Point };

/** The figure of one question: as typed while the pad writes there, else as answered. */
function Typed({
  group,
  point,
  item,
  active,
}: CellProps & { item: Figure; active: Active | null }) {
  const { sheet } = useHere();
  if (active?.element === point.element && active.item === item.id) {
    return (
      <span>
        {active.text}
        <i class="caret" />
      </span>
    );
  }
  const answer = answerAt(sheet.inspection, pathAt(group, point, item));
  if (answer?.na) return <span>{t("answer.na")}</span>;
  return <span>{typeof answer?.value === "number" ? shownAs(item, answer.value) : "—"}</span>;
}

/** With the decimals of its item, so that a column of figures stands still. */
export function shownAs(item: Figure | Calculated, value: number): string {
  const decimals = item.type === "counter" ? 0 : (item.decimals ?? DEFAULTS.NumberItem.decimals);
  return figure(value, decimals);
}

/** What is worked out at a point: "露点 12.7 °C", "露点 待算"; nothing measured yet: "未测". */
function Worked({ group, point, isOpen }: CellProps & { isOpen: boolean }) {
  const { sheet } = useHere();
  const worked = group.items.filter((item) => item.type === "calculated");
  if (isOpen) return <span class="dv">{t("notDone.measured")}</span>;
  return (
    <>
      {worked.map((item) => {
        const value = sheet.evaluation.items.get(pathAt(group, point, item))?.value;
        const decimals = item.decimals ?? DEFAULTS.Calculated.decimals;
        const words =
          typeof value === "number" ? quantity(value, unitOf(item), decimals) : t("item.pending");
        return (
          <span key={item.id} class="dv">
            {`${said(item.title)} ${words}`}
          </span>
        );
      })}
    </>
  );
}

/** One gauge per question: limits above, the farthest reading on it, the verdict below. */
export function PointGauges({ group }: { group: Group }) {
  const { sheet } = useHere();
  const items = group.items.filter(
    (item) => item.type === "number" || item.type === "counter" || item.type === "calculated",
  );
  return (
    <div class="lims">
      {items.map((item) => {
        const limits = limitsOf(item);
        const found = extremes(sheet.evaluation, group, item, sheet.last);
        if (limits === null && found === null) return null;
        const unit = unitOf(item);
        const edge = found?.verdict;
        return (
          <div key={item.id}>
            <span class="note">
              {`${said(item.title)} ${limits ? limitWords(limits, unit) : unit}`}
            </span>
            {limits && (
              <Gauge
                limits={limits}
                now={found?.shown ?? null}
                last={found?.last ?? null}
                verdict={edge === "abnormal" || edge === "warning" ? edge : "normal"}
                unit={unit}
                width={180}
              />
            )}
            <Together item={item} found={found} />
          </div>
        );
      })}
    </div>
  );
}

/** "最高 27.8，高于上限 27 °C", "最高 54", "12.2 至 13.3，自动计算". */
function Together({
  item,
  found,
}: {
  item: Figure | Calculated;
  found: ReturnType<typeof extremes>;
}) {
  if (found === null) return <p class="quiet">{t("notDone.measured")}</p>;
  const say = (value: number) => shownAs(item, value);
  const value = t(found.isLeast ? "points.lowest" : "points.highest", { value: say(found.shown) });
  const [reason] = found.state.reasons;
  if (reason !== undefined) {
    const { icon, tone, words } = reasonWords(item, found.state, reason);
    return (
      <p>
        <StateWord {...{ icon, tone }} size={18}>
          {value + t("list.comma") + (briefly(reason) ?? words)}
        </StateWord>
      </p>
    );
  }
  if (item.type !== "calculated") return <p class="quiet">{value}</p>;
  const span = t("points.between", { low: say(found.least), high: say(found.most) });
  return <p class="quiet">{span + t("list.comma") + t("points.calculated")}</p>;
}

/** The group in the list: its tiles, its gauges, and the way to the pad. */
export function GroupGrid({ group, onPoint }: { group: Group; onPoint: (point: Point) => void }) {
  const { sheet, isClosed } = useHere();
  const { points } = gridOf(group);
  const done = points.filter((point) => isMeasured(sheet.evaluation, group, point)).length;
  const first = nextOpen(sheet.evaluation, group, null) ?? points[0];
  return (
    <section class="group" id={anchorOf(group.id)} tabIndex={-1} aria-label={said(group.title)}>
      <div class="gh">
        <h3>{said(group.title)}</h3>
        <span class="note">{t("points.count", { done, of: points.length })}</span>
        {!isClosed && first && (
          <button type="button" class="btn txt end" onClick={() => onPoint(first)}>
            <Icon name="pen" size={22} />
            {t("points.open")}
          </button>
        )}
      </div>
      {group.hint && <p class="note hint">{said(group.hint)}</p>}
      <OfficeRemarks path={group.id} />
      <PointGrid group={group} onOpen={onPoint} />
      <PointGauges group={group} />
    </section>
  );
}
