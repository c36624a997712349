// The two local databases. Rule: a version, once released, is never edited: a change is a new version
// with its upgrade, and the old one is kept as a fixture in test/databases, because an upgrade that
// fails would bury an outbox.
//
// `xunjian-device` knows who uses this installation; `xunjian-<person>` holds one person's records and
// work, so that a shared tablet mixes nothing.

import Dexie, { type DexieOptions, type Table, type Transaction } from "dexie";
import { type AnchorRow, anchorOf } from "../core/anchors.ts";
import type { Entry } from "../core/outbox.ts";
import type { Skew } from "../core/skew.ts";
import { begun, type Upload } from "../core/upload.ts";
import type { Id, Language, Role } from "../wire/types.ts";

/** A record as pulled. Written by pull alone. */
export interface BaseRow {
  readonly id: Id;
  readonly scope: string;
  readonly seq: number;
  readonly kind: string;
  readonly version: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly keys: readonly string[];
  /** Of the line as received; decimal. */
  readonly mark: string;
  /** The pull from zero that last saw it. */
  readonly generation: number;
}

export interface ScopeRow {
  readonly scope: string;
  /** The newest position that the server has told of. */
  readonly head: number;
  /** What the base has reached. */
  readonly pos: number;
  /** Of the base rows in this scope, carried along with every change. */
  readonly count: number;
  readonly sum: string;
  /** At the head, the server's digest is ours. */
  readonly matches: boolean;
  /** The pull from zero that reached its head, and swept what it had not seen; absent before. */
  readonly swept?: number;
}

/** Where the exchange stands. Apart from the counter, because a token can be large. */
export interface PositionRow {
  readonly key: "position";
  readonly epoch: number;
  readonly token: string | null;
  readonly lastAcked: string | null;
  readonly backedUpTo: number | null;
  /** Raised by every pull from zero, before its first page. */
  readonly generation: number;
  /** A pull from zero is under way: at each scope's head, its rows of older generations are swept. */
  readonly isSweeping: boolean;
  /** That pull follows a rewind or a difference: what it takes away is offered as a witness. */
  readonly isRepair?: boolean;
  /** The credential's device; its dispositions arrive in `device:<id>`. */
  readonly device: Id;
  /** Under which the outbox is numbered; absent in stores of the first version. */
  readonly lineage?: Id | null;
}

export interface CounterRow {
  readonly key: "counter";
  /** The next `n` of this lineage. Taken in the transaction that writes the op. */
  readonly nextN: number;
}

/** Raised by every transaction that changes what screens show, so that no tab misses one. */
export interface RevisionRow {
  readonly key: "revision";
  readonly revision: number;
}

export interface ReportRow {
  readonly key: "report";
  /** The last round that ended at the heads with nothing waiting; null before the first. */
  readonly lastSuccess: number | null;
  readonly skew: Skew | null;
  /** How often a digest differed and everything was pulled again, for whatever cause. */
  readonly repairs: number;
  /** How often of these no row had been lost by the system: a defect, of the app or the server. */
  readonly mismatches?: number;
  /** What was let go before its time because the device was full; null while nothing was. */
  readonly room?: RoomMade | null;
  /** The first sync has reached the heads once. */
  readonly isComplete: boolean;
  /** The version of the app that the server would not serve any more, if it said so. */
  readonly refusedVersion?: string | null;
  /** The server said that this device only sends, and has not taken it back. */
  readonly isDraining?: boolean;
}

/** What had to go for something newer: all of it with the server, none of it known to be in a backup. */
export interface RoomMade {
  readonly ops: number;
  readonly photos: number;
  readonly at: number;
}

/** Only where Web Locks are missing: which tab leads, and until when. */
export interface LeaseRow {
  readonly key: "lease";
  readonly holder: string;
  readonly until: number;
}

export type StateRow = PositionRow | CounterRow | RevisionRow | ReportRow | LeaseRow;

/** The bytes of a photo. ArrayBuffer, because Safari loses Blobs in IndexedDB (dexie#1919). */
export interface BlobRow {
  readonly attachment: Id;
  readonly bytes: ArrayBuffer;
  readonly sha256: string;
  readonly created: number;
}

/** How the bytes of one photo get to the server. Apart from them, so that a step costs no rewrite. */
export interface UploadRow extends Upload {
  /** Since when this device knows that the server holds them, and the next own `n` at that time. */
  readonly received?: { readonly at: number; readonly nextN: number };
}

