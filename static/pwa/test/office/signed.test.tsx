// Signatures in the office: what was signed beside what stands, what a seal is worth, links to sign.

import { type ComponentChild, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OfficeClient } from "../../src/sync/office.ts";
import { SignaturePage } from "../../src/ui/office/sign/as-signed.tsx";
import { VisitPage } from "../../src/ui/office/sign/visit.tsx";
import { forgetAll, minute, OfficeContext, readAgain } from "../../src/ui/office/state.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import type {
  AsAnswered,
  Severity,
  SignatureDetail,
  Signed,
  SignLink,
  VisitDetail,
} from "../../src/wire/types.ts";
import { type Asked, json, ME, NOW, TestServer, ZONE } from "./office.ts";
import { until } from "./stage.ts";

let root: HTMLElement;
let server: TestServer;
let sent: Asked[];
let visit: VisitDetail;
let detail: SignatureDetail;

const signed: Signed = {
  id: "s1",
  version: 1,
  of_kind: "visit",
  role: "contact",
  name: "黄国强",
  strokes: "M0,0L9,9",
  digest: "d".repeat(64),
  signed_at: "2026-11-18T08:20:00Z",
  seal: "genuine",
  sealed_by: "平板 03 · 梁志豪",
};
const link: SignLink = {
  id: "l1",
  link: "https://x/sign#secret",
  qr_svg: "<svg/>",
  expires_at: "2026-11-21T08:20:00Z",
};

beforeEach(() => {
  setLanguage("zh-CN");
  minute.value = NOW;
  readAgain();
  root = document.createElement("div");
  document.body.append(root);
  sent = [];
  visit = {
    id: "v1",
    version: 1,
    site: "s",
    site_name: "天河总部机房",
    time_zone: ZONE,
    engineer_name: "梁志豪",
    started_at: "2026-11-18T01:10:00Z",
    inspected: 2,
    signatures: [signed],
    may: ["link"],
  };
  detail = {
    signed: { ...signed, changed_after: true },
    time_zone: ZONE,
    document: JSON.stringify({
      statement: ["巡检设备 1 台。"],
      counts: { inspected: 1, normal: 1, abnormal: 0, not_inspected: 0 },
    }),
    stated: {},
    covered: [
      {
        id: "i1",
        asset_name: "UPS-01",
        was: { answers: { temp: { value: 24.5 } } },
        now: { answers: { temp: { value: 22 } } },
        changed: ["temp"],
      },
      { id: "i2", asset_name: "UPS-02", now: {} },
    ],
    covered_total: 3,
  };
  server = new TestServer();
  server.always = (asked) => {
    if (asked.method === "POST") {
      sent.push(asked);
      return asked.path.endsWith("/links") ? json(link, 201) : new Response(null, { status: 204 });
    }
    // Reports of a visit are another place's business.
    if (asked.path.includes("report")) return json({ subjects: [] });
    return json(asked.path.includes("/signatures/") ? detail : visit);
  };
});

afterEach(() => {
  render(null, root);
  root.remove();
  forgetAll();
});

const shows = (text: string) => until(() => root.textContent?.includes(text) === true);

const show = (screen: ComponentChild) => {
  const client = new OfficeClient(server.world);
  const random = (length: number) => new Uint8Array(length).fill(3);
  const office = { client, me: ME, now: () => NOW, random, zone: ZONE };
  return act(() =>
    render(<OfficeContext.Provider value={office}>{screen}</OfficeContext.Provider>, root),
  );
};
const press = (text: string) => {
  const found = [...root.querySelectorAll("button")].find((one) => one.textContent === text);
  if (!found) throw new Error(`no button ${text}`);
  return act(() => found.click());
};

test("a signature is read from its own document, and stands beside what is there now", async () => {
  await show(<SignaturePage id="s1" />);
  await shows("巡检设备 1 台。");
  expect(root.textContent).toContain("由签字所用设备“平板 03 · 梁志豪”加封");
  expect(root.textContent).toContain("签字后有改动");
  const cells = [...root.querySelectorAll(".covered td")].map((cell) => cell.textContent);
  expect(cells.slice(0, 2)).toEqual(["24.5", "22"]);
  expect(root.textContent).toContain("1 处与签字时不同");
  expect(root.textContent).toContain("签字时的答案无法从历史中还原");
  expect(root.textContent).toContain("另有 1 台未列出");
});

test("a finding that says something else now stands beside what was read of it", async () => {
  const read = { severity: "urgent", text: "风扇停转" };
  const findings = [
    { id: "f1", was: read, now: { ...read, severity: "advice" } },
    { id: "f2", was: read },
    { id: "f3", now: { severity: "minor", text: "后来发现的" } },
  ];
  const fan = (severity: Severity): AsAnswered => ({
    answers: { fan: { value: "fail", severity } },
  });
  const of = { id: "i1", asset_name: "UPS-01", was: fan("urgent"), now: fan("advice") };
  detail = { ...detail, covered: [{ ...of, changed: ["fan"], findings }] };
  await show(<SignaturePage id="s3" />);
  await shows("3 处与签字时不同");
  expect(root.textContent).toContain("后来新增隐患 1 项");
  const cells = [...root.querySelectorAll(".covered td")].map((cell) => cell.textContent);
  const rows = [
    ["fail · 紧急", "fail · 建议"],
    ["紧急 · 风扇停转", "建议 · 风扇停转"],
    ["紧急 · 风扇停转", "已撤销"],
    ["当时没有", "一般 · 后来发现的"],
  ];
  expect(cells.slice(0, 8)).toEqual(rows.flat());
});

test("a seal that does not verify is said with the reason, and nothing is hidden", async () => {
  detail = { ...detail, signed: { ...signed, seal: "broken", faults: ["op", "seal"] } };
  await show(<SignaturePage id="s2" />);
  await shows("签名核对不上：与当初收到的不一样，封印与内容不符");
  expect(root.textContent).toContain("巡检设备 1 台。");
  detail = { ...detail, signed: { ...signed, seal: "broken", faults: ["key-not-recorded"] } };
  await show(<SignaturePage id="s3" />);
  await shows("签名核对不上：加封的密钥不在该设备的登记记录中");
});

test("a visit shows who signed; what a later one stands for is kept and says so", async () => {
  visit = {
    ...visit,
    signatures: [
      { ...signed, id: "s0", strokes: "", absent_reason: "出差", superseded: true },
      signed,
    ],
  };
  await show(<VisitPage id="v1" />);
  await shows("客户不在场：出差");
  expect(root.textContent).toContain("已由后来的签字取代，仍保留");
  expect(root.textContent).toContain("提交 2 台");
});

test("a link is made, shown once as text and picture, and withdrawn", async () => {
  const made = { created_at: "2026-11-18T06:00:00Z", expires_at: link.expires_at };
  visit = { ...visit, links: [{ id: "l1", state: "open", created_by_name: "陈", ...made }] };
  await show(<VisitPage id="v2" />);
  await shows("请客户补签");
  await press("生成链接");
  await shows(link.link);
  expect(root.querySelector("img")?.getAttribute("alt")).toBe("签字链接的二维码");
  await press("撤回");
  expect(sent.map(({ path }) => path)).toEqual([
    "/office/visits/v1/links",
    "/office/sign-links/l1/withdraw",
  ]);
});

test("who may not make links is offered none", async () => {
  visit = { ...visit, may: [] };
  await show(<VisitPage id="v3" />);
  await shows("黄国强");
  expect(root.textContent).not.toContain("请客户补签");
});
