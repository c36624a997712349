// The types of `schemas`' rescue.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Count, Id, Instant, OutcomeName, Sha256, Text } from "./names.ts";

/**
 * `POST /office/rescue`: how many changes and photos of the file came to what.
 *
 * `known` are the changes that had come before, by the device or by the same file; `rejected`
 * ones are kept with their problem, or are among `refused` where they could not even be kept.
 */
export interface RescueAnswer {
  readonly person: Id;
  readonly person_name: string;
  readonly device_name: string;
  readonly made: Instant;
  readonly applied?: Count;
  readonly waiting?: Count;
  readonly rejected?: Count;
  readonly known?: Count;
  readonly photos_taken?: Count;
  readonly photos_known?: Count;
  readonly photos_wrong?: Count;
  readonly whole?: boolean;
  readonly partial?: boolean;
  readonly waits?: readonly RescueWaiting[];
  readonly refused?: readonly RescueRefused[];
}

/** The first line of a rescue file: whose work it is, of which device, made when. */
export interface RescueHead {
  readonly format: string;
  readonly version: number;
  readonly made: Instant;
  readonly person: Id;
  readonly device: Id;
  readonly person_name?: string;
  readonly device_name?: string;
  readonly lineage?: Id | null;
  readonly is_partial?: boolean;
}

/** A line that was not taken, counted from 1, and why; `sha256` where it was of a photo. */
export interface RescueRefused {
  readonly line: Count;
  readonly detail: Text;
  readonly sha256?: Sha256 | null;
}

/** A change of the file that waits: `/office/waiting/{op}` shows it to those who decide. */
export interface RescueWaiting {
  readonly op: Id;
  readonly kind: string;
  readonly outcome: OutcomeName;
}
