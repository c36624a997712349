// @vitest-environment node
// One tab leads; whoever hangs is replaced.

import { describe, expect, it } from "vitest";
import { PersonDatabase } from "../../src/db/database.ts";
import { Store } from "../../src/db/store.ts";
import { HUNG_MS, LEASE_MS, type Locks, lead, PING_MS } from "../../src/sync/leader.ts";
import { Browser, FakeMachine, rest } from "./world.ts";

let installations = 0;

/** Tabs of one browser, on one clock. */
function tabs(locks: "locks" | "none" | "denied" = "locks") {
  installations += 1;
  const browser = new Browser();
  const machine = new FakeMachine(async () => new Response(), { browser });
  const denied: Locks = { request: () => Promise.reject(new DOMException("no", "SecurityError")) };
  const name = `lead-${installations}`;
  const leading = new Set<string>();
  const open = (tab: string, work?: (signal: AbortSignal) => Promise<void>) => {
    const channel = machine.channel(name);
    const over = new AbortController();
    const ended = lead(
      {
        name,
        world: machine,
        channel,
        locks: locks === "locks" ? browser.locks : locks === "denied" ? denied : null,
        store: new Store(new PersonDatabase(name), channel),
        tab,
      },
      async (signal) => {
        leading.add(tab);
        await (work ?? (() => machine.wait(Number.MAX_SAFE_INTEGER, signal)))(signal);
        leading.delete(tab);
      },
      over.signal,
    );
    return {
      channel,
      close: async () => {
        over.abort();
        await ended;
      },
    };
  };
  return { machine, leading, open };
}

describe("with Web Locks", () => {
  it("one of two tabs leads, and the other when that is closed", async () => {
    const { machine, leading, open } = tabs();
    const first = open("a");
    const second = open("b");
    await machine.advance(10 * PING_MS);
    expect([...leading]).toEqual(["a"]);
    await first.close();
    await rest();
    expect([...leading]).toEqual(["b"]);
    await second.close();
    expect([...leading]).toEqual([]);
  });

  it("a leader that does not answer is replaced, and leads again when it may", async () => {
    const { machine, leading, open } = tabs();
    let thaw = (): void => undefined;
    const hung = new Promise<void>((resolve) => {
      thaw = resolve;
    });
    const first = open("a", () => hung);
    // A hung page hears nothing either.
    first.channel.close();
    const second = open("b");
    await machine.advance(PING_MS + HUNG_MS + 1);
    expect([...leading]).toEqual(["a", "b"]);
    thaw();
    await rest();
    expect([...leading]).toEqual(["b"]);
    await second.close();
    await first.close();
  });
});

describe.each(["none", "denied"] as const)("where the browser gives no locks (%s)", (locks) => {
  it("a lease in the database decides, and runs out", async () => {
    const { machine, leading, open } = tabs(locks);
    const first = open("a");
    await rest();
    const second = open("b");
    await machine.advance(5 * LEASE_MS);
    expect([...leading]).toEqual(["a"]);
    await first.close();
    await machine.advance(LEASE_MS);
    expect([...leading]).toEqual(["b"]);
    await second.close();
  });
});
