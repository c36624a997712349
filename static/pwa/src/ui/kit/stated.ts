// What a document says, read from its own text alone. Rule: nothing is believed; what another client
// left out is left out here, and never made up.

import { isMapping, member, parsed } from "../../core/json.ts";
import type { Counted, ListedAbnormal, Stated } from "../../wire/types.ts";

/** The parts of a signed document that people read. `isShort`: a list was too long to be kept. */
export interface Read extends Stated {
  readonly isShort: boolean;
}

export function readStated(document: string): Read {
  const said = parsed(document);
  const photos = member(said, "photos");
  return {
    site: text(member(said, "site")),
    engineer: text(member(said, "engineer")),
    statement: texts(member(said, "statement")),
    counts: countsOf(member(said, "counts")),
    abnormal: list(member(said, "abnormal")).map(abnormalOf),
    problems: texts(member(said, "problems")),
    not_inspected: texts(member(said, "not_inspected")),
    photos: typeof photos === "number" ? photos : null,
    isShort: member(said, "abnormal_digest") !== undefined,
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): readonly string[] {
  return list(value).filter((one) => typeof one === "string");
}

function countsOf(value: unknown): Counted | null {
  if (!isMapping(value)) return null;
  const count = (name: string): number => {
    const found = member(value, name);
    return typeof found === "number" ? found : 0;
  };
  return {
    inspected: count("inspected"),
    normal: count("normal"),
    abnormal: count("abnormal"),
    not_inspected: count("not_inspected"),
  };
}

function abnormalOf(value: unknown): ListedAbnormal {
  const [asset, severity, said] = ["asset", "severity", "text"].map((name) =>
    text(member(value, name)),
  );
  return { asset: asset ?? "", severity: severity ?? "", text: said ?? "" };
}
