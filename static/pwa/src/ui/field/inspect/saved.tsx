// Where the last answer is: on this device, at a time, or still only on the screen, said at once.

import { ErrorPlace } from "../../kit/notices.tsx";
import { StateWord } from "../../kit/state.tsx";
import { instant } from "../../words/format.ts";
import { useApp, useSession } from "../app.ts";
import { rescueOf, saveFile } from "../rescue.ts";
import { useHere } from "./context.ts";
import { WhereItIs } from "./sent.tsx";
import { t } from "./words.ts";

/** "已保存在本机 14:02". There is no save button anywhere. */
export function Saved() {
  const { work, sheet, now } = useHere();
  const at = work.savedAt.value;
  // Begun on another device: its state is the server's to say.
  if (at === null && sheet.inspection !== null) return <WhereItIs />;
  const time = at === null ? "" : instant(at, sheet.zone, now);
  return (
    <StateWord icon="device" tone="quiet" size={22} busy={work.isWriting.value}>
      {at === null ? t("bar.unsaved") : t("state.saved", { time })}
    </StateWord>
  );
}

/** What happened, what is safe, what to do, above the bar until it is mended. */
export function FaultPlace() {
  const app = useApp();
  const session = useSession();
  const { work, sheet } = useHere();
  const fault = work.fault.value;
  if (fault === null) return null;
  const isFull = fault === "full";
  const copy = async () => {
    const { file, name } = await rescueOf(session, sheet.zone, app.version, work.unwritten());
    saveFile(file, name);
  };
  return (
    <div class="fault">
      <ErrorPlace
        what={t(isFull ? "fault.full" : "fault.answer")}
        safe={t(isFull ? "fault.fullSafe" : "fault.safe")}
        action={{ label: t("fault.again"), onClick: () => void work.retry() }}
      />
      <button type="button" class="btn" onClick={() => void copy().catch(() => undefined)}>
        {t("fault.saveCopy")}
      </button>
    </div>
  );
}
