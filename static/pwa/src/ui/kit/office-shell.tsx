// The shell of the office: side bar and top bar.
// Rule: the side folds to icons below 1366 px; a count says how many wait, never in red.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
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

export function OfficeSide({ groups, current, person, children }: SideProps) {
  return (
    <nav class="side" aria-label={t("nav.main")}>
      <div class="brand">
        <Icon name="scan" size={22} />
        <span class="name">{t("app.name")}</span>
        <small>{t("app.office")}</small>
      </div>
      {groups.map((destinations, index) => (
        <div key={destinations[0]?.href ?? index} class="group">
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
      ))}
      <div class="who">
        <b>{person.name}</b>
        <span class="name">{person.role}</span>
        {children}
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
