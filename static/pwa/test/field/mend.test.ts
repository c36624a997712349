// What was not taken is mended or let go by its person: by another op that says which one it stands for.

import { beforeEach, describe, expect, it } from "vitest";
import type { Edit } from "../../src/core/edit.ts";
import type { Entry } from "../../src/core/outbox.ts";
import type { PersonRow } from "../../src/db/database.ts";
import { discard, mend } from "../../src/db/mend.ts";
import { statusOfRecords } from "../../src/db/status.ts";
import { joined } from "../../src/db/store.ts";
import { write } from "../../src/db/write.ts";
import { doneOfRecords, type Need, needsOfRecords } from "../../src/ui/field/needs.ts";
import { changeOf, typedOf } from "../../src/ui/field/needs-op.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import type { Op } from "../../src/wire/types.ts";
import {
  ASSET,
  drained,
  entries,
  note,
  SCOPE,
  SITE,
  synced,
  type Tablet,
  uuid,
} from "../sync/device.ts";
import { rest, until } from "../sync/world.ts";

let one: Tablet;

const problem = (field: string) => ({
  type: "/problems/invalid-op",
  title: "The change breaks a rule and was not applied",
  status: 422,
  errors: [{ field, detail: "is too long" }],
});

function session() {
  return { ...one, person: { person: one.pen.person } as PersonRow };
}

async function needs(): Promise<readonly Need[]> {
  await rest();
  return needsOfRecords(session(), await entries(one));
}

async function done() {
  await rest();
  return doneOfRecords(session(), await entries(one));
}

const last = (): Op | undefined => [...one.server.ops.values()].at(-1)?.op;

/** Write the value that the server does not take, and be told so. */
async function rejected(...edits: readonly Edit[]): Promise<Need> {
  one.server.judge = () => "rejected";
  one.server.tells = () => ({ problem: problem("serial") });
  await one.write(...edits);
  await drained(one);
  one.server.judge = () => "applied";
  one.server.tells = () => ({});
  const [need] = await needs();
  if (need?.entry === undefined || need.entry === null) throw new Error("nothing to mend");
  return need;
}

const entryOf = (need: Need): Entry => {
  if (need.entry === null) throw new Error("not here");
  return need.entry;
};

beforeEach(async () => {
  setLanguage("zh-CN");
  one = await synced();
});

