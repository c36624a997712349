// Whatever the server may say of a change has words in both languages, and every part a device writes a name.

import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { doWords, pathWord, supportWords, whatWords } from "../../src/ui/kit/problem-words.ts";
import { LANGUAGES, setLanguage } from "../../src/ui/words/index.ts";
import { KINDS } from "../../src/wire/kinds.ts";
import type { Problem } from "../../src/wire/types.ts";

afterEach(() => setLanguage("zh-CN"));

const documented = readFileSync("../../docs/problems.md", "utf8");
const table = readFileSync("../../docs/protocol.md", "utf8").split("Failure table")[1] ?? "";
const rows = table.split("\n").filter((line) => line.startsWith("| "));
const slugsOf = (row: string) =>
  [...row.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, slug]) => slug);

/** What an outcome carries, and what is said of a whole push that holds one change alone. */
const OF_ONE = rows.filter((row) => row.includes("outcome")).flatMap(slugsOf);
const OF_PUSH = rows
  .filter((row) => /halves the batch, then|as for 400/.test(row))
  .flatMap(slugsOf);
const told = (slug: string): Problem => ({ type: `/problems/${slug}`, title: "x", status: 422 });

test("the document names what an outcome carries, and each has its section", () => {
  expect(OF_ONE).toEqual(
    expect.arrayContaining(["unreadable-line", "invalid-op", "not-permitted"]),
  );
  expect(OF_PUSH).toContain("push-header-unreadable");
  for (const slug of [...OF_ONE, ...OF_PUSH]) expect(documented).toContain(`\n## ${slug}\n`);
});

test.each(LANGUAGES)(
  "every problem of a change has words in %s, its own and not the server's",
  (one) => {
    setLanguage(one);
    const unknown = told("of-a-later-server");
    for (const slug of [...OF_ONE, ...OF_PUSH].filter((slug) => slug !== undefined)) {
      expect(whatWords(told(slug), []), slug).not.toBe(whatWords(unknown, []));
      expect(doWords(told(slug), "todo"), slug).not.toBe(doWords(unknown, "todo"));
    }
    for (const slug of OF_ONE.filter((slug) => slug !== undefined)) {
      expect(doWords(told(slug), "office"), slug).not.toBe(doWords(unknown, "office"));
    }
  },
);

test("both languages say it each in its own words", () => {
  const said = (problem: Problem) => [
    whatWords(problem, []),
    doWords(problem, "todo"),
    doWords(problem, "office"),
  ];
  for (const slug of [...OF_ONE, ...OF_PUSH, "of-a-later-server"]) {
    setLanguage("zh-CN");
    const chinese = said(told(slug ?? ""));
    setLanguage("en");
    const english = said(told(slug ?? ""));
    for (const phrase of chinese) expect(phrase).toMatch(/\p{Script=Han}/u);
    for (const phrase of english) expect(phrase).not.toMatch(/\p{Script=Han}/u);
  }
});

test("every part of a record that a device writes has a name, but for what a screen names itself", () => {
  const named = ["room", "name", "number", "maker", "model", "serial", "position", "status"];
  const asset = ["warranty_until", "vendor_phone", "responsible", "note", "asset"];
  for (const kind of Object.values(KINDS)) {
    for (const [field, { device }] of Object.entries(kind.fields)) {
      if (device && ![...named, ...asset].includes(field))
        expect(pathWord(field), field).not.toBeNull();
    }
  }
});

test("what no person knows by a name has none, and names of parts come once", () => {
  for (const path of ["kind", "orig_n", "made.wall", "other", "$"])
    expect(pathWord(path)).toBeNull();
  expect(whatWords(told("invalid-op"), ["名称", "名称", "型号"])).toBe(
    "不合规则，没有写入：名称、型号",
  );
});

test("the server's own words are kept for those who help", () => {
  const errors = [{ field: "name", detail: "Expected `str`, got `int`" }];
  const problem: Problem = { ...told("invalid-op"), title: "The change breaks a rule", errors };
  expect(supportWords(problem)).toBe(
    "name Expected `str`, got `int` · The change breaks a rule · invalid-op",
  );
  expect(whatWords(problem, [])).not.toContain("Expected");
});
