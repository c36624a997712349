// The audit in the office: what was found, with whose it is; a look under way; what devices hold.

import { type ComponentChild, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, test, vi } from "vitest";
import { address } from "../../src/ui/kit/address.ts";
import { Alarm, StoredAlarm } from "../../src/ui/office/audit/alarm.tsx";
import { AuditPage } from "../../src/ui/office/audit/index.tsx";
import { aboutHref, faultWords, writerWords } from "../../src/ui/office/audit/words.ts";
import { OfficeContext } from "../../src/ui/office/state.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import type { BrokenPlace, ChainLook, LostFile, OfficeAudit } from "../../src/wire/types.ts";
import { json, ME, NOW, problem, ZONE } from "./office.ts";
import { client, root, server, until } from "./stage.ts";

afterEach(() => {
  vi.useRealTimers();
});

const shows = (text: string) => () => root.textContent?.includes(text) === true;

function button(words: string): HTMLButtonElement {
  const found = [...root.querySelectorAll("button")].find((one) => one.textContent === words);
  if (found === undefined) throw new Error(`no button ${words}`);
  return found;
}

const show = (screen: ComponentChild) => {
  const random = (length: number) => new Uint8Array(length).fill(3);
  const office = { client, me: ME, now: () => NOW, random, zone: ZONE };
  return act(() =>
    render(<OfficeContext.Provider value={office}>{screen}</OfficeContext.Provider>, root),
  );
};

const LAST: ChainLook = {
  begun_at: "2026-11-18T06:00:00Z",
  ended_at: "2026-11-18T06:01:00Z",
  by_itself: true,
  writers: 12,
  ops: 48_213,
  roots: 61,
  witnesses: 9,
};

const ALTERED: BrokenPlace = {
  fault: "altered",
  writer: "device",
  lineage: "01990000-0000-7000-8000-000000000001",
  person_name: "梁志豪",
  device_name: "平板 03",
  n: 17,
  record_kind: "asset",
  record: "a1",
  title: "UPS-01",
  site_name: "天河机房",
  received_at: "2026-11-18T05:00:00Z",
};

const FOUND: OfficeAudit = {
  roots: [
    { epoch: 1, day: "2026-11-17", root: "0123456789abcdef".repeat(4), writers: 3, made_at: "x" },
  ],
  roots_total: 61,
  devices: [
    {
      id: "d1",
      name: "平板 03",
      person_name: "梁志豪",
      state: "active",
      held: { epoch: 1, day: "2026-11-16", root: "fedcba9876543210".repeat(4) },
      verdict: "differs",
    },
    { id: "d2", name: "平板 04", person_name: "陈静", state: "active", verdict: "silent" },
  ],
  last: LAST,
};

test("before any look it says so, and what a look does", async () => {
  server.always = () => json({});
  await show(<AuditPage />);
  await until(shows("还没有核对过。"));
  expect(root.textContent).toContain("你的范围内没有设备。");
  expect(root.textContent).toContain("有人送出记录后的第二天会有第一个");
  expect(root.querySelector("[role=alert]")).toBeNull();
});

test("what is whole says so with what was looked at, the roots, and what devices hold", async () => {
  server.always = () => json(FOUND);
  await show(<AuditPage />);
  await until(shows("全部记录和收到时一样"));
  for (const words of ["48,213", "每天自动", "0123 4567 89ab cdef", "共 61 天"]) {
    expect(root.textContent).toContain(words);
  }
  const [differing, silent] = root.querySelectorAll(".holding li");
  expect(differing?.textContent).toContain("fedc ba98 7654 3210");
  expect(differing?.textContent).toContain("不一样");
  expect(silent?.textContent).toContain("还没有说过");
  expect(root.querySelector("[role=alert]")).toBeNull();
});

