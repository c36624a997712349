// The names of fields, for those who read what was written and what two people wrote at once.

import { pathWord } from "../kit/problem-words.ts";
import { t } from "./words.ts";

const FIELDS = [
  "room",
  "name",
  "number",
  "maker",
  "model",
  "serial",
  "position",
  "status",
  "warranty_until",
  "vendor_phone",
  "responsible",
  "note",
  "attributes",
  "answers",
  "elements",
  "replacements",
  "moment",
  "assignee",
  "asset",
] as const;

const ATTRIBUTES = [
  "cpu",
  "memory",
  "disks",
  "power",
  "firmware",
  "system",
  "ports",
  "purpose",
  "management_ip",
  "ip",
  "computer_name",
  "user",
  "terminal_number",
  "machine_kind",
  "device_role",
] as const;

/** An attribute of an asset in words; one that somebody named themselves stays as they wrote it. */
export function attributeWord(name: string): string {
  const known = ATTRIBUTES.find((one) => one === name);
  return known ? t(`attribute.${known}`) : name;
}

/** A field in words: "answers.inlet" is an answer; null of what nobody knows by a name. */
export function fieldLabel(path: string): string | null {
  const [first = ""] = path.split(".");
  const known = FIELDS.find((name) => name === first);
  return known ? t(`field.${known}`) : pathWord(path);
}

/** The same; a field of a newer server as it came. */
export function fieldWord(path: string): string {
  return fieldLabel(path) ?? path;
}
