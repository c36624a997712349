// A site with a round, as a pull would have left it: real packs, last readings, open findings.

import aisle from "../../../../server/packs/data/cold-aisle.json";
import desktop from "../../../../server/packs/data/desktop.json";
import server from "../../../../server/packs/data/server.json";
import { inspectionId } from "../../src/core/ids.ts";
import { keysOf } from "../../src/core/kinds.ts";
import type { Store } from "../../src/db/store.ts";
import type { Answers, Form, LastReading, Template } from "../../src/wire/types.ts";

const id = (n: number): string => `0198f000-0000-7000-8000-${String(n).padStart(12, "0")}`;
export const PERSON = id(1);
export const SITE = id(2);
const ROOM = id(3);
export const ASSET = id(4);
export const AISLE = id(5);
const TAPE = id(6);
export const DESKTOP = id(7);
export const ROUND = id(10);
export const VISIT = id(11);
const LAST = id(12);
const TEMPLATES = { server: id(20), aisle: id(21), desktop: id(22) };
export const INSPECTION = inspectionId(ROUND, ASSET);

interface Pack {
  readonly key: string;
  readonly version_no: number;
  readonly title: { readonly zh: string; readonly en: string };
  readonly category: string;
  readonly form: unknown;
}

function isForm(form: unknown): form is Form {
  return typeof form === "object" && form !== null && "sections" in form;
}

/** A pack as the template that the office publishes. */
export function templateOf(pack: Pack): Template {
  if (!isForm(pack.form)) throw new Error("not a form");
  return {
    key: pack.key,
    version_no: pack.version_no,
    title: pack.title,
    category: "server",
    form: pack.form,
    published_at: "2026-01-01T00:00:00Z",
  };
}

const pass: LastReading = { value: "pass", verdict: "normal" };
const readings: Readonly<Record<string, LastReading>> = {
  front_fault_light: pass,
  psu_redundancy: pass,
  fan_state: pass,
  memory_errors: pass,
  inlet_temp: { value: 24.1, verdict: "normal" },
  cpu_percent: { value: 62, verdict: "normal" },
  memory_percent: { value: 74, verdict: "normal" },
  uptime_days: { value: 210, verdict: "normal" },
};

const POINTS = ["first", "middle", "last"].flatMap((column) =>
  ["2_0", "1_1", "0_2"].map((row) => `grid-${column}_${row}`),
);
const TEMPS = [25.1, 23.4, 21.9, 27.8, 24.2, 22.5, 25.6, 24.6, 22.1];
const HUMIDITIES = [46, 50, 54, 41, 48, 52, 45, 47, 53];

function lastPoints(): Readonly<Record<string, LastReading>> {
  return Object.fromEntries(
    POINTS.flatMap((point, at) => [
      [`${point}.temp`, { value: (TEMPS[at] ?? 24) - 0.3, verdict: "normal" as const }],
      [`${point}.humidity`, { value: (HUMIDITIES[at] ?? 50) + 2, verdict: "normal" as const }],
    ]),
  );
}

const ANSWERED: Answers = {
  asset_serial: { value: "2102312CJD10L4000123" },
  asset_label: { value: "pass" },
  asset_position: { value: "pass" },
  machine_kind: { value: "rack" },
  front_fault_light: { value: "pass" },
  inlet_temp: { value: 29.4 },
  psu_redundancy: {
    value: "fail",
    severity: "major",
    note: "PSU2 指示灯熄灭，PSU1 正常供电。重新插拔后未恢复，需更换电源模块。",
  },
  fan_state: { value: "pass" },
};
const REST: Answers = {
  memory_errors: { value: "pass", rest: true },
  controller_log: { value: "pass", rest: true },
  cabling: { na: true, reason: "没有这个部件" },
  firmware_level: { value: "iBMC 6.45" },
  raid_state: { value: "optimal" },
  raid_battery: { value: "pass" },
  hot_spare: { value: "pass" },
  os_family: { value: "linux" },
  uptime_days: { value: 301 },
  cpu_percent: { value: 72 },
  memory_percent: { value: 83 },
  clock_offset: { value: 0.2 },
  os_errors: { value: "pass" },
  crash_dumps: { value: "pass" },
  patch_date: { value: "2026-08-02" },
  restart_services: { value: "pass" },
  dust_removed: { value: "pass" },
  rack_closed: { value: "pass" },
};

const DISKS = {
  [id(31)]: disk("槽位 0", 0, { disk_serial: "S4YNNE0M401", disk_state: "pass", disk_life: 96 }),
  [id(32)]: disk("槽位 1", 1, { disk_serial: "S4YNNE0M402", disk_state: "pass", disk_life: 95 }),
  [id(33)]: disk("槽位 2", 2, { disk_serial: "S4YNNE0M417" }),
};

function disk(name: string, order: number, values: Readonly<Record<string, string | number>>) {
  const answers = Object.fromEntries(
    Object.entries(values).map(([item, value]) => [item, { value }]),
  );
  return { group: "disks", name, order, answers };
}

const FILESYSTEMS = {
  [id(41)]: {
    group: "filesystems",
    name: "/u01",
    order: 0,
    answers: { used_percent: { value: 83 } },
  },
};

function points(count: number) {
  return Object.fromEntries(
    POINTS.slice(0, count).map((point, at) => [
      point,
      {
        group: "grid",
        answers: {
          temp: { value: TEMPS[at] ?? 24 },
          humidity: { value: HUMIDITIES[at] ?? 50 },
        },
      },
    ]),
  );
}

type Body = Readonly<Record<string, unknown>>;

