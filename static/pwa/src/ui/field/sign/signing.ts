// Making the record of a signature: the document, its digest, the device's own seal over all of it.
// Rule: what is written is what was shown; nothing is signed that the signer could not read.

import type { Edit } from "../../../core/edit.ts";
import { mintId } from "../../../core/ids.ts";
import type { Id } from "../../../wire/types.ts";
import type { Hands, Work } from "../inspect/worksheet.ts";
import { type Document, sealed } from "./document.ts";
import { type Sealable, sealedWith } from "./seal.ts";

export interface Given {
  readonly document: Document;
  /** Path data; empty where somebody was absent. */
  readonly strokes: string;
  /** Path of the signature item; empty for a visit. */
  readonly item: string;
}

/** The edit that makes the record. Its device signature is over every field (seal.ts). */
export async function signatureEdit(work: Work, hands: Hands, given: Given): Promise<Edit> {
  const { document, strokes, item } = given;
  const { signer } = document;
  const record: Id = mintId(work.pen.now(), work.pen.random);
  const fields: Sealable = {
    of: document.of,
    of_kind: document.of_kind,
    role: signer.role,
    ...(item === "" ? {} : { item }),
    name: signer.name,
    title: signer.title,
    strokes,
    ...(signer.absent_reason === "" ? {} : { absent_reason: signer.absent_reason }),
    ...(await sealed(hands.sha256, document)),
    signed_at: document.signed_at,
  };
  const device_signature = await sealedWith(hands, work.person.keys, record, fields);
  return { kind: "signature", record, new: true, set: { ...fields, device_signature } };
}
