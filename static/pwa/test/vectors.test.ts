// The app computes what tests/vectors say. Rule: tests/contract/test_vectors.py runs the same in Python.

import { describe, expect, it } from "vitest";
import clock from "../../../tests/vectors/clock/backoff.json";
import digests from "../../../tests/vectors/digest/marks.json";
import badLines from "../../../tests/vectors/errors/lines.json";
import badOps from "../../../tests/vectors/errors/ops.json";
import derived from "../../../tests/vectors/ids/derived.json";
import cuts from "../../../tests/vectors/lines/cut.json";
import reads from "../../../tests/vectors/lines/read.json";
import overlays from "../../../tests/vectors/merge/overlay.json";
import answered from "../../../tests/vectors/signing/answers.json";
import canonicals from "../../../tests/vectors/signing/canonical.json";
import names from "../../../tests/vectors/signing/names.json";
import presences from "../../../tests/vectors/signing/presence.json";
import seals from "../../../tests/vectors/signing/seals.json";
import shown from "../../../tests/vectors/signing/shown.json";
import since from "../../../tests/vectors/signing/since.json";
import typed from "../../../tests/vectors/signing/typed.json";
import units from "../../../tests/vectors/units/words.json";
import { backoffMs, retryAfterMs } from "../src/core/backoff.ts";
import { digestOf, EMPTY, markOf, plus } from "../src/core/digest.ts";
import { inspectionId, keyId, tagId } from "../src/core/ids.ts";
import type { Mapping } from "../src/core/json.ts";
import { isName } from "../src/core/names.ts";
import { Lines, readLine } from "../src/core/ndjson.ts";
import { overlaid, type Patch } from "../src/core/overlay.ts";
import { measured } from "../src/core/skew.ts";
import {
  answersDigest,
  type CoveredFinding,
  canonical,
  coveredBy,
  digest,
  sinceSigned,
} from "../src/ui/field/sign/document.ts";
import { belongs, type Placed } from "../src/ui/field/sign/presence.ts";
import { kidOf, payload, sealedWith, sealOf, thumbprint } from "../src/ui/field/sign/seal.ts";
import { doWords, pathOf, supportWords, whatWords } from "../src/ui/kit/problem-words.ts";
import { TYPED_MARK } from "../src/ui/kit/sign-by.tsx";
import { en } from "../src/ui/words/en/sign.ts";
import { quantity, unitWords } from "../src/ui/words/format.ts";
import { setLanguage } from "../src/ui/words/index.ts";
import { zh } from "../src/ui/words/zh/sign.ts";
import type { Inspection, Key, Signature, Visit } from "../src/wire/types.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (line: Uint8Array) => new TextDecoder().decode(line);
const sha256 = (data: Uint8Array<ArrayBuffer>) => crypto.subtle.digest("SHA-256", data);
const mark = async (line: string) => markOf(await sha256(bytes(line)));

interface Overlay {
  readonly why: string;
  readonly kind: string;
  readonly base: Mapping | null;
  readonly ops: readonly Omit<Patch, "kind">[];
  readonly result: Mapping | null;
}

describe("merging", () => {
  it.each(overlays as readonly Overlay[])("$why", ({ kind, base, ops, result }) => {
    const patches = ops.map((op) => ({ kind, ...op }));
    expect(overlaid(base ?? undefined, patches) ?? null).toEqual(result);
  });
});

describe("digests", () => {
  it.each(digests.marks)("the mark of $line", async ({ line, mark: expected }) => {
    expect(await mark(line)).toBe(expected);
  });

  it.each(digests.digests)("$why", async ({ lines, digest: expected }) => {
    let sum = EMPTY;
    for (const line of lines) sum = plus(sum, await mark(line));
    expect(digestOf(sum)).toBe(expected);
  });

  it.each(digests.different)("$why", async ({ line, other }) => {
    expect(await mark(line)).not.toBe(await mark(other));
  });
});

const blank = { asset: "a", template: "t", inspector: "p", inspector_name: "梁志豪" };

describe("answers", () => {
  it.each(answered as readonly { why: string; inspection: Partial<Inspection>; digest: string }[])(
    "$why",
    async ({ inspection, digest: expected }) => {
      expect(await answersDigest(sha256, { ...blank, ...inspection })).toBe(expected);
    },
  );
});

interface Presence {
  readonly why: string;
  readonly site: string;
  readonly inspection: Placed["data"];
  readonly visits: readonly Visit[];
  readonly belongs: readonly boolean[];
}