test("what is broken is an alarm, each place with whose it is and what it is about", async () => {
  const places = [ALTERED, { fault: "root", day: "2026-11-10" } as const];
  server.always = () => json({ ...FOUND, last: { ...LAST, broken: 5, places, elsewhere: 3 } });
  await show(<AuditPage />);
  await until(shows("有 5 处和收到时不一样。"));
  expect(root.querySelector("[role=alert]")?.textContent).toContain("先不要修复或恢复数据库");
  expect(shows("全部记录和收到时一样")()).toBe(false);
  const [altered, day] = root.querySelectorAll(".faults li");
  expect(altered?.textContent).toContain("第 17 条被改过");
  expect(altered?.textContent).toContain("梁志豪 · 平板 03 · UPS-01 · 天河机房");
  expect(altered?.querySelector("a")?.getAttribute("href")).toBe("/office/assets/a1");
  expect(day?.textContent).toContain("11月10日 的校验值和它所含的内容、或当时告知平板的对不上");
  expect(root.textContent).toContain("另有 3 处没有列出");
});

test("a device whose key is another than was recorded is named, and seals are counted", async () => {
  const whose = { person_name: "梁志豪", device_name: "平板 03", writer: "device" } as const;
  const places = [{ fault: "rekeyed", ...whose } as const, { fault: "unrecorded" } as const];
  const seals = { seals: 41, seals_broken: 3, seals_unrecorded: 2 };
  server.always = () => json({ ...FOUND, last: { ...LAST, ...seals, broken: 2, places } });
  await show(<AuditPage />);
  await until(shows("有 2 处和收到时不一样。"));
  const [rekeyed, unrecorded] = root.querySelectorAll(".faults li");
  expect(rekeyed?.textContent).toContain("密钥或使用人和登记时告知平板的不一样");
  expect(rekeyed?.textContent).toContain("梁志豪 · 平板 03");
  expect(unrecorded?.textContent).toContain("这台设备的密钥没有登记记录");
  for (const words of ["签名41", "有 3 个签名核对不上", "有 2 个签名由没有登记记录的密钥加封"]) {
    expect(root.textContent).toContain(words);
  }
});

test("a look is asked for, followed while it runs, and its end is shown", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  let now: OfficeAudit["now"] = null;
  server.always = ({ method }) => {
    if (method === "POST") now = { state: "waiting", since: "2026-11-18T06:30:00Z" };
    return json(now ? { ...FOUND, now } : FOUND, method === "POST" ? 202 : 200);
  };
  await show(<AuditPage />);
  await until(shows("全部记录和收到时一样"));
  await act(() => button("现在核对").click());
  await until(shows("已经排上"));
  expect(server.asked.find(({ method }) => method === "POST")?.path).toBe("/office/audit/look");
  expect(button("现在核对").disabled).toBe(true);
  const pass = () => act(() => void vi.advanceTimersByTime(1_600));
  now = { state: "running", since: "2026-11-18T06:30:01Z", done: 20_000, ahead: 48_213 };
  await pass();
  await until(shows("20,000 / 48,213 条"));
  now = null;
  await pass();
  await until(() => !shows("48,213 条")());
  expect(button("现在核对").disabled).toBe(false);
  const reads = server.asked.length;
  await pass();
  expect(server.asked.length).toBe(reads);
});

test.each([
  ["failing", "这次核对中断了，会自动再试。"],
  ["given-up", "核对试了多次都没有做完。"],
] as const)(
  "a look that is %s says that nothing was touched, and can be asked for",
  async (state, words) => {
    server.always = () => json({ ...FOUND, now: { state, since: "2026-11-18T06:30:00Z" } });
    await show(<AuditPage />);
    await until(shows(words));
    expect(shows("记录没有动过")()).toBe(true);
    expect(button("现在核对").disabled).toBe(false);
  },
);

test("who may not see it is told so at its place", async () => {
  server.always = () => problem("not-allowed", 403);
  await show(<AuditPage />);
  await until(() => root.querySelector("[role=alert]") !== null);
  expect(root.querySelectorAll(".faults li")).toHaveLength(0);
});

