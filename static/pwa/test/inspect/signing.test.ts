// Who signed and what stands: absences, engineers, links, and a document read again.

import { describe, expect, test } from "vitest";
import type { Seen } from "../../src/core/work.ts";
import { askForLink } from "../../src/ui/field/sign/link.tsx";
import { customerSignature, standingBy } from "../../src/ui/field/sign/presence.ts";
import { readStated } from "../../src/ui/kit/stated.ts";
import type { Id, Signature } from "../../src/wire/types.ts";
import { FakeMachine } from "../sync/world.ts";

const VISIT = "0198f000-0000-7000-8000-0000000000f1";

function signature(id: Id, data: Partial<Signature>): Seen<"signature"> {
  const whole: Signature = {
    of: VISIT,
    of_kind: "visit",
    role: "contact",
    document: "{}",
    digest: "",
    signed_at: "2026-11-18T08:00:00Z",
    ...data,
  };
  return { id, kind: "signature", scope: null, version: 1, data: whole };
}

function stored(...all: readonly Seen<"signature">[]) {
  const by = () => all;
  // The tests ask for signatures alone.
  return { by } as unknown as Parameters<typeof customerSignature>[0];
}

describe("of several signatures over a visit", () => {
  const absent = signature("a", { absent_reason: "出差", signed_at: "2026-11-18T09:00:00Z" });
  const given = signature("b", { strokes: "M0,0L9,9" });

  test("one that was given stands before an absence, whenever that was", () => {
    expect(customerSignature(stored(absent, given), VISIT)?.id).toBe("b");
    expect(customerSignature(stored(absent), VISIT)?.id).toBe("a");
  });

  test("the latest instant stands, however it is written", () => {
    const later = signature("c", { strokes: "M0,0L9,9", signed_at: "2026-11-18T08:00:00.500Z" });
    expect(customerSignature(stored(later, given), VISIT)?.id).toBe("c");
  });

  test("the engineer's is another one", () => {
    const engineer = signature("d", {
      role: "engineer",
      strokes: "M0,0L9,9",
      signed_at: "2026-11-18T10:00:00Z",
    });
    const records = stored(given, engineer);
    expect(customerSignature(records, VISIT)?.id).toBe("b");
    expect(standingBy(records, VISIT, "engineer")?.id).toBe("d");
  });
});

describe("a document that is read again", () => {
  test("says what it says, and no more", () => {
    const read = readStated(
      JSON.stringify({
        site: "天河总部机房",
        statement: ["巡检设备 1 台。", 7],
        counts: { inspected: 1, abnormal: "many" },
        abnormal: [{ asset: "UPS", severity: "major", text: "异响" }, null],
        problems: "none",
        abnormal_digest: "ab",
      }),
    );
    expect(read.statement).toEqual(["巡检设备 1 台。"]);
    expect(read.counts).toEqual({ inspected: 1, normal: 0, abnormal: 0, not_inspected: 0 });
    expect(read.abnormal?.[0]).toEqual({ asset: "UPS", severity: "major", text: "异响" });
    expect([read.problems, read.photos, read.isShort]).toEqual([[], null, true]);
  });

  test.each(["", "null", "[]", "{", '"text"'])("%j is read without words", (text) => {
    expect(readStated(text)).toMatchObject({ statement: [], counts: null, isShort: false });
  });
});

describe("a link for a customer who was absent", () => {
  const link = {
    id: "x",
    link: "https://x/sign#s",
    qr_svg: "<svg/>",
    expires_at: "2026-11-21T00:00:00Z",
  };
  const asked: { path: string; credential: string | null }[] = [];
  const ask = (status: number, body: unknown) => {
    const machine = new FakeMachine(async (path, init) => {
      asked.push({ path, credential: new Headers(init.headers).get("authorization") });
      const type = status < 400 ? "application/json" : "application/problem+json";
      return new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
    });
    return askForLink({ machine, credential: "c.s", visit: VISIT });
  };
  const problem = (slug: string, status: number) => ({
    type: `/problems/${slug}`,
    status,
    title: "",
  });

  test("is asked for with the device's own credential", async () => {
    expect(await ask(201, link)).toEqual({ kind: "made", link });
    expect(asked.at(-1)).toEqual({ path: `/visits/${VISIT}/link`, credential: "Bearer c.s" });
  });

  test("waits for the visit to arrive, and is away where the server is", async () => {
    expect(await ask(404, problem("not-found", 404))).toEqual({ kind: "not-yet" });
    expect(await ask(409, problem("sign-nothing-yet", 409))).toEqual({ kind: "not-yet" });
    expect(await ask(503, problem("not-ready", 503))).toEqual({ kind: "away" });
    expect(await ask(201, { link: 7 })).toEqual({ kind: "away" });
  });
});
