// What waits for the engineer: values in conflict, work that was refused, inspections sent back.
// Rule: each in plain words with both values or the field that is wrong; nothing is left out, so that the
// list is as long as the number on the status line.

import { member } from "../../core/json.ts";
import { isKind } from "../../core/kinds.ts";
import type { Entry } from "../../core/outbox.ts";
import { overlaid } from "../../core/overlay.ts";
import { heldBehind, isForPerson } from "../../core/status.ts";
import { isReturned, type Seen } from "../../core/work.ts";
import { seenOf } from "../../db/records.ts";
import { openDispositions } from "../../db/status.ts";
import type { Session } from "../../sync/session.ts";
import type { KindName } from "../../wire/kinds.ts";
import type { Disposition, Id, Problem, Settled } from "../../wire/types.ts";
import {
  doWords,
  elsewhereWords,
  otherPart,
  pathOf,
  pathWord,
  supportWords,
  whatWords,
} from "../kit/problem-words.ts";
import { locate } from "./inspect/form.ts";
import { assetPath, inspectPath, roundPath } from "./paths.ts";
import { type FieldLabel, inLanguage, t } from "./words.ts";

export interface Differing {
  readonly label: string;
  readonly mine: string;
  readonly theirs: string;
}

/** What is read of a session. */
type Work = Pick<Session, "records" | "person">;

export interface Need {
  readonly key: string;
  readonly kind: "conflict" | "rejected" | "lost" | "returned";
  /** What it is about: the device, the tag, the visit. */
  readonly name: string;
  readonly why: string;
  /** Of a refusal: what to do about it. */
  readonly todo: string;
  /** Of a conflict: what this device wrote, and what stands. */
  readonly fields: readonly Differing[];
  /** Where it can be mended; null when nothing of it is here any more. */
  readonly path: string | null;
  /** The server's own words, for those who help. */
  readonly support: string;
  /** Of a refusal: what was sent, as it stands in the outbox; null when it is not here. */
  readonly entry: Entry | null;
  readonly problem: Problem | null;
  /** What waits behind it, and runs when it is mended. */
  readonly behind: readonly { readonly key: Id; readonly name: string }[];
}

/** What became of one that needed somebody: by whom, when, with which words. */
export interface Done {
  readonly key: Id;
  readonly name: string;
  readonly how: Settled["how"] | "sent";
  readonly by: string;
  /** Null while the server has not said so. */
  readonly at: string | null;
  readonly words: string;
}

/** Everything, the returned last: they can be mended calmly. `entries`: of the outbox, the refused. */
export function needsOfRecords(session: Work, entries: readonly Entry[]): readonly Need[] {
  const { records, person } = session;
  const open = openDispositions(records);
  const behind = heldBehind(open);
  const byOp = new Map(entries.map((entry) => [entry.id, entry]));
  const notices = open.filter(isForPerson);
  const refused = entries.filter(({ state, over }) => state === "refused" && over === undefined);
  const returned = records
    .ofKind("inspection")
    .filter(({ data }) => data.inspector === person.person && isReturned(data));
  return [
    ...notices.map((data) => ({
      ...fromNotice(session, data, byOp.get(data.op)),
      behind: (behind.get(data.op) ?? []).map((one) => heldOf(session, one, byOp.get(one.op))),
    })),
    ...refused.map((entry) => fromRefused(session, entry)),
    ...lostPhotos(records).map((seen) => fromLost(session, seen)),
    ...returned.map((inspection) => fromReturned(session, inspection)),
  ];
}

/** As many of what is over as a person looks back on. */
const DONE_MAX = 20;

/** What is over, or on its way, the latest first. */
export function doneOfRecords({ records }: Work, entries: readonly Entry[]): readonly Done[] {
  const [replaced, witnesses] = [records.replaced(), records.witnesses()];
  const byOp = new Map(entries.map((entry) => [entry.id, entry]));
  const told = records.ofKind("disposition").map(({ data }) => data);
  const done = told.flatMap((data): readonly Done[] => {
    const { op: key, settled } = data;
    const isOnItsWay = replaced.has(key) && !settled;
    if (witnesses.has(key) || (!settled && !isOnItsWay)) return [];
    const name = heldOf({ records }, data, byOp.get(key)).name;
    if (!settled) return [{ key, name, how: "sent", by: "", at: null, words: "" }];
    const { how, by_name: by = "", at, words = "" } = settled;
    return [{ key, name, how, by, at, words }];
  });
  return done
    .toSorted((one, other) => ((one.at ?? "9") > (other.at ?? "9") ? -1 : 1))
    .slice(0, DONE_MAX);
}

/** What waits for others: in review, or behind what is. */
export function withOfficeOfRecords({ records }: Pick<Session, "records">): readonly {
  readonly key: Id;
  readonly name: string;
  readonly told: Disposition;
}[] {
  const open = openDispositions(records);
  const behind = new Set([...heldBehind(open).values()].flat());
  return open
    .filter((told) => !isForPerson(told) && !behind.has(told))
    .map((told) => ({ ...heldOf({ records }, told, undefined), told }));
}

