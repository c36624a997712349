// One checklist at work on a real store: what each tap writes, and what a failure leaves.

import { signal } from "@preact/signals-core";
import { beforeEach, describe, expect, test } from "vitest";
import { isMapping } from "../../src/core/json.ts";
import { itemState } from "../../src/core/status.ts";
import { PersonDatabase } from "../../src/db/database.ts";
import { Records } from "../../src/db/records.ts";
import { itemOfRecord, statusOfRecords } from "../../src/db/status.ts";
import { joined, Store } from "../../src/db/store.ts";
import { type Pen, write } from "../../src/db/write.ts";
import { addReplacementEdit, removeReplacementEdit } from "../../src/ui/field/inspect/edits.ts";
import { findingId } from "../../src/ui/field/inspect/findings.ts";
import { readinessOf } from "../../src/ui/field/inspect/finish.tsx";
import { locate } from "../../src/ui/field/inspect/form.ts";
import { lastWords, reportedOf } from "../../src/ui/field/inspect/say.ts";
import type { Sheet } from "../../src/ui/field/inspect/sheet.ts";
import { type Work, Worksheet } from "../../src/ui/field/inspect/worksheet.ts";
import { customerSignature } from "../../src/ui/field/sign/presence.ts";
import { sealOf } from "../../src/ui/field/sign/seal.ts";
import { type Coverage, coverageOf } from "../../src/ui/field/sign/visit.ts";
import type { Answer, Finding, FormItem } from "../../src/wire/types.ts";
import { ASSET, INSPECTION, PERSON, ROUND, SITE, seed, VISIT } from "./seed.ts";

const NOW = Date.parse("2026-11-18T06:02:00Z");
const hands = {
  sha256: (bytes: Uint8Array<ArrayBuffer>) => crypto.subtle.digest("SHA-256", bytes),
  subtle: crypto.subtle,
};
const silent = { post: () => undefined, listen: () => () => undefined, close: () => undefined };

let store: Store;
let records: Records;
let work: Work;
const mayBegin = signal(true);
let refusals = 0;
let writes = 0;

async function open(step: string): Promise<Worksheet> {
  writes = 0;
  store = new Store(new PersonDatabase(`${PERSON}-${crypto.randomUUID()}`), silent);
  await joined(store, { device: PERSON, lineage: PERSON, epoch: 1, nextN: 1 });
  await seed(store, NOW, step);
  records = await Records.open(store);
  const pen: Pen = {
    person: PERSON,
    session: PERSON,
    now: () => NOW,
    monotonic: () => 0,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  };
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
    "sign",
    "verify",
  ]);
  work = {
    person: {
      person: PERSON,
      name: "梁志豪",
      role: "engineer",
      server: "",
      device: PERSON,
      credential: "",
      lineage: null,
      keys,
      deviceName: "",
      enrolledAt: 0,
      state: "active",
    },
    store,
    records,
    pen,
    write: async (made, photos = []) => {
      if (refusals > 0) {
        refusals -= 1;
        throw new DOMException("full", "QuotaExceededError");
      }
      writes += 1;
      await write(store, pen, made, photos);
    },
    mayBegin,
    item: (id) => itemOfRecord(records, id),
    itemState: (id) => itemState(itemOfRecord(records, id)),
    picture: async () => ({ kind: "offline" }),
  };
  return new Worksheet(work, hands, { assignment: ROUND, asset: ASSET }, localStorage);
}

function sheetOf(worksheet: Worksheet): Sheet {
  const found = worksheet.found.peek();
  if (found.kind !== "sheet") throw new Error(`missing ${found.what}`);
  return found.sheet;
}

function itemOf(sheet: Sheet, path: string): FormItem {
  const item = locate(sheet.template.data.form, path)?.item;
  if (item === undefined) throw new Error(`no item ${path}`);
  return item;
}

async function ops() {
  const entries = await store.read((db) => db.outbox.toArray());
  return entries.map((entry) => entry.op);
}

beforeEach(() => {
  localStorage.clear();
  refusals = 0;
  mayBegin.value = true;
});

