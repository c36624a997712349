// What the app must know of a kind: the rule of each field, and the keys by which records are found.
// Rule: pure; the table of fields is the wire's own, the keys are derived from the body alone.

import type { KindName } from "../wire/kinds.ts";
import { KINDS } from "../wire/kinds.ts";
import { isMapping, type Mapping, member } from "./json.ts";

export interface FieldRule {
  readonly rule: string;
  readonly device: boolean;
}

/** Give the rule of a field; undefined for a kind or field that this version does not know. */
export function fieldRule(kind: string, field: string): FieldRule | undefined {
  const found = member(member(member(KINDS, kind), "fields"), field);
  const rule = member(found, "rule");
  if (typeof rule !== "string") return undefined;
  return { rule, device: member(found, "device") === true };
}

/** The field that names the home (parent) of a record of this kind; empty when it has none. */
export function homeField(kind: KindName): string {
  return KINDS[kind].home.field;
}

export function isKind(kind: string): kind is KindName {
  return Object.hasOwn(KINDS, kind);
}

// By which fields a record is looked up. `as` gathers several fields under one name.
interface KeyField {
  readonly field: string;
  readonly as?: string;
}
const KEY_FIELDS: Partial<Record<KindName, readonly KeyField[]>> = {
  template: [{ field: "key" }],
  room: [{ field: "site" }],
  asset: [{ field: "site" }, { field: "room" }, { field: "serial" }, { field: "number" }],
  tag: [{ field: "code" }, { field: "asset" }],
  assignment: [
    { field: "site" },
    { field: "assignee", as: "person" },
    { field: "backup", as: "person" },
  ],
  visit: [{ field: "site" }, { field: "assignment" }],
  inspection: [{ field: "assignment" }, { field: "asset" }],
  finding: [{ field: "asset" }, { field: "inspection" }],
  attachment: [{ field: "parent" }],
  signature: [{ field: "of" }],
  member: [{ field: "site" }, { field: "person" }],
  disposition: [{ field: "op" }, { field: "record" }],
  key: [{ field: "device" }, { field: "thumbprint" }],
};

/**
 * Write a key as it is indexed, for example `asset.serial:SN-1`. Serial numbers and asset numbers
 * are typed and scanned in any case, so case and outer spaces do not count.
 */
export function key(kind: KindName, name: string, value: string): string {
  return `${kind}.${name}:${value.trim().toUpperCase()}`;
}

/** Give every key of a record, from its body. A kind that is not known has none. */
export function keysOf(kind: string, data: Mapping): readonly string[] {
  if (!isKind(kind)) return [];
  const found = new Set<string>();
  for (const { field, as } of KEY_FIELDS[kind] ?? []) {
    const value = member(data, field);
    if (typeof value === "string" && value !== "") found.add(key(kind, as ?? field, value));
  }
  // A target is looked up by its asset too: "in which rounds of mine is what I have just scanned?"
  if (kind === "assignment") for (const one of targets(data)) found.add(key(kind, "asset", one));
  return [...found];
}

function targets(data: Mapping): readonly string[] {
  const list = member(data, "targets");
  if (!Array.isArray(list)) return [];
  return list.filter(isMapping).flatMap(({ asset }) => (typeof asset === "string" ? [asset] : []));
}
