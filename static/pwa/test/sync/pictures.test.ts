// @vitest-environment node
// Photos that were taken elsewhere: fetched to be looked at, a few of them kept.

import { describe, expect, it } from "vitest";
import { prune } from "../../src/db/keeping.ts";
import { PREVIEWS_MAX } from "../../src/db/previews.ts";
import { pictureOf } from "../../src/sync/pictures.ts";
import { ASSET, SCOPE, synced, type Tablet, uuid } from "./device.ts";
import { problem } from "./server.ts";

const signal = new AbortController().signal;
const jpeg = (text: string) =>
  new Response(text, { status: 200, headers: { "Content-Type": "image/jpeg" } });

function look(one: Tablet, n: number, size: "small" | "large" = "small") {
  const { machine: world, store } = one;
  return pictureOf({ world, store, credential: async () => "secret", signal }, uuid(n), size);
}

async function here(answer: (path: string, init: RequestInit) => Promise<Response>) {
  const one = await synced();
  const asked: string[] = [];
  one.machine.answer = (path, init) => {
    asked.push(`${path} ${new Headers(init.headers).get("Authorization")}`);
    return answer(path, init);
  };
  return { one, asked };
}

describe("a photo from elsewhere", () => {
  it("is asked for small with the device's credential, and shown without a network afterwards", async () => {
    const { one, asked } = await here(async () => jpeg("small"));
    expect(await look(one, 1)).toMatchObject({ kind: "picture", type: "image/jpeg" });
    expect(asked).toEqual([`/attachments/${uuid(1)}/bytes?size=small Bearer secret`]);
    one.machine.answer = async () => {
      throw new TypeError("network");
    };
    const again = await look(one, 1);
    expect(again.kind === "picture" && new TextDecoder().decode(again.bytes)).toBe("small");
    // The large one is not kept: the small one stands in for it.
    expect((await look(one, 1, "large")).kind).toBe("picture");
    expect((await look(one, 2)).kind).toBe("offline");
  });

  it.each([
    ["offline", async () => new Response("<html>", { headers: { "Content-Type": "text/html" } })],
    ["offline", async () => problem(502, "/problems/x")],
    ["notThere", async () => problem(404, "/problems/bytes-not-here")],
    ["notThere", async () => problem(503, "/problems/file-not-ready", { "Retry-After": "2" })],
    ["unseen", async () => problem(409, "/problems/file-not-shown")],
    ["unseen", async () => problem(404, "/problems/not-found")],
  ])("is %s, and nothing of that is kept", async (kind, answer) => {
    const { one } = await here(answer);
    expect(await look(one, 1)).toEqual({ kind });
    expect(await one.store.db.previews.count()).toBe(0);
  });

  it("is kept with the latest two hundred, and gone with the scope that it was in", async () => {
    const { one } = await here(async () => jpeg("x"));
    for (let n = 1; n <= PREVIEWS_MAX + 5; n += 1) {
      await look(one, n);
      await one.machine.advance(1);
    }
    expect(await one.store.db.previews.count()).toBe(PREVIEWS_MAX);
    expect(await one.store.db.previews.get(uuid(5))).toBeUndefined();
    one.server.put("attachment", uuid(100), SCOPE, { parent: ASSET, parent_kind: "asset" });
    one.machine.answer = one.server.fetch;
    await one.round();
    await prune(one.store, one.machine.now());
    expect(await one.store.db.previews.toCollection().primaryKeys()).toEqual([uuid(100)]);
  });
});