describe("the first answer", () => {
  test("begins the inspection that anybody offline would begin, and no second visit", async () => {
    const worksheet = await open("");
    await worksheet.answer("asset_label", { value: "pass" });
    await worksheet.answer("fan_state", { value: "pass" });
    const made = await ops();
    expect(made.map((op) => [op.kind, op.record, op.new ?? false])).toEqual([
      ["inspection", INSPECTION, true],
      ["inspection", INSPECTION, false],
      ["inspection", INSPECTION, false],
    ]);
    expect(made[0]?.set).toMatchObject({ assignment: ROUND, inspector_name: "梁志豪" });
    expect(worksheet.savedAt.peek()).toBe(NOW);
  });

  test("begins a visit where none of today is open", async () => {
    const worksheet = await open("");
    await work.write([{ kind: "visit", record: VISIT, set: { ended_at: "2026-11-18T05:00:00Z" } }]);
    await worksheet.answer("asset_label", { value: "pass" });
    await worksheet.answer("fan_state", { value: "pass" });
    const visits = (await ops()).filter((op) => op.kind === "visit" && op.new);
    expect(visits).toHaveLength(1);
    expect(visits[0]?.set).toMatchObject({ site: SITE, engineer: PERSON, assignment: ROUND });
  });

  test("of what was begun before is kept where no new work may be begun, without a visit", async () => {
    const worksheet = await open("draft");
    mayBegin.value = false;
    await work.write([{ kind: "visit", record: VISIT, set: { ended_at: "2026-11-18T05:00:00Z" } }]);
    await worksheet.answer("memory_errors", { value: "pass" });
    const made = (await ops()).slice(1);
    expect(made.map((op) => [op.kind, op.new ?? false])).toEqual([["inspection", false]]);
  });

  test("shows at once, before anything is written", async () => {
    const worksheet = await open("");
    const writing = worksheet.answer("fan_state", { value: "pass" });
    expect(sheetOf(worksheet).inspection?.answers?.fan_state).toEqual({ value: "pass" });
    await writing;
    expect(sheetOf(worksheet).inspection?.answers?.fan_state).toEqual({ value: "pass" });
  });
});

test("a quick hand is not run behind: what came meanwhile is written together", async () => {
  const worksheet = await open("draft");
  const values = ["fan_state", "memory_errors", "cabling", "controller_log"];
  const given = values.map((path) => worksheet.answer(path, { value: "pass" }));
  expect(worksheet.isWriting.peek()).toBe(true);
  await Promise.all(given);
  expect(worksheet.isWriting.peek()).toBe(false);
  expect(writes).toBe(2);
  const answers = records.record("inspection", INSPECTION)?.data.answers ?? {};
  expect(values.map((path) => answers[path]?.value)).toEqual(values.map(() => "pass"));
});

describe("a device that is full", () => {
  test("keeps the answers on the screen, says so, and writes them in their order", async () => {
    const worksheet = await open("draft");
    refusals = 2;
    await worksheet.answer("memory_errors", { value: "pass" });
    await worksheet.answer("memory_errors", { value: "fail", severity: "major" });
    expect(worksheet.fault.peek()).toBe("full");
    expect(await ops()).toEqual([]);
    expect(sheetOf(worksheet).inspection?.answers?.memory_errors).toMatchObject({ value: "fail" });
    await worksheet.retry();
    expect(worksheet.fault.peek()).toBeNull();
    const seen = records.record("inspection", INSPECTION);
    expect(seen?.data.answers?.memory_errors).toEqual({ value: "fail", severity: "major" });
  });
});

describe("what an earlier page left behind", () => {
  test("typed text becomes an answer, an opened camera is told of", async () => {
    const before = await open("draft");
    before.typing.keep("note", "psu_redundancy", "typed and then gone");
    await before.cameraOpens("psu_redundancy");
    const after = new Worksheet(work, hands, before.subject, localStorage);
    await after.resume();
    const seen = records.record("inspection", INSPECTION);
    expect(seen?.data.answers?.psu_redundancy?.note).toBe("typed and then gone");
    expect(after.typing.left()).toEqual([]);
    expect(after.lostPhotos.peek()).toEqual(["psu_redundancy"]);
    await after.photo("psu_redundancy", { bytes: new ArrayBuffer(8), width: 4, height: 2 });
    expect(after.lostPhotos.peek()).toEqual([]);
  });
});

/** Somebody else's answer arrives, as a pull writes it. */
async function arrives(path: string, answer: Answer): Promise<number> {
  return store.change(async () => {
    const row = await store.db.base.get(INSPECTION);
    if (row === undefined) throw new Error("no inspection here");
    const { answers } = row.data;
    const data = {
      ...row.data,
      answers: { ...(isMapping(answers) ? answers : {}), [path]: answer },
    };
    const version = row.version + 1;
    await store.db.base.put({ ...row, version, data });
    return { value: version, records: [INSPECTION] };
  });
}

