// The parts that hold a screen together: section header, list row, sticky bar.
// Rule: order by size, weight, space and hairlines; a box only around what can be entered or chosen.

import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icons.tsx";

export type HeaderAction = { label: string; icon?: IconName; onClick: () => void };

type SectionProps = {
  title: string;
  /** The count in words: "已答 4 / 8". */
  count?: ComponentChildren;
  /** One text action at the right. */
  action?: HeaderAction | undefined;
  level?: 2 | 3;
  /** Office: an ink rule below, where no table head follows. The field has it always. */
  ruled?: boolean;
};

export function SectionHeader({ title, count, action, level = 2, ruled = false }: SectionProps) {
  const Title = level === 2 ? "h2" : "h3";
  return (
    <div class={ruled ? "sh ruled" : "sh"}>
      <Title>{title}</Title>
      {count !== undefined && <span class="note">{count}</span>}
      {action && (
        <button type="button" class="btn txt end" onClick={action.onClick}>
          {action.icon && <Icon name={action.icon} size={22} />}
          {action.label}
        </button>
      )}
    </div>
  );
}

type RowProps = {
  title: ComponentChildren;
  /** One line; the only thing that may end in an ellipsis. */
  note?: ComponentChildren;
  /** At the left: a time, an icon. */
  before?: ComponentChildren;
  /** At the right: a state word, a figure. */
  state?: ComponentChildren;
  /** Between title and note: ticks and their count. */
  children?: ComponentChildren;
  selected?: boolean;
  /** The whole row is the target: a page of the app, or an action. */
  href?: string;
  onOpen?: () => void;
};

export function ListRow(props: RowProps) {
  const { title, note, before, state, children, selected = false, href, onOpen } = props;
  const isTarget = href !== undefined || onOpen !== undefined;
  const content = (
    <>
      {before}
      <div class="grow">
        <div class="l1">
          <h3 class="grow">{title}</h3>
          {state}
        </div>
        {children && <div class="l2">{children}</div>}
        {note !== undefined && <p class="note one">{note}</p>}
      </div>
      {isTarget && <Icon name="right" size={22} class="faint" />}
    </>
  );
  const look = selected ? "lr on" : "lr";
  if (href !== undefined) {
    return (
      <a class={look} href={href} aria-current={selected ? "true" : undefined}>
        {content}
      </a>
    );
  }
  if (onOpen) {
    return (
      <button type="button" class={look} aria-pressed={selected} onClick={onOpen}>
        {content}
      </button>
    );
  }
  return <div class={look}>{content}</div>;
}

type BarProps = {
  /** Left: where the work is ("saved on this device 14:02"). There is no save button anywhere. */
  state?: ComponentChildren;
  note?: ComponentChildren;
  /** One secondary and one primary action; the primary names what comes next. */
  children: ComponentChildren;
};

export function StickyBar({ state, note, children }: BarProps) {
  return (
    <footer class="bar">
      {state}
      {note !== undefined && <span class="note left">{note}</span>}
      <div class="acts">{children}</div>
    </footer>
  );
}
