// What the field says of photos, in English.

import type { Translation } from "../index.ts";
import type { zh } from "../zh/photos.ts";

export const en: Translation<typeof zh> = {
  "way.title": "Photos",
  "way.left": { one: "{n} left, {size}", other: "{n} left, {size}" },
  "way.now": "Send now",
  "way.sending": "Sending {sent} of {all}",
  "way.partly": "{sent} of {all} sent, goes on from there",
  "way.waiting": "Waiting, {all}",
  "way.at": "Again at {time}, {all}",
  "way.refused": "Not taken by the server; it is on this device. Again at {time}",
  "way.lost": "Damaged on this device, see “Needs you”",
  "way.away":
    "The photos are on this device and safe. Again at {time}, or sooner when the server is back.",
  "way.full":
    "The server has no room for photos; tell the office. They are on this device. Again at {time}.",
  "way.fine": "Answers go first, photos after them. You can leave this page.",
  "way.sum": "Sending {sent} of {all}",
  "lost.title": "Photo damaged",
  "lost.why":
    "What is stored on this device is not what was taken, so it cannot be sent. Take it again, then let this one go.",
  "lost.open": "Take again",
  "lost.go": "Let it go…",
  "lost.sure": "Nothing of this photo stays on this device.",
  "lost.yes": "Let it go",
  "lost.no": "Keep it",
  "else.loading": "Fetching the photo",
  "else.offline": "Taken on another tablet; shown when the server can be reached",
  "else.notThere": "Taken on another tablet, not with the server yet",
  "else.unseen": "The photo has arrived, but cannot be shown here",
  "viewer.tag": "Tag {code}",
  "moment.title": "Before or after the repair",
  "moment.before": "Before",
  "moment.after": "After",
  "mark.draw": "Mark up",
  "mark.title": "Mark up the photo",
  "mark.how":
    "Draw with a finger or pen. The photo stays as it is; the marked one is kept beside it.",
  "mark.undo": "Undo",
  "mark.keep": "Keep as a new photo",
  "mark.cancel": "Don’t keep",
  "mark.caption": "Marked up",
};
