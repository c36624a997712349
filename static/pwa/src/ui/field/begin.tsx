// Whether new work may be begun here, and if not, why. Rule: every screen that begins something asks this;
// what was begun is finished and sent whatever the server says of new work.

import type { Session } from "../../sync/session.ts";
import { useSession } from "./app.ts";
import { t } from "./words.ts";

/** The reason in words; null when work may be begun. Subscribes. */
export function whyNot({ sync }: Pick<Session, "sync">): string | null {
  const { closed } = sync.value;
  if (closed === null) return null;
  return t(closed === "update-needed" ? "start.updateFirst" : "start.notNow");
}

/** The reason at the place of the button that is not there; nothing when work may be begun. */
export function NotNow() {
  const why = whyNot(useSession());
  return why === null ? null : <p class="note rest">{why}</p>;
}
