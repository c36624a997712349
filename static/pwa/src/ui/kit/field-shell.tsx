// The shell of the field: status line, rail or tabs, page head. Wide from 900 px, else as a phone.
// Rule: the status line stands on every screen and says where the work is; actions sit at the foot.

import type { ComponentChildren } from "preact";
import "../look/field.css";
import { t } from "../words/kit.ts";
import { go } from "./address.ts";
import { Icon, type IconName } from "./icons.tsx";

export type Status = {
  readonly icon: IconName;
  readonly words: string;
  /** Takes a place always, and stands out. */
  readonly needsYou?: boolean;
};

const PLACES = 2;

/** The two states shown, of those given in order of urgency; one that needs the person is never cut. */
export function statusPlaces(states: readonly Status[]): readonly Status[] {
  const shown = states.slice(0, PLACES);
  const needed = states.find((state) => state.needsYou);
  if (!needed || shown.includes(needed)) return shown;
  return [...shown.slice(0, PLACES - 1), needed];
}

type StatusLineProps = {
  /** In order of urgency; two are shown. */
  states: readonly Status[];
  /** "上次成功同步 08:41" */
  last: string;
  /** The sync screen. */
  href: string;
  /** On a phone: two lines, with the last sync under the states. Elsewhere one. */
  home?: boolean;
};

export function StatusLine({ states, last, href, home = false }: StatusLineProps) {
  const shown = statusPlaces(states);
  return (
    <header class={home ? "bezel home" : "bezel"}>
      <span class="brand">{t("app.brand")}</span>
      <div class="say" role="status">
        {shown.map((state, index) => (
          <span key={state.words} class={state.needsYou ? "part needs" : "part"}>
            {index > 0 && <span class="sep">·</span>}
            <Icon name={state.icon} size={22} />
            {state.words}
          </span>
        ))}
      </div>
      <a class="last" href={href} aria-label={`${last}${t("list.comma")}${t("sync.open")}`}>
        <span>{last}</span>
        <Icon name="right" size={18} />
      </a>
    </header>
  );
}

export type Destination = {
  readonly href: string;
  readonly icon: IconName;
  readonly label: string;
  /** What waits there. */
  readonly count?: number;
};

type DestinationsProps = { destinations: readonly Destination[]; current: string };

function DestinationLink({ destination, current }: { destination: Destination; current: string }) {
  const { href, icon, label, count = 0 } = destination;
  const isHere = href === current;
  return (
    <a
      class={isHere ? "on" : ""}
      href={href}
      aria-current={isHere ? "page" : undefined}
      aria-label={count > 0 ? t("nav.waiting", { name: label, n: count }) : undefined}
    >
      <Icon name={icon} size={26} />
      {label}
      {count > 0 && <span class="cnt">{count}</span>}
    </a>
  );
}

/** The destinations at the left of a tablet; hidden below 900 px. */
export function Rail({ destinations, current }: DestinationsProps) {
  return (
    <nav class="rail" aria-label={t("nav.main")}>
      {destinations.map((destination) => (
        <DestinationLink key={destination.href} {...{ destination, current }} />
      ))}
    </nav>
  );
}

type TabsProps = DestinationsProps & { scan: { href: string } };

/** The destinations at the foot of a phone with scan in the middle; hidden from 900 px. */
export function Tabs({ destinations, current, scan }: TabsProps) {
  const middle = Math.ceil(destinations.length / 2);
  const links = destinations.map((destination) => (
    <DestinationLink key={destination.href} {...{ destination, current }} />
  ));
  return (
    <nav class="tabs" aria-label={t("nav.main")}>
      {links.slice(0, middle)}
      <a class="btn pri scan" href={scan.href}>
        <Icon name="scan" size={30} />
        {t("nav.scan")}
      </a>
      {links.slice(middle)}
    </nav>
  );
}

type HeadProps = {
  title: ComponentChildren;
  note?: ComponentChildren;
  /** Where back leads. Not history: a page reached by scan has none. */
  back: string;
  /** At the right: the last visit, a count. */
  children?: ComponentChildren;
};

/** Page head of the field: back, title, one line of note. */
export function FieldHead({ title, note, back, children }: HeadProps) {
  return (
    <div class="head">
      <button
        type="button"
        class="btn icon txt"
        aria-label={t("nav.back")}
        onClick={() => go(back)}
      >
        <Icon name="left" size={28} />
      </button>
      <div class="grow">
        <h1 class="one">{title}</h1>
        {note !== undefined && <p class="note one">{note}</p>}
      </div>
      {children}
    </div>
  );
}
