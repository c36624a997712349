// Checklist, points and signature with the real packs in a real store, to be looked at beside the look:
//   npx vite --port 5199, then /test/inspect/story.html?page=inspect|points|sign&language=en&step=…
// Rule: development only; nothing of it is built into the app.

import { effect } from "@preact/signals";
import Dexie from "dexie";
import { render } from "preact";
import "../../src/ui/look/tokens.css";
import "../../src/ui/look/base.css";
import "../../src/ui/look/controls.css";
import "../../src/ui/look/instruments.css";
import "../../src/ui/look/field.css";
import "../../src/ui/kit/theme.ts";
import { DeviceDatabase } from "../../src/db/database.ts";
import { joined } from "../../src/db/store.ts";
import { machineOf } from "../../src/sync/machine.ts";
import { openDevice, openStore, Session } from "../../src/sync/session.ts";
import { App, AppContext, SessionContext } from "../../src/ui/field/app.ts";
import { Inspect } from "../../src/ui/field/inspect/index.tsx";
import { Sign } from "../../src/ui/field/sign/index.tsx";
import { address, followLinks } from "../../src/ui/kit/address.ts";
import { FieldStatus } from "../../src/ui/kit/gallery/shared.tsx";
import { setLanguage } from "../../src/ui/words/index.ts";
import { AISLE, ASSET, DESKTOP, PERSON, ROUND, seed, VISIT } from "./seed.ts";

const query = new URLSearchParams(location.search);
const machine = { ...machineOf(window), fetch: () => Promise.reject(new Error("no network here")) };

async function start(root: HTMLElement): Promise<void> {
  setLanguage(query.get("language") === "en" ? "en" : "zh-CN");
  followLinks();
  if (!query.has("keep")) await Dexie.delete(`xunjian-${PERSON}`);
  const store = openStore(machine, PERSON);
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
    "sign",
    "verify",
  ]);
  if (!query.has("keep")) {
    await joined(store, { device: PERSON, lineage: PERSON, epoch: 1, nextN: 1 });
    await seed(store, machine.now(), query.get("step") ?? "");
  }
  store.close();
  const device = openDevice(new DeviceDatabase());
  const session = await Session.open(machine, device, {
    person: PERSON,
    name: "梁志豪",
    role: "engineer",
    server: location.origin,
    device: PERSON,
    credential: "",
    lineage: null,
    keys,
    deviceName: "story",
    enrolledAt: 0,
    state: "active",
  });
  const app = new App(machine, "story");
  effect(() => {
    void address.value;
    const asset = { inspect: ASSET, points: AISLE, user: DESKTOP }[query.get("page") ?? "inspect"];
    render(
      <AppContext.Provider value={app}>
        <SessionContext.Provider value={session}>
          <div class="app">
            <FieldStatus />
            {query.get("page") === "sign" ? (
              <Sign {...{ session, machine }} visit={VISIT} back="/" />
            ) : (
              <Inspect
                {...{ session, machine }}
                assignment={ROUND}
                asset={asset ?? ASSET}
                back="/"
                scan="/field/scan"
              />
            )}
          </div>
        </SessionContext.Provider>
      </AppContext.Provider>,
      root,
    );
  });
  document.documentElement.dataset.ready = "true";
}

const root = document.getElementById("app");
if (root !== null) void start(root);