describe("what is said of an answer", () => {
  test("stays with that answer when somebody else's arrives between the keys and the op", async () => {
    const worksheet = await open("draft");
    const seen = sheetOf(worksheet).version;
    const old = sheetOf(worksheet).inspection?.answers?.psu_redundancy;
    expect(old?.value).toBe("fail");
    worksheet.keep("note", "psu_redundancy", "PSU 2 is dark");
    await arrives("psu_redundancy", { value: "pass" });
    await worksheet.type("note", "psu_redundancy", "PSU 2 is dark");
    const made = (await ops()).at(-1);
    expect(made?.set).toEqual({ "answers.psu_redundancy": { ...old, note: "PSU 2 is dark" } });
    // Made on what was seen, so that the server keeps both and a person decides.
    expect(made?.base).toBe(seen);
    expect(worksheet.typing.over("psu_redundancy")).toBeNull();
  });

  test("stays with it also when the page was gone meanwhile", async () => {
    const before = await open("draft");
    before.keep("note", "psu_redundancy", "PSU 2 is dark");
    await arrives("psu_redundancy", { value: "pass" });
    const after = new Worksheet(work, hands, before.subject, localStorage);
    await after.resume();
    const made = (await ops()).at(-1);
    expect(made?.set).toMatchObject({ "answers.psu_redundancy": { value: "fail" } });
    expect(made?.base).toBe(1);
    expect(localStorage.length).toBe(0);
  });

  test("follows the answer that the same person gave while typing", async () => {
    const worksheet = await open("draft");
    const old = sheetOf(worksheet).inspection?.answers?.psu_redundancy ?? null;
    worksheet.keep("note", "psu_redundancy", "PSU 2 is dark");
    await worksheet.answer("psu_redundancy", { ...old, severity: "minor" });
    await worksheet.type("note", "psu_redundancy", "PSU 2 is dark");
    const made = (await ops()).at(-1);
    const both = { severity: "minor", note: "PSU 2 is dark" };
    expect(made?.set).toMatchObject({ "answers.psu_redundancy": both });
  });

  test("is of the newer answer when it is typed over that", async () => {
    const worksheet = await open("draft");
    const version = await arrives("psu_redundancy", { value: "pass" });
    worksheet.keep("note", "psu_redundancy", "both are lit");
    await worksheet.type("note", "psu_redundancy", "both are lit");
    const made = (await ops()).at(-1);
    const said = { value: "pass", note: "both are lit" };
    expect(made).toMatchObject({ base: version, set: { "answers.psu_redundancy": said } });
  });
});

test("a replaced part is shown at once, and gone when it is taken back", async () => {
  const worksheet = await open("draft");
  const [part, other] = [VISIT, ROUND];
  const named = { part: "PSU2 电源模块", old: "A111", new: "B222" };
  await worksheet.change(({ id }) => [addReplacementEdit(id, part, named)]);
  await worksheet.change(({ id }) => [addReplacementEdit(id, other, { part: "风扇框" })]);
  await worksheet.change(({ id }) => [removeReplacementEdit(id, other)]);
  expect(sheetOf(worksheet).inspection?.replacements).toEqual({ [part]: named });
});

test("a photo says whether it is of before or after, from the start", async () => {
  const worksheet = await open("draft");
  const picture = { bytes: new TextEncoder().encode("jpeg").buffer, width: 4, height: 3 };
  await worksheet.photo("nameplate_photo", picture, { moment: "before" });
  await worksheet.photo("nameplate_photo", picture, { moment: "" });
  const made = (await ops()).filter(({ kind }) => kind === "attachment").map(({ set }) => set);
  expect(made.map((set) => set?.moment)).toEqual(["before", undefined]);
});

test("a photo is its record and its bytes, and answers what asked for it", async () => {
  const worksheet = await open("ready");
  expect(readinessOf(sheetOf(worksheet))).toMatchObject({ incomplete: ["psu_redundancy"] });
  await worksheet.photo("psu_redundancy", { bytes: new ArrayBuffer(8), width: 4, height: 2 });
  expect(readinessOf(sheetOf(worksheet)).isReady).toBe(true);
  const [photo] = records.by("attachment", "parent", INSPECTION);
  expect(photo?.data).toMatchObject({ item: "psu_redundancy", bytes: 8, media_type: "image/jpeg" });
  const row = await store.read((db) => db.blobs.get(photo?.id ?? ""));
  expect(row?.sha256).toBe(photo?.data.sha256);
});

describe("handing in", () => {
  test("reports each abnormal answer once and sets the step of the round that stands", async () => {
    const worksheet = await open("ready");
    const reported = reportedOf(sheetOf(worksheet), NOW);
    expect(reported.map(({ path }) => path)).toEqual(["inlet_temp", "psu_redundancy"]);
    await worksheet.submit(reported, { step: true });
    await worksheet.submit(reportedOf(sheetOf(worksheet), NOW), { step: false });
    const findings = (await ops()).filter((op) => op.kind === "finding");
    expect(findings.map((op) => op.record)).toEqual([
      findingId(INSPECTION, "inlet_temp"),
      findingId(INSPECTION, "psu_redundancy"),
    ]);
    expect(sheetOf(worksheet)).toMatchObject({ state: "submitted", round: 1 });
    expect(worksheet.work.itemState(INSPECTION)).toBe("waiting");
  });

  test("what was returned is handed in again in the round that the office began", async () => {
    const worksheet = await open("returned");
    const sheet = sheetOf(worksheet);
    expect(sheet.state).toBe("returned");
    expect(sheet.remarks.map(({ item }) => item).toSorted()).toEqual(["fan_state", "patch_date"]);
    await worksheet.submit([], { step: true });
    const step = (await ops()).at(-1)?.set?.step;
    expect(step).toMatchObject({ round: 2, step: "submitted" });
    expect(sheetOf(worksheet)).toMatchObject({ state: "submitted", remarks: [] });
  });

  test("mending at home what was returned is no presence on site", async () => {
    const worksheet = await open("returned");
    await work.write([{ kind: "visit", record: VISIT, set: { ended_at: "2026-11-18T05:00:00Z" } }]);
    await worksheet.answer("patch_date", { value: "2026-11-01" });
    expect((await ops()).filter((op) => op.kind === "visit" && op.new)).toEqual([]);
  });
});