describe("what belongs to a visit", () => {
  it.each(presences as readonly Presence[])("$why", (vector) => {
    const { site, inspection: data, visits } = vector;
    const found = visits.map((visit, at) => {
      const others = visits.filter((_, other) => other !== at);
      return belongs({ data, site }, visit, others, "Asia/Shanghai");
    });
    expect(found).toEqual(vector.belongs);
  });
});

describe("lines", () => {
  it.each(cuts)("$why", ({ text: whole, lines, rest }) => {
    const data = bytes(whole);
    for (let size = 1; size <= Math.max(1, data.length); size += 1) {
      const cutter = new Lines();
      const found: string[] = [];
      for (let at = 0; at < data.length; at += size) {
        found.push(...cutter.push(data.slice(at, at + size)).map(text));
      }
      expect(found).toEqual(lines);
      expect(text(cutter.end())).toBe(rest);
    }
  });

  it.each(reads)("reads $why", ({ line, is }) => {
    const found = readLine(bytes(line));
    expect(typeof found === "string" ? found : found.t).toBe(is);
  });
});

const BY_KIND: Readonly<Record<string, (...from: readonly string[]) => string>> = {
  inspection: (assignment = "", asset = "") => inspectionId(assignment, asset),
  key: (device = "") => keyId(device),
  tag: (code = "") => tagId(code),
};

describe("ids", () => {
  it.each(derived.filter(({ of }) => of in BY_KIND))("of $of follow from $from", (vector) => {
    expect(BY_KIND[vector.of]?.(...vector.from)).toBe(vector.id);
  });
});

describe("signing", () => {
  it.each(canonicals)("$why", async ({ value, canonical: form, sha256: sum }) => {
    expect(canonical(value)).toBe(form);
    expect(await digest(sha256, form)).toBe(sum);
  });
});

interface Side {
  readonly inspection: Partial<Inspection>;
  readonly photos: readonly string[];
  readonly findings?: readonly CoveredFinding[];
}

interface Became {
  readonly why: string;
  readonly id: string;
  readonly template: string;
  readonly then: Side;
  readonly now: Side;
  readonly covered: string;
  readonly changed: boolean;
  readonly added: boolean;
}

describe("what became of what was signed", () => {
  it.each(since as readonly Became[])("$why", async (vector) => {
    const { id, template } = vector;
    const side = ({ inspection, ...of }: Side) =>
      coveredBy(sha256, { id, ...of }, { ...blank, ...inspection, template });
    expect(canonical(await side(vector.then))).toBe(vector.covered);
    const document = `{"inspections":[${vector.covered}]}`;
    const found = await sinceSigned(sha256, document, [await side(vector.now)], new Set([id]));
    expect(found.isChanged).toBe(vector.changed);
    expect(found.findings + found.photos > 0).toBe(vector.added);
    expect(found.added).toBe(0);
  });
});

describe("names", () => {
  it.each(names)("$why", ({ text: name, is_name: expected }) => {
    expect(isName(name)).toBe(expected);
  });

  it("what shows something is the same everywhere, sign by sign", () => {
    const nothing: [number, number][] = [];
    for (let sign = 0; sign <= 0x10ffff; sign += 1) {
      if (isName(String.fromCodePoint(sign))) continue;
      const last = nothing.at(-1);
      if (last?.[1] === sign - 1) last[1] = sign;
      else nothing.push([sign, sign]);
    }
    const written = (sign: number) => `U+${sign.toString(16).toUpperCase().padStart(4, "0")}`;
    expect(nothing.map((pair) => pair.map(written))).toEqual(shown.nothing);
  });

  it("one mark stands for a typed signature, and one sentence says so in each language", () => {
    expect(TYPED_MARK).toBe(typed.mark);
    expect({ "zh-CN": zh["sign.typedMeaning"], en: en["sign.typedMeaning"] }).toEqual(
      typed.meaning,
    );
  });
});

