// The office face: who is signed in, and which page the address names.
// Rule: without a session there is the sign-in and nothing else; what was typed stays in memory, so that
// signing in again goes on where it stopped.

import { signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { machineOf } from "../../sync/machine.ts";
import { type Failed, OfficeClient } from "../../sync/office.ts";
import type { Me } from "../../wire/types.ts";
import { address, go } from "../kit/address.ts";
import type { Surroundings } from "../kit/face.ts";
import { Empty, Loading } from "../kit/notices.tsx";
// The shell first: what follows narrows it.
import "../look/office.css";
import "./look/pages.css";
import "./look/lists.css";
import { AccountPage } from "./account.tsx";
import { WRITES } from "./api.ts";
import { AssetPage } from "./asset.tsx";
import { AssetsPage } from "./assets.tsx";
import { AuditPage } from "./audit/index.tsx";
import { ContractsPage } from "./contracts.tsx";
import { DuplicatesPage } from "./duplicates.tsx";
import { Failure } from "./failure.tsx";
import { LabelsPage } from "./labels.tsx";
import { Login } from "./login.tsx";
import { PeoplePage } from "./people.tsx";
import { ReportsPage } from "./reports/index.tsx";
import { ReviewPage } from "./review/index.tsx";
import { RoundPage } from "./round.tsx";
import { RoundsPage } from "./rounds.tsx";
import { Page, Shell } from "./shell.tsx";
import { SignaturePage } from "./sign/as-signed.tsx";
import { VisitPage } from "./sign/visit.tsx";
import { forgetAll, type Office, OfficeContext, siteZone } from "./state.ts";
import { TodayPage } from "./today.tsx";
import { WaitingPage } from "./waiting/index.tsx";
import { t } from "./words.ts";

type Session =
  | { readonly kind: "asking" }
  | { readonly kind: "failed"; readonly failed: Failed }
  | { readonly kind: "out" }
  | { readonly kind: "in"; readonly me: Me };

const SIGNED_IN = "xunjian.office";
/** Whether somebody is signed in with this browser, as far as it knows: no secret, only a hint. */
const remembered = {
  has: (): boolean => {
    try {
      return localStorage.getItem(SIGNED_IN) !== null;
    } catch {
      return true; // Nothing is remembered here: ask.
    }
  },
  note: (isIn: boolean): void => {
    try {
      if (isIn) localStorage.setItem(SIGNED_IN, "1");
      else localStorage.removeItem(SIGNED_IN);
    } catch {
      // Asked again at the next start.
    }
  },
};

const session = signal<Session>({ kind: "asking" });
const LOGIN = "/office/login";
/** Whose memory this is: what was read and typed is no business of the next person. */
let whose: string | null = null;

/** Where to go after signing in: a page of the office, whatever the address says. */
export function placeAfter(query: URLSearchParams): string {
  const to = query.get("to") ?? "";
  return /^\/office(\/(?!login)[^\\]*|\?.*)?$/.test(to) ? to : "/office";
}

function leave(): void {
  const { path, query } = address.peek();
  remembered.note(false);
  session.value = { kind: "out" };
  if (path === LOGIN) return;
  const text = query.toString();
  const here = text === "" ? path : `${path}?${text}`;
  const to = here === "/office" ? "" : `?to=${encodeURIComponent(here)}`;
  go(`${LOGIN}${to}`, { replace: true });
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The parts of an address behind `/office`; an id that can be none is no page. */
export function partsOf(path: string): { readonly place: string; readonly id?: string } {
  const [, place = "", id = ""] = path.replace(/^\/office/, "").split("/");
  if (id === "") return { place };
  return ID.test(id) ? { place, id } : { place: "missing" };
}

/** The page of an address. */
function Routed({ onSignOut }: { onSignOut: () => void }) {
  const { place, id } = partsOf(address.value.path);
  switch (place) {
    case "":
      return <TodayPage />;
    case "assignments":
      return id ? <RoundPage key={id} id={id} /> : <RoundsPage />;
    case "review":
      return <ReviewPage id={id ?? null} />;
    case "waiting":
      return <WaitingPage id={id ?? null} />;
    case "duplicates":
      return <DuplicatesPage />;
    case "assets":
      return id ? <AssetPage key={id} id={id} /> : <AssetsPage />;
    case "visits":
      return <VisitPage key={id} id={id ?? ""} />;
    case "signatures":
      return <SignaturePage key={id} id={id ?? ""} />;
    case "labels":
      return <LabelsPage />;
    case "reports":
      return <ReportsPage />;
    case "audit":
      return <AuditPage />;
    case "contracts":
      return <ContractsPage />;
    case "people":
      return <PeoplePage />;
    case "account":
      return <AccountPage onSignOut={onSignOut} />;
    default:
      return (
        <Page title={t("app.office")}>
          <main class="scroll pad">
            <Empty
              why={t("page.unknown")}
              action={{ label: t("nav.today"), onClick: () => go("/office") }}
            />
          </main>
        </Page>
      );
  }
}

export default function Face({ now, random }: Surroundings) {
  const client = useMemo(() => new OfficeClient(machineOf(window)), []);
  const [turn, setTurn] = useState(0);
  const [isReturn, setReturn] = useState(false);
  useEffect(() => {
    client.onSignedOut = () => {
      setReturn(session.peek().kind === "in");
      leave();
    };
  }, [client]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a turn asks again.
  useEffect(() => {
    // Nobody has signed in with this browser: the answer is known, and asking would only be refused.
    if (!remembered.has()) return leave();
    void client.me().then((answer) => {
      if (answer.kind === "ok") enter(answer.value);
      else if (answer.kind !== "refused") session.value = { kind: "failed", failed: answer };
      else leave();
    });
  }, [client, turn]);
  const signOut = async () => {
    await client.write<null>(WRITES.signOut);
    forgetAll();
    remembered.note(false);
    setReturn(false);
    session.value = { kind: "out" };
    go(LOGIN);
  };
  const enter = (me: Me) => {
    if (whose !== me.person) forgetAll();
    whose = me.person;
    remembered.note(true);
    session.value = { kind: "in", me };
    const { path, query } = address.peek();
    if (path === LOGIN) go(placeAfter(query), { replace: true });
  };
  const zone = siteZone.value;
  const { value } = session;
  if (value.kind === "in") {
    const office: Office = { client, me: value.me, now, random, zone };
    return (
      <OfficeContext.Provider value={office}>
        <Shell>
          <Routed onSignOut={() => void signOut()} />
        </Shell>
      </OfficeContext.Provider>
    );
  }
  if (value.kind === "out") return <Login {...{ client, now, isReturn }} onSignedIn={enter} />;
  return (
    <div class="gate">
      <main>
        {value.kind === "asking" ? (
          <Loading words={t("session.asking")} rows={3} />
        ) : (
          <Failure failed={value.failed} again={() => setTurn(turn + 1)} />
        )}
      </main>
    </div>
  );
}
