// The field app between its screens: who is at work here, and their open session.
// Rule: nothing is ever closed or cleared because a server said so; local work shows without any.

import { type ReadonlySignal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { DeviceDatabase } from "../../db/database.ts";
import type { Device } from "../../db/device.ts";
import type { StorageState } from "../../db/resilience.ts";
import type { Machine } from "../../sync/machine.ts";
import { openDevice, Session } from "../../sync/session.ts";
import { DEFAULTS } from "../../wire/defaults.ts";
import type { Id } from "../../wire/types.ts";

export type Opening =
  | { readonly kind: "opening" }
  /** Nobody uses this device now. `erased`: whose work was sent and taken off it just now. */
  | { readonly kind: "nobody"; readonly erased: string | null }
  | { readonly kind: "open"; readonly session: Session }
  /** The storage of this device does not open. */
  | { readonly kind: "broken"; readonly storage: StorageState };

export class App {
  readonly machine: Machine;
  readonly device: Device;
  /** Of the build, as the server records it. */
  readonly version: string;
  readonly #opening = signal<Opening>({ kind: "opening" });
  readonly #now: ReturnType<typeof signal<number>>;

  constructor(machine: Machine, version: string) {
    this.machine = machine;
    this.version = version;
    this.device = openDevice(new DeviceDatabase());
    this.#now = signal<number>(machine.now());
  }

  get opening(): ReadonlySignal<Opening> {
    return this.#opening;
  }

  /** The instant that screens speak of, in milliseconds since 1970; moves on with `tick`. */
  get now(): number {
    return this.#now.value ?? this.machine.now();
  }

  tick(): void {
    this.#now.value = this.machine.now();
  }

  /** Open the store of whoever uses this device now. Again after enrolling or changing hands. */
  async open(): Promise<void> {
    const before = this.#opening.peek();
    let storage: StorageState = "broken";
    this.device.resilience.onStorage = (state) => {
      if (state !== "fine") storage = state;
    };
    try {
      const { person } = await this.device.chosen();
      const row = person === null ? undefined : await this.device.person(person);
      if (before.kind === "open") await before.session.close();
      this.#opening.value = row
        ? {
            kind: "open",
            session: await Session.open(this.machine, this.device, row, this.version),
          }
        : { kind: "nobody", erased: erasedOf(before) };
    } catch {
      this.#opening.value = { kind: "broken", storage };
    }
  }

  /** Let somebody else of this device go on. The other's work stays in their own store. */
  async changeTo(person: Id): Promise<void> {
    await this.device.choose({ person });
    await this.open();
  }
}

/** The name of whoever's device was ended, after everything was sent. */
function erasedOf(before: Opening): string | null {
  if (before.kind === "nobody") return before.erased;
  if (before.kind !== "open" || before.session.sync.peek().phase !== "erased") return null;
  return before.session.person.name;
}

export const AppContext = createContext<App | null>(null);
export const SessionContext = createContext<Session | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("outside of the field face");
  return app;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("a page of the field before its session is open");
  return session;
}

/** The time zone of a site's clock; without a site, that of most sites here. */
export function zoneOf(session: Session, site?: Id): string {
  const found = site && session.records.record("site", site)?.data.time_zone;
  if (found) return found;
  const [first] = session.records.ofKind("site");
  return first?.data.time_zone ?? DEFAULTS.Site.time_zone;
}
