// One checklist at work: what is shown, and every tap and key written down at once.
// Rule: shown first, written next, never taken back. What could not be written stays here, is said,
// and is tried again before anything newer, so that the order of a person's answers is kept.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Edit } from "../../../core/edit.ts";
import { mintId } from "../../../core/ids.ts";
import { draftsOf, dropDraft, keepDraft } from "../../../db/desk.ts";
import { isFull } from "../../../db/resilience.ts";
import type { Photo } from "../../../db/write.ts";
import type { Machine } from "../../../sync/machine.ts";
import type { Session } from "../../../sync/session.ts";
import type { Answer, Id } from "../../../wire/types.ts";
import { startVisitEdit } from "../edits.ts";
import { coveredBy, type Document } from "../sign/document.ts";
import { signatureEdit } from "../sign/signing.ts";
import * as edits from "./edits.ts";
import { findingEdits, type Reported } from "./findings.ts";
import { answerAt } from "./form.ts";
import type { Picture } from "./image.ts";
import { reportedOf } from "./say.ts";
import { type Found, openAdHoc, openVisit, readSheet, type Sheet, type Subject } from "./sheet.ts";
import { type Part, type Shelf, Typing } from "./typing.ts";

/** What a checklist needs of the person's session. */
export type Work = Pick<
  Session,
  "person" | "store" | "records" | "pen" | "write" | "itemState" | "item" | "mayBegin" | "picture"
>;
export type Hands = Pick<Machine, "sha256" | "subtle">;

/** Why the last answer is not on this device yet. */
export type Fault = "full" | "broken";

/** A signature item as it was signed. */
export interface Signed {
  readonly path: string;
  readonly strokes: string;
  readonly name: string;
  /** What the person read above the pad, sentence by sentence. */
  readonly statement: readonly string[];
}

interface Batch {
  readonly edits: readonly Edit[];
  readonly photos: readonly Photo[];
}

export class Worksheet {
  readonly work: Work;
  readonly hands: Hands;
  readonly subject: Subject;
  readonly typing: Typing;
  readonly found: ReadonlySignal<Found>;
  /** When something of this checklist was last written here; null before the first answer. */
  readonly savedAt: ReadonlySignal<number | null>;
  /** Something that is shown is not on this device yet. */
  readonly isWriting: ReadonlySignal<boolean>;
  readonly fault: ReadonlySignal<Fault | null>;
  /** Items at which the camera was opened and from which no photo ever came. */
  readonly lostPhotos: ReadonlySignal<readonly string[]>;
  readonly #ownId: Id;
  readonly #waiting = signal<readonly Batch[]>([]);
  readonly #savedAt = signal<number | null>(null);
  readonly #fault = signal<Fault | null>(null);
  readonly #lostPhotos = signal<readonly string[]>([]);
  #isDraining = false;
  #written: Promise<void> = Promise.resolve();

