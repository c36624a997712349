// The types of `schemas`' events.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Scope, Seq } from "./names.ts";

/** `event: poke`. A comment line every 20 s is the heartbeat. */
export interface Poke {
  readonly scope: Scope;
  readonly head: Seq;
}
