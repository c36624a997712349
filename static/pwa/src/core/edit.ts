// An edit as a screen makes it, and the op that it becomes. Rule: pure; `n`, id and time are given.

import type { KindName } from "../wire/kinds.ts";
import { FIELDS_PER_OP_MAX, OP_BYTES_MAX } from "../wire/limits.ts";
import type { Id, Made, Op } from "../wire/types.ts";
import { cleaned, member } from "./json.ts";
import { fieldRule, homeField } from "./kinds.ts";

/**
 * What a person changed on one record. Paths: `field`, `field.key` of registers, `field.element` or
 * `field.element.field[.key]` of grow.
 */
export interface Edit {
  readonly kind: KindName;
  readonly record: Id;
  /** The record is made by this edit. */
  readonly new?: boolean;
  /** The record (or site) that a new record belongs to; taken from its home field when absent. */
  readonly parent?: Id;
  /** The version that the screen showed, when that may be older than what is on the device now. */
  readonly base?: number;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly add?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly remove?: Readonly<Record<string, readonly string[]>>;
  readonly withdraw?: boolean;
  /** The op that this one mends; one that changes nothing discards it. */
  readonly replaces?: Id;
  /** The number of that op, where it was counted in this lineage. */
  readonly origN?: number;
  /** Why, said by the person. */
  readonly words?: string;
}

/** An edit that no server could take: a fault of the screen that made it, never of the person. */
export class EditRefused extends Error {
  override readonly name = "EditRefused";
}

// As `Path` of schemas/ops.py.
const PATH = /^[a-z][a-z0-9_]{0,63}(\.[a-z0-9][a-z0-9_-]{0,131}){0,3}$/;

interface Stamp {
  readonly n: number;
  readonly id: Id;
  readonly by: Id;
  readonly base: number;
  readonly made: Made;
}

/** Make the op of an edit. Throws EditRefused or NotJson when it could never be sent. */
export function opOf(edit: Edit, stamp: Stamp): Op {
  for (const path of pathsOf(edit)) checkPath(edit, path);
  if (pathsOf(edit).length > FIELDS_PER_OP_MAX) throw new EditRefused("too many fields at once");
  const op: Op = {
    ...stamp,
    kind: edit.kind,
    record: edit.record,
    ...(edit.new ? { new: true, parent: parentOf(edit) } : {}),
    ...(edit.set ? { set: cleanedMembers(edit.set) } : {}),
    ...(edit.add ? { add: cleanedElements(edit.add) } : {}),
    ...(edit.remove ? { remove: edit.remove } : {}),
    ...(edit.withdraw ? { withdraw: true } : {}),
    ...(edit.replaces ? { replaces: edit.replaces } : {}),
    ...(edit.origN === undefined ? {} : { orig_n: edit.origN }),
    ...(edit.words ? { words: String(cleaned(edit.words)) } : {}),
  };
  const bytes = opBytes(op);
  if (bytes > OP_BYTES_MAX) throw new EditRefused(`${bytes} bytes; ${OP_BYTES_MAX} are the limit`);
  return op;
}

/** The size of an op on the wire, with its newline. */
export function opBytes(op: Op): number {
  return new TextEncoder().encode(JSON.stringify(op)).length + 1;
}

/**
 * Put a later edit into an op that was never sent, so that thirty keystrokes are one op. Only when
 * it does nothing but set again what the op sets. The base stays: it is what the person began from.
 */
export function coalesced(op: Op, edit: Edit, by: Id, made: Made): Op | undefined {
  const paths = Object.keys(edit.set ?? {});
  const only = !(edit.new || edit.add || edit.remove || edit.withdraw) && paths.length > 0;
  // One that stands for another keeps what it stands for; a witness is nobody's edit.
  if (edit.replaces || op.replaces || op.witness) return undefined;
  const same =
    op.by === by && !op.withdraw && paths.every((path) => member(op.set, path) !== undefined);
  if (!only || !same) return undefined;
  const set = { ...op.set, ...edit.set };
  return opOf(
    { ...edit, new: op.new, parent: op.parent ?? undefined, add: op.add, remove: op.remove, set },
    {
      n: op.n,
      id: op.id,
      by,
      base: op.base ?? 0,
      made,
    },
  );
}

/** Every path that an edit or an op touches. */
export function pathsOf(edit: Pick<Edit, "set" | "add" | "remove">): readonly string[] {
  return [edit.set, edit.add, edit.remove].flatMap((part) => Object.keys(part ?? {}));
}

/** Tell whether two edits touch one value: the same path, or one inside the other. */
export function overlaps(one: Pick<Edit, "set" | "add" | "remove">, other: typeof one): boolean {
  const others = pathsOf(other);
  return pathsOf(one).some((a) =>
    others.some((b) => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)),
  );
}

function checkPath(edit: Edit, path: string): void {
  const field = path.split(".", 1)[0] ?? "";
  const found = fieldRule(edit.kind, field);
  if (!PATH.test(path) || found === undefined) {
    throw new EditRefused(`${edit.kind} has no field ${path}`);
  }
  if (!found.device) throw new EditRefused(`${edit.kind}.${field} is written by the office`);
  if (found.rule === "fixed" && !edit.new) {
    throw new EditRefused(`${edit.kind}.${field} is set when the record is made, and never after`);
  }
}

function parentOf(edit: Edit): Id {
  const parent = edit.parent ?? member(edit.set, homeField(edit.kind));
  if (typeof parent !== "string") throw new EditRefused(`a new ${edit.kind} must name its parent`);
  return parent;
}

/** `depth`: the brackets of the op that are open around each value. */
function cleanedMembers(members: Readonly<Record<string, unknown>>, depth = 2) {
  return Object.fromEntries(
    Object.entries(members).map(([path, value]) => [path, cleaned(value, depth)]),
  );
}

function cleanedElements(add: NonNullable<Edit["add"]>) {
  return Object.fromEntries(
    Object.entries(add).map(([path, elements]) => [path, cleanedMembers(elements, 3)]),
  );
}