  constructor(work: Work, hands: Hands, subject: Subject, shelf: Shelf | null) {
    const { pen, records, person } = work;
    this.work = work;
    this.hands = hands;
    this.subject = subject;
    this.typing = new Typing(shelf, person.person, `${subject.assignment ?? "-"}/${subject.asset}`);
    this.#ownId = openAdHoc(records, subject.asset, person.person) ?? mintId(pen.now(), pen.random);
    this.savedAt = this.#savedAt;
    this.isWriting = computed(() => this.#waiting.value.length > 0);
    this.fault = this.#fault;
    this.lostPhotos = this.#lostPhotos;
    this.found = computed(() =>
      readSheet(records, subject, {
        ownId: this.#ownId,
        typed: this.#waiting.value.flatMap((batch) => batch.edits),
        now: pen.now(),
      }),
    );
  }

  /** Take up what an earlier page left behind: typed text, an opened camera, the time of saving. */
  async resume(): Promise<void> {
    for (const { part, path, text } of this.typing.left()) await this.type(part, path, text);
    const { store } = this.work;
    const drafts = await draftsOf(store, this.#draftKey());
    this.#lostPhotos.value = drafts.flatMap(({ value }) => (isPath(value) ? [value] : []));
    const found = this.found.peek();
    if (found.kind !== "sheet") return;
    const { id } = found.sheet;
    const mine = await store.read((db) => db.outbox.where("record").equals(id).toArray());
    const latest = Math.max(0, ...mine.map((entry) => entry.madeAt));
    if (latest > 0) this.#savedAt.value ??= latest;
  }

  /** Give the answer at a path; null takes it back. */
  answer(path: string, answer: Answer | null): Promise<void> {
    return this.answers(new Map([[path, answer]]));
  }

  answers(given: ReadonlyMap<string, Answer | null>): Promise<void> {
    for (const [path, answer] of given) this.typing.follow(path, answer);
    return this.#edit((sheet) => [edits.answersEdit(sheet.id, sheet.inspection, given)]);
  }

  /** Keep a key stroke until it becomes an answer, with the answer that it was typed over. */
  keep(part: Part, path: string, text: string): void {
    const found = this.found.peek();
    if (found.kind === "sheet" && isOfAnswer(part)) {
      const { inspection, version } = found.sheet;
      this.typing.begin(path, { answer: answerAt(inspection, path), base: version });
    }
    this.typing.keep(part, path, text);
  }

  /** What was typed, where it belongs. */
  async type(part: Part, path: string, text: string): Promise<void> {
    const found = this.found.peek();
    if (found.kind === "sheet") {
      if (isOfAnswer(part)) await this.#said(found.sheet, part, path, text);
      if (part === "name") await this.#edit((s) => [edits.nameElementEdit(s.id, path, text)]);
      if (part === "whole") await this.#edit((s) => [edits.noteEdit(s.id, text)]);
      if (part === "caption") await this.#edit(() => [edits.captionEdit(path, text)]);
    }
    if (this.#fault.peek() === null) this.typing.drop(part, path, text);
  }

  /**
   * A text and the answer that it was typed over are one answer. Where somebody else's came in
   * between, it is written on what was seen, so that both are kept and a person decides.
   */
  async #said(sheet: Sheet, part: OfAnswer, path: string, text: string): Promise<void> {
    const now = answerAt(sheet.inspection, path);
    const over = this.typing.over(path);
    const hasMoved = over !== null && JSON.stringify(over.answer) !== JSON.stringify(now);
    const old = hasMoved ? over.answer : now;
    const answer =
      part === "value"
        ? edits.withValue(old, text === "" ? null : text)
        : edits.tidied({ ...old, [part]: text });
    if (!hasMoved) return this.answer(path, answer);
    const given = new Map([[path, answer]]);
    this.typing.follow(path, answer);
    return this.#edit(({ id, inspection }) => [
      { ...edits.answersEdit(id, inspection, given), base: over.base },
    ]);
  }

  /** Write edits of this checklist, with what a first answer begins. */
  change(make: (sheet: Sheet) => readonly Edit[]): Promise<void> {
    return this.#edit(make);
  }

