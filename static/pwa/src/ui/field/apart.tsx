// Pages that are loaded apart: all but today's. They lie on the device with the rest of the app, so that the first page need not
// wait for them and they need no network.

import { type ComponentType, createElement, type FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorPlace, Loading } from "../kit/notices.tsx";
import { FieldStatus } from "./screen.tsx";
import { t } from "./words.ts";

type MeanwhileProps = { isFailed: boolean; onAgain: () => void; nobody?: boolean };

/** While a page is coming, or did not come. `nobody`: there is no session to tell the status of. */
function Meanwhile({ isFailed, onAgain, nobody = false }: MeanwhileProps) {
  const again = { label: t("error.again"), onClick: onAgain };
  return (
    <div class="app">
      {!nobody && <FieldStatus />}
      <main class="scroll page">
        {isFailed ? (
          <ErrorPlace what={t("error.page")} safe={t("error.safe")} action={again} />
        ) : (
          <Loading words={t("app.opening")} />
        )}
      </main>
    </div>
  );
}

/** A page that is loaded once it is asked for, and after a failure when it is asked for again. */
function apart<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  nobody = false,
): FunctionComponent<Props> {
  // Once loaded it is shown at once, as if it had always been here.
  let known: ComponentType<Props> | null = null;
  return (props) => {
    const [page, setPage] = useState<ComponentType<Props> | "coming" | "failed">(
      () => known ?? "coming",
    );
    const [attempt, setAttempt] = useState(0);
    // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` is what asks again.
    useEffect(() => {
      if (known !== null) return;
      let isHere = true;
      setPage("coming");
      load().then(
        (found) => {
          known = found;
          if (isHere) setPage(() => found);
        },
        () => isHere && setPage("failed"),
      );
      return () => {
        isHere = false;
      };
    }, [attempt]);
    if (typeof page !== "string") return createElement(page, props);
    const again = () => setAttempt(attempt + 1);
    return <Meanwhile nobody={nobody} isFailed={page === "failed"} onAgain={again} />;
  };
}

export const RoomsApart = apart(async () => (await import("./rooms.tsx")).RoomsPage);
export const RoomApart = apart(async () => (await import("./rooms.tsx")).RoomPage);
export const RoundApart = apart(async () => (await import("./round.tsx")).RoundPage);
export const AssetApart = apart(async () => (await import("./asset.tsx")).AssetPage);
export const ScanApart = apart(async () => (await import("./scan/page.tsx")).ScanPage);
export const ChecklistPage = apart(async () => (await import("./inspect/index.tsx")).InspectPage);
export const SignaturePage = apart(async () => (await import("./sign/index.tsx")).SignPage);
export const SyncApart = apart(async () => (await import("./sync.tsx")).SyncPage);
export const DeviceApart = apart(async () => (await import("./device.tsx")).DevicePage);
/** Where nobody is here yet, there is no session to tell the status of. */
export const EnrolApart = apart(async () => (await import("./enrol.tsx")).EnrolPage, true);
