// The page behind a link, as the phone of somebody who was absent meets it.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TYPED_MARK } from "../../src/ui/kit/sign-by.tsx";
import { type Fetch, give, lookAt } from "../../src/ui/sign/asking.ts";
import { SignByLink } from "../../src/ui/sign/index.tsx";
import { setLanguage } from "../../src/ui/words/index.ts";
import type { ToSign } from "../../src/wire/types.ts";

const shown: ToSign = {
  content: "a".repeat(64),
  time_zone: "Asia/Shanghai",
  site: "天河总部机房",
  engineer: "梁志豪",
  started_at: "2026-11-18T01:10:00Z",
  ended_at: "2026-11-18T08:20:00Z",
  statement: ["2026年11月18日，梁志豪在天河总部机房巡检设备 2 台。", "签字表示到场属实。"],
  counts: { inspected: 2, normal: 1, abnormal: 1 },
  abnormal: [{ asset: "核心数据库 01", severity: "major", text: "电源模块无输出" }],
  not_inspected: ["磁带库"],
  problems: ["空调异响"],
  photos: 3,
};

let root: HTMLElement;
let asked: { path: string; body: Record<string, unknown>; init: RequestInit }[] = [];

beforeEach(() => {
  setLanguage("zh-CN");
  asked = [];
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  render(null, root);
  root.remove();
});

function answering(status: number, body: unknown): Fetch {
  return async (path, init) => {
    asked.push({ path, body: JSON.parse(String(init.body)), init });
    return new Response(JSON.stringify(body), { status });
  };
}

const problem = (slug: string) => ({ type: `/problems/${slug}` });

async function open(fetch: Fetch, secret = "s3cret"): Promise<void> {
  await act(async () => render(<SignByLink secret={secret} fetch={fetch} />, root));
  // The answer is read over a few turns.
  for (let turn = 0; turn < 5; turn += 1) {
    await act(() => new Promise<void>((resolve) => setImmediate(resolve)));
  }
}

describe("the page behind a link", () => {
  test("says first in words what is signed", async () => {
    await open(answering(200, shown));
    for (const words of [
      "2026年11月18日，梁志豪在天河总部机房巡检设备 2 台。",
      "到场 2026年11月18日 09:10–16:20",
      "核心数据库 01：电源模块无输出",
      "磁带库",
      "空调异响",
      "照片 3 张",
    ]) {
      expect(root.textContent).toContain(words);
    }
    expect(root.querySelector("canvas")?.getAttribute("aria-label")).toContain("签名区");
    expect(root.querySelector<HTMLButtonElement>(".giving > .btn.pri")?.disabled).toBe(true);
  });

  test("sends the secret in a body, and nothing else along", async () => {
    await open(answering(200, shown));
    const [first] = asked;
    expect(first?.path).toBe("/sign/look");
    expect(first?.body).toEqual({ secret: "s3cret", language: "zh-CN" });
    expect(first?.init).toMatchObject({ credentials: "omit", referrerPolicy: "no-referrer" });
  });

  test("asks anew in the other language, because that is another text to sign", async () => {
    await open(answering(200, shown));
    const toggle = [...root.querySelectorAll("button")].find((b) => b.textContent === "English");
    await act(async () => toggle?.click());
    expect(asked.at(-1)?.body.language).toBe("en");
    expect(root.querySelector("h1")?.textContent).toBe("Customer sign-off");
  });

  test("says the same of every link that does not work", async () => {
    await open(answering(404, problem("sign-link-gone")));
    expect(root.textContent).toContain("这个链接无法使用，或者已经不能再用。");
    expect(root.querySelector("canvas")).toBeNull();
  });

  test("asks nobody where there is no secret", async () => {
    await open(answering(200, shown), "");
    expect(asked).toEqual([]);
    expect(root.textContent).toContain("请向发来链接的人要一个新的。");
  });

  test("does not mistake a portal's page for an answer", async () => {
    await open(async () => new Response("<html>sign in</html>", { status: 200 }));
    expect(root.querySelector('[role="alert"]')?.textContent).toContain("暂时连不上服务器。");
  });
});

describe("without a pen", () => {
  const button = (words: string): HTMLButtonElement => {
    const found = [...root.querySelectorAll("button")].find((one) => one.textContent === words);
    if (!found) throw new Error(`no button says ${words}`);
    return found;
  };
  const type = (at: number, text: string) =>
    act(() => {
      const input = root.querySelectorAll("input")[at];
      if (input) input.value = text;
      input?.dispatchEvent(new Event("input", { bubbles: true }));
    });

  test("the typed name signs, in the words of the tablet, and is told to be that", async () => {
    await open(async (path, init) => {
      const receipt = { digest: "d".repeat(64), signed_at: "2026-11-18T08:20:00Z" };
      const body = path === "/sign/give" ? { ...receipt, time_zone: "Asia/Shanghai" } : shown;
      return answering(200, body)(path, init);
    });
    await act(() => button("不手写，改用键入的姓名签名").click());
    expect(button("请写上姓名").disabled).toBe(true);
    await type(0, "\u200b");
    expect(button("请写上姓名").disabled).toBe(true);
    await type(0, "黄国强");
    expect(root.querySelector(".as-typed")?.textContent).toBe("/s/ 黄国强");
    expect(root.textContent).toContain("签字人以键入姓名代替手写签名。");
    await act(async () => button("确认签名").click());
    expect(asked.at(-1)).toMatchObject({
      path: "/sign/give",
      body: { name: "黄国强", strokes: TYPED_MARK, content: shown.content },
    });
  });

  test("everything on the page is a field or a button that a key reaches", async () => {
    await open(answering(200, shown));
    for (const one of root.querySelectorAll("button, input")) {
      expect((one as HTMLElement).tabIndex, one.textContent ?? "").toBe(0);
    }
    await act(() => button("不手写，改用键入的姓名签名").click());
    expect(root.querySelector("canvas")).toBeNull();
    await act(() => button("改用笔或手指签名").click());
    expect(root.querySelector("canvas")).not.toBeNull();
  });
});

describe("what is asked", () => {
  const given = { secret: "s", content: "a".repeat(64), name: "黄", strokes: "M0,0L9,9" };

  test.each([
    [200, { digest: "d", signed_at: "2026-11-18T08:20:00Z" }, "told"],
    [404, problem("sign-link-gone"), "gone"],
    [409, problem("sign-moved-on"), "moved"],
    [429, problem("too-many-attempts"), "away"],
    [404, problem("not-found"), "away"],
    [200, { hello: 1 }, "away"],
  ])("%s %j is %s", async (status, body, kind) => {
    expect((await give(answering(status, body), given)).kind).toBe(kind);
  });

  test("an answer that never comes is away", async () => {
    const never: Fetch = () => Promise.reject(new TypeError("network"));
    expect(await lookAt(never, "s", "en")).toEqual({ kind: "away" });
  });
});