test("what was accepted is not its own last time", async () => {
  const before = sheetOf(await open("submitted"));
  expect(lastWords(before, itemOf(before, "inlet_temp"), "inlet_temp", NOW)).toContain("24.1");
  const after = sheetOf(await open("accepted"));
  expect(after.asset.data.last?.server?.inspection).toBe(INSPECTION);
  expect(after.last).toBeUndefined();
  expect(lastWords(after, itemOf(after, "inlet_temp"), "inlet_temp", NOW)).toBeUndefined();
  expect(after.openFindings).toHaveLength(1);
});

test("a visit covers what was handed in and names what was not inspected", async () => {
  await open("submitted");
  const visit = records.record("visit", VISIT);
  if (visit === undefined) throw new Error("no visit");
  const coverage = coverageOf(records, visit, NOW);
  expect(coverage.inspected.map(({ asset }) => asset.data.name)).toEqual([
    "B 列冷通道",
    "核心数据库 01",
  ]);
  const asset = "核心数据库 01";
  expect(coverage.abnormal[0]).toMatchObject({ severity: "major", asset });
  // What its finding says is what is signed for; one that the office added is shown, too.
  const shown = ({ abnormal }: Coverage) => abnormal.map(({ severity, text }) => [severity, text]);
  const before = shown(coverage);
  const of = { asset: ASSET, inspection: INSPECTION, found_at: new Date(NOW).toISOString() };
  const finding = (record: string, set: Partial<Finding>) =>
    ({ kind: "finding", record, new: true, set: { ...of, ...set } }) as const;
  await work.write([
    finding("0198f000-0000-7000-8000-000000000073", {
      item: "psu_redundancy",
      severity: "urgent",
      text: "停转",
    }),
    finding("0198f000-0000-7000-8000-000000000074", { severity: "advice", text: "建议换风扇" }),
  ]);
  const now = coverageOf(records, visit, NOW);
  expect(shown(now)).toEqual([["urgent", "停转"], ...before.slice(1), ["advice", "建议换风扇"]]);
  expect(now.abnormalAssets).toBe(coverage.abnormalAssets);
  expect(coverage.notInspected).toEqual(["财务 PC 03", "磁带库 TS2900"]);
  expect(customerSignature(records, VISIT)).toBeUndefined();
});

test("what is signed over a visit waits with it, and is not counted by itself", async () => {
  await open("submitted");
  const waiting = () => statusOfRecords(records, PERSON, "idle").waiting;
  const sign = (record: string, role: string) =>
    work.write([
      { kind: "visit", record: VISIT, set: { ended_at: new Date(NOW).toISOString() } },
      {
        kind: "signature",
        record,
        new: true,
        set: { of: VISIT, of_kind: "visit", role, signed_at: new Date(NOW).toISOString() },
      },
    ]);
  const before = waiting();
  await sign("0198f000-0000-7000-8000-000000000071", "contact");
  expect(waiting()).toBe(before + 1);
  await sign("0198f000-0000-7000-8000-000000000072", "engineer");
  expect(records.by("signature", "of", VISIT)).toHaveLength(2);
  expect(waiting()).toBe(before + 1);
});

test("a signature of the device's user stands over the answers as they are", async () => {
  const worksheet = await open("draft");
  await worksheet.sign({ path: "sig", strokes: "M0,0L9,9", name: "李", statement: ["属实"] });
  const [signature] = records.by("signature", "of", INSPECTION);
  expect(signature?.data).toMatchObject({ role: "device-user", item: "sig", name: "李" });
  expect(signature?.data.document).toContain('"statement":["属实"]');
  expect(signature?.data.device_signature).toMatch(/^[\w-]+\.\.[\w-]{86}$/);
  if (signature === undefined) throw new Error("there is no signature");
  const { publicKey } = work.person.keys;
  expect(
    await sealOf(
      hands,
      { own: publicKey, recorded: [], isTold: false },
      signature.id,
      signature.data,
    ),
  ).toBe("genuine");
});
