// One person at work on this installation: their store, records and sync, put together.
// Rule: the only door of the screens. It decides nothing itself.

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Edit } from "../core/edit.ts";
import { mintId } from "../core/ids.ts";
import { type Item, type ItemState, itemState, type Status } from "../core/status.ts";
import { type DeviceDatabase, PersonDatabase, type PersonRow } from "../db/database.ts";
import { Device } from "../db/device.ts";
import { withRoom } from "../db/keeping.ts";
import { type Change, discard, mend } from "../db/mend.ts";
import { Records } from "../db/records.ts";
import type { StorageState } from "../db/resilience.ts";
import { itemOfRecord, statusOfRecords } from "../db/status.ts";
import { type Channel, Store } from "../db/store.ts";
import { hurryUploads } from "../db/uploads.ts";
import { type Pen, type Photo, write } from "../db/write.ts";
import type { Id, Poke } from "../wire/types.ts";
import { Engine, type Found, type Lost, RESTING, type Reason, type SyncState } from "./engine.ts";
import { lead } from "./leader.ts";
import type { Machine } from "./machine.ts";
import type { Picture, PictureSize } from "./pictures.ts";
import { listen } from "./pokes.ts";
import type { Uploader, UploadsState } from "./uploads.ts";

/** Open the store of a person; `enrol` needs no more than this. */
export function openStore(machine: Pick<Machine, "channel">, person: Id): Store {
  return new Store(new PersonDatabase(person), machine.channel(`xunjian-${person}`));
}

export function openDevice(db: DeviceDatabase): Device {
  return new Device(db);
}

/** How long until code is asked for again that was not to be had. */
const LOAD_AGAIN_MS = 60_000;

export class Session {
  readonly person: PersonRow;
  readonly store: Store;
  readonly records: Records;
  readonly pen: Pen;
  /** What the engine is doing, in this tab or in the one that leads. */
  readonly sync: ReadonlySignal<SyncState>;
  /** Which photos are on their way, here or in the tab that leads; null before any was looked for. */
  readonly uploads: ReadonlySignal<UploadsState | null>;
  readonly status: ReadonlySignal<Status>;
  /** Whether new work may be begun: what was begun may always be finished and sent. */
  readonly mayBegin: ReadonlySignal<boolean>;
  readonly storage: ReadonlySignal<StorageState>;
  /** Whether the system has promised to keep what is stored; null until it has said. */
  readonly isPersisted: ReadonlySignal<boolean | null>;
  readonly #machine: Machine;
  readonly #device: Device;
  readonly #engine: Engine;
  readonly #channel: Channel;
  readonly #sync = signal<SyncState>(RESTING);
  readonly #uploads = signal<UploadsState | null>(null);
  readonly #storage = signal<StorageState>("fine");
  readonly #isPersisted = signal<boolean | null>(null);
  readonly #over = new AbortController();
  readonly #tab: Id;
  #isLeading = false;
  #uploader: Uploader | null = null;
  #leading: Promise<void> = Promise.resolve();