describe("mending", () => {
  it("shows what was typed, the wrong first, and sends it changed in the op's own place", async () => {
    const edit = {
      kind: "asset",
      record: ASSET,
      set: { note: "hot", serial: "x".repeat(9) },
    } as const;
    const need = await rejected(edit);
    const typed = typedOf(session(), entryOf(need), need.problem);
    expect(typed).toMatchObject([
      { key: "set serial", label: "序列号", text: "xxxxxxxxx", isWrong: true, mayGo: true },
      { key: "set note", label: "备注", text: "hot", isWrong: false },
    ]);
    const change = changeOf(entryOf(need), new Map([["set serial", "SN-9"]]));
    if (change === null) throw new Error("nothing left");
    await mend(one.store, one.pen, entryOf(need).id, change);
    // On its way: nothing is asked any more, and nobody has said that it is over.
    expect(await needs()).toEqual([]);
    expect(statusOfRecords(one.records, one.pen.person, "idle")).toMatchObject({
      needsYou: 0,
      waiting: 1,
    });
    expect(await done()).toMatchObject([{ how: "sent", at: null }]);
    await drained(one);
    expect(last()).toMatchObject({
      n: 2,
      replaces: entryOf(need).id,
      orig_n: 1,
      base: entryOf(need).op.base,
      set: { note: "hot", serial: "SN-9" },
    });
    await until(async () => (await done())[0]?.how === "replaced", "told so");
    expect(await done()).toMatchObject([{ how: "replaced", by: "王磊", name: "UPS-01" }]);
    expect(statusOfRecords(one.records, one.pen.person, "idle").needsYou).toBe(0);
  });

  it("of a creation sends the whole creation again", async () => {
    const set = { site: SITE, name: "PDU", serial: "x".repeat(9) };
    const need = await rejected({ kind: "asset", record: uuid(1), new: true, set });
    expect(need.name).toBe("PDU");
    const change = changeOf(entryOf(need), new Map([["set serial", "SN-9"]]));
    if (change === null) throw new Error("nothing left");
    await mend(one.store, one.pen, entryOf(need).id, change);
    await drained(one);
    expect(last()).toMatchObject({ new: true, parent: SITE, set: { ...set, serial: "SN-9" } });
    expect(typedOf(session(), entryOf(need), need.problem).some(({ mayGo }) => mayGo)).toBe(false);
  });

  it("offers the kinds of equipment in words, and shows no mark that nobody typed", async () => {
    const set = { site: SITE, name: "", category: "network", provisional: true } as const;
    const need = await rejected({ kind: "asset", record: uuid(1), new: true, set });
    expect(need.name).toBe("设备");
    const typed = typedOf(session(), entryOf(need), need.problem);
    expect(typed.map(({ key }) => key)).toEqual(["set name", "set category"]);
    const offered = typed[1]?.choices;
    expect(offered?.options).toContainEqual({ value: "ups", label: "UPS" });
    expect(offered?.chosenIn("network")).toEqual(["network"]);
    const change = changeOf(entryOf(need), new Map([["set category", { chosen: "ups" }]]));
    expect(change?.set).toEqual({ ...set, category: "ups" });
  });

  it("may leave a value out, but never everything, and takes no word for a number", async () => {
    const edit = {
      kind: "inspection",
      record: uuid(3),
      set: { "answers.temp": { value: 29.4 }, note: "x" },
    } as const;
    const entry = entryOf(await rejected(edit));
    const kept = changeOf(entry, new Map([["set note", null]]));
    expect(kept?.set).toEqual({ "answers.temp": { value: 29.4 } });
    const all = new Map([
      ["set note", null],
      ["set answers.temp", null],
    ]);
    expect(changeOf(entry, all)).toBeNull();
    expect(changeOf(entry, new Map([["set answers.temp", "warm"]]))).toBeNull();
    const number = changeOf(entry, new Map([["set answers.temp", "31,5"]]));
    expect(number?.set?.["answers.temp"]).toEqual({ value: 31.5 });
  });

  it("what was chosen is chosen anew, of one and of several and of a check, in the form's own words", async () => {
    const item = (id: string, zh: string) => ({ id, title: { zh } });
    const options = [item("rack", "机架式"), item("blade", "刀片")];
    const items = [
      { type: "check", ...item("light", "指示灯") },
      { type: "choice", ...item("kind", "机型"), options },
      { type: "choice", ...item("kinds", "都有哪些"), options, multiple: true },
    ];
    const form = { title: { zh: "巡检" }, sections: [{ ...item("all", "全部"), items }] };
    const title = { zh: "巡检" };
    one.server.put("template", uuid(8), SCOPE, { slug: "t", number: 1, title, form });
    const about = { asset: ASSET, template: uuid(8), inspector: one.pen.person };
    one.server.put("inspection", uuid(9), SCOPE, about);
    await drained(one);
    await rest();
    const set = {
      "answers.light": { value: "fail", severity: "urgent", note: "red" },
      "answers.kind": { value: "rack" },
      "answers.kinds": { value: ["rack", "blade"] },
    };
    const need = await rejected({ kind: "inspection", record: uuid(9), set });
    const typed = typedOf(session(), entryOf(need), need.problem);
    expect(typed.map(({ shown, text }) => [shown, text])).toEqual([
      ["异常", null],
      ["机架式", null],
      ["机架式，刀片", null],
    ]);
    const picks = [["normal"], ["blade"], ["blade"]];
    const changes = typed.map(({ key, choices }, at) => {
      const chosen = choices?.choose(picks[at] ?? []);
      return [key, { chosen }] as const;
    });
    const change = changeOf(entryOf(need), new Map(changes));
    expect(change?.set).toEqual({
      "answers.light": { value: "pass", note: "red" },
      "answers.kind": { value: "blade" },
      "answers.kinds": { value: ["blade"] },
    });
    // Nothing chosen is no answer: it is left out, or chosen.
    expect(changeOf(entryOf(need), new Map([["set answers.kind", { chosen: null }]]))).toBeNull();
  });

  it("names no number of another lineage, and two taps send it once", async () => {
    const need = await rejected(note("x"));
    const position = await one.store.position();
    const { device, epoch } = position;
    await joined(one.store, { device, epoch, lineage: uuid(900), nextN: 2 });
    const change = changeOf(entryOf(need), new Map([["set note", "y"]]));
    if (change === null) throw new Error("nothing left");
    const twice = [1, 2].map(() => mend(one.store, one.pen, entryOf(need).id, change));
    await Promise.all(twice);
    const ops = (await entries(one)).map(({ op }) => op);
    expect(ops.map(({ n, replaces, orig_n }) => [n, replaces, orig_n])).toEqual([
      [1, undefined, undefined],
      [2, entryOf(need).id, undefined],
    ]);
  });

  it("that is refused itself is asked about again, with the first", async () => {
    const need = await rejected(note("x"));
    const change = changeOf(entryOf(need), new Map([["set note", "y"]]));
    if (change === null) throw new Error("nothing left");
    await mend(one.store, one.pen, entryOf(need).id, change);
    one.server.judge = () => "rejected";
    await drained(one);
    await until(async () => (await needs()).length > 0, "asked again");
    const open = (await needs()).map(({ entry }) => entry?.op.set?.note);
    expect(open).toContain("y");
    const status = statusOfRecords(one.records, one.pen.person, "idle");
    expect(status.needsYou).toBe(open.length);
  });

  it("of what the server never had is an edit like any other, and the first is put aside here", async () => {
    one.server.unreadable = (op) => (op.n === 1 ? 413 : null);
    await one.write(note("x"));
    await one.write({ kind: "asset", record: uuid(2), new: true, set: { site: SITE, name: "B" } });
    await drained(one);
    const [need] = await needs();
    if (need === undefined) throw new Error("not asked");
    expect(need.entry?.state).toBe("refused");
    const change = changeOf(entryOf(need), new Map([["set note", "y"]]));
    if (change === null) throw new Error("nothing left");
    await mend(one.store, one.pen, entryOf(need).id, change);
    await drained(one);
    expect(last()).toMatchObject({ n: 3, set: { note: "y" } });
    expect(last()?.replaces).toBeUndefined();
    expect(await needs()).toEqual([]);
    expect(one.records.record("asset", ASSET)?.data.note).toBe("y");
    const over = new AbortController();
    const running = one.engine.run(over.signal);
    await rest();
    over.abort();
    await running;
    expect([...one.server.ops.keys()]).toEqual([2, 3]);
    expect((await entries(one))[0]).toMatchObject({ state: "refused", over: "replaced" });
  });
});

