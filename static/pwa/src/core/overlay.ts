// What a screen shows of a record: the base as pulled, with the device's own ops on top, in order of n.
// Rule: pure. Nothing is changed in place, so a base that is pulled again is never mixed with an op.

import type { Op } from "../wire/types.ts";
import { isMapping, type Mapping, member } from "./json.ts";
import { fieldRule } from "./kinds.ts";

export type Patch = Pick<Op, "kind" | "new" | "set" | "add" | "remove" | "withdraw">;

/** Apply patches in order. Undefined: there is no such record here (never made, or withdrawn). */
export function overlaid(base: Mapping | undefined, patches: readonly Patch[]) {
  return patches.reduce(patched, base);
}

/** Apply one patch. Without a base only a creation makes a record: nothing comes back by itself. */
export function patched(base: Mapping | undefined, patch: Patch): Mapping | undefined {
  if (patch.withdraw) return undefined;
  if (base === undefined && !patch.new) return undefined;
  let data: Mapping = base ?? {};
  for (const [path, elements] of Object.entries(patch.add ?? {})) {
    data = within(data, path.split("."), (old) => merged(old, elements)) ?? data;
  }
  for (const [path, value] of Object.entries(patch.set ?? {})) {
    data = placed(patch.kind, data, path, value);
  }
  for (const [path, gone] of Object.entries(patch.remove ?? {})) {
    data = within(data, path.split("."), (old) => without(old, gone)) ?? data;
  }
  return data;
}

function placed(kind: string, data: Mapping, path: string, value: unknown): Mapping {
  const [field = "", element, ...inner] = path.split(".");
  const rule = fieldRule(kind, field)?.rule;
  if (element === undefined) {
    const stands = rule === "forward" && !isFurther(value, member(data, field));
    return stands ? data : { ...data, [field]: value };
  }
  // An edit of a removed element is a conflict; it does not bring half of the element back.
  const known = isMapping(member(member(data, field), element));
  if (rule === "grow" && inner.length > 0 && !known) return data;
  return within(data, path.split("."), () => value) ?? data;
}

/** Change what lies at a path; mappings on the way are made. Undefined: something else is in the way. */
function within(
  data: Mapping,
  path: readonly string[],
  change: (old: unknown) => unknown,
): Mapping | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return undefined;
  const old = member(data, first);
  if (rest.length === 0) return { ...data, [first]: change(old) };
  if (old !== undefined && old !== null && !isMapping(old)) return undefined;
  const inner = within(isMapping(old) ? old : {}, rest, change);
  return inner && { ...data, [first]: inner };
}

/** Both mappings, member by member; where both have one, the newer stands. */
function merged(old: unknown, newer: Mapping): Mapping {
  const result: Record<string, unknown> = isMapping(old) ? { ...old } : {};
  for (const [key, value] of Object.entries(newer)) {
    const before = member(old, key);
    result[key] = isMapping(before) && isMapping(value) ? merged(before, value) : value;
  }
  return result;
}

function without(old: unknown, gone: readonly string[]): unknown {
  if (!isMapping(old)) return old;
  return Object.fromEntries(Object.entries(old).filter(([key]) => !gone.includes(key)));
}

// The steps of a `forward` field, in their order; a higher round beats any step of a lower one.
const STEPS: readonly unknown[] = ["draft", "submitted"];

function place(step: unknown): readonly [round: number, step: number] {
  const round = member(step, "round") ?? 1;
  return [typeof round === "number" ? round : 1, STEPS.indexOf(member(step, "step") ?? "draft")];
}

function isFurther(ours: unknown, standing: unknown): boolean {
  const [round, step] = place(ours);
  const [oldRound, oldStep] = place(standing);
  return round > oldRound || (round === oldRound && step >= oldStep);
}