  private constructor(machine: Machine, device: Device, person: PersonRow, parts: Parts) {
    this.person = person;
    this.store = parts.store;
    this.records = parts.records;
    this.#machine = machine;
    this.#device = device;
    this.#channel = parts.channel;
    this.#tab = mintId(machine.now(), machine.random);
    this.pen = {
      person: person.person,
      session: this.#tab,
      now: machine.now,
      monotonic: machine.monotonic,
      random: machine.random,
    };
    const credentials = {
      find: () => this.#find(),
      lose: (as: Lost) => device.lose(person.person, as),
      forget: () => device.forget(person.person),
    };
    this.#engine = new Engine(parts.store, machine, this.#tab, credentials, parts.appVersion);
    this.sync = this.#sync;
    this.uploads = this.#uploads;
    this.mayBegin = computed(() => this.#sync.value.closed === null);
    this.storage = this.#storage;
    this.isPersisted = this.#isPersisted;
    this.status = computed(() =>
      statusOfRecords(this.records, person.person, this.#sync.value.phase),
    );
  }

  /** Open a person's store, read it, and begin to sync. The screens can draw when this resolves. */
  static async open(
    machine: Machine,
    device: Device,
    person: PersonRow,
    appVersion = "",
  ): Promise<Session> {
    const channel = machine.channel(`xunjian-${person.person}`);
    const store = new Store(new PersonDatabase(person.person), channel);
    const records = await Records.open(store);
    const session = new Session(machine, device, person, {
      store,
      records,
      channel,
      appVersion,
    });
    await session.#start();
    return session;
  }

  /** Write edits of the person, all or none; they are on this device when it resolves. */
  async write(edits: readonly Edit[], photos: readonly Photo[] = []): Promise<void> {
    await write(this.store, this.pen, edits, photos);
    this.wake("saved");
  }

  /** Put `change` in the place of an op of this person that was not taken. */
  async mend(op: Id, change: Change): Promise<void> {
    const { store, pen } = this;
    await withRoom(store, pen.now(), () => mend(store, pen, op, change));
    this.wake("saved");
  }

  /** Let such an op go, with the reason. */
  async discard(op: Id, said: Parameters<typeof discard>[3]): Promise<void> {
    const { store, pen } = this;
    await withRoom(store, pen.now(), () => discard(store, pen, op, said));
    this.wake("saved");
  }

  /** Ask for a round, in whichever tab leads. */
  wake(reason: Reason): void {
    this.#channel.post({ wake: reason });
    this.#rouse(reason);
  }

  /** What a photo looks like whose bytes are not on this device. */
  async picture(attachment: Id, size: PictureSize): Promise<Picture> {
    const pictures = await import("./pictures.ts").catch(() => null);
    const asking = {
      world: this.#machine,
      store: this.store,
      credential: () => this.#credential(),
      signal: this.#over.signal,
    };
    return (await pictures?.pictureOf(asking, attachment, size)) ?? { kind: "offline" };
  }

  /** Try every photo now, those too that wait because they were refused. */
  async hurry(): Promise<void> {
    await hurryUploads(this.store);
    this.wake("button");
  }

  #rouse(reason: Reason): void {
    this.#engine.wake(reason);
    this.#uploader?.wake(reason);
  }

  /** Where one inspection (or other record) is, with its photos and signatures. Subscribes. */
  itemState(id: Id): ItemState {
    return itemState(this.item(id));
  }

  item(id: Id): Item {
    return itemOfRecord(this.records, id);
  }

  /** End: leaves the lead to another tab, closes the store. Nothing is cleared. */
  async close(): Promise<void> {
    this.#over.abort();
    await this.#leading;
    this.records.close();
    this.store.close();
  }

  async #start(): Promise<void> {
    const { signal: over } = this.#over;
    this.store.resilience.onStorage = (state) => {
      if (this.#storage.peek() !== state) this.#storage.value = state;
    };
    await this.#engine.recall();
    this.#sync.value = this.#engine.state.peek();
    const deaf = this.#channel.listen((message) => this.#hear(message));
    const unsubscribe = this.#engine.state.subscribe((state) => this.#share(state));
    const blind = this.#machine.onPage((event) => {
      // While the page was frozen it may have missed what other tabs wrote.
      if (event === "visible") void this.records.refresh().catch(() => undefined);
      this.wake(event);
    });
    over.addEventListener("abort", () => {
      deaf();
      unsubscribe();
      blind();
    });
    void this.#machine
      .persist()
      .catch(() => false)
      .then((agreed) => {
        this.#isPersisted.value = agreed;
      });
    this.#leading = lead(
      {
        name: `xunjian-sync-${this.person.person}`,
        world: this.#machine,
        channel: this.#channel,
        locks: this.#machine.locks,
        store: this.store,
        tab: this.#tab,
      },
      (turn) => this.#lead(turn),
      over,
    ).catch(() => undefined);
  }

  async #lead(turn: AbortSignal): Promise<void> {
    this.#isLeading = true;
    const ears = {
      poked: (poke: Poke) => void this.#poked(poke).catch(() => undefined),
      stands: (isUp: boolean) => {
        this.#engine.hasPokes = isUp;
      },
      refused: () => this.#engine.wake("poke"),
    };
    try {
      await Promise.all([
        this.#engine.run(turn),
        listen(this.#machine, () => this.#credential(), ears, turn),
        this.#send(turn),
      ]);
    } finally {
      this.#isLeading = false;
    }
  }

  /** Photos, as long as this tab leads. What sends them is loaded when the screens have drawn. */
  async #send(turn: AbortSignal): Promise<void> {
    const Uploads = await loaded(this.#machine, turn);
    if (Uploads === null) return;
    const uploader = new Uploads(this.store, this.#machine, {
      find: () => this.#find(),
      isBusy: computed(() => this.#engine.state.value.sending !== null),
      changed: () => this.#engine.wake("poke"),
    });
    const phase = computed(() => this.#engine.state.value.phase);
    // Answers go first: photos are looked for when a round of them has ended, whichever way.
    const unfollow = phase.subscribe((now) => {
      if (now !== "syncing") uploader.wake(now === "offline" ? "failed" : "round");
    });
    const unshare = uploader.state.subscribe((uploads) => {
      this.#uploads.value = uploads;
      this.#channel.post({ uploads });
    });
    this.#uploader = uploader;
    try {
      await uploader.run(turn);
    } finally {
      this.#uploader = null;
      unfollow();
      unshare();
    }
  }

  async #find(): Promise<Found> {
    const row = await this.#device.person(this.person.person);
    if (row?.state === "active") return { kind: "active", credential: row.credential };
    return { kind: row?.state ?? "erased" };
  }

  async #credential(): Promise<string | null> {
    const found = await this.#find();
    return found.kind === "active" ? found.credential : null;
  }

  /** What the base has reached already was our own doing, most likely. */
  async #poked({ scope, head }: Poke): Promise<void> {
    const row = await this.store.read((db) => db.scopes.get(scope));
    if (row === undefined || row.pos < head) this.#engine.wake("poke");
  }

  #share(state: SyncState): void {
    if (!this.#isLeading) return;
    this.#sync.value = state;
    this.#channel.post({ state });
  }

  #hear(message: unknown): void {
    if (isWake(message)) this.#rouse(message.wake);
    if (isState(message) && !this.#isLeading) this.#sync.value = message.state;
    if (isUploads(message) && !this.#isLeading) this.#uploads.value = message.uploads;
  }
}

interface Parts {
  readonly store: Store;
  readonly records: Records;
  readonly channel: Channel;
  readonly appVersion: string;
}

/** Null: the turn ended before the network, or the worker, gave the code. */
async function loaded({ wait }: Machine, turn: AbortSignal) {
  while (!turn.aborted) {
    const module = await import("./uploads.ts").catch(() => null);
    if (module !== null) return module.Uploader;
    await wait(LOAD_AGAIN_MS, turn);
  }
  return null;
}

// All three come from this very code in another tab.
function isWake(message: unknown): message is { readonly wake: Reason } {
  return typeof message === "object" && message !== null && "wake" in message;
}

function isUploads(message: unknown): message is { readonly uploads: UploadsState } {
  return typeof message === "object" && message !== null && "uploads" in message;
}

function isState(message: unknown): message is { readonly state: SyncState } {
  return typeof message === "object" && message !== null && "state" in message;
}
