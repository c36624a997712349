// What a person does to assets, tags and visits becomes ops that the wire allows.

import { expect, test } from "vitest";
import { type Edit, opOf } from "../../src/core/edit.ts";
import { tagId } from "../../src/core/ids.ts";
import { make } from "../../src/core/tags.ts";
import type { Seen } from "../../src/core/work.ts";
import * as edits from "../../src/ui/field/edits.ts";
import type { Asset } from "../../src/wire/types.ts";

const ID = "018f0c6a-0000-7000-8000-00000000a5e7";
const SITE = "018f0c6a-0000-7000-8000-0000000005e1";
const AT = "2026-11-18T06:31:00.000Z";
const CODE = make(5n);
const op = (edit: Edit) =>
  opOf(edit, { n: 1, id: ID, by: ID, base: 0, made: { wall: AT, session: ID } });

const asset = (data: Partial<Asset> = {}): Seen<"asset"> => ({
  id: ID,
  kind: "asset",
  scope: `site:${SITE}`,
  version: 4,
  data: { site: SITE, name: "UPS-01", position: "2 号位", ...data },
});

test("every edit of the field is one that a device may send", () => {
  const arrival = { site: SITE, assignment: null, engineer: ID, engineerName: "李工", at: AT };
  const adHoc = { asset: ID, template: ID, inspector: ID, inspectorName: "李工", at: AT };
  const made = { site: SITE, room: null, name: "新装防火墙", category: null };
  for (const edit of [
    edits.bindEdit(CODE, ID, AT, undefined),
    edits.provisionalEdit(ID, made),
    edits.startVisitEdit(ID, arrival),
    edits.adHocEdit(ID, adHoc),
  ]) {
    expect(op(edit)).toMatchObject({
      new: true,
      parent: edit.kind === "asset" || edit.kind === "visit" ? SITE : ID,
    });
  }
  for (const edit of [
    edits.addProblemEdit(ID, SITE, "卡纸", AT),
    edits.changeProblemEdit(ID, SITE, "卡纸两次"),
    edits.removeProblemEdit(ID, SITE),
  ]) {
    expect(op(edit).new).toBeUndefined();
  }
});

test("a tag's record has the id that every device derives from its code", () => {
  expect(edits.bindEdit(CODE, ID, AT, undefined).record).toBe(tagId(CODE));
});

test("a tag that was bound is moved with the version that was seen, never made twice", () => {
  const known: Seen<"tag"> = {
    id: tagId(CODE),
    kind: "tag",
    scope: null,
    version: 7,
    data: { code: CODE, asset: SITE, retired: true },
  };
  const edit = edits.bindEdit(CODE, ID, AT, known);
  expect(edit).toMatchObject({ base: 7, set: { asset: ID, retired: false } });
  expect(edit.new).toBeUndefined();
});

test("a correction writes only what differs, on the version that was on the screen", () => {
  const edit = edits.assetEdit(asset(), { name: "UPS-01", position: " 3 号位 ", serial: "SN-1" });
  expect(edit).toMatchObject({ base: 4, set: { position: "3 号位", serial: "SN-1" } });
  expect(Object.keys(edit?.set ?? {})).toEqual(["serial", "position"]);
});

test("a correction that changes nothing is no edit", () => {
  expect(edits.assetEdit(asset(), { name: "UPS-01", room: null, category: null })).toBeNull();
});

test("a room that was taken away is written as none", () => {
  expect(edits.assetEdit(asset({ room: SITE }), { room: null })?.set).toEqual({ room: null });
});