/** A small picture of a photo that was taken elsewhere. */
export interface PreviewRow {
  readonly attachment: Id;
  readonly bytes: ArrayBuffer;
  readonly type: string;
  /** When it was last looked at: the oldest goes first. */
  readonly at: number;
}

/** Text that is being typed and is no op yet, by record and path. */
export interface DraftRow {
  readonly key: string;
  readonly record: Id;
  readonly value: unknown;
  readonly at: number;
}

export interface ScanRow {
  readonly asset: Id;
  readonly at: number;
}

export class PersonDatabase extends Dexie {
  readonly person: Id;
  declare readonly base: Table<BaseRow, Id>;
  declare readonly outbox: Table<Entry, number>;
  declare readonly scopes: Table<ScopeRow, string>;
  declare readonly state: Table<StateRow, string>;
  declare readonly blobs: Table<BlobRow, Id>;
  declare readonly uploads: Table<UploadRow, Id>;
  declare readonly previews: Table<PreviewRow, Id>;
  declare readonly drafts: Table<DraftRow, string>;
  declare readonly scans: Table<ScanRow, Id>;
  declare readonly anchors: Table<AnchorRow, [number, string]>;

  constructor(person: Id, options: DexieOptions = {}) {
    super(`xunjian-${person}`, options);
    this.person = person;
    this.version(1).stores({
      base: "id, scope, kind, [kind+scope], *keys, generation",
      outbox: "n, &id, record, state, overlay, unconfirmed",
      scopes: "scope",
      state: "key",
      blobs: "attachment, state",
      drafts: "key, record",
      scans: "asset, at",
    });
    this.version(2)
      .stores({
        blobs: "attachment",
        uploads: "attachment, state",
        previews: "attachment, at",
        anchors: "[epoch+day]",
      })
      .upgrade(async (transaction) => {
        await uploadsOfBlobs(transaction);
        await anchorsOfBase(transaction);
      });
  }
}

/** In version 1 the bytes themselves said how far they were, in two words. */
interface BlobRow1 extends BlobRow, Pick<UploadRow, "received"> {
  readonly state: "here" | "sent";
}

async function uploadsOfBlobs(transaction: Transaction): Promise<void> {
  const rows: UploadRow[] = [];
  // One after the other: the bytes of a day's photos do not belong into memory.
  await transaction.table<BlobRow1>("blobs").each(({ bytes, state, received, ...photo }) => {
    const upload = { ...begun({ ...photo, bytes: bytes.byteLength }), state };
    rows.push(received ? { ...upload, received } : upload);
  });
  await transaction.table<UploadRow>("uploads").bulkPut(rows);
}

/** Version 1 may have pulled roots as records that it knew nothing of; they do not come again. */
async function anchorsOfBase(transaction: Transaction): Promise<void> {
  const rows = await transaction.table<BaseRow>("base").where("kind").equals("anchor").toArray();
  const told = rows.map(({ data }) => anchorOf(data)).filter((one) => one !== null);
  await transaction.table<AnchorRow>("anchors").bulkPut(told);
}

/** One person of this installation, and the device that the server knows them by. */
export interface PersonRow {
  readonly person: Id;
  readonly name: string;
  readonly role: Role;
  readonly server: string;
  readonly device: Id;
  readonly credential: string;
  /** Null when it must not be used again: the next enrolment mints another. */
  readonly lineage: Id | null;
  readonly keys: CryptoKeyPair;
  readonly deviceName: string;
  readonly enrolledAt: number;
  readonly state: "active" | "enrol-again" | "cloned-device";
}

/** An enrolment that was begun: the same lineage and keys when the answer was lost. */
export interface EnrollingRow {
  readonly key: "enrolling";
  readonly ticket: string;
  readonly lineage: Id;
  readonly keys: CryptoKeyPair;
}

export interface ChosenRow {
  readonly key: "chosen";
  readonly person: Id | null;
  readonly language: Language;
}

export type SettingRow = EnrollingRow | ChosenRow;

export class DeviceDatabase extends Dexie {
  declare readonly persons: Table<PersonRow, Id>;
  declare readonly settings: Table<SettingRow, string>;

  constructor(options: DexieOptions = {}) {
    super("xunjian-device", options);
    this.version(1).stores({ persons: "person", settings: "key" });
  }
}