describe("what waits behind a refusal", () => {
  it("is shown behind it, and is neither asked about nor with the office", async () => {
    const set = { site: SITE, name: "PDU" };
    const first = await rejected({ kind: "asset", record: uuid(1), new: true, set });
    one.server.judge = () => "held";
    one.server.tells = () => ({ cause: first.entry?.id });
    await one.write({ kind: "asset", record: uuid(1), set: { position: "A1" } });
    await drained(one);
    await until(() => one.records.ofKind("disposition").length === 2, "both");
    const [need, ...others] = await needs();
    expect(others).toEqual([]);
    expect(need?.behind).toHaveLength(1);
    const status = statusOfRecords(one.records, one.pen.person, "idle");
    expect(status).toMatchObject({ needsYou: 1, withOffice: 0 });
  });
});

describe("letting go", () => {
  it("is an op that changes nothing, names the first and says why", async () => {
    const need = await rejected(note("x"));
    const why = { kind: "asset", record: ASSET, words: "写错了设备" } as const;
    await discard(one.store, one.pen, entryOf(need).id, why);
    expect(await needs()).toEqual([]);
    await drained(one);
    const { set, add, remove, withdraw, ...rest } = last() ?? {};
    expect([set, add, remove, withdraw]).toEqual([undefined, undefined, undefined, undefined]);
    expect(rest).toMatchObject({ replaces: entryOf(need).id, words: "写错了设备" });
    await until(async () => (await done())[0]?.how === "discarded", "told so");
    expect(await done()).toMatchObject([{ how: "discarded", words: "写错了设备", by: "王磊" }]);
  });

  it("of a photo takes its bytes along; of nothing else", async () => {
    const set = { parent: ASSET, parent_kind: "asset", sha256: "0", bytes: 1, media_type: "x" };
    one.server.judge = () => "rejected";
    for (const id of [uuid(1), uuid(2)]) {
      const edit = { kind: "attachment", record: id, new: true, set } as const;
      const bytes = new ArrayBuffer(1);
      await write(one.store, one.pen, [edit], [{ attachment: id, bytes, sha256: "0" }]);
    }
    await drained(one);
    const first = (await entries(one))[0];
    if (first === undefined) throw new Error("not written");
    const about = { kind: "attachment", record: first.record, words: "" } as const;
    await discard(one.store, one.pen, first.id, about);
    expect(await one.store.db.blobs.toCollection().primaryKeys()).toEqual([uuid(2)]);
  });
});
