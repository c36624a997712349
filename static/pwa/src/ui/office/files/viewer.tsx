// One photo, large, and those beside it. By keyboard: arrows go on, D downloads, Escape and space close.
// Rule: one viewer for all screens; what it shows was handed to it, and nothing else is read.

import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Photo } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { instant } from "../../words/format.ts";
import { alsoForget, minute } from "../state.ts";
import { dotted } from "../words.ts";
import { bytesOf, nameOf, sizeWords, t } from "./words.ts";

/** What a photo is of, in words. */
export type Subject = (photo: Photo) => string;

type Viewed = {
  readonly photos: readonly Photo[];
  readonly at: number;
  readonly zone: string;
  readonly of: Subject;
};

const viewed = signal<Viewed | null>(null);
alsoForget(() => {
  viewed.value = null;
});

/** Show a photo large, among those that may be shown; `of` names what they are of. */
export function view(
  photos: readonly Photo[],
  first: Photo | undefined,
  zone: string,
  of: Subject,
): void {
  const shown = photos.filter((photo) => photo.shown);
  const at = shown.findIndex((photo) => photo.id === first?.id);
  if (shown.length > 0) viewed.value = { photos: shown, at: Math.max(at, 0), zone, of };
}

function close(): void {
  viewed.value = null;
}

function step(by: number): void {
  const now = viewed.peek();
  if (now === null) return;
  const at = Math.min(Math.max(now.at + by, 0), now.photos.length - 1);
  viewed.value = { ...now, at };
}

const KEYS: Readonly<Record<string, () => void>> = {
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  Home: () => step(Number.NEGATIVE_INFINITY),
  End: () => step(Number.POSITIVE_INFINITY),
  " ": close,
};

type AboutProps = { photo: Photo; zone: string; of: Subject };

function About({ photo, zone, of }: AboutProps) {
  const { taken_at, person_name, device_name, place } = photo;
  const where =
    place?.latitude != null && place.longitude != null
      ? t("viewer.place", {
          latitude: place.latitude.toFixed(5),
          longitude: place.longitude.toFixed(5),
        })
      : null;
  const camera = place?.taken ? t("viewer.camera", { time: place.taken.replace("T", " ") }) : null;
  const time = taken_at ? instant(taken_at, zone, minute.value) : (camera ?? t("file.noTime"));
  return (
    <p class="grow">
      <b>{dotted(of(photo), nameOf(photo))}</b>
      <span class="note">
        {dotted(time, person_name, device_name, sizeWords(photo), where, taken_at ? camera : null)}
      </span>
    </p>
  );
}

/** The large picture; until it is there, the small one, which the browser has. */
function Large({ photo }: { photo: Photo }) {
  const [isHere, setHere] = useState(false);
  return (
    <div class="picture" aria-busy={!isHere}>
      {!isHere && <img class="soft" src={bytesOf(photo, "small")} alt="" />}
      <img
        class={isHere ? "" : "coming"}
        src={bytesOf(photo, "large")}
        alt={nameOf(photo)}
        onLoad={() => setHere(true)}
      />
      {!isHere && <span class="spoken">{t("viewer.loading")}</span>}
    </div>
  );
}

type StepProps = { by: -1 | 1; disabled: boolean };

function StepButton({ by, disabled }: StepProps) {
  return (
    <button
      type="button"
      class="turn"
      aria-label={t(by < 0 ? "viewer.before" : "viewer.next")}
      disabled={disabled}
      onClick={() => step(by)}
    >
      <Icon name={by < 0 ? "left" : "right"} size={24} />
    </button>
  );
}

function Shown({ photos, at, zone, of }: Viewed) {
  const dialog = useRef<HTMLDialogElement>(null);
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    shown?.focus();
    return () => shown?.close();
  }, []);
  const photo = photos[at];
  if (!photo) return null;
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isPressed = event.key === " " && event.target instanceof HTMLButtonElement;
    const act = event.key.toLowerCase() === "d" ? () => link.current?.click() : KEYS[event.key];
    if (!act || isPressed) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  const n = photos.length;
  return (
    <dialog
      ref={dialog}
      class="seer"
      tabIndex={-1}
      aria-label={t("viewer.title", { at: at + 1, n })}
      onKeyDown={press}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <div class="stage">
        {n > 1 && <StepButton by={-1} disabled={at === 0} />}
        <Large key={photo.id} photo={photo} />
        {n > 1 && <StepButton by={1} disabled={at === n - 1} />}
      </div>
      <div class="about">
        <About photo={photo} zone={zone} of={of} />
        <span class="note count" aria-live="polite">
          {t("viewer.title", { at: at + 1, n })}
        </span>
        <span class="note keys">{t("viewer.keys")}</span>
        <a ref={link} class="btn" href={bytesOf(photo)} download>
          <Icon name="download" size={17} />
          {t("file.download")}
        </a>
        <button type="button" class="btn" onClick={close}>
          {t("viewer.close")}
        </button>
      </div>
    </dialog>
  );
}

/** Stands once on each screen that shows photos. */
export function PhotoViewer() {
  const now = viewed.value;
  return now === null ? null : <Shown {...now} />;
}
