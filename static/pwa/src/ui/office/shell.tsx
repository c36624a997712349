// The frame around every page of the office: places at the left, search and liveness on top.
// Rule: the line of pokes and the minute are kept here, once, while somebody is signed in.

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { parse } from "../../core/tags.ts";
import type { World } from "../../core/world.ts";
import { machineOf } from "../../sync/machine.ts";
import { listen } from "../../sync/pokes.ts";
import type { AssignmentRow } from "../../wire/types.ts";
import { address, go } from "../kit/address.ts";
import type { Destination } from "../kit/field-shell.tsx";
import { Icon } from "../kit/icons.tsx";
import { OfficeSide, OfficeTop } from "../kit/office-shell.tsx";
import { StateWord } from "../kit/state.tsx";
import { EVENTS, READS, TAG, withQuery } from "./api.ts";
import { t as proof } from "./audit/words.ts";
import { t as contract } from "./contract-words.ts";
import { SwitchLanguage } from "./language.tsx";
import { t as report } from "./reports/words.ts";
import {
  beat,
  holdReads,
  live,
  minute,
  poked,
  readAgain,
  siteZone,
  useOffice,
  useRead,
} from "./state.ts";
import { clockWords, liveWords } from "./times.ts";
import { t as say } from "./waiting/words.ts";
import { dotted, roleWord, t } from "./words.ts";

// The line stands within a round trip. Without it, reads do not wait longer than this.
const LINE_MS_MAX = 500;
// While the line is down, what is shown is read again this often.
const POLL_MS = 60_000;
const TICK_MS = 15_000;

/**
 * Keep the line open, read again when something changed, and move the minute on. The first reads wait
 * for the line's first pokes, so that nothing falls between, and nothing is read twice.
 */
function useLine(): void {
  const { now } = useOffice();
  const release = useMemo(holdReads, []);
  useEffect(() => {
    const stop = new AbortController();
    const machine = machineOf(window);
    // A device says who it is by its credential; the office by its cookie.
    const world: World = {
      ...machine,
      fetch: (to, init) => machine.fetch(to, { ...init, credentials: "same-origin" }),
    };
    let isRead = false;
    const read = () => {
      isRead = true;
      release();
    };
    const patience = setTimeout(read, LINE_MS_MAX);
    const stands = (isUp: boolean) => {
      // What was missed while the line was down is read when it stands again.
      if (isUp && !live.peek().isUp && isRead) beat();
      if (isUp !== live.peek().isUp) live.value = { ...live.peek(), isUp };
    };
    // A line begins by telling how far each scope is: nothing was read yet that this were news to.
    const hear = () => {
      poked();
      if (!isRead) setTimeout(read);
    };
    void listen(world, async () => "", { poked: hear, stands }, stop.signal, EVENTS);
    const ended = machine.onPage(readAgain);
    const poll = setInterval(() => {
      if (!live.peek().isUp && document.visibilityState === "visible") readAgain();
    }, POLL_MS);
    minute.value = now();
    const tick = setInterval(() => {
      minute.value = now();
    }, TICK_MS);
    return () => {
      stop.abort();
      ended();
      for (const timer of [poll, tick]) clearInterval(timer);
      clearTimeout(patience);
      release();
    };
  }, [now, release]);
}

/** The zone that most of these rounds are in. */
function commonZone(rounds: readonly AssignmentRow[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { time_zone: zone } of rounds) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0];
}