describe("seals", () => {
  const sealer = { sha256, subtle: crypto.subtle };
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const spki = Uint8Array.from(Buffer.from(seals.key.spki, "base64url"));
  const read = () => crypto.subtle.importKey("spki", spki, curve, true, ["verify"]);
  const given = seals.seals.map(({ signature, ...more }) => ({
    ...more,
    // What JSON holds of a kind's literals is text to TypeScript.
    signature: signature as Signature,
  }));

  const alone = (own: CryptoKey) => ({ own, recorded: [], isTold: false });
  const another = async () => crypto.subtle.generateKey(curve, false, ["sign", "verify"]);
  const record: Key = {
    ...{ device: "d2", person: "p2", registered_at: "2026-11-18T01:00:00Z" },
    ...{ public_key: seals.key.spki, thumbprint: seals.key.thumbprint },
  };

  it.each(given)("$why", async ({ id, signature, app }) => {
    expect(await sealOf(sealer, alone(await read()), id, signature)).toBe(app);
  });

  it.each(given)("of another device: $why", async ({ id, signature, other, recorded }) => {
    const { publicKey: own } = await another();
    const ring = { own, recorded: recorded === false ? [] : [record], isTold: true };
    expect(await sealOf(sealer, ring, id, signature)).toBe(other);
  });

  it("are by the key that a record truly holds, whatever name it bears", async () => {
    const [first] = given;
    if (first === undefined) throw new Error("there are no vectors");
    const { publicKey: own } = await another();
    const { publicKey } = await another();
    const spki = Buffer.from(await crypto.subtle.exportKey("spki", publicKey));
    const forged = { ...record, public_key: spki.toString("base64url") };
    const odd = ["", "!", "AAAA"].map((public_key) => ({ ...record, public_key }));
    const look = (recorded: readonly Key[], isTold: boolean) =>
      sealOf(sealer, { own, recorded, isTold }, first.id, first.signature);
    expect(await look([forged, ...odd], true)).toBe("key-not-recorded");
    expect(await look([forged, ...odd, record], true)).toBe("genuine");
    expect(await look([], false)).toBe("elsewhere");
    expect(kidOf(first.signature)).toBe(seals.key.thumbprint);
  });

  it("have one form, and a key one name", async () => {
    const [first] = given;
    if (first === undefined) throw new Error("there are no vectors");
    expect(await payload(sha256, first.id, first.signature)).toBe(seals.payload);
    expect(await thumbprint(sealer, await read())).toBe(seals.key.thumbprint);
  });

  it("are made as they are read", async () => {
    const keys = await crypto.subtle.generateKey(curve, false, ["sign", "verify"]);
    const [first] = given;
    if (first === undefined) throw new Error("there are no vectors");
    const device_signature = await sealedWith(sealer, keys, first.id, first.signature);
    const signature = { ...first.signature, device_signature };
    const look = async (own: CryptoKey, given: Signature) =>
      sealOf(sealer, alone(own), first.id, given);
    expect(await look(keys.publicKey, signature)).toBe("genuine");
    expect(await look(await read(), signature)).toBe("elsewhere");
    expect(await look(keys.publicKey, { ...signature, title: "局长" })).toBe("broken");
  });
});

describe("time", () => {
  it.each(clock.backoff)("waits after $attempt failures, chance $chance", (vector) => {
    expect(backoffMs(vector.attempt, vector.chance)).toBe(vector.ms);
  });

  it.each(clock.retry_after)("reads Retry-After: $header", ({ header, ms }) => {
    expect(retryAfterMs(header, 0)).toBe(ms);
  });

  it.each(clock.skew)("measures $server between $sent and $received", (vector) => {
    const seen = {
      sentAt: vector.sent,
      receivedAt: vector.received,
      elapsedMs: vector.received - vector.sent,
      serverAt: vector.server,
    };
    const { offsetMs, uncertaintyMs } = measured(undefined, { ...seen, session: "s" });
    expect([offsetMs, uncertaintyMs]).toEqual([vector.offset, vector.uncertainty]);
  });
});

interface Refused {
  readonly why: string;
  readonly problem?: string;
  readonly field?: string;
}

describe("what is refused", () => {
  const all: readonly Refused[] = [...badLines, ...badOps];
  const refused = all.filter(({ problem, field }) => problem || field);
  it.each(refused)("is told in both languages: $why", ({ problem: name = "invalid-op", field }) => {
    const errors = field === undefined ? [] : [{ field, detail: "is wrong" }];
    const problem = { type: `/problems/${name}`, title: "Refused", status: 422, errors };
    const unknown = { ...problem, type: "/problems/of-a-later-version" };
    for (const language of ["en", "zh-CN"] as const) {
      setLanguage(language);
      const fields = errors.map((one) => pathOf(one.field));
      expect(whatWords(problem, fields)).not.toBe(whatWords(unknown, fields));
      expect(whatWords(problem, fields)).toContain(field ?? "");
      for (const reader of ["todo", "office"] as const) {
        expect(doWords(problem, reader)).not.toBe(doWords(unknown, reader));
      }
    }
    expect(supportWords(problem)).toContain(name);
    expect(supportWords(problem)).toContain(field ?? "");
  });
});

describe("units", () => {
  it.each(units)("reads $unit in both languages", ({ unit, zh, en }) => {
    setLanguage("en");
    expect(unitWords(unit)).toBe(en);
    setLanguage("zh-CN");
    expect(unitWords(unit)).toBe(zh);
    expect(quantity(7, unit)).toBe(unit === "" ? "7" : `7\u00a0${zh}`);
  });
});
