// What waits for the engineer, in plain words.

import { beforeEach, expect, test } from "vitest";
import type { PersonRow } from "../../src/db/database.ts";
import { statusOfRecords } from "../../src/db/status.ts";
import { needsOfRecords, withOfficeOfRecords } from "../../src/ui/field/needs.ts";
import { assetPath, inspectPath } from "../../src/ui/field/paths.ts";
import { needsOf } from "../../src/ui/field/standing.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import { ASSET, SCOPE, stocked, type Tablet, tablet } from "../sync/device.ts";
import { FakeServer } from "../sync/server.ts";
import { until } from "../sync/world.ts";

const INSPECTION = "018f0c6a-0000-7000-8000-00000000115e";
const OP = "018f0c6a-0000-7000-8000-0000000000f1";
const AT = "2026-11-18T06:31:00Z";

let server: FakeServer;
let one: Tablet;

async function personOf({ pen, server: { device } }: Tablet): Promise<PersonRow> {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
    "sign",
    "verify",
  ]);
  return {
    person: pen.person,
    name: "李工",
    role: "engineer",
    server: "https://xunjian.example",
    device,
    credential: "secret",
    lineage: null,
    keys,
    deviceName: "平板",
    enrolledAt: 0,
    state: "active",
  };
}

async function pulled(): Promise<void> {
  await one.round();
  await until(() => one.records.ofKind("asset").length > 0);
}

beforeEach(async () => {
  setLanguage("zh-CN");
  server = stocked(new FakeServer());
  one = await tablet(server);
});

const notice = (id: string, members: Readonly<Record<string, unknown>>) =>
  server.put("disposition", id, `device:${server.device}`, {
    device: server.device,
    op: OP,
    n: 1,
    record_kind: "asset",
    record: ASSET,
    at: AT,
    ...members,
  });

test("a conflict shows both values, the device's as mine and the server's as theirs", async () => {
  notice("018f0c6a-0000-7000-8000-0000000000d1", {
    outcome: "conflict",
    fields: [{ path: "position", theirs: "2 号位", ours: "3 号位" }],
  });
  await pulled();
  const [need] = needsOfRecords({ ...one, person: await personOf(one) }, []);
  expect(need).toMatchObject({ kind: "conflict", name: "UPS-01", path: assetPath(ASSET) });
  expect(need?.fields).toEqual([{ label: "位置", mine: "2 号位", theirs: "3 号位" }]);
});

test("a refusal names the field in the words of the screen", async () => {
  notice("018f0c6a-0000-7000-8000-0000000000d2", {
    outcome: "rejected",
    problem: {
      type: "/problems/invalid-op",
      title: "The change breaks a rule and was not applied",
      status: 422,
      errors: [{ field: "set.serial", detail: "is too long" }],
    },
  });
  await pulled();
  const [need] = needsOfRecords({ ...one, person: await personOf(one) }, []);
  expect(need).toMatchObject({ kind: "rejected", why: "不合规则，没有写入：序列号" });
  expect(need?.support).toContain("is too long");
});

test("a returned inspection says who wants what, and leads to its checklist", async () => {
  server.put("inspection", INSPECTION, SCOPE, {
    asset: ASSET,
    template: OP,
    inspector: one.pen.person,
    inspector_name: "李工",
    step: { round: 2, step: "draft" },
    review: { decision: "returned", round: 1, reviewer: OP, reviewer_name: "陈慧敏", at: AT },
    remarks: {
      r1: {
        text: "请附面板照片",
        author: OP,
        author_name: "陈慧敏",
        origin: "office",
        round: 1,
        at: AT,
      },
    },
  });
  await pulled();
  const [need] = needsOfRecords({ ...one, person: await personOf(one) }, []);
  expect(need).toMatchObject({
    kind: "returned",
    why: "陈慧敏：请附面板照片",
    path: inspectPath(null, ASSET),
  });
});

test("the list is as long as the number on the status line; what the office decides is not in it", async () => {
  notice("018f0c6a-0000-7000-8000-0000000000d1", { outcome: "conflict", fields: [] });
  notice("018f0c6a-0000-7000-8000-0000000000d2", { outcome: "review" });
  notice("018f0c6a-0000-7000-8000-0000000000d3", {
    outcome: "rejected",
    settled: { how: "discarded", at: AT },
  });
  await pulled();
  const needs = needsOfRecords({ ...one, person: await personOf(one) }, []);
  expect(needs).toHaveLength(1);
  const status = statusOfRecords(one.records, one.pen.person, "idle");
  expect(needsOf(status)).toBe(needs.length);
});

test("what is not on this device is not mended here, and the part keeps its name", async () => {
  notice("018f0c6a-0000-7000-8000-0000000000d2", {
    outcome: "rejected",
    problem: {
      type: "/problems/invalid-op",
      title: "x",
      status: 422,
      errors: [
        { field: "attributes.cpu", detail: "y" },
        { field: "by", detail: "z" },
      ],
    },
  });
  await pulled();
  const [need] = needsOfRecords({ ...one, person: await personOf(one) }, []);
  expect(need).toMatchObject({
    why: "不合规则，没有写入：参数",
    todo: "内容在服务器上整条留着，不在本机。到原处重新填写，或等办公室处理。",
    support: "attributes.cpu y · by z · x · invalid-op",
  });
});

test("what the office looks at is named, and what waits behind it; the list is as long as its number", async () => {
  const behind = "018f0c6a-0000-7000-8000-0000000000f2";
  const cause = "018f0c6a-0000-7000-8000-0000000000f3";
  notice("018f0c6a-0000-7000-8000-0000000000d1", { outcome: "review" });
  notice("018f0c6a-0000-7000-8000-0000000000d2", { op: behind, outcome: "held", cause: OP });
  notice("018f0c6a-0000-7000-8000-0000000000d3", { op: cause, outcome: "rejected" });
  await pulled();
  const told = withOfficeOfRecords(one).map(({ name, told: { outcome } }) => [name, outcome]);
  expect(told).toEqual([
    ["UPS-01", "review"],
    ["UPS-01", "held"],
  ]);
  const status = statusOfRecords(one.records, one.pen.person, "idle");
  expect(status.withOffice).toBe(told.length);
});
