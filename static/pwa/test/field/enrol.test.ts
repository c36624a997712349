// Joining: what is said when it does not work, and what a device is called.

import { beforeEach, expect, test } from "vitest";
import { defaultName, refusalOf } from "../../src/ui/field/enrol-words.ts";
import { setLanguage } from "../../src/ui/words/index.ts";

beforeEach(() => setLanguage("zh-CN"));

const refused = (slug: string, status = 410) =>
  refusalOf({
    kind: "refused",
    status,
    problem: { type: `/problems/${slug}`, title: "a title that nobody acts on", status },
  });

test("a used, an expired and an unknown ticket are told apart by the problem's type", () => {
  const whats = ["ticket-used", "ticket-expired", "ticket-unknown"].map(
    (slug) => refused(slug).what,
  );
  expect(whats).toEqual([
    "这个二维码用过了，每个只能用一次。",
    "这个二维码过期了。",
    "服务器不认识这个二维码。",
  ]);
  for (const slug of ["ticket-used", "ticket-expired"]) {
    expect(refused(slug)).toMatchObject({
      mayRepeat: false,
      safe: expect.stringContaining("再发一个"),
    });
  }
});

test("without an answer the same code may be tried again", () => {
  const busy = refusalOf({ kind: "later", status: 429, afterMs: 90_000 });
  expect(busy).toMatchObject({ mayRepeat: true, code: "429" });
  expect(busy.safe).toContain("2 分钟后再试");
  expect(refusalOf({ kind: "unreachable" })).toMatchObject({ mayRepeat: true, code: "" });
});

test("a code of another server says where to open the app", () => {
  const other = refusalOf({ kind: "other-server", server: "https://other.example" });
  expect(other.safe).toContain("https://other.example");
  expect(other.mayRepeat).toBe(false);
});

test("a type that this version does not know still says what is safe, with its name", () => {
  expect(refused("brand-new", 418)).toMatchObject({ code: "brand-new (418)", mayRepeat: true });
});

test.each([
  [
    "Mozilla/5.0 (Linux; Android 14; SM-X200 Build/UP1A) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
    "SM-X200",
  ],
  [
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36",
    "Android 手机",
  ],
  [
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
    "Android 平板",
  ],
  [
    "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148",
    "iPad",
  ],
  ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0", "电脑"],
  ["", "平板"],
])("%s is called %s", (agent, name) => {
  expect(defaultName(agent)).toBe(name);
});
