// Every type of the wire.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

export type * from "./types/asset.ts";
export type * from "./types/audit.ts";
export type * from "./types/base.ts";
export type * from "./types/duplicates.ts";
export type * from "./types/enrol.ts";
export type * from "./types/events.ts";
export type * from "./types/evidence.ts";
export type * from "./types/files.ts";
export type * from "./types/forms.ts";
export type * from "./types/inspection.ts";
export type * from "./types/names.ts";
export type * from "./types/notices.ts";
export type * from "./types/office.ts";
export type * from "./types/office_files.ts";
export type * from "./types/office_labels.ts";
export type * from "./types/office_writes.ts";
export type * from "./types/ops.ts";
export type * from "./types/people.ts";
export type * from "./types/places.ts";
export type * from "./types/problems.ts";
export type * from "./types/pull.ts";
export type * from "./types/push.ts";
export type * from "./types/reports.ts";
export type * from "./types/rescue.ts";
export type * from "./types/signing.ts";
export type * from "./types/template.ts";
export type * from "./types/waiting.ts";
export type * from "./types/work.ts";
