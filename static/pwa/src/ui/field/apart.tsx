// Pages that are loaded apart: a device's page, the scanner, the checklist, the signature, sync, this
// device, joining. They lie on the device with the rest of the app, so that the first page need not
// wait for them and they need no network.

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Id } from "../../wire/types.ts";
import { ErrorPlace, Loading } from "../kit/notices.tsx";
import { FieldStatus } from "./screen.tsx";
import { t } from "./words.ts";

type Loaded<Props> = { readonly page: ComponentType<Props> } | "coming" | "failed";

/** Load a page once it is asked for; after a failure it can be asked for again. */
function useApart<Props>(
  load: () => Promise<ComponentType<Props>>,
): readonly [Loaded<Props>, () => void] {
  const [loaded, setLoaded] = useState<Loaded<Props>>("coming");
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` is what asks again.
  useEffect(() => {
    let isHere = true;
    const take = (found: Loaded<Props>) => isHere && setLoaded(found);
    setLoaded("coming");
    load().then(
      (page) => take({ page }),
      () => take("failed"),
    );
    return () => {
      isHere = false;
    };
  }, [load, attempt]);
  return [loaded, () => setAttempt(attempt + 1)];
}

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

const loadAsset = async () => (await import("./asset.tsx")).AssetPage;
const loadScan = async () => (await import("./scan/page.tsx")).ScanPage;
const loadInspect = async () => (await import("./inspect/index.tsx")).InspectPage;
const loadSign = async () => (await import("./sign/index.tsx")).SignPage;
const loadSync = async () => (await import("./sync.tsx")).SyncPage;
const loadDevice = async () => (await import("./device.tsx")).DevicePage;
const loadEnrol = async () => (await import("./enrol.tsx")).EnrolPage;

export function AssetApart({ id }: { id: Id }) {
  const [loaded, again] = useApart(loadAsset);
  if (typeof loaded === "object") return <loaded.page id={id} />;
  return <Meanwhile isFailed={loaded === "failed"} onAgain={again} />;
}

export function SyncApart() {
  const [loaded, again] = useApart(loadSync);
  if (typeof loaded === "object") return <loaded.page />;
  return <Meanwhile isFailed={loaded === "failed"} onAgain={again} />;
}

export function DeviceApart() {
  const [loaded, again] = useApart(loadDevice);
  if (typeof loaded === "object") return <loaded.page />;
  return <Meanwhile isFailed={loaded === "failed"} onAgain={again} />;
}

export function EnrolApart() {
  const [loaded, again] = useApart(loadEnrol);
  if (typeof loaded === "object") return <loaded.page />;
  return <Meanwhile nobody isFailed={loaded === "failed"} onAgain={again} />;
}

export function ScanApart() {
  const [loaded, again] = useApart(loadScan);
  if (typeof loaded === "object") return <loaded.page />;
  return <Meanwhile isFailed={loaded === "failed"} onAgain={again} />;
}

type ChecklistProps = { assignment: Id | null; asset: Id };

export function ChecklistPage(props: ChecklistProps) {
  const [loaded, again] = useApart(loadInspect);
  if (typeof loaded === "object") return <loaded.page {...props} />;
  return <Meanwhile isFailed={loaded === "failed"} onAgain={again} />;
}

export function SignaturePage({ visit }: { visit: Id }) {
  const [loaded, again] = useApart(loadSign);
  if (typeof loaded === "object") return <loaded.page visit={visit} />;
  return <Meanwhile isFailed={loaded === "failed"} onAgain={again} />;
}
