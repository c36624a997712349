// The status line's items, gathered from the records in memory. Rule: reads only; what the numbers mean
// is decided in core/status.ts.

import { type Item, isForPerson, type Phase, type Status, statusOf } from "../core/status.ts";
import { isReturned, itemOf, type Seen, stepOf } from "../core/work.ts";
import type { KindName } from "../wire/kinds.ts";
import type { Disposition, Id } from "../wire/types.ts";
import type { Records } from "./records.ts";

/** Everything that this device did or is asked to do, as items. Subscribes to what it reads. */
export function statusOfRecords(records: Records, person: Id, phase: Phase): Status {
  const ids = new Set<Id>();
  const members = new Map<Id, Id[]>();
  const join = (item: Id, member: Id): void => {
    ids.add(item);
    members.set(item, [...(members.get(item) ?? []), member]);
  };
  for (const { id } of records.touched()) join(ownerOf(records.any(id), id), id);
  // Its ops may have gone long since; its bytes have not.
  for (const id of records.photosHere().keys()) {
    if (records.any(id)) join(ownerOf(records.any(id), id), id);
  }
  for (const { id, data } of records.ofKind("inspection")) {
    if (data.inspector === person && isReturned(data)) ids.add(id);
  }
  const open = openDispositions(records);
  const items = [...ids].map((id) => itemFrom(records, id, members.get(id) ?? [], open));
  const witnesses = [...records.witnesses().values()].filter(({ isOpen }) => isOpen).length;
  return statusOf(phase, items, open, witnesses);
}

/** One inspection (or other record) with its photos and signatures. */
export function itemOfRecord(records: Records, id: Id): Item {
  const children = [
    ...records.by("attachment", "parent", id),
    ...records.by("signature", "of", id),
  ].map((child) => child.id);
  return itemFrom(records, id, [id, ...children], openDispositions(records));
}

/** What nobody has settled: neither the server, nor the person by an op that is on its way. */
export function openDispositions(records: Records): readonly Disposition[] {
  const [witnesses, replaced] = [records.witnesses(), records.replaced()];
  const all = records.ofKind("disposition").map(({ data }) => data);
  return all.filter(({ settled, op }) => !settled && !witnesses.has(op) && !replaced.has(op));
}

function itemFrom(
  records: Records,
  id: Id,
  members: readonly Id[],
  open: readonly Disposition[],
): Item {
  const inspection = records.record("inspection", id)?.data;
  const all = new Set([id, ...members]);
  const mine = open.filter(({ record }) => record && all.has(record));
  const here = records.photosHere();
  const away = [...all].filter((member) => here.has(member) && isAway(records, member));
  return {
    id,
    tally: records.tally([...all]),
    photosLeft: away.length,
    photosLost: away.filter((member) => here.get(member) === "lost").length,
    isDraft: inspection !== undefined && stepOf(inspection).step === "draft",
    isReturned: inspection !== undefined && isReturned(inspection),
    needsYou: mine.some(isForPerson),
    isWithOffice: mine.some((one) => !isForPerson(one)),
  };
}

/** The server does not say that it holds the bytes. */
function isAway(records: Records, attachment: Id): boolean {
  return !records.record("attachment", attachment)?.data.received_at;
}

function ownerOf(seen: Seen<KindName> | undefined, id: Id): Id {
  if (seen === undefined) return id;
  const data = isChild(seen) ? seen.data : undefined;
  return itemOf(seen.kind, id, data);
}

function isChild(seen: Seen<KindName>): seen is Seen<"attachment"> | Seen<"signature"> {
  return seen.kind === "attachment" || seen.kind === "signature";
}
