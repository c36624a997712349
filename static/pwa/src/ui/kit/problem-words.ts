// What a problem says to the person who reads it: what is wrong and what to do, by the last word of its
// type. Rule: the server's own sentences are for those who help; they stand behind an unfold.

import type { Problem } from "../../wire/types.ts";
import { en } from "../words/en/problems.ts";
import { area } from "../words/index.ts";
import { zh } from "../words/zh/problems.ts";

const t = area(zh, en);

type Keys = keyof typeof zh;

function isWord(key: string): key is Keys {
  return Object.hasOwn(zh, key);
}

/** The words of a key that takes no values; null where this version has none. */
function said(key: string): string | null {
  return isWord(key) && key !== "what.fields" ? t(key) : null;
}

/** The last word of a problem's type; a line without a problem could not be read. */
function nameOf(problem: Problem | null): string {
  return problem?.type.split("/").at(-1) ?? "unreadable-line";
}

/** "不合规则，没有写入：序列号、名称". */
export function whatWords(problem: Problem | null, fields: readonly string[]): string {
  const what = said(`what.${nameOf(problem)}`) ?? t("what.other");
  const named = [...new Set(fields)].join(t("list"));
  return named === "" ? what : t("what.fields", { what, fields: named });
}

export type Reader = "todo" | "office";

/** What to do about it: for who made the change (`todo`), or who decides over it (`office`). */
export function doWords(problem: Problem | null, reader: Reader): string {
  return said(`${reader}.${nameOf(problem)}`) ?? t(`${reader}.other`);
}

/** Said where the change itself is not on this device, so that nothing of it can be mended here. */
export function elsewhereWords(): string {
  return t("todo.elsewhere");
}

/** As it came, for those who help: each member that is wrong, what is said of it, and the type. */
export function supportWords(problem: Problem | null): string {
  if (problem === null) return "";
  const members = (problem.errors ?? []).map(({ field, detail }) => `${field} ${detail}`);
  const detail = members.length > 0 ? members : [problem.detail ?? ""];
  return [...detail, problem.title, nameOf(problem)].filter(Boolean).join(" · ");
}

/** The part of a record that a path leads to; null of what nobody knows by a name. */
export function pathWord(path: string): string | null {
  const [first = ""] = path.split(".");
  return first === "other" ? null : said(`path.${first}`);
}

/** The part of a record that no word names: of a newer version. */
export function otherPart(): string {
  return t("path.other");
}

/** Where in the record a problem's member lies: without the part of the op that held it. */
export function pathOf(field: string): string {
  return field.replace(/^(set|add|remove)\./, "");
}