function useDestinations(): readonly (readonly Destination[])[] {
  const { me } = useOffice();
  const { value } = useRead(READS.today());
  const zone = commonZone(value?.rounds ?? []);
  useEffect(() => {
    if (zone !== undefined) siteZone.value = zone;
  }, [zone]);
  const may = (action: string) => me.may.includes(action);
  const work: readonly Destination[] = [
    { href: "/office", icon: "home", label: t("nav.today") },
    {
      href: "/office/assignments",
      icon: "checks",
      label: t("place.assignments"),
      count: value?.open_rounds ?? 0,
    },
    {
      href: "/office/review",
      icon: "confirmed",
      label: t("place.review"),
      count: value?.to_review ?? 0,
    },
    {
      href: "/office/waiting",
      icon: "fork",
      label: say("place.waiting"),
      count: value?.waiting ?? 0,
    },
  ];
  const things: readonly Destination[] = [
    { href: "/office/assets", icon: "asset", label: t("place.assets") },
    { href: "/office/labels", icon: "tag", label: t("place.labels") },
    { href: "/office/reports", icon: "report", label: report("place.reports") },
  ];
  const people: readonly Destination[] = [
    ...(may("contract")
      ? [{ href: "/office/contracts", icon: "picture", label: contract("contract.title") } as const]
      : []),
    ...(may("enrol")
      ? [{ href: "/office/people", icon: "person", label: t("place.people") } as const]
      : []),
    ...(may("audit")
      ? [{ href: "/office/audit", icon: "shield", label: proof("place.audit") } as const]
      : []),
  ];
  return [work, things, people].filter((group) => group.length > 0);
}

function Side() {
  const { me } = useOffice();
  const groups = useDestinations();
  const { path } = address.value;
  const current =
    groups
      .flat()
      .map((place) => place.href)
      .filter((href) => path === href || (href !== "/office" && path.startsWith(`${href}/`)))
      .at(-1) ?? "";
  const roles = [...new Set(me.grants.map((grant) => roleWord(grant.role)))];
  return (
    <OfficeSide
      groups={groups}
      current={current}
      person={{ name: me.name, role: dotted(...roles) }}
    >
      <div class="whose">
        <a
          href="/office/account"
          title={t("place.account")}
          aria-current={path === "/office/account" ? "page" : undefined}
        >
          <Icon name="settings" size={17} />
          <span class="name">{t("place.account")}</span>
        </a>
        <SwitchLanguage />
      </div>
    </OfficeSide>
  );
}

/** Everything that is not a page's own: shown while somebody is signed in. */
export function Shell({ children }: { children: ComponentChildren }) {
  useLine();
  return (
    <div class="office">
      <Side />
      {children}
    </div>
  );
}

function LiveState() {
  const { zone } = useOffice();
  const own = useMemo(() => new Intl.DateTimeFormat().resolvedOptions().timeZone, []);
  const { isLive, words } = liveWords(live.value, minute.value, zone);
  const whose = clockWords(zone, own, minute.value);
  return (
    <span role="status">
      <StateWord icon={isLive ? "sync" : "clock"} tone={isLive ? "quiet" : "warn"} size={17}>
        <span class="live">{whose === null ? words : `${words} ${whose}`}</span>
      </StateWord>
    </span>
  );
}

/** Where a search leads: a tag's asset, else the list of assets. */
function useSearch() {
  const { client } = useOffice();
  const [text, setText] = useState("");
  const search = async () => {
    const wanted = text.trim();
    if (wanted === "") return;
    const reading = parse(wanted);
    if (reading.kind === "tag") {
      const answer = await client.read(TAG(reading.code));
      if (answer.kind === "ok" && answer.value.asset) {
        go(`/office/assets/${answer.value.asset}`);
        return;
      }
    }
    go(withQuery("/office/assets", { q: wanted }));
  };
  return { text, setText, search };
}

type PageProps = {
  title: string;
  note?: ComponentChildren;
  /** The page's own search; without it the search leads to the assets. */
  find?: { value: string; onInput: (text: string) => void; words: string };
  children: ComponentChildren;
};

/** One page: the top bar, and below it what scrolls. */
export function Page({ title, note, find, children }: PageProps) {
  const { text, setText, search } = useSearch();
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title]);
  const box = find ?? { value: text, onInput: setText, words: t("find.words") };
  return (
    <div class="main">
      <form
        class="asked"
        onSubmit={(event) => {
          event.preventDefault();
          if (!find) void search();
        }}
      >
        <OfficeTop title={title} note={note} find={box}>
          <LiveState />
        </OfficeTop>
      </form>
      {children}
    </div>
  );
}