test("each fault and each writer has words in both languages, and nothing is left open in them", () => {
  const faults = ["altered", "missing", "cut", "stranger", "root", "rewritten", "witness"] as const;
  const writers = ["", "device", "office", "server", "unknown"] as const;
  for (const language of ["zh-CN", "en"] as const) {
    setLanguage(language);
    const said = faults.map((fault) =>
      faultWords({ ...ALTERED, fault, day: "2026-11-10", times: 4 }, NOW, ZONE),
    );
    const whose = writers.map((writer) => writerWords({ ...ALTERED, writer }));
    expect(new Set(said).size).toBe(faults.length);
    expect(new Set(whose).size).toBe(writers.length);
    for (const words of [...said, ...whose]) expect(words).not.toMatch(/[{}]|undefined|^$/);
  }
  expect(writerWords({ fault: "altered", writer: "office" })).toBe("Somebody (office)");
  expect(faultWords({ fault: "witness", day: "2026-11-10" }, NOW, ZONE)).toContain("a device");
});

test("a record without a page of its own is named and leads nowhere", () => {
  expect(aboutHref({ ...ALTERED, record_kind: "inspection" })).toBe("/office/review/a1");
  expect(aboutHref({ ...ALTERED, record_kind: "attachment" })).toBeNull();
  expect(aboutHref({ fault: "cut", writer: "device" })).toBeNull();
});

test("the first page says it before anything else, and leads to it; nothing where all is whole", async () => {
  await show(<Alarm n={0} />);
  expect(root.textContent).toBe("");
  await show(<Alarm n={3} />);
  expect(root.querySelector("[role=alert]")?.textContent).toContain("3 处记录和收到时不一样。");
  await act(() => button("看是哪些").click());
  expect(address.value.path).toBe("/office/audit");
});

const LOST: LostFile = {
  id: "p1",
  record_kind: "inspection",
  record: "i1",
  title: "UPS-01",
  site_name: "天河机房",
  name: "铭牌.jpg",
  bytes: 312_000,
  taken_at: "2026-11-17T05:00:00Z",
};

test("what is lost is said with how many, each with its inspection, and what may still come", async () => {
  const lost_files = [
    LOST,
    { ...LOST, id: "p2", record_kind: "finding", title: "", waiting: true },
  ];
  server.always = () => json({ ...FOUND, lost_files, lost_total: 5, lost_elsewhere: 3 });
  await show(<AuditPage />);
  await until(shows("服务器上有 5 个照片或文件丢失。"));
  expect(root.querySelector("[role=alert]")?.textContent).toContain("旧备份里可能还有，先不要删");
  const [photo, waiting] = root.querySelectorAll(".faults li");
  expect(photo?.querySelector("a")?.getAttribute("href")).toBe("/office/review/i1");
  expect(photo?.textContent).toContain("UPS-01 · 天河机房");
  expect(photo?.textContent).toContain("铭牌.jpg");
  expect(photo?.textContent).not.toContain("等平板再送来");
  expect(waiting?.querySelector("a")).toBeNull();
  expect(waiting?.textContent).toContain("等平板再送来");
  expect(root.textContent).toContain("另有 3 个没有列出");
});

test.each([
  [undefined, "没有设置自动备份，也还没有备份过。", false],
  [{ scheduled: true }, "还没有完整的备份。", false],
  [{ scheduled: true, late: true }, "备份没有按时完成。", true],
  [{ made_at: "2026-11-18T01:00:00Z", scheduled: true }, "最近一次完整备份：", false],
  [{ made_at: "2026-11-11T01:00:00Z", late: true }, "最近一次完整备份：", true],
] as const)("of backups %o it says %s", async (backup, words, isAlarm) => {
  server.always = () => json({ ...FOUND, backup });
  await show(<AuditPage />);
  await until(shows(words));
  expect(root.querySelector("[role=alert]") !== null).toBe(isAlarm);
});

test("the first page says what is lost and what is late, in both languages, and leads to it", async () => {
  await show(<StoredAlarm lost={0} isLate={false} />);
  expect(root.textContent).toBe("");
  await show(<StoredAlarm lost={2} isLate={true} />);
  expect(root.querySelectorAll("[role=alert]")).toHaveLength(2);
  const [see] = root.querySelectorAll("button");
  await act(() => see?.click());
  expect(address.value.path).toBe("/office/audit");
  setLanguage("en");
  await show(<StoredAlarm lost={1} isLate={true} />);
  expect(root.textContent).toContain("1 stored photo or file is lost.");
  expect(root.textContent).toContain("No backup was made in time.");
});
