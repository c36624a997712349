// The words of the audit in the office, in English.

import type { Translation } from "../index.ts";
import type { zh } from "../zh/audit.ts";

export const en: Translation<typeof zh> = {
  "place.audit": "Proof",
  "audit.title": "Proof of the records",
  "audit.loading": "Loading the proof",
  "audit.never": "Nobody has looked yet.",
  "audit.neverHow":
    "A look goes through every record that was ever received. Work goes on meanwhile.",
  "audit.whole": "All records are as they were received",
  "audit.broken": {
    one: "{n} place is not as it was received.",
    other: "{n} places are not as they were received.",
  },
  "audit.brokenHow":
    "Do not repair or restore the database yet. Keep a copy of it, have tablets save their proof as a file, and ask whoever runs the server.",
  "audit.look": "Look now",
  "audit.looking": "Looking",
  "audit.asked": "Asked for, begins in a moment",
  "audit.progress": "{done} of {ahead} records",
  "audit.failing": "The look broke off and is tried again by itself. No record was touched.",
  "audit.givenUp": "The look was tried often and never ended. No record was touched.",
  "audit.endedAt": "Looked at",
  "audit.by": "By",
  "audit.byItself": "Itself, daily",
  "audit.bySomebody": "Somebody elsewhere",
  "audit.writers": "Writers",
  "audit.ops": "Records",
  "audit.roots": "Daily roots",
  "audit.witnesses": "Held by devices",
  "audit.seals": "Signatures",
  "audit.sealsBroken": {
    one: "{n} signature does not verify; open it to see why.",
    other: "{n} signatures do not verify; open each to see why.",
  },
  "audit.sealsUnrecorded": {
    one: "{n} is sealed with a key that no record of its device names.",
    other: "{n} are sealed with keys that no record of their devices names.",
  },
  "audit.forgotten": {
    one: "{n} root is known to a device alone: a restore took it away, which is no fault.",
    other: "{n} roots are known to devices alone: a restore took them away, which is no fault.",
  },
  "audit.places": "What is not as it was",
  "audit.elsewhere": {
    one: "{n} more place is not listed: outside of what you may see, or too many.",
    other: "{n} more places are not listed: outside of what you may see, or too many.",
  },
  "audit.rootsTitle": "Newest roots",
  "audit.rootsNone": "None yet. The first comes the day after somebody sends records.",
  "audit.rootsMore": { one: "{n} day in all", other: "{n} days in all" },
  "audit.devices": "Roots that devices hold",
  "audit.devicesNone": "No devices that you may see.",
  "audit.witnessHow":
    "A tablet's page “This device” saves its proof as a file; compare all its days with ./dev verify --witness FILE.",
  "col.received": "Received",
  "fault.altered": "Record {n} was altered, or one before it was taken out",
  "fault.missing": "What came before record {n} is gone",
  "fault.cut": "What came after record {n} is gone, or its writer's row was altered",
  "fault.stranger": "There are records, and their writer's row is gone",
  "fault.root": "The root of {day} is not that of what it names, or not the one that was told",
  "fault.rewritten": {
    one: "Differs from the root of {n} day, {day}: made anew, or taken out",
    other: "Differs from the roots of {n} days, the first {day}: made anew, or taken out",
  },
  "fault.unrooted": "What was received by {day} is in no root of that day or the next",
  "fault.changed": "What is shown is not what was written",
  "fault.changedField": "What is shown in “{field}” is not what was written",
  "fault.unwritten": "It is shown, but nobody wrote it",
  "fault.gone": "It was written, and has been removed",
  "fault.rekeyed": "The key or person of this device is not what the tablets were told of it",
  "fault.unrecorded": "The key of this device is in no record",
  "fault.witness": "Of {day} this device was told another root",
  "fault.witnessAny": "Of {day} a device was told another root",
  "writer.office": "{name} (office)",
  "writer.somebody": "Somebody",
  "writer.server": "The server",
  "writer.unknown": "Writer without a row {id}",
  "writer.none": "The server's daily root",
  "held.agrees": "Agrees",
  "held.differs": "Differs",
  "held.restored": "From before a restore",
  "held.silent": "Not said yet",
  "stored.title": "Photos, files and backups",
  "stored.lost": {
    one: "{n} stored photo or file is lost.",
    other: "{n} stored photos and files are lost.",
  },
  "stored.lostHow":
    "Everything else is here. Older backups may still have them: keep those, and tell whoever runs the server.",
  "stored.waiting": "Waiting for a tablet to send it again",
  "stored.elsewhere": {
    one: "{n} more is not listed here: a report, not at your sites, or beyond the length of the list.",
    other:
      "{n} more are not listed here: reports, not at your sites, or beyond the length of the list.",
  },
  "backup.made": "Latest complete backup: {when}",
  "backup.never": "There is no complete backup yet.",
  "backup.none": "No automatic backup is set up, and none was ever made.",
  "backup.late": "No backup was made in time.",
  "backup.lateSafe":
    "All records are here, but there is no recent backup. Tell whoever runs the server.",
  "alarm.seeStored": "See more",
  "alarm.what": {
    one: "{n} record is not as it was received.",
    other: "{n} records are not as they were received.",
  },
  "alarm.safe": "What devices hold is still there to compare.",
  "alarm.see": "See which",
};
