// The office's talk with its server: what each answer becomes, and what is asked again.

import { beforeEach, expect, test } from "vitest";
import { ANSWER_MS_MAX, OfficeClient, READS_MAX } from "../../src/sync/office.ts";
import { json, ME, problem, TestServer } from "./office.ts";

let server: TestServer;
let client: OfficeClient;
let signedOut: number;

beforeEach(() => {
  server = new TestServer();
  client = new OfficeClient(server.world);
  signedOut = 0;
  client.onSignedOut = () => {
    signedOut += 1;
  };
});

const enter = async () => {
  server.answer(json(ME));
  await client.signIn({ login: "chen", password: "secret" });
  server.asked.length = 0;
};

test("the token of signing in goes with every write, and with no read", async () => {
  await enter();
  server.answer(json({}), json({}));
  await client.read({ path: "/office/today" });
  await client.write("/office/ops", { ops: [] });
  expect(server.asked.map(({ method, csrf }) => [method, csrf])).toEqual([
    ["GET", null],
    ["POST", "token-1"],
  ]);
});

test("a read that nobody answers is asked again, and then is a failure", async () => {
  server.answer("cut", "cut", json({ rows: [] }));
  expect(await client.read({ path: "/a" })).toEqual({ kind: "ok", value: { rows: [] } });
  server.answer(...Array<"cut">(READS_MAX).fill("cut"));
  expect(await client.read({ path: "/b" })).toEqual({ kind: "unreachable" });
  expect(server.asked.filter(({ path }) => path === "/b")).toHaveLength(READS_MAX);
});

test("a write that nobody answers is never sent again by itself", async () => {
  await enter();
  server.answer("cut");
  expect(await client.write("/office/ops")).toEqual({ kind: "unreachable" });
  expect(server.asked).toHaveLength(1);
});

test("a server that is busy is not asked at once again, unless it starts", async () => {
  server.answer(problem("unexpected", 500));
  expect(await client.read({ path: "/a" })).toMatchObject({ kind: "later", status: 500 });
  expect(server.asked).toHaveLength(1);
  server.answer(problem("not-ready", 503), json(1));
  expect(await client.read({ path: "/b" })).toEqual({ kind: "ok", value: 1 });
});

test("too many attempts say how long to wait", async () => {
  server.answer(problem("too-many-attempts", 429, { "Retry-After": "840" }));
  expect(await client.signIn({ login: "chen", password: "x" })).toEqual({
    kind: "later",
    status: 429,
    afterMs: 840_000,
    slug: "too-many-attempts",
  });
});

test("a wrong password is no end of a session", async () => {
  server.answer(problem("wrong-login", 401));
  expect(await client.signIn({ login: "chen", password: "x" })).toMatchObject({
    kind: "refused",
    slug: "wrong-login",
  });
  expect(signedOut).toBe(0);
});

test("a session that the server does not know is told", async () => {
  server.answer(problem("not-signed-in", 401));
  await client.read({ path: "/office/today" });
  expect(signedOut).toBe(1);
});

test("another tab's new token is fetched once, and the write is sent with it", async () => {
  await enter();
  server.answer(problem("csrf-refused", 403), json({ ...ME, csrf: "token-2" }), json({ ok: 1 }));
  expect(await client.write("/office/ops")).toEqual({ kind: "ok", value: { ok: 1 } });
  expect(server.asked.map(({ path, csrf }) => [path, csrf])).toEqual([
    ["/office/ops", "token-1"],
    ["/office/me", null],
    ["/office/ops", "token-2"],
  ]);
});

test("a portal's page is nobody's answer", async () => {
  server.answer(new Response("<h1>Welcome to our hotel</h1>", { status: 403 }));
  expect(await client.write("/office/ops")).toEqual({ kind: "unreachable" });
  server.answer(...Array.from({ length: READS_MAX }, () => new Response("<h1>Welcome</h1>")));
  expect(await client.read({ path: "/a" })).toEqual({ kind: "unreachable" });
});

test("a refusal keeps the members that are wrong", async () => {
  const body = {
    type: "/problems/password-too-weak",
    title: "weak",
    status: 422,
    errors: [{ field: "new", detail: "is common" }, "nonsense"],
  };
  server.answer(json(body, 422));
  const answer = await client.write("/office/me/password");
  expect(answer).toMatchObject({
    kind: "refused",
    slug: "password-too-weak",
    problem: { errors: [{ field: "new", detail: "is common" }] },
  });
});

test("an answer that never comes is given up in time", async () => {
  server.answer("silence");
  server.runOut();
  expect(await client.write("/office/ops")).toEqual({ kind: "unreachable" });
  expect(server.waited).toContain(ANSWER_MS_MAX);
});

test("nothing to say is null, a file is its bytes", async () => {
  server.answer(new Response(null, { status: 204 }), new Response("%PDF"));
  expect(await client.write("/office/logout")).toEqual({ kind: "ok", value: null });
  const file = await client.order("/office/labels", { blank: 1 });
  expect(file.kind === "ok" && (await file.value.text())).toBe("%PDF");
});
