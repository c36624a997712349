// The checklist itself: sections at the left, questions in the middle, what comes next at the foot.
// Rule: nothing moves unless the person moved it; the next step is the largest button, and named.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { restItems } from "../../../core/forms/evaluation.ts";
import type { Seen } from "../../../core/work.ts";
import type { Group, Section } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { SectionHeader, StickyBar } from "../../kit/layout.tsx";
import { Before } from "./before.tsx";
import { jumpTo, useHere } from "./context.ts";
import { restAnswers } from "./edits.ts";
import { readinessOf } from "./finish.tsx";
import { marksOf, openCount } from "./form.ts";
import type { Point } from "./grid.ts";
import { GroupGrid } from "./group-grid.tsx";
import { GroupList } from "./group-list.tsx";
import { Item } from "./items.tsx";
import { Returned } from "./returned.tsx";
import { FaultPlace, Saved } from "./saved.tsx";
import { SectionDrop, SectionList, shownSections } from "./sections.tsx";
import { Sent, WhereItIs } from "./sent.tsx";
import { said, t } from "./words.ts";

const placeOf = (section: string): string => `section-${section}`;

/** Which section is under the top of the list, and how to get to another. */
function useSections(sections: readonly Section[]) {
  const list = useRef<HTMLElement>(null);
  const [current, setCurrent] = useState(sections[0]?.id ?? "");
  const look = useCallback(() => {
    const top = (list.current?.getBoundingClientRect().top ?? 0) + LEAD;
    const passed = sections.filter(({ id }) => {
      const place = document.getElementById(placeOf(id));
      return place !== null && place.getBoundingClientRect().top <= top;
    });
    const box = list.current;
    const isEnd = box !== null && box.scrollTop + box.clientHeight >= box.scrollHeight - 2;
    const isScrolled = box !== null && box.scrollTop > 0;
    const at = isEnd && isScrolled ? sections.at(-1) : (passed.at(-1) ?? sections[0]);
    setCurrent(at?.id ?? "");
  }, [sections]);
  const goTo = (section: string): void => {
    const place = document.getElementById(placeOf(section));
    place?.scrollIntoView({ block: "start" });
    place?.focus({ preventScroll: true });
    setCurrent(section);
  };
  return { list, current, look, goTo };
}

// A section counts as reached when its head is this far below the top, px.
const LEAD = 90;

export type ChecklistProps = {
  isBefore: boolean;
  onBefore: () => void;
  onFinish: () => void;
  onPoint: (group: Group, point: Point) => void;
  onEdit: () => void;
  scan: string;
  /** In which the customer signs for this; none before somebody came. */
  visit: Seen<"visit"> | undefined;
  /** An item to begin at. */
  at: string;
};

export function Checklist(props: ChecklistProps) {
  const { sheet, work } = useHere();
  const sections = shownSections(sheet);
  const { list, current, look, goTo } = useSections(sections);
  const { at } = props;
  const lost = work.lostPhotos.value[0] ?? "";
  useEffect(() => {
    if (at !== "" || lost !== "") jumpTo(at || lost);
  }, [at, lost]);
  return (
    <>
      <SectionDrop current={current} onSection={goTo} />
      <div class="shell inspecting">
        <SectionList current={current} onSection={goTo} />
        <main ref={list} class="scroll list" onScroll={look}>
          {props.isBefore && <Before onClose={props.onBefore} />}
          <Sent visit={props.visit} />
          <Returned />
          {sections.map((section, index) => (
            <Questions
              key={section.id}
              section={section}
              isFirst={index === 0}
              onPoint={props.onPoint}
            />
          ))}
        </main>
      </div>
      <FaultPlace />
      <Bar
        {...props}
        next={sections[sections.findIndex(({ id }) => id === current) + 1]}
        goTo={goTo}
      />
    </>
  );
}

type QuestionsProps = {
  section: Section;
  isFirst: boolean;
  onPoint: (group: Group, point: Point) => void;
};

function Questions({ section, isFirst, onPoint }: QuestionsProps) {
  const { sheet, work, isClosed } = useHere();
  const marks = marksOf(sheet.evaluation, section.id);
  const done = marks.filter((mark) => mark !== "open").length;
  const rest = isClosed ? [] : restItems(sheet.template.data.form, section.id, sheet.evaluation);
  const action = {
    label: t("rest.mark", { n: rest.length }),
    icon: "checks" as const,
    onClick: () => void work.answers(restAnswers(rest)),
  };
  return (
    <section
      id={placeOf(section.id)}
      class={isFirst ? "questions first" : "questions"}
      tabIndex={-1}
      aria-label={said(section.title)}
    >
      <SectionHeader
        title={said(section.title)}
        count={marks.length > 0 ? t("sections.answered", { done, of: marks.length }) : undefined}
        action={rest.length > 1 ? action : undefined}
      />
      {section.items.map((item) => {
        if (item.type !== "group") return <Item key={item.id} item={item} path={item.id} />;
        if (!sheet.evaluation.items.get(item.id)?.shown) return null;
        const isGrid = item.layout === "grid" && (item.places?.length ?? 0) > 0;
        return isGrid ? (
          <GroupGrid key={item.id} group={item} onPoint={(point) => onPoint(item, point)} />
        ) : (
          <GroupList key={item.id} group={item} />
        );
      })}
    </section>
  );
}

type BarProps = ChecklistProps & { next: Section | undefined; goTo: (section: string) => void };

function Bar({ next, goTo, onFinish, onEdit, scan }: BarProps) {
  const { sheet, isClosed } = useHere();
  const n = openCount(sheet.evaluation);
  // With everything required answered the way out stands open in every section.
  const following = readinessOf(sheet).isReady ? undefined : next;
  const scanNext = (look: string) => (
    <a class={look} href={scan}>
      <Icon name="scan" size={24} />
      {t("bar.scan")}
    </a>
  );
  if (isClosed) {
    return (
      <StickyBar state={<WhereItIs />}>
        {sheet.state === "submitted" && (
          <button type="button" class="btn" onClick={onEdit}>
            <Icon name="pen" size={22} />
            {t("sent.edit")}
          </button>
        )}
        {scanNext("btn pri")}
      </StickyBar>
    );
  }
  return (
    <StickyBar state={<Saved />} note={n > 0 ? t("bar.open", { n }) : t("bar.allDone")}>
      {scanNext("btn")}
      <button
        type="button"
        class="btn pri"
        onClick={() => (following ? goTo(following.id) : onFinish())}
      >
        {following ? t("bar.next", { name: said(following.title) }) : t("bar.finish")}
        <Icon name="right" size={22} />
      </button>
    </StickyBar>
  );
}
