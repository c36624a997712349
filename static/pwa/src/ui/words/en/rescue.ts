// The words of importing a rescue file, in English.

import type { Translation } from "../index.ts";
import type { zh } from "../zh/rescue.ts";

export const en: Translation<typeof zh> = {
  "rescue.import": "Import a rescue file",
  "rescue.title": "Import from a rescue file",
  "rescue.why":
    "When a tablet cannot send, choose “Export what is not sent” on it and import the file here. The changes are its person's; the same file may be imported again, and nothing happens twice.",
  "rescue.choose": "Choose a file",
  "rescue.of": "{person}, {device}, exported {time}, {size}",
  "rescue.partial":
    "The tablet could not be read when it was exported: this is only what was still on the screen.",
  "rescue.notOne": "This is not a rescue file, or one of a later version.",
  "rescue.choosing": "Nothing was imported. Choose the file that the tablet exported.",
  "rescue.close": "Close",
  "rescue.start": "Import",
  "rescue.again": "Import again",
  "rescue.busy": "Importing {size}, keep this page open",
  "rescue.safe": "The file is unchanged. What was received is not taken twice; import it again.",
  "rescue.notTheirs": "The tablet that the file names is not this person's.",
  "rescue.elsewhere": "The person of the file is not known here: it is of another system.",
  "rescue.notYours": "You do not manage devices at all of this person's sites.",
  "rescue.tooLong": "The file is too long; its first part was imported.",
  "rescue.result": "Imported for {person}",
  "rescue.nothing": "Nothing in the file was unsent.",
  "rescue.applied": { one: "{n} change written", other: "{n} changes written" },
  "rescue.waiting": { one: "{n} change waiting", other: "{n} changes waiting" },
  "rescue.rejected": { one: "{n} not written", other: "{n} not written" },
  "rescue.known": { one: "{n} change received before", other: "{n} changes received before" },
  "rescue.photosTaken": { one: "{n} photo taken", other: "{n} photos taken" },
  "rescue.photosKnown": { one: "{n} photo received before", other: "{n} photos received before" },
  "rescue.photosWrong": {
    one: "{n} photo differs from its record or is cut, not taken",
    other: "{n} photos differ from their records or are cut, not taken",
  },
  "rescue.cut":
    "The file ends in the middle; this is what could be read. Export it again on the tablet and import it again.",
  "rescue.waits": "Waiting",
  "rescue.refused": "Not taken",
  "rescue.line": "Line {n}",
  "rescue.first": "Only the first {n} are listed.",
};
