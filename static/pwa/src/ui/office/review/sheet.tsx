// The whole checklist, section by section: one line an item, a table for what repeats, and the nine
// points of an aisle where they were measured.

import { placeElementId } from "../../../core/ids.ts";
import { DEFAULTS } from "../../../wire/defaults.ts";
import type { Group, GroupedItem, InspectionDetail, Place } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { SectionHeader } from "../../kit/layout.tsx";
import { Photos } from "../files/photos.tsx";
import { inLanguage, t } from "../words.ts";
import {
  elementName,
  elementsOf,
  isGroup,
  needsEyes,
  photosOf,
  remarksOf,
  type SheetItem,
  subjectOf,
  wasMarkedRest,
} from "./sheet-items.ts";
import { answerWords, beforeValue, VerdictWord } from "./words.tsx";

type ByPath = ReadonlyMap<string, SheetItem>;

function cellTone(entry: SheetItem | undefined): string {
  const verdict = entry?.judged.verdict;
  return verdict === "abnormal" ? "bad" : verdict === "warning" ? "warn" : "";
}

/** A value in a table of repeats; past a limit it has its arrow or triangle, and says so. */
function Cell({ entry }: { entry: SheetItem | undefined }) {
  if (!entry) return <span class="faint">—</span>;
  const tone = cellTone(entry);
  const codes = (entry.judged.reasons ?? []).map((why) => why.code);
  const icon = codes.some((code) => code.startsWith("above"))
    ? "above"
    : codes.some((code) => code.startsWith("below"))
      ? "below"
      : "alert";
  return (
    <span class={`cell ${tone}`}>
      {tone !== "" && (
        <Icon name={icon} size={15} label={t(`cell.${tone === "bad" ? "bad" : "warn"}`)} />
      )}
      {answerWords(entry)}
    </span>
  );
}

type GroupProps = { detail: InspectionDetail; group: Group; entries: ByPath };

function isNumeric(item: GroupedItem): boolean {
  return item.type === "number" || item.type === "calculated" || item.type === "counter";
}

