// When the office reads again: once for what a person wrote and the poke that this makes.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OfficeClient } from "../../src/sync/office.ts";
import {
  awaitingPoke,
  forgetAll,
  live,
  OfficeContext,
  poked,
  shelf,
  useRead,
} from "../../src/ui/office/state.ts";
import { json, ME, NOW, TestServer, ZONE } from "./office.ts";

const results = shelf<{ readonly name: string }>();
let root: HTMLElement;
let server: TestServer;

function Shown({ path }: { path: string }) {
  return <p>{useRead(results(path)).value?.name}</p>;
}

async function show(path: string): Promise<void> {
  const client = new OfficeClient(server.world);
  const random = (length: number) => new Uint8Array(length);
  const office = { client, me: ME, zone: ZONE, now: () => NOW, random };
  await act(() =>
    render(
      <OfficeContext.Provider value={office}>
        <Shown path={path} />
      </OfficeContext.Provider>,
      root,
    ),
  );
}

const passed = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms).then(() => undefined));
const asked = () => server.asked.map(({ path }) => path);

beforeEach(() => {
  vi.useFakeTimers();
  root = document.createElement("div");
  server = new TestServer();
  server.always = ({ path }) => json({ name: path });
  live.value = { isUp: true, readAt: null };
});

afterEach(() => {
  render(null, root);
  forgetAll();
  vi.useRealTimers();
});

const write = () => awaitingPoke(async () => ({ kind: "ok", value: null }) as const);

test("what is opened after a decision is read once, though its poke comes after the answer", async () => {
  await write();
  await show("/next");
  await passed(20);
  expect(asked()).toEqual([]);
  poked();
  await passed(1_000);
  expect(asked()).toEqual(["/next"]);
  expect(root.textContent).toBe("/next");
});

test("a poke that never comes holds nothing up, and one that comes late is news", async () => {
  await write();
  await show("/next");
  await passed(160);
  expect(asked()).toEqual(["/next"]);
  poked();
  await passed(1_000);
  expect(asked()).toEqual(["/next", "/next"]);
});

test("a poke that came before the answer is not waited for", async () => {
  await awaitingPoke(async () => {
    poked();
    return { kind: "ok", value: null } as const;
  });
  await show("/next");
  await passed(0);
  expect(asked()).toEqual(["/next"]);
  await passed(1_000);
  expect(asked()).toEqual(["/next"]);
});
