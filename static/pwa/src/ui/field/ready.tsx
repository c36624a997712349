// The panel "ready for offline?", and what the browser is asked for it.

import { useEffect, useState } from "preact/hooks";
import type { Session } from "../../sync/session.ts";
import { Icon } from "../kit/icons.tsx";
import { clock } from "../words/format.ts";
import { type App, useApp, useSession, zoneOf } from "./app.ts";
import { DEVICE } from "./paths.ts";
import { type Check, checksOf, type Findings, type Level, verdictOf } from "./ready.ts";
import { t } from "./words.ts";

type Asked = Pick<Findings, "isStandalone" | "isKept" | "isPersisted" | "freeBytes" | "camera"> & {
  readonly at: number;
};

async function cameraState(): Promise<Findings["camera"]> {
  if (!navigator.mediaDevices?.getUserMedia) return "absent";
  try {
    const devices = await navigator.mediaDevices.enumerateDevices();
    if (!devices.some(({ kind }) => kind === "videoinput")) return "absent";
    const { state } = await navigator.permissions.query({ name: "camera" });
    return state;
  } catch {
    // Safari and Firefox may not speak of the camera's permission.
    return null;
  }
}

async function ask(app: App): Promise<Asked> {
  const { storage } = navigator;
  const [estimate, isPersisted, camera] = await Promise.all([
    storage?.estimate?.().catch(() => null) ?? null,
    storage?.persisted?.().catch(() => null) ?? null,
    cameraState(),
  ]);
  const { quota, usage = 0 } = estimate ?? {};
  return {
    isStandalone: matchMedia("(display-mode: standalone), (display-mode: fullscreen)").matches,
    isKept: Boolean(navigator.serviceWorker?.controller),
    isPersisted,
    freeBytes: quota === undefined ? null : Math.max(quota - usage, 0),
    camera,
    at: app.machine.now(),
  };
}

/** The six checks, made again whenever the page comes to the front; null before the first answer. */
export function useReady(): { readonly checks: readonly Check[]; readonly at: number } | null {
  const app = useApp();
  const session = useSession();
  const [asked, setAsked] = useState<Asked | null>(null);
  useEffect(() => {
    let isHere = true;
    const again = () => {
      if (document.visibilityState === "hidden") return;
      void ask(app).then((answer) => isHere && setAsked(answer));
    };
    again();
    document.addEventListener("visibilitychange", again);
    navigator.serviceWorker?.addEventListener("controllerchange", again);
    return () => {
      isHere = false;
      document.removeEventListener("visibilitychange", again);
      navigator.serviceWorker?.removeEventListener("controllerchange", again);
    };
  }, [app]);
  if (asked === null) return null;
  return { checks: checksOf(findings(asked, app, session)), at: asked.at };
}

function findings(asked: Asked, app: App, session: Session): Findings {
  const { isComplete, receiving, skew } = session.sync.value;
  const isPersisted = asked.isPersisted ?? session.isPersisted.value;
  return { ...asked, isPersisted, version: app.version, isComplete, receiving, skew };
}

const SHAPES: Readonly<Record<Level, "tick" | "alert">> = {
  ok: "tick",
  warn: "alert",
  bad: "alert",
};

export function CheckList({ checks, advised }: { checks: readonly Check[]; advised: boolean }) {
  return (
    <ul class="checks">
      {checks.map(({ name, level, words, advice }) => (
        <li key={name} class={level}>
          <Icon name={SHAPES[level]} size={20} />
          <div class="grow">
            <p class="row">
              <span class="grow">{t(`ready.${name}`)}</span>
              <span class={level === "ok" ? "quiet" : "st"}>{words}</span>
            </p>
            {advised && advice !== undefined && <p class="note">{advice}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** On a tablet with its list; on a phone one line that leads to the list. */
export function ReadyPanel() {
  const session = useSession();
  const ready = useReady();
  if (ready === null) return <section class="rdy" aria-busy="true" />;
  const time = clock(ready.at, zoneOf(session));
  const { level, words, note } = verdictOf(ready.checks, time);
  return (
    <section class={`rdy ${level}`}>
      <a class="rh" href={DEVICE}>
        <Icon name="shield" size={26} />
        <div class="grow">
          <h2>{words}</h2>
          <p class="note">{note}</p>
        </div>
      </a>
      <CheckList checks={ready.checks} advised={false} />
    </section>
  );
}
