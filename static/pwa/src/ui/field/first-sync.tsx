// The first sync after joining: how much has come, and that one can begin before it is all here.

import { isFlagged } from "../../core/skew.ts";
import type { Session } from "../../sync/session.ts";
import { Icon } from "../kit/icons.tsx";
import { StateWord } from "../kit/state.tsx";
import { clock, figure } from "../words/format.ts";
import { useApp, zoneOf } from "./app.ts";
import { receivingWords } from "./standing.ts";
import { t } from "./words.ts";

export function FirstSync({ session }: { session: Session }) {
  const app = useApp();
  const { isComplete, receiving, phase, nextAt, skew } = session.sync.value;
  const share = receiving && receiving.total > 0 ? receiving.done / receiving.total : 0;
  const isKept = session.isPersisted.value;
  return (
    <section class="first">
      {isComplete ? (
        <StateWord icon="tick" tone="act" size={24}>
          {t("first.done", { all: figure(session.records.ofKind("asset").length) })}
        </StateWord>
      ) : (
        <>
          <p role="status">
            {receiving
              ? receivingWords(receiving.done, receiving.total)
              : phase === "offline"
                ? t("phase.offlineUntil", {
                    time: clock(nextAt ?? app.now, zoneOf(session)),
                  })
                : t("first.begins")}
          </p>
          <div class="plainbar" aria-hidden="true">
            <i style={{ flexGrow: share }} />
            <i class="o" style={{ flexGrow: 1 - share }} />
          </div>
          <p class="note">{t("first.usable")}</p>
        </>
      )}
      {skew && isFlagged(skew) && (
        <StateWord icon="alert" tone="warn">
          {t("ready.clockHow")}
        </StateWord>
      )}
      {isKept !== null && (
        <p class="note row">
          <Icon name={isKept ? "tick" : "alert"} />
          {t(isKept ? "first.persisted" : "first.notPersisted")}
        </p>
      )}
    </section>
  );
}
