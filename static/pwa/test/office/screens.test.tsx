// The screens of the office, as a keyboard and a screen reader meet them.

import { type ComponentChild, render } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { go } from "../../src/ui/kit/address.ts";
import { EnrolCode } from "../../src/ui/office/enrol-code.tsx";
import { Login } from "../../src/ui/office/login.tsx";
import { Head } from "../../src/ui/office/review/head.tsx";
import { ReviewPage } from "../../src/ui/office/review/index.tsx";
import { Remarked } from "../../src/ui/office/review/item.tsx";
import { OfficeContext, readAgain } from "../../src/ui/office/state.ts";
import { TodayPage } from "../../src/ui/office/today.tsx";
import type { Decided, InspectionDetail, Me } from "../../src/wire/types.ts";
import { type Asked, detail, json, ME, NOW, problem, row, ZONE } from "./office.ts";
import { client, root, server, until } from "./stage.ts";

const shows = (text: string) => () => root.textContent?.includes(text) === true;
const find = <T extends Element>(selector: string): T => {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(`no ${selector}; on the screen: ${root.textContent}`);
  return found;
};
const button = (text: string): HTMLButtonElement => {
  const found = [...root.querySelectorAll("button")].find((one) => one.textContent?.includes(text));
  if (!found) throw new Error(`no button ${text}`);
  return found;
};
const press = (key: string, target: Element = document.body) =>
  act(() => {
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
const type = (field: HTMLInputElement | HTMLTextAreaElement, text: string) =>
  act(() => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

const office = () => ({
  client,
  me: ME,
  now: () => NOW,
  random: (length: number) => new Uint8Array(length).fill(3),
  zone: ZONE,
});
const show = (screen: ComponentChild) =>
  act(() =>
    render(<OfficeContext.Provider value={office()}>{screen}</OfficeContext.Provider>, root),
  );

// --- Signing in ---

async function knock(): Promise<Me[]> {
  const entered: Me[] = [];
  const props = { client, now: () => NOW, isReturn: false };
  await act(() => render(<Login {...props} onSignedIn={(me) => entered.push(me)} />, root));
  return entered;
}

async function signIn(): Promise<void> {
  await type(find("input[autocomplete=username]"), " chen ");
  await type(find("input[type=password]"), "secret");
  await act(() => button("登录").click());
}

test("a wrong password does not tell which half was wrong, and one may try again", async () => {
  const entered = await knock();
  server.answer(problem("wrong-login", 401), json(ME));
  await signIn();
  await until(shows("用户名或密码不对。"));
  await act(() => button("登录").click());
  await until(() => entered.length === 1);
  expect(server.asked.at(-1)?.body).toEqual({ login: "chen", password: "secret" });
});

test("too many attempts close the door for as long as the server says", async () => {
  await knock();
  server.answer(problem("too-many-attempts", 429, { "Retry-After": "600" }));
  await signIn();
  await until(shows("10 分钟后再试。"));
  expect(button("登录").disabled).toBe(true);
});

test("the first administrator is told how to begin, in either language", async () => {
  await knock();
  expect(root.textContent).toContain("python -m server init");
  await act(() => button("English").click());
  expect(root.textContent).toContain("First time here?");
});

// --- Review ---

let details: Map<string, InspectionDetail>;
let decisions: Asked[];

/** Three results to review, decided as the server would. */
function review(more: Partial<InspectionDetail> = {}): void {
  const rows = [row("a", { abnormal: 2 }), row("b"), row("c")];
  details = new Map(rows.map((one) => [one.id, detail(one.id, { ...more, row: one })]));
  decisions = [];
  const gone = new Set<string>();
  server.always = (asked) => {
    const [, id = "", verb] = /^\/office\/inspections\/(\w+)\/?(\w+)?$/.exec(asked.path) ?? [];
    if (asked.method === "POST") {
      decisions.push(asked);
      if (verb === "undo") gone.delete(id);
      else gone.add(id);
      const decision = (asked.body as { decision?: string }).decision;
      const step =
        verb === "undo" ? "submitted" : decision === "accepted" ? "accepted" : "returned";
      const decided: Decided = { inspection: id, step, round: 1, seen: { [id]: 2 } };
      return json(decided);
    }
    const open = rows.filter((one) => !gone.has(one.id));
    return json(id ? details.get(id) : { total: open.length, rows: open });
  };
}

async function openReview(): Promise<void> {
  go("/office/review/a");
  await show(<ReviewPage id="a" />);
  await until(shows("退回备注"));
}

const queue = () =>
  [...root.querySelectorAll(".queue li")].map((one) => one.querySelector(".st")?.textContent);

test("J and K go through the queue, and letters that are typed do nothing", async () => {
  review();
  await openReview();
  await press("j");
  expect(location.pathname).toBe("/office/review/b");
  await press("k");
  const field = find<HTMLTextAreaElement>(".ret textarea");
  for (const key of ["j", "a", "r"]) await press(key, field);
  expect(decisions).toEqual([]);
  expect(location.pathname).toBe("/office/review/b");
});

test("a return is counted from the first, and the round of the result is not broken", async () => {
  const remark = {
    text: "补拍",
    author: "c",
    author_name: "陈",
    origin: "office",
    round: 2,
  } as const;
  await show(<Remarked remarks={[remark]} zone={ZONE} />);
  expect(root.textContent).toContain("第 1 次退回");
  expect(root.textContent).not.toContain("第 2");
  await show(<Head detail={{ ...detail("a"), row: row("a", { round: 2 }) }} />);
  expect(root.textContent).toContain("第\u00a02\u00a0轮");
});

test("R opens the remark, then returns, and the button repeats the choice", async () => {
  review();
  await openReview();
  await press("r");
  const field = find<HTMLTextAreaElement>(".it.on textarea");
  expect(document.activeElement).toBe(field);
  await type(field, "补拍铭牌");
  expect(button("退回 1 处").disabled).toBe(false);
  await press("r");
  await until(shows("已退回 1 处：设备 a"));
  expect(decisions[0]?.body).toEqual({
    decision: "returned",
    seen: { a: 1 },
    remarks: [{ item: "inlet", text: "补拍铭牌" }],
  });
  expect(location.pathname).toBe("/office/review/b");
  expect(queue()).toEqual(["已退回 1 处", "全部正常", "全部正常"]);
});

test("what was decided can be taken back where it lies", async () => {
  review();
  await openReview();
  await press("a");
  await until(shows("已接受：设备 a"));
  await press("u");
  await until(() => root.querySelector(".just") === null);
  expect(decisions.map((asked) => [asked.path, asked.body])).toEqual([
    ["/office/inspections/a/decision", { decision: "accepted", seen: { a: 1 } }],
    ["/office/inspections/a/undo", { seen: { a: 2 } }],
  ]);
  await until(() => queue()[0] === "异常 2");
});

test("accepting without photos asks why, and takes no empty reason", async () => {
  const waiting = { type: "/problems/photos-waiting", title: "photos", status: 409 };
  review({ obstacles: [waiting] });
  await openReview();
  await press("a");
  const reason = find<HTMLInputElement>(".reason input");
  await press("Enter", reason);
  expect(decisions).toEqual([]);
  await type(reason, "已在现场看过");
  await press("Enter", reason);
  await until(() => decisions.length === 1);
  expect(decisions[0]?.body).toMatchObject({ decision: "accepted", reason: "已在现场看过" });
});

test("a result that moved on is shown anew, and the remark is kept", async () => {
  review();
  await openReview();
  await type(find(".it.on textarea"), "写了一半");
  details.set("a", detail("a", { note: "后来补的备注", seen: { a: 9 } }));
  server.answer(problem("version-moved-on", 409));
  await press("r");
  await until(shows("后来补的备注"));
  expect(root.textContent).toContain("你写的备注还在");
  expect(root.textContent).not.toContain("看现在的内容");
  expect(find<HTMLTextAreaElement>(".it.on textarea").value).toBe("写了一半");
});

test("nothing is replaced under the reader's eyes: a newer state is offered", async () => {
  review();
  await openReview();
  details.set("a", detail("a", { note: "后来补的备注", seen: { a: 9 } }));
  await act(() => readAgain());
  await until(shows("这份结果刚刚变了。"));
  expect(root.textContent).not.toContain("后来补的备注");
  await act(() => button("看现在的内容").click());
  expect(root.textContent).toContain("后来补的备注");
});

test("a decision that nobody answered is no decision, and says so", async () => {
  review();
  await openReview();
  server.answer("cut");
  await press("a");
  await until(shows("没有作出决定"));
  expect(decisions).toEqual([]);
  expect(location.pathname).toBe("/office/review/a");
});

// --- Other pages ---

test("a page that is read again keeps what it shows, and tells that it is older", async () => {
  server.always = (asked) =>
    json(asked.path === "/office/today" ? { at: "x", to_review: 12 } : { total: 0, rows: [] });
  await show(<TodayPage />);
  await until(shows("待审核12"));
  server.always = () => "cut";
  await act(() => readAgain());
  await until(shows("连不上服务器。"));
  expect(root.textContent).toContain("待审核12");
  expect(root.textContent).toContain("下面是 14:31 读到的内容。");
});

test("a place that two parts show is asked for once, and once again after news", async () => {
  server.always = (asked) =>
    json(asked.path === "/office/today" ? { at: "x", to_review: 12 } : { total: 0, rows: [] });
  const times = () => server.asked.filter(({ path }) => path === "/office/today").length;
  const before = times();
  await show(
    <>
      <TodayPage />
      <TodayPage />
    </>,
  );
  await until(shows("待审核12"));
  expect(times() - before).toBe(1);
  await act(() => readAgain());
  await until(() => times() - before > 1);
  expect(times() - before).toBe(2);
});

test("where no site is, an administrator is told what comes first and the others whom to ask", async () => {
  server.always = ({ path }) =>
    json(path === "/office/today" ? { at: "x" } : { total: 0, rows: [] });
  const seen = (may: readonly string[]) =>
    act(() =>
      render(
        <OfficeContext.Provider value={{ ...office(), me: { ...ME, may } }}>
          <TodayPage />
        </OfficeContext.Provider>,
        root,
      ),
    );
  await seen(["read"]);
  await until(shows("还没有授权给你任何站点。找管理员。"));
  await seen(["read", "people"]);
  await until(shows("从这里开始"));
  expect(root.textContent).toContain("python -m server company");
  const steps = [...root.querySelectorAll(".begin li a")].map((one) => one.getAttribute("href"));
  expect(steps).toEqual(["/office/assignments", "/office/people", "/office/labels"]);
  expect(root.textContent).not.toContain("今天没有到期的任务");
});

test("a quiet day where there are sites is a quiet day", async () => {
  server.always = ({ path }) =>
    json(
      path === "/office/today" ? { at: "x" } : { total: path.includes("sites") ? 1 : 0, rows: [] },
    );
  await show(<TodayPage />);
  await until(shows("今天没有到期的任务"));
  expect(root.textContent).not.toContain("从这里开始");
});

test("an enrolment code is drawn by an image, so that nothing in it can run", async () => {
  const person = { id: "p", login: "liang", name: "梁志豪" };
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  const link = "https://x.example/enrol#secret";
  const ticket = { person: "p", person_name: "梁志豪", link, qr_svg: svg };
  server.answer(json({ ...ticket, expires_at: "2026-11-20T06:31:00Z" }, 201));
  await show(<EnrolCode person={person} onClose={() => undefined} />);
  await until(shows("11月20日 14:31 前有效"));
  expect(root.querySelector("script")).toBeNull();
  expect(find<HTMLImageElement>("img").src).toMatch(/^data:image\/svg\+xml/);
  expect(root.textContent).toContain("只能用一次");
});
