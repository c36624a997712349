// What a rescue file is: the words of its first line, read by the office before it is sent anywhere.
// Rule: the tablet writes it, the server reads it (server/rescue_file.py); version 2 is NDJSON.

import { member, parsed } from "./json.ts";

export const RESCUE_FORMAT = "xunjian-rescue";
export const RESCUE_VERSION = 2;

/** Bytes at the start of a file in which its first line is looked for. */
const HEAD_BYTES = 65_536;
/** How the first line of version 1 goes over into its document. */
const OPENED = /,"ops":\[(\],)?$/;

export interface RescueHead {
  readonly personName: string;
  readonly deviceName: string;
  readonly made: string;
  /** Only what was on the screen: the device itself could not be read. */
  readonly isPartial: boolean;
}

/** The first line of a file; null where it is no rescue file of a version that is known. */
export async function rescueHead(file: Blob): Promise<RescueHead | null> {
  const [first = ""] = (await file.slice(0, HEAD_BYTES).text()).split("\n", 1);
  const head = parsed(first.replace(OPENED, "}"));
  const version = member(head, "version");
  if (member(head, "format") !== RESCUE_FORMAT || typeof version !== "number") return null;
  const made = member(head, "made");
  if (version > RESCUE_VERSION || typeof made !== "string") return null;
  const text = (key: string): string => {
    const value = member(head, key);
    return typeof value === "string" ? value : "";
  };
  return {
    personName: text("person_name"),
    deviceName: text("device_name"),
    made,
    isPartial: member(head, "is_partial") === true,
  };
}