function Repeats({ detail, group, entries }: GroupProps) {
  const elements = elementsOf(detail, group);
  if (elements.length === 0) return <p class="note">{t("group.none")}</p>;
  return (
    <div class="wide">
      <table class="table repeats">
        <caption class="spoken">{inLanguage(group.title)}</caption>
        <thead>
          <tr>
            <th scope="col">{inLanguage(group.element)}</th>
            {group.items.map((item) => (
              <th key={item.id} scope="col" class={isNumeric(item) ? "num" : ""}>
                {inLanguage(item.title)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {elements.map((element) => (
            <tr key={element}>
              <th scope="row">{elementName(detail, group, element)}</th>
              {group.items.map((item) => (
                <td key={item.id} class={isNumeric(item) ? "num" : ""}>
                  <Cell entry={entries.get(`${group.id}.${element}.${item.id}`)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The places of a grid by row, top to bottom, each row left to right. */
export function gridRows(group: Group): readonly (readonly Place[])[] {
  const rows = new Map<number, Place[]>();
  for (const place of group.places ?? []) {
    const row = place.row ?? 0;
    rows.set(row, [...(rows.get(row) ?? []), place]);
  }
  return [...rows]
    .sort(([a], [b]) => a - b)
    .map(([, places]) => places.sort((a, b) => (a.column ?? 0) - (b.column ?? 0)));
}

/** The measuring points where they are: the first figure large, the others below it. */
function Grid({ detail, group, entries }: GroupProps) {
  const [main, ...others] = group.items;
  const at = (place: Place, item: GroupedItem) =>
    entries.get(`${group.id}.${placeElementId(group.id, place.id)}.${item.id}`);
  if (!main) return null;
  return (
    <section class="grid9" aria-label={inLanguage(group.title)}>
      {gridRows(group).map((places) => (
        <div key={places[0]?.id} class="line">
          {places.map((place) => (
            <section
              key={place.id}
              class={`point ${cellTone(at(place, main))}`}
              aria-label={elementName(detail, group, `${group.id}-${place.id}`)}
            >
              <h3>{inLanguage(place.title)}</h3>
              <p class="big">
                <Cell entry={at(place, main)} />
              </p>
              <p class="note">
                {others.map((item) => (
                  <span key={item.id} class="nw">
                    {inLanguage(item.title)} <Cell entry={at(place, item)} />
                  </span>
                ))}
              </p>
            </section>
          ))}
        </div>
      ))}
    </section>
  );
}

type LineProps = {
  entry: SheetItem;
  detail: InspectionDetail;
  isSelected: boolean;
  onSelect: () => void;
};

function Line({ entry, detail, isSelected, onSelect }: LineProps) {
  const before = beforeValue(entry);
  const isRest = wasMarkedRest(entry);
  const isCheck = entry.item.type === "check" || entry.item.type === "photo";
  const says = remarksOf(detail, entry.path).length;
  const shown = !isCheck || needsEyes(entry);
  // "Normal, as last time" is said by saying nothing.
  const isTold =
    !isCheck || entry.judged.verdict !== (entry.judged.before?.verdict ?? DEFAULTS.Before.verdict);
  return (
    <li class={isSelected ? "on" : ""} data-path={entry.path}>
      <button type="button" aria-pressed={isSelected} onClick={onSelect}>
        <span class="grow">
          {inLanguage(entry.item.title)}
          {isRest && <span class="note"> · {t("answer.restShort")}</span>}
          {says > 0 && <span class="note"> · {t("remark.count", { n: says })}</span>}
          {entry.answer?.note && <span class="note block">{entry.answer.note}</span>}
        </span>
        {shown && entry.judged.verdict !== "na" && !isCheck && (
          <b class={cellTone(entry)}>{answerWords(entry)}</b>
        )}
        <span class="note last">
          {before !== null && isTold && t("before.is", { value: before })}
        </span>
        <VerdictWord entry={entry} serial={detail.asset.serial ?? ""} />
      </button>
      <Photos
        photos={photosOf(detail, entry.path)}
        zone={detail.row.time_zone}
        of={subjectOf(detail)}
        small
      />
    </li>
  );
}

type SheetProps = {
  detail: InspectionDetail;
  items: readonly SheetItem[];
  selected: string | null;
  onSelect: (path: string) => void;
};

export function Sheet({ detail, items, selected, onSelect }: SheetProps) {
  const entries: ByPath = new Map(items.map((entry) => [entry.path, entry]));
  const sections = detail.form.sections.filter((section) =>
    items.some((entry) => entry.section.id === section.id),
  );
  return (
    <div class="sheet">
      {sections.map((section) => {
        const own = items.filter((entry) => entry.section.id === section.id);
        const asked = own.filter((entry) => !isGroup(entry));
        const bad = asked.filter(needsEyes).length;
        return (
          <section key={section.id}>
            <SectionHeader
              title={inLanguage(section.title)}
              count={
                bad > 0
                  ? t("sheet.someBad", { n: asked.length, bad })
                  : t("sheet.items", { n: asked.length })
              }
              ruled
            />
            <ul>
              {own.map((entry) => {
                if (entry.element !== "") return null;
                const { item } = entry;
                if (item.type !== "group") {
                  return (
                    <Line
                      key={entry.path}
                      isSelected={entry.path === selected}
                      onSelect={() => onSelect(entry.path)}
                      {...{ entry, detail }}
                    />
                  );
                }
                const Shape = item.layout === "grid" ? Grid : Repeats;
                return (
                  <li key={entry.path} class="group">
                    <h3>{inLanguage(item.title)}</h3>
                    <Shape group={item} {...{ detail, entries }} />
                  </li>
                );
              })}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
