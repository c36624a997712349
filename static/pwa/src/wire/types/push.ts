// The types of `schemas`' push.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Epoch, N, Sealed, Seq } from "./names.ts";
import type { Outcome } from "./ops.ts";

/** A range of `n` that was never sent; recorded as void, never waited for. */
export interface Gap {
  readonly from_n: N;
  readonly to_n: N;
}

/** Under another epoch than the device's, `outcomes` is empty and nothing was processed. */
export interface PushAnswer {
  readonly epoch: Epoch;
  readonly outcomes?: readonly Outcome[];
  readonly heads?: Readonly<Record<string, Seq>>;
  readonly last_acked?: Sealed | null;
  readonly backed_up_to?: N | null;
  readonly void?: readonly Gap[];
}

/** First line of a push. `first_n` numbers the first op; the rest follow without a gap. */
export interface PushHeader {
  readonly epoch: number;
  readonly first_n: N;
  readonly last_acked?: Sealed | null;
}
