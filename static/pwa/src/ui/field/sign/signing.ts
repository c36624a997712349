// Making the record of a signature: the document, its digest, the device's own seal.
// Rule: what is written is what was shown; nothing is signed that the signer could not read.

import type { Edit } from "../../../core/edit.ts";
import { mintId } from "../../../core/ids.ts";
import { sign } from "../../../sync/enrol.ts";
import type { Id } from "../../../wire/types.ts";
import type { Hands, Work } from "../inspect/worksheet.ts";
import { type Document, sealed } from "./document.ts";

export interface Given {
  readonly document: Document;
  /** Path data; empty where somebody was absent. */
  readonly strokes: string;
  /** Path of the signature item; empty for a visit. */
  readonly item: string;
}

/** The edit that makes the record. Its device signature is over the document's bytes. */
export async function signatureEdit(work: Work, hands: Hands, given: Given): Promise<Edit> {
  const { document, strokes, item } = given;
  const { signer } = document;
  const seal = await sealed(hands.sha256, document);
  const bytes = new TextEncoder().encode(seal.document);
  const device_signature = await sign(hands.subtle, work.person, bytes);
  const record: Id = mintId(work.pen.now(), work.pen.random);
  return {
    kind: "signature",
    record,
    new: true,
    set: {
      of: document.of,
      of_kind: document.of_kind,
      role: signer.role,
      ...(item === "" ? {} : { item }),
      name: signer.name,
      title: signer.title,
      strokes,
      ...(signer.absent_reason === "" ? {} : { absent_reason: signer.absent_reason }),
      ...seal,
      signed_at: document.signed_at,
      device_signature,
    },
  };
}
