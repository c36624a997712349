// The app reads a form as the server does. Rule: every file of tests/vectors/forms is run here and
// by tests/unit/test_forms.py.

import { describe, expect, it } from "vitest";
import { type Elements, elementIds, evaluate, restItems } from "../../src/core/forms/evaluation.ts";
import { dewPoint, roundTo } from "../../src/core/forms/numbers.ts";
import type { ItemState, Reason, Totals } from "../../src/core/forms/states.ts";
import type { Facts } from "../../src/core/forms/verdicts.ts";
import type { Answers, Form, Group, Value } from "../../src/wire/types.ts";

interface Given {
  readonly answers?: Answers;
  readonly elements?: Elements;
  readonly photos?: Readonly<Record<string, number>>;
  readonly signatures?: readonly string[];
  readonly previous?: Readonly<Record<string, Value>>;
  readonly asset_serial?: string | null;
  readonly today?: string;
}

interface Case {
  readonly name: string;
  readonly given: Given;
  readonly items: Readonly<Record<string, unknown>>;
  readonly totals: Totals;
  readonly sections?: Readonly<Record<string, Totals>>;
  readonly rest?: Readonly<Record<string, readonly string[]>>;
}

interface Vectors {
  readonly form: Form;
  readonly cases: readonly Case[];
}

interface Numbers {
  readonly round: readonly { value: number; decimals: number; rounded: number }[];
  readonly dew_point: readonly {
    temperature: number;
    humidity: number;
    dew_point: number | null;
  }[];
}

const FILES = [
  "calculated",
  "checks",
  "choices",
  "compound",
  "compound-group",
  "conditions",
  "dates",
  "dew-point",
  "evidence",
  "grid",
  "groups",
  "numbers",
  "one-sided",
  "optional-group",
  "order",
  "readings",
  "serials",
];
const TODAY = "2026-03-01";

const found = import.meta.glob<unknown>("../../../../tests/vectors/forms/*.json", {
  eager: true,
  import: "default",
});
const vectors = new Map(
  Object.entries(found).map(([path, vector]) => [path.replace(/^.*\/(.*)\.json$/, "$1"), vector]),
);

function load<T>(name: string): T {
  if (!vectors.has(name)) throw new Error(`tests/vectors/forms/${name}.json is missing`);
  return vectors.get(name) as T;
}

function facts(given: Given): Facts {
  return {
    photos: new Map(Object.entries(given.photos ?? {})),
    signatures: new Set(given.signatures ?? []),
    previous: new Map(Object.entries(given.previous ?? {})),
    assetSerial: given.asset_serial ?? null,
    today: given.today ?? TODAY,
  };
}

function reasonSeen({ code, limit, source, rule }: Reason): unknown {
  const seen = { code, limit, source: source?.en, rule };
  return Object.fromEntries(Object.entries(seen).filter(([, value]) => value !== undefined));
}

function stateSeen(state: ItemState): unknown {
  if (!state.shown) {
    expect(state).toMatchObject({ verdict: "open", value: null, reasons: [] });
    return "hidden";
  }
  return {
    verdict: state.verdict,
    ...(state.value === null ? {} : { value: state.value }),
    ...(state.reasons.length === 0 ? {} : { reasons: state.reasons.map(reasonSeen) }),
  };
}

describe("forms", () => {
  it("runs every file of vectors", () => {
    expect([...vectors.keys()].sort()).toEqual([...FILES].sort());
  });

  for (const name of FILES.filter((file) => file !== "numbers")) {
    const { form, cases } = load<Vectors>(name);

    it.each(cases)(`${name}: $name`, ({ given, items, totals, sections, rest }) => {
      const evaluation = evaluate(form, given.answers ?? {}, given.elements ?? {}, facts(given));
      const seen = [...evaluation.items].map(([path, state]) => [path, stateSeen(state)]);
      expect(seen).toEqual(Object.entries(items)); // In the order of the form, too.
      expect(evaluation.totals).toEqual(totals);
      for (const section of evaluation.sections) {
        const expected = sections?.[section.section] ?? section.totals;
        expect(section.totals).toEqual(expected);
      }
      for (const [section, paths] of Object.entries(rest ?? {})) {
        expect(restItems(form, section, evaluation)).toEqual(paths);
      }
    });
  }

  const numbers = load<Numbers>("numbers");

  it.each(numbers.round)("rounds $value to $decimals decimals", ({ value, decimals, rounded }) => {
    expect(Object.is(roundTo(value, decimals), rounded)).toBe(true);
  });

  it.each(numbers.dew_point)("dew point of $temperature °C, $humidity %", (vector) => {
    const dew = dewPoint(vector.temperature, vector.humidity);
    expect(dew === null ? null : roundTo(dew, 6)).toBe(vector.dew_point);
  });

  it("passes over names that every object has", () => {
    const words = { zh: "字", en: "word" };
    const form: Form = {
      sections: [
        { id: "s", title: words, items: [{ type: "text", id: "constructor", title: words }] },
      ],
    };
    const evaluation = evaluate(form, {}, {}, facts({}));
    expect(evaluation.totals.missing).toEqual(["constructor"]);
  });

  it("orders elements that stand at one place by their id", () => {
    const words = { zh: "盘", en: "disk" };
    const group: Group = { type: "group", id: "disks", title: words, element: words, items: [] };
    const elements = { b: { group: "disks" }, a: { group: "disks" }, c: { group: "fans" } };
    expect(elementIds(group, elements)).toEqual(["a", "b"]);
  });
});
