// A menu of actions behind one button.
// Rule: arrows move, Escape and a tap elsewhere close, focus returns to the button; a list that would
// be cut off at the foot opens upwards.

import type { TargetedEvent, TargetedFocusEvent, TargetedKeyboardEvent } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../words/kit.ts";
import { Icon, type IconName } from "./icons.tsx";

export type MenuItem = { label: string; icon?: IconName; onClick: () => void; disabled?: boolean };

type MenuProps = {
  items: readonly MenuItem[];
  /** What the button says; without it, three dots and "more". */
  label?: string;
  icon?: IconName;
  /** Open towards the right instead of the left. */
  left?: boolean;
};

function entries(list: HTMLElement | null): readonly HTMLElement[] {
  return Array.from(list?.querySelectorAll<HTMLElement>("button:not(:disabled)") ?? []);
}

/** Whether a list under its button is cut off by what scrolls it, while there is room above. */
function isCutOff(list: HTMLElement, opener: HTMLElement): boolean {
  let box = list.parentElement;
  while (box !== null && getComputedStyle(box).overflowY === "visible") box = box.parentElement;
  const { top, bottom } = box?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
  const { height, bottom: foot } = list.getBoundingClientRect();
  return foot > Math.min(bottom, innerHeight) && opener.getBoundingClientRect().top - height > top;
}

export function Menu({ items, label, icon = "more", left = false }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const [isUp, setUp] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const [below, button] = [list.current, opener.current];
    setUp(isOpen && below !== null && button !== null && isCutOff(below, button));
  }, [isOpen]);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  const leave = (event: TargetedFocusEvent<HTMLDivElement>) => {
    const to = event.relatedTarget;
    if (!(to instanceof Node) || !event.currentTarget.contains(to)) setOpen(false);
  };
  const move = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    if (event.key === "Escape" && isOpen) return close();
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    setOpen(true);
    requestAnimationFrame(() => {
      const all = entries(list.current);
      const here = document.activeElement;
      const from = here instanceof HTMLElement ? all.indexOf(here) : -1;
      const at = step < 0 ? Math.max(from, 0) : from;
      all[(at + step + all.length) % all.length]?.focus();
    });
  };
  // Safari does not focus a tapped button, and the list closes when focus leaves it.
  const toggle = (event: TargetedEvent<HTMLButtonElement>) => {
    event.currentTarget.focus();
    setOpen(!isOpen);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the button and of the list meet here.
    <div class="menu" onKeyDown={move} onFocusOut={leave}>
      <button
        ref={opener}
        type="button"
        class={label === undefined ? "btn icon txt" : "btn"}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={label === undefined ? t("menu.more") : undefined}
        onClick={toggle}
      >
        <Icon name={icon} />
        {label}
      </button>
      {isOpen && (
        <div
          ref={list}
          id={id}
          class={`list${left ? " left" : ""}${isUp ? " up" : ""}`}
          role="menu"
        >
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              disabled={item.disabled}
              onClick={() => {
                close();
                item.onClick();
              }}
            >
              {item.icon && <Icon name={item.icon} />}
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