function heldOf(session: Pick<Session, "records">, told: Disposition, entry: Entry | undefined) {
  const { op: key, record, record_kind: kind = "" } = told;
  const seen = record ? session.records.any(record) : undefined;
  return { key, name: aboutOf(session, seen ?? seenIn(entry), kind).name };
}

/** A record that only the op itself tells of: its creation was not taken. */
export function seenIn(entry: Entry | undefined): Seen<KindName> | undefined {
  if (!entry?.op.new || !isKind(entry.kind)) return undefined;
  const data = overlaid(undefined, [entry.op]);
  return data && seenOf(entry.record, entry.kind, null, 0, data);
}

function fromNotice(session: Work, notice: Disposition, entry: Entry | undefined): Need {
  const { op: key, outcome, record, record_kind: kind = "", problem, fields = [] } = notice;
  const seen = (record ? session.records.any(record) : undefined) ?? seenIn(entry);
  const about = aboutOf(session, seen, kind);
  if (outcome === "conflict") {
    const first = fields[0];
    const why = first ? t("need.differs", { field: fieldWords(session, seen, first.path) }) : "";
    return {
      key,
      kind: "conflict",
      ...about,
      why,
      fields: fields.map(({ path, theirs, ours }) => ({
        label: fieldWords(session, seen, path),
        // In the protocol's words: theirs is the device's, ours the server's.
        mine: valueWordsAt(session, seen, path, theirs),
        theirs: valueWordsAt(session, seen, path, ours),
      })),
      ...NO_OP,
    };
  }
  return {
    key,
    kind: "rejected",
    ...about,
    fields: [],
    ...refusalWords(session, seen, problem ?? null, entry ?? null),
    behind: [],
  };
}

const NO_OP = { todo: "", support: "", entry: null, problem: null, behind: [] } as const;

function fromRefused(session: Work, entry: Entry): Need {
  const seen = session.records.any(entry.record) ?? seenIn(entry);
  const problem = entry.problem ?? null;
  return {
    key: entry.id,
    kind: "rejected",
    ...aboutOf(session, seen, entry.kind),
    fields: [],
    ...refusalWords(session, seen, problem, entry),
    behind: [],
  };
}

/** What was stored of them is not what was taken, and the server has them neither. */
function lostPhotos(records: Work["records"]): readonly Seen<KindName>[] {
  const lost = [...records.photosHere()].filter(([, state]) => state === "lost");
  return lost
    .flatMap(([id]) => records.record("attachment", id) ?? [])
    .filter(({ data }) => !data.received_at);
}

function fromLost(session: Work, seen: Seen<KindName>): Need {
  const about = aboutOf(session, seen, "attachment");
  return { key: seen.id, kind: "lost", ...about, why: "", fields: [], ...NO_OP };
}

function fromReturned(session: Work, { id, data }: Seen<"inspection">): Need {
  const seen = session.records.any(id);
  const round = data.review?.round ?? 1;
  const said = Object.values(data.remarks ?? {}).filter(
    (remark) => remark.origin === "office" && (remark.round ?? 1) >= round,
  );
  const [first] = said;
  const reason = data.review?.reason ?? "";
  const name = first?.author_name ?? data.review?.reviewer_name ?? "";
  const text = [
    first?.text ?? reason,
    said.length > 1 ? t("need.more", { n: said.length - 1 }) : "",
  ];
  const why = t("need.said", { name, text: text.filter(Boolean).join(" ") });
  return {
    key: id,
    kind: "returned",
    ...aboutOf(session, seen, "inspection"),
    why,
    fields: [],
    ...NO_OP,
  };
}

/** Name and address of what a notice is about. */
export function aboutOf(
  session: Pick<Session, "records">,
  seen: Seen<KindName> | undefined,
  kind: string,
): Pick<Need, "name" | "path"> {
  const { records } = session;
  const nameOf = (asset: Id) => records.record("asset", asset)?.data.name ?? t("asset.notHere");
  const data = seen?.data;
  if (seen && isOf(seen, "inspection")) {
    const { asset, assignment = null } = seen.data;
    return { name: nameOf(asset), path: inspectPath(assignment, asset) };
  }
  if (seen && isOf(seen, "asset"))
    return { name: seen.data.name || kindWords(kind), path: assetPath(seen.id) };
  if (data && "asset" in data && typeof data.asset === "string") {
    // What waits for its device to be made is called by what it is.
    const name = records.record("asset", data.asset)?.data.name ?? kindWords(kind);
    return { name, path: assetPath(data.asset) };
  }
  if (data && "parent" in data) return aboutOf(session, records.any(data.parent), kind);
  if (data && "of" in data) return aboutOf(session, records.any(data.of), kind);
  if (data && "engineer" in data) {
    const path = data.assignment ? roundPath(data.assignment) : null;
    return { name: t("kind.visit"), path };
  }
  return { name: kindWords(kind), path: null };
}

