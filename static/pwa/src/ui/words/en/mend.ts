// What the field says of work that was not taken, and of what the device keeps, in English.

import type { Translation } from "../index.ts";
import type { zh } from "../zh/mend.ts";

export const en: Translation<typeof zh> = {
  "need.behind": {
    one: "{n} more change waits behind it: {names}",
    other: "{n} more changes wait behind it: {names}",
  },
  "mend.send": "Send again, mended",
  "mend.discard": "Let it go…",
  "mend.wrong": "This breaks a rule",
  "mend.leaveOut": "Leave this out",
  "mend.takeBack": "Send it after all",
  "mend.discardSure": "Let this change of “{name}” go?",
  "mend.discardWhat": "It is not sent again. What it said, and why, stays on the server.",
  "mend.discardPhoto": "The photo is deleted from this device and cannot be recovered.",
  "mend.discardBehind": {
    one: "{n} change that waits behind it goes to the office.",
    other: "{n} changes that wait behind it go to the office.",
  },
  "mend.discardDo": "Let it go",
  "mend.keep": "Keep it",
  "mend.why": "Why",
  "office.title": "With the office",
  "office.note": "Nothing to redo",
  "office.looks": "The office decides",
  "office.queued": "In line",
  "office.review":
    "When it arrived, the work was accepted or withdrawn, or this device was being taken out of use. The office decides whether it is written.",
  "office.unknown":
    "The server has no such record, or it is no longer yours. It is kept; the office decides.",
  "office.held": "An earlier change is not decided yet; once it is, this one is written by itself.",
  "done.title": "Settled",
  "done.applied": "Written",
  "done.replaced": "Mended",
  "done.discarded": "Let go",
  "done.decided": "Decided by the office",
  "done.sent": "Mended, on its way",
  "stage.witnesses": "Seen here, lost there",
  "stage.witnessesNote": "The server lost these in a restore; what was seen here is told",
  "room.made":
    "{time}: short of space, {ops} old records and {photos} photos went early. The server has them all, though perhaps not in a backup.",
  "check.title": "Self-check",
  "check.none": "Not compared with the server yet",
  "check.fine": "The same as the server's",
  "check.repaired": {
    one: "Compared again {n} time, now the same",
    other: "Compared again {n} times, now the same",
  },
  "check.defect": {
    one: "{n} difference without a cause, repaired. Please tell the office",
    other: "{n} differences without a cause, repaired. Please tell the office",
  },
  "vouch.title": "Proof",
  "vouch.what":
    "Each day the server sums all records up in one root. This device keeps the first that it was told, so that a later change of old records shows.",
  "vouch.none": "No root yet. One comes the day after somebody sends records.",
  "vouch.newest": "Newest",
  "vouch.days": "Kept",
  "vouch.dayCount": { one: "{n} day", other: "{n} days" },
  "vouch.save": "Save proof as a file",
  "vouch.saved": {
    one: "Handed over to be saved: {name}, the root of {n} day",
    other: "Handed over to be saved: {name}, the roots of {n} days",
  },
  "vouch.failed": "The file was not saved. The roots are still on this device.",
  "vouch.differs": "The office's records are not what this tablet was told: {days}.",
  "vouch.found": "Found {time}.",
  "vouch.safe":
    "Your work and the first roots are on this device. Save the proof as a file and have the customer or your supervisor compare it.",
  "vouch.and": ", ",
  "vouch.otherKey":
    "The office says another key of this tablet than its own: somebody may be sealing signatures in its name.",
  "vouch.otherKeySafe":
    "Your records are on this tablet, and its own key was not touched. Tell the customer or your supervisor.",
  "vouch.more": { one: "{n} more day", other: "{n} more days" },
  "device.jumps": "Clock jumps",
  "device.jumpsBy": { one: "{n} time, by {skew}", other: "{n} times, by up to {skew}" },
};
