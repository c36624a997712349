// The sections: a list at the left of a tablet, a drop-down on a phone, each with ticks and count.

import { useState } from "preact/hooks";
import type { Section } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { Ticks } from "../../kit/ticks.tsx";
import { useHere } from "./context.ts";
import { marksOf } from "./form.ts";
import type { Sheet } from "./sheet.ts";
import { said, t } from "./words.ts";

export function shownSections(sheet: Sheet): readonly Section[] {
  const shown = new Set(
    sheet.evaluation.sections.filter((one) => one.shown).map((one) => one.section),
  );
  return sheet.template.data.form.sections.filter(({ id }) => shown.has(id));
}

type SectionsProps = { current: string; onSection: (section: string) => void };

function Entry({ section, isOn, onOpen }: { section: Section; isOn: boolean; onOpen: () => void }) {
  const { sheet } = useHere();
  const marks = marksOf(sheet.evaluation, section.id);
  const done = marks.filter((mark) => mark !== "open").length;
  const isBack = sheet.remarks.some(({ item }) => item && isIn(section, item));
  return (
    <li>
      <button type="button" class={isOn ? "on" : ""} aria-current={isOn} onClick={onOpen}>
        <span class="row">
          <span class="one">{said(section.title)}</span>
          {isBack && <Icon name="returned" size={18} label={t("state.returned")} class="back" />}
          {marks.length > 0 && (
            <span class="end note nw">{t("sections.done", { done, of: marks.length })}</span>
          )}
        </span>
        {marks.length > 0 && <Ticks marks={marks} small />}
      </button>
    </li>
  );
}

function isIn(section: Section, path: string): boolean {
  const first = path.split(".", 1)[0];
  return section.items.some(({ id }) => id === first);
}

export function SectionList({ current, onSection }: SectionsProps) {
  const { sheet } = useHere();
  return (
    <nav class="secs" aria-label={t("sections.label")}>
      <ul>
        {shownSections(sheet).map((section) => (
          <Entry
            key={section.id}
            section={section}
            isOn={section.id === current}
            onOpen={() => onSection(section.id)}
          />
        ))}
      </ul>
    </nav>
  );
}

export function SectionDrop({ current, onSection }: SectionsProps) {
  const { sheet } = useHere();
  const [isOpen, setOpen] = useState(false);
  const sections = shownSections(sheet);
  const section = sections.find(({ id }) => id === current) ?? sections[0];
  if (section === undefined) return null;
  const at = sections.indexOf(section) + 1;
  return (
    <div class="psec">
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <b class="one">{said(section.title)}</b>
        <span class="note nw">{t("sections.done", { done: at, of: sections.length })}</span>
        <Ticks marks={marksOf(sheet.evaluation, section.id)} />
        <Icon name={isOpen ? "up" : "down"} size={22} />
      </button>
      {isOpen && (
        <SectionList
          current={current}
          onSection={(id) => {
            setOpen(false);
            onSection(id);
          }}
        />
      )}
    </div>
  );
}
