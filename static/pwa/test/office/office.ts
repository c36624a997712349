// An office for tests: a server that is a table of answers, and a world whose clock the test turns.

import type { World } from "../../src/core/world.ts";
import type {
  Form,
  InspectionDetail,
  InspectionRow,
  Judged,
  Me,
  Problem,
} from "../../src/wire/types.ts";

export const NOW = Date.parse("2026-11-18T06:31:00Z"); // 14:31 in Shanghai.
export const ZONE = "Asia/Shanghai";

export type Asked = { method: string; path: string; csrf: string | null; body: unknown };
type Reply = Response | "cut" | "silence";

/** What was asked, and what the next questions are answered. */
export class TestServer {
  readonly asked: Asked[] = [];
  readonly waited: number[] = [];
  now = NOW;
  /** What is answered where nothing else was said. */
  always: ((asked: Asked) => Reply) | null = null;
  #replies: ((asked: Asked) => Reply)[] = [];

  answer(...replies: (Reply | ((asked: Asked) => Reply))[]): void {
    for (const reply of replies) {
      this.#replies.push(typeof reply === "function" ? reply : () => reply);
    }
  }

  readonly world: World = {
    now: () => this.now,
    monotonic: () => this.now,
    random: (length) => new Uint8Array(length).fill(7),
    sha256: () => Promise.reject(new Error("nothing is hashed here")),
    // Waiting takes no time; only a wait for an answer that never comes ends by it.
    wait: (ms, signal) => {
      this.waited.push(ms);
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve());
        if (ms < 30_000 || this.#isSilent) resolve();
      });
    },
    fetch: async (path, init) => {
      const headers = new Headers(init.headers);
      const body = typeof init.body === "string" ? JSON.parse(init.body) : null;
      const csrf = headers.get("X-CSRF-Token");
      const asked = { method: init.method ?? "GET", path, csrf, body };
      this.asked.push(asked);
      const reply = this.#replies.shift()?.(asked) ?? this.always?.(asked);
      if (reply === undefined) throw new Error(`nobody answers ${path}`);
      if (reply === "cut") throw new TypeError("network");
      if (reply !== "silence") return reply;
      return new Promise<Response>(() => undefined);
    },
  };

  #isSilent = false;

  /** The clock runs out while nobody answers. */
  runOut(): void {
    this.#isSilent = true;
  }
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

export function problem(slug: string, status: number, headers: Record<string, string> = {}) {
  const value: Problem = { type: `/problems/${slug}`, title: slug, status, detail: "why" };
  return json(value, status, headers);
}

export const ME: Me = {
  person: "me",
  login: "chen",
  name: "陈慧敏",
  language: "zh-CN",
  grants: [{ id: "g", role: "supervisor", granted_at: "2026-01-01T00:00:00Z" }],
  may: ["read", "accept", "return", "enrol", "follow-up"],
  csrf: "token-1",
  expires_at: "2026-11-19T06:00:00Z",
};

export function row(id: string, more: Partial<InspectionRow> = {}): InspectionRow {
  return {
    id,
    version: 1,
    asset: `asset-${id}`,
    asset_name: `设备 ${id}`,
    site: "site",
    site_name: "天河总部机房",
    time_zone: ZONE,
    template: "template",
    inspector: "liang",
    inspector_name: "梁志豪",
    step: "submitted",
    submitted_at: "2026-11-18T06:20:00Z",
    ...more,
  };
}

const words = (zh: string) => ({ zh, en: zh });

export const FORM: Form = {
  sections: [
    {
      id: "power",
      title: words("供电"),
      items: [
        { type: "check", id: "psu", title: words("电源模块冗余"), severity: "major" },
        { type: "check", id: "fan", title: words("风扇状态"), rest: true },
        {
          type: "choice",
          id: "look",
          title: words("外观"),
          options: [
            { id: "clean", title: words("干净") },
            { id: "dusty", title: words("有灰") },
          ],
          multiple: true,
        },
      ],
    },
    {
      id: "air",
      title: words("环境"),
      items: [
        { type: "number", id: "inlet", title: words("进风口温度"), unit: "°C" },
        {
          type: "group",
          id: "disks",
          title: words("硬盘"),
          element: words("盘"),
          items: [{ type: "number", id: "life", title: words("剩余寿命"), unit: "%" }],
        },
      ],
    },
  ],
};

const limits = { alarm_low: 18, alarm_high: 27, source: words("GB 50174 附录 A") };

export const JUDGED: readonly Judged[] = [
  { path: "psu", section: "power", verdict: "abnormal", value: "fail", before: { value: "pass" } },
  { path: "fan", section: "power", verdict: "normal", value: "pass" },
  { path: "look", section: "power", verdict: "normal", value: ["clean", "dusty"] },
  {
    path: "inlet",
    section: "air",
    verdict: "abnormal",
    value: 29.4,
    unit: "°C",
    limits,
    reasons: [{ code: "above-alarm-high", limit: 27, source: limits.source }],
    before: { value: 24.1 },
    change: 5.3,
  },
  { path: "disks", section: "air", verdict: "normal" },
  { path: "disks.d1.life", section: "air", verdict: "warning", value: 15, unit: "%" },
  { path: "disks.d2.life", section: "air", verdict: "normal", value: 97, unit: "%" },
];

export function detail(id: string, more: Partial<InspectionDetail> = {}): InspectionDetail {
  return {
    row: row(id, { abnormal: 2, warning: 1 }),
    asset: { site: "site", name: `设备 ${id}` },
    template_key: "server",
    form: FORM,
    answers: {
      psu: { value: "fail", note: "PSU2 指示灯熄灭" },
      fan: { value: "pass", rest: true },
      look: { value: ["clean", "dusty"] },
      inlet: { value: 29.4 },
    },
    elements: {
      d1: { group: "disks", name: "0 号盘", answers: { life: { value: 15 } } },
      d2: { group: "disks", answers: { life: { value: 97 } } },
    },
    judged: JUDGED,
    order: ["inlet", "psu", "disks.d1.life", "fan", "look", "disks", "disks.d2.life"],
    before_at: "2026-08-20T02:00:00Z",
    before_by: "周立群",
    seen: { [id]: 1 },
    may: ["accept", "return"],
    ...more,
  };
}
