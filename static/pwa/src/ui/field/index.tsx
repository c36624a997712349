// The field face: opens the person's store, starts to sync, and shows the page of the address.
// Rule: what is on the device shows at once, with or without a server; pages that are large come apart.

import { useEffect, useState } from "preact/hooks";
import type { Machine } from "../../sync/machine.ts";
import "../look/field.css";
import "./screens.css";
import { address, go } from "../kit/address.ts";
import { Empty, ErrorPlace, Loading } from "../kit/notices.tsx";
import {
  AssetApart,
  ChecklistPage,
  DeviceApart,
  EnrolApart,
  RoomApart,
  RoomsApart,
  RoundApart,
  ScanApart,
  SignaturePage,
  SyncApart,
} from "./apart.tsx";
import { App, AppContext, SessionContext, useApp } from "./app.ts";
import { ENROL, type Page, pageOf, scannedPath, TODAY } from "./paths.ts";
import { Screen } from "./screen.tsx";
import { TodayPage } from "./today.tsx";
import { t } from "./words.ts";

const TICK_MS = 20_000;

type FaceProps = { machine: Machine; version: string };

export default function Face({ machine, version }: FaceProps) {
  const [app] = useState(() => new App(machine, version));
  useEffect(() => {
    void app.open();
    const tick = () => app.tick();
    const timer = setInterval(tick, TICK_MS);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [app]);
  return (
    <AppContext.Provider value={app}>
      <Opened />
    </AppContext.Provider>
  );
}

function Opened() {
  const app = useApp();
  const { path, query } = address.value;
  const page = pageOf(path);
  const opening = app.opening.value;
  const tag = query.get("tag");
  useEffect(() => {
    // A label's own address, whatever host it was printed for: `/?tag=<code>`.
    if (tag !== null) go(scannedPath(tag), { replace: true });
  }, [tag]);
  const isErased = opening.kind === "open" && opening.session.sync.value.phase === "erased";
  useEffect(() => {
    if (isErased) void app.open();
  }, [isErased, app]);
  const isNobody = opening.kind === "nobody";
  useEffect(() => {
    // With an address of its own, joining survives the moment at which somebody is here.
    if (isNobody && page.name !== "enrol") go(ENROL, { replace: true });
  }, [isNobody, page.name]);
  if (page.name === "enrol" || isNobody) return <EnrolApart />;
  if (opening.kind === "opening") return <Loading words={t("app.opening")} />;
  if (opening.kind === "broken") return <Broken />;
  return (
    <SessionContext.Provider value={opening.session}>
      <PageOf page={page} />
    </SessionContext.Provider>
  );
}

/** The device's own storage does not open: said, with what can be done. */
function Broken() {
  const app = useApp();
  const opening = app.opening.value;
  const isNewer = opening.kind === "broken" && opening.storage === "newer-app";
  const again = { label: t("error.again"), onClick: () => location.reload() };
  return (
    <main class="page">
      <ErrorPlace
        what={t(isNewer ? "storage.newer" : "storage.broken")}
        safe={t(isNewer ? "storage.newerHow" : "storage.brokenHow")}
        action={again}
      />
    </main>
  );
}

function PageOf({ page }: { page: Page }) {
  switch (page.name) {
    case "today":
      return <TodayPage />;
    case "rooms":
      return <RoomsApart />;
    case "room":
      return <RoomApart key={page.id} id={page.id} />;
    case "round":
      return <RoundApart key={page.id} id={page.id} />;
    case "asset":
      return <AssetApart key={page.id} id={page.id} />;
    case "scan":
      return <ScanApart />;
    case "sync":
      return <SyncApart />;
    case "device":
      return <DeviceApart />;
    case "enrol":
      return <EnrolApart />;
    case "inspect":
      return (
        <ChecklistPage
          key={`${page.assignment}/${page.asset}`}
          assignment={page.assignment}
          asset={page.asset}
        />
      );
    case "sign":
      return <SignaturePage key={page.id} visit={page.id} />;
    case "missing":
      return <Missing />;
  }
}

function Missing() {
  return (
    <Screen current="">
      <main class="scroll page">
        <Empty
          why={t("page.missing")}
          action={{ label: t("nav.today"), onClick: () => go(TODAY) }}
        />
      </main>
    </Screen>
  );
}