function isOf<K extends KindName>(seen: Seen<KindName>, kind: K): seen is Seen<K> {
  return seen.kind === kind;
}

const KINDS: Readonly<Record<string, FieldLabel>> = {
  asset: "kind.asset",
  attachment: "kind.attachment",
  finding: "kind.finding",
  inspection: "kind.inspection",
  signature: "kind.signature",
  tag: "kind.tag",
  visit: "kind.visit",
};

function kindWords(kind: string): string {
  const key = KINDS[kind];
  return key ? t(key) : kind;
}

const FIELDS: Readonly<Record<string, FieldLabel>> = {
  name: "asset.name",
  number: "asset.number",
  maker: "asset.maker",
  model: "asset.model",
  serial: "asset.serial",
  position: "asset.position",
  room: "asset.room",
  category: "asset.category",
  status: "asset.status",
  warranty_until: "asset.warranty",
  vendor_phone: "asset.vendor",
  responsible: "asset.responsible",
  note: "asset.note",
  asset: "kind.asset",
  contact: "visit.contact",
};

/** A path in words: the question of a checklist with its element, or the name of a field. */
export function fieldWords(
  session: Pick<Session, "records">,
  seen: Seen<KindName> | undefined,
  path: string,
): string {
  return labelAt(session, seen, path) ?? otherPart();
}

/** The same; null of what nobody on the tablet knows by a name. */
function labelAt(
  session: Pick<Session, "records">,
  seen: Seen<KindName> | undefined,
  path: string,
): string | null {
  const item = itemAt(session, seen, path);
  const [field = "", element = ""] = path.split(".");
  if (item) {
    const elements = seen && "elements" in seen.data ? seen.data.elements : undefined;
    return [elements?.[element]?.name, inLanguage(item.title)].filter(Boolean).join(" · ");
  }
  const key = FIELDS[field];
  return key ? t(key) : pathWord(path);
}

/** The question of a checklist that a path answers. */
export function itemAt(
  { records }: Pick<Session, "records">,
  seen: Seen<KindName> | undefined,
  path: string,
) {
  if (!seen || !("template" in seen.data)) return undefined;
  const { template: id } = seen.data;
  const template = typeof id === "string" ? records.record("template", id) : undefined;
  const parts = path.split(".");
  const [field = "", element = ""] = parts;
  const item = parts.at(-1) ?? "";
  const group = "elements" in seen.data ? (seen.data.elements?.[element]?.group ?? "") : "";
  const asked = field === "elements" ? `${group}.${element}.${item}` : item;
  return template && locate(template.data.form, asked)?.item;
}

const CHOSEN: readonly string[] = ["check", "choice", "call", "photo", "signature"];

/** Tell whether a value is chosen, not typed: then it is mended where it was asked. */
export function isChoice(
  session: Pick<Session, "records">,
  seen: Seen<KindName> | undefined,
  path: string,
): boolean {
  return CHOSEN.includes(itemAt(session, seen, path)?.type ?? "");
}

const PLAIN: Readonly<Record<string, FieldLabel>> = {
  pass: "answer.normal",
  fail: "answer.abnormal",
};

/** A value as a person reads it: what was chosen in the words of its form. */
export function valueWordsAt(
  session: Pick<Session, "records">,
  seen: Seen<KindName> | undefined,
  path: string,
  value: unknown,
): string {
  const item = itemAt(session, seen, path);
  const chosen = member(value, "value");
  if (item?.type !== "choice" || chosen === undefined || chosen === null) return valueWords(value);
  const titles = new Map(item.options.map(({ id, title }) => [id, inLanguage(title)]));
  const words = [chosen].flat().map((one) => titles.get(String(one)) ?? String(one));
  return words.length > 0 ? words.join(t("list.comma")) : t("need.empty");
}

/** A value of any field, as a person reads it. */
export function valueWords(value: unknown): string {
  if (value === null || value === undefined || value === "") return t("need.empty");
  if (typeof value === "object" && !Array.isArray(value)) {
    if ("na" in value && value.na === true) return t("answer.na");
    if ("value" in value) return valueWords(value.value);
    if ("text" in value) return valueWords(value.text);
    return JSON.stringify(value);
  }
  const known = typeof value === "string" ? PLAIN[value] : undefined;
  if (known) return t(known);
  return Array.isArray(value) ? value.map(valueWords).join(t("list.comma")) : String(value);
}

/** What is wrong with which part, and what its person can do about it. */
function refusalWords(
  session: Work,
  seen: Seen<KindName> | undefined,
  problem: Problem | null,
  entry: Entry | null,
): Pick<Need, "why" | "todo" | "support" | "entry" | "problem"> {
  const fields = (problem?.errors ?? []).flatMap(
    ({ field }) => labelAt(session, seen, pathOf(field)) ?? [],
  );
  return {
    why: whatWords(problem, fields),
    todo: entry ? doWords(problem, "todo") : elsewhereWords(),
    support: supportWords(problem),
    entry,
    problem,
  };
}
