// The view finder: live picture, frame, light, a photo from the album. For tags and for enrolment.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { readCodes } from "../../kit/codes.ts";
import { Icon } from "../../kit/icons.tsx";
import { useApp } from "../app.ts";
import { type FieldLabel, t } from "../words.ts";
import { Camera, type CameraState } from "./camera.ts";

type Trouble = Exclude<CameraState, "starting" | "running">;

const TROUBLES: Readonly<Record<Trouble, readonly [FieldLabel, FieldLabel]>> = {
  refused: ["camera.refused", "camera.refusedHow"],
  missing: ["camera.missing", "camera.missingHow"],
  busy: ["camera.busy", "camera.busyHow"],
  insecure: ["camera.insecure", "camera.insecureHow"],
  "no-reader": ["camera.noReader", "camera.noReaderHow"],
};

type FinderProps = {
  onText: (text: string) => void;
  /** A chosen photo had no code on it. */
  onNothing: () => void;
  hint: string;
  children?: ComponentChildren;
};

export function Finder({ onText, onNothing, hint, children }: FinderProps) {
  const { machine } = useApp();
  const video = useRef<HTMLVideoElement>(null);
  const [camera, setCamera] = useState<Camera | null>(null);
  const hear = useRef(onText);
  hear.current = onText;
  useEffect(() => {
    if (video.current === null) return;
    const made = new Camera(video.current, machine.wait, (text) => hear.current(text));
    setCamera(made);
    const seen = () => {
      if (document.visibilityState === "visible") void made.start();
      else made.stop();
    };
    seen();
    document.addEventListener("visibilitychange", seen);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      made.stop();
    };
  }, [machine]);
  const state = camera?.state.value ?? "starting";
  const isTrouble = state !== "starting" && state !== "running";
  return (
    <div class={isTrouble ? "view off" : "view"}>
      <video ref={video} class="cam" playsInline muted aria-label={t("camera.picture")} />
      {!isTrouble && (
        <>
          <div class="frame" aria-hidden="true">
            <i />
            <i />
            <i />
            <i />
          </div>
          <p class="hint">{state === "running" ? hint : t("camera.starting")}</p>
        </>
      )}
      {isTrouble && (
        <div class="trouble" role="alert">
          <p>
            <b>{t(TROUBLES[state][0])}</b>
          </p>
          <p>{t(TROUBLES[state][1])}</p>
          <button type="button" class="btn" onClick={() => void camera?.start()}>
            {t("error.again")}
          </button>
        </div>
      )}
      <div class="tools">
        <Light camera={camera} />
        {children}
        <Album {...{ onText, onNothing }} />
      </div>
    </div>
  );
}

function Light({ camera }: { camera: Camera | null }) {
  const isOn = camera?.torch.value ?? null;
  if (isOn === null) return <span />;
  return (
    <button
      type="button"
      class={isOn ? "tool on" : "tool"}
      aria-pressed={isOn}
      onClick={() => void camera?.light(!isOn)}
    >
      <Icon name="torch" size={30} />
      {t(isOn ? "camera.lightOn" : "camera.light")}
    </button>
  );
}

function Album({ onText, onNothing }: Pick<FinderProps, "onText" | "onNothing">) {
  const isReading = useSignal(false);
  const read = async (file: File) => {
    isReading.value = true;
    try {
      const [text] = await readCodes(file, { thorough: true });
      if (text === undefined) onNothing();
      else onText(text);
    } catch {
      onNothing();
    } finally {
      isReading.value = false;
    }
  };
  return (
    <label class="tool" aria-busy={isReading.value}>
      <Icon name="picture" size={30} />
      {t(isReading.value ? "camera.reading" : "camera.photo")}
      <input
        type="file"
        accept="image/*"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) void read(file);
        }}
      />
    </label>
  );
}