/** Records as pulled. `step`: draft, ready, submitted, returned, accepted; empty for none begun. */
export function records(now: number, step: string): readonly [string, string, Body][] {
  const at = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();
  const name = "梁志豪";
  const words = (zh: string, en: string) => ({ zh, en });
  const inspected = {
    assignment: ROUND,
    inspector: PERSON,
    inspector_name: name,
    started_at: at(40),
  };
  const asset = (made: Body): Body => ({ site: SITE, room: ROOM, ...made });
  const last = { inspection: LAST, at: "2026-08-20T02:11:00Z", by: "何俊杰" };
  const own = { inspection: INSPECTION, at: at(30), by: name };
  const isWhole = step !== "draft";
  const steps: Readonly<Record<string, Body>> = {
    submitted: { step: { round: 1, step: "submitted", at: at(2) } },
    accepted: {
      step: { round: 1, step: "submitted", at: at(30) },
      review: {
        decision: "accepted",
        round: 1,
        reviewer: id(9),
        reviewer_name: "陈慧敏",
        at: at(1),
      },
    },
    returned: {
      step: { round: 2, step: "draft" },
      review: {
        decision: "returned",
        round: 1,
        reviewer: id(9),
        reviewer_name: "陈慧敏",
        at: at(20),
      },
      remarks: {
        [id(51)]: remark("fan_state", "3 号风扇的转速没有写，补一条说明。", at(20)),
        [id(52)]: remark("patch_date", "补丁日期和上次一样，再看一下。", at(20)),
      },
    },
  };
  const done: [string, string, Body] = [
    "inspection",
    INSPECTION,
    {
      ...inspected,
      asset: ASSET,
      template: TEMPLATES.server,
      answers: isWhole ? { ...ANSWERED, ...REST } : ANSWERED,
      elements: isWhole ? { ...DISKS, ...FILESYSTEMS, ...wholeDisk() } : DISKS,
      ...steps[step],
    },
  ];
  const grid: [string, string, Body] = [
    "inspection",
    inspectionId(ROUND, AISLE),
    {
      ...inspected,
      asset: AISLE,
      template: TEMPLATES.aisle,
      answers: { asset_label: { value: "pass" } },
      elements: points(6),
      ...(step === "submitted" ? steps.submitted : {}),
    },
  ];
  return [
    [
      "site",
      SITE,
      {
        name: "穗丰集团天河总部机房",
        city: "广州",
        customer: { id: id(8), name: "穗丰集团", short_name: "穗丰" },
        contacts: [{ name: "黄国强", title: "信息中心主任" }],
      },
    ],
    ["room", ROOM, { site: SITE, name: "天河总部机房", kind: "server-room" }],
    [
      "asset",
      ASSET,
      asset({
        name: "核心数据库 01",
        category: "server",
        maker: "华为",
        model: "2288H V5",
        serial: "2102312CJD10L4000123",
        position: "B 列 07 柜 18–19U",
        last: { server: { ...(step === "accepted" ? own : last), readings } },
      }),
    ],
    [
      "asset",
      AISLE,
      asset({
        name: "B 列冷通道",
        category: "cold-aisle",
        last: { "cold-aisle": { ...last, readings: lastPoints() } },
      }),
    ],
    ["asset", TAPE, asset({ name: "磁带库 TS2900", category: "backup" })],
    ["asset", DESKTOP, asset({ name: "财务 PC 03", category: "desktop", serial: "PF2ABC12" })],
    ["template", TEMPLATES.server, { ...templateOf(server) }],
    ["template", TEMPLATES.aisle, { ...templateOf(aisle) }],
    ["template", TEMPLATES.desktop, { ...templateOf(desktop) }],
    [
      "assignment",
      ROUND,
      {
        site: SITE,
        title: words("机房季度巡检", "Quarterly server room round"),
        targets: [
          { asset: ASSET, template: TEMPLATES.server },
          { asset: AISLE, template: TEMPLATES.aisle },
          { asset: DESKTOP, template: TEMPLATES.desktop },
          { asset: TAPE, template: TEMPLATES.server },
        ],
        starts_at: at(10_000),
        due_at: at(-600),
        assignee: PERSON,
        state: "started",
      },
    ],
    [
      "finding",
      id(60),
      {
        asset: ASSET,
        inspection: LAST,
        item: "memory_errors",
        severity: "minor",
        text: "DIMM A3 有可纠正错误，建议下次停机时更换。",
        found_at: "2026-08-20T02:11:00Z",
      },
    ],
    [
      "visit",
      VISIT,
      { site: SITE, assignment: ROUND, engineer: PERSON, engineer_name: name, started_at: at(300) },
    ],
    ...(step === "" ? [] : [done, grid]),
  ];
}

function wholeDisk() {
  return { [id(33)]: disk("槽位 2", 2, { disk_state: "pass", disk_life: 91 }) };
}

function remark(item: string, text: string, at: string): Body {
  return { text, item, author: id(9), author_name: "陈慧敏", origin: "office", round: 1, at };
}

/** Put the records into a store as its base. */
export async function seed(store: Store, now: number, step: string): Promise<void> {
  const rows = records(now, step).map(([kind, record, data], seq) => ({
    id: record,
    scope: `site:${SITE}`,
    seq: seq + 1,
    kind,
    version: 1,
    data,
    keys: keysOf(kind, data),
    mark: "1",
    generation: 1,
  }));
  await store.change(async () => {
    await store.db.base.bulkPut(rows);
    return { value: undefined, records: "all" as const };
  });
}
