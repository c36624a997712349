// The shell of the office: side bar and top bar.
// Rule: the side folds to icons below 1366 px; on a phone it is a bar at the foot, where the first group
// and "more" have their words. A count says how many wait, never in red.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import "../look/office.css";
import { t } from "../words/kit.ts";
import type { Destination } from "./field-shell.tsx";
import { Icon } from "./icons.tsx";

type SideProps = {
  /** Groups of destinations, parted by a line. */
  groups: readonly (readonly Destination[])[];
  current: string;
  person: { name: string; role: string };
  /** Under the person: language, log out. */
  children?: ComponentChildren;
};

type GroupProps = { destinations: readonly Destination[]; current: string };

function Group({ destinations, current }: GroupProps) {
  return (
    <div class="group">
      {destinations.map(({ href, icon, label, count = 0 }) => (
        <a
          key={href}
          class={href === current ? "on" : ""}
          href={href}
          title={label}
          aria-current={href === current ? "page" : undefined}
        >
          <Icon name={icon} size={19} />
          <span class="name">{label}</span>
          {count > 0 && <b>{count}</b>}
        </a>
      ))}
    </div>
  );
}

export function OfficeSide({ groups, current, person, children }: SideProps) {
  const [isOpen, setOpen] = useState(false);
  const more = useRef<HTMLButtonElement>(null);
  const id = useId();
  const [first = [], ...others] = groups;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever has gone somewhere has chosen.
  useEffect(() => setOpen(false), [current]);
  const close = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen) return;
    setOpen(false);
    more.current?.focus();
  };
  return (
    <nav class={isOpen ? "side open" : "side"} aria-label={t("nav.main")} onKeyDown={close}>
      <div class="brand">
        <Icon name="scan" size={22} />
        <span class="name">{t("app.name")}</span>
        <small>{t("app.office")}</small>
      </div>
      <Group destinations={first} current={current} />
      <button
        ref={more}
        type="button"
        class={first.some(({ href }) => href === current) ? "unfold" : "unfold on"}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="more" size={19} />
        <span class="name">{t("menu.more")}</span>
      </button>
      <div class="rest" id={id}>
        {others.map((destinations, index) => (
          <Group key={destinations[0]?.href ?? index} {...{ destinations, current }} />
        ))}
        <div class="who">
          <b>{person.name}</b>
          <span class="name">{person.role}</span>
          {children}
        </div>
      </div>
    </nav>
  );
}

type TopProps = {
  title: string;
  note?: ComponentChildren;
  /** What can be found, as a placeholder; absent: no search. "/" jumps to it. */
  find?: { words: string; value: string; onInput: (text: string) => void };
  /** At the right: "live, 14:31". */
  children?: ComponentChildren;
};

export function OfficeTop({ title, note, find, children }: TopProps) {
  return (
    <header class="top">
      <div class="crumb one">
        <h1>{title}</h1> {note !== undefined && <span class="quiet">{note}</span>}
      </div>
      <span class="end" />
      {find && <Find {...find} />}
      {children}
    </header>
  );
}

function Find({ words, value, onInput }: NonNullable<TopProps["find"]>) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    const jump = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof Element && event.target.closest("input, textarea, select");
      if (event.key !== "/" || isTyping) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", jump);
    return () => document.removeEventListener("keydown", jump);
  }, []);
  return (
    <label class="find">
      <Icon name="find" size={17} label={t("find.label")} />
      <input
        ref={input}
        type="search"
        placeholder={words}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <kbd>/</kbd>
    </label>
  );
}