  /** Keep a photo: its name and its bytes, in one transaction. */
  async photo(path: string, picture: Picture, about: edits.About = {}): Promise<void> {
    const { pen } = this.work;
    const now = pen.now();
    const attachment = mintId(now, pen.random);
    const hash = new Uint8Array(await this.hands.sha256(new Uint8Array(picture.bytes)));
    const sha256 = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const { width, height, bytes } = picture;
    const at = about.at ?? new Date(now).toISOString();
    const { caption, moment } = about;
    const size = { width, height, bytes: bytes.byteLength };
    await this.#edit(
      ({ id }) => [
        edits.photoEdit({ attachment, inspection: id, path, sha256, at, caption, moment, ...size }),
      ],
      [{ attachment, bytes, sha256 }],
    );
    await this.cameraClosed(path);
  }

  /** Written before the camera opens: a small device may throw the page away meanwhile. */
  async cameraOpens(path: string): Promise<void> {
    this.typing.hurry();
    await this.#written;
    await keepDraft(this.work.store, this.#draftKey(), `photo:${path}`, path, this.work.pen.now());
  }

  async cameraClosed(path: string): Promise<void> {
    await dropDraft(this.work.store, this.#draftKey(), `photo:${path}`);
    this.#lostPhotos.value = this.#lostPhotos.peek().filter((one) => one !== path);
  }

  /** Hand the round in, with a finding for every abnormal answer. */
  submit(reported: readonly Reported[], note: { readonly step: boolean }): Promise<void> {
    const at = new Date(this.work.pen.now()).toISOString();
    return this.#edit((sheet) => [
      ...findingEdits(
        { inspection: sheet.id, asset: sheet.asset.id, at },
        reported,
        this.work.records.by("finding", "asset", sheet.asset.id),
      ),
      ...(note.step ? [edits.submitEdit(sheet.id, sheet.round, at)] : []),
    ]);
  }

  /** Keep the signature of the device's user: over the answers as they stand. */
  async sign(given: Signed): Promise<void> {
    const found = this.found.peek();
    if (found.kind !== "sheet") return;
    const { sheet } = found;
    const { inspection } = sheet;
    const now = this.work.pen.now();
    const photos = [...sheet.photos.values()].flat().map(({ data }) => data.sha256);
    const at = { id: sheet.id, photos };
    const covered = inspection ? [await coveredBy(this.hands.sha256, at, inspection)] : [];
    const document: Document = {
      of: sheet.id,
      of_kind: "inspection",
      site: sheet.site?.data.name ?? "",
      engineer: this.work.person.name,
      started_at: inspection?.started_at ?? null,
      signed_at: new Date(now).toISOString(),
      statement: given.statement,
      counts: null,
      abnormal: reportedOf(sheet, now).map(({ severity, text }) => ({
        asset: sheet.asset.data.name,
        severity,
        text,
      })),
      inspections: covered,
      signer: { role: "device-user", name: given.name, title: "", absent_reason: "" },
    };
    const { path: item, strokes } = given;
    const edit = await signatureEdit(this.work, this.hands, { document, strokes, item });
    await this.#edit(() => [edit]);
  }

  /** What is shown and is not on this device: for a copy, when it does not get there. */
  unwritten(): Batch {
    const all = this.#waiting.peek();
    return {
      edits: all.flatMap((batch) => batch.edits),
      photos: all.flatMap((batch) => batch.photos),
    };
  }

  /** Try again what could not be written. */
  retry(): Promise<void> {
    this.#fault.value = null;
    return this.#write();
  }

  #edit(make: (sheet: Sheet) => readonly Edit[], photos: readonly Photo[] = []): Promise<void> {
    const found = this.found.peek();
    if (found.kind !== "sheet") return Promise.resolve();
    const { sheet } = found;
    const made = make(sheet).filter((edit) => edit.set || edit.add || edit.remove || edit.withdraw);
    if (made.length === 0) return Promise.resolve();
    const shown = made.map((edit) =>
      edit.kind === "inspection" && !edit.new ? { base: sheet.version, ...edit } : edit,
    );
    const batch: Batch = { edits: [...this.#begin(sheet), ...shown], photos };
    this.#waiting.value = [...this.#waiting.peek(), batch];
    return this.#write();
  }

  /** What the first answer writes: the inspection, and the visit of the day where none is open. */
  #begin(sheet: Sheet): readonly Edit[] {
    const { person, pen, records } = this.work;
    const now = pen.now();
    const begun: edits.Beginning = {
      inspection: sheet.id,
      asset: sheet.subject.asset,
      assignment: sheet.subject.assignment,
      template: sheet.template.id,
      person: person.person,
      personName: person.name,
      at: new Date(now).toISOString(),
    };
    const { site } = sheet.asset.data;
    const { zone } = sheet;
    const made = sheet.inspection === null ? [edits.inspectionEdit(begun)] : [];
    // Mending what was returned is done anywhere; it is no presence on site.
    const isOnSite = sheet.state === "open" || sheet.state === "draft";
    const isWritten = this.#waiting.peek().some((one) => one.edits.some((e) => e.kind === "visit"));
    const visit = openVisit(records, { site, person: person.person, zone, now });
    // What was begun is finished where no visit may be begun for it.
    const mayVisit = this.work.mayBegin.peek() && isOnSite;
    if (!mayVisit || visit !== undefined || isWritten) return made;
    const { assignment, person: engineer, personName: engineerName, at } = begun;
    const arrival = { site, assignment, engineer, engineerName, at };
    return [startVisitEdit(mintId(now, pen.random), arrival), ...made];
  }

  /** One drain at a time; it ends where something cannot be written, keeping that and the rest. */
  #write(): Promise<void> {
    if (!this.#isDraining) {
      this.#isDraining = true;
      this.#written = this.#drain();
    }
    return this.#written;
  }

  /**
   * What came while the last was written goes together, so that a quick hand never runs far ahead.
   * One by one where that fails, so that nothing sound stays behind with what is not.
   */
  async #drain(): Promise<void> {
    let most = Number.POSITIVE_INFINITY;
    for (let all = this.#waiting.peek(); all.length > 0; all = this.#waiting.peek()) {
      const next = all.slice(0, most);
      const made = next.flatMap((batch) => batch.edits);
      const photos = next.flatMap((batch) => batch.photos);
      try {
        await this.work.write(made, photos);
      } catch (error) {
        most = 1;
        if (next.length > most && !isFull(error)) continue;
        this.#fault.value = isFull(error) ? "full" : "broken";
        break;
      }
      this.#waiting.value = this.#waiting.peek().slice(next.length);
      this.#fault.value = null;
      this.#savedAt.value = this.work.pen.now();
    }
    // In the same turn as the last look, so that nobody joins a drain that is over.
    this.#isDraining = false;
  }

  /** An inspection outside any round has no id that a reload would find again. */
  #draftKey(): Id {
    const found = this.found.peek();
    const isKnown = this.subject.assignment !== null && found.kind === "sheet";
    return isKnown ? found.sheet.id : this.subject.asset;
  }
}

type OfAnswer = Extract<Part, "value" | "note" | "reason">;

function isOfAnswer(part: Part): part is OfAnswer {
  return part === "value" || part === "note" || part === "reason";
}

function isPath(value: unknown): value is string {
  return typeof value === "string";
}
