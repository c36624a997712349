// The frame of every screen: status line above, destinations beside or below.
// Rule: the status line stands on each of them, fed by the engine's own signals.

import type { ComponentChildren } from "preact";
import { type Destination, Rail, StatusLine, Tabs } from "../kit/field-shell.tsx";
import { useApp, useSession, zoneOf } from "./app.ts";
import { DEVICE, ROOMS, SCAN, SYNC, TODAY } from "./paths.ts";
import { needsOf, reachWords, type Standing, statesOf } from "./standing.ts";
import { t } from "./words.ts";

export function useStanding(): Standing {
  const app = useApp();
  const session = useSession();
  return {
    status: session.status.value,
    sync: session.sync.value,
    storage: session.storage.value,
    now: app.now,
    zone: zoneOf(session),
  };
}

/** The status line alone, for screens with a frame of their own. */
export function FieldStatus({ home = false }: { home?: boolean }) {
  const standing = useStanding();
  return (
    <StatusLine states={statesOf(standing)} last={reachWords(standing)} href={SYNC} home={home} />
  );
}

function useDestinations(): readonly Destination[] {
  const { status } = useStanding();
  const count = needsOf(status) || status.waiting;
  return [
    { href: TODAY, icon: "home", label: t("nav.today") },
    { href: ROOMS, icon: "room", label: t("nav.rooms") },
    { href: SYNC, icon: "sync", label: t("nav.sync"), count },
    { href: DEVICE, icon: "settings", label: t("nav.device") },
  ];
}

type ScreenProps = {
  /** The destination that is marked as current. */
  current: string;
  /** Two lines of status on a phone. */
  home?: boolean;
  /** Page head, above the part that scrolls. */
  head?: ComponentChildren;
  /** Sticky bar; on a phone it takes the place of the tabs. */
  bar?: ComponentChildren;
  children: ComponentChildren;
};

/** Status line, rail, main part (and a side column beside it), tabs. */
export function Screen({ current, home = false, head, bar, children }: ScreenProps) {
  const destinations = useDestinations();
  return (
    <div class="app">
      <FieldStatus home={home} />
      <div class="shell">
        <Rail {...{ destinations, current }} />
        <div class="column">
          {head}
          <div class="shell">{children}</div>
          {bar}
        </div>
      </div>
      {bar === undefined && <Tabs {...{ destinations, current }} scan={{ href: SCAN }} />}
    </div>
  );
}
