// Photos: a tile for one that was taken, a tile for the next.
// Rule: a tile says in words where its bytes are when they are not at the server yet.

import type { ComponentChildren } from "preact";
import { t } from "../words/kit.ts";
import { Icon } from "./icons.tsx";

type TileProps = {
  /** An object URL or an address of ours; without it the bytes are not here yet. */
  src?: string | undefined;
  /** What it shows, for screen readers and where the bytes are missing. */
  name: string;
  /** A strip along its foot: time and device, "photo waiting". */
  strip?: ComponentChildren;
  onOpen?: () => void;
};

export function PhotoTile({ src, name, strip, onOpen }: TileProps) {
  const content = (
    <>
      {src === undefined ? (
        <Icon name="photosLeft" size={28} label={name} />
      ) : (
        <img src={src} alt={name} />
      )}
      {strip !== undefined && <span class="on-photo">{strip}</span>}
    </>
  );
  const look = src === undefined ? "ph none" : "ph";
  if (!onOpen) return <div class={look}>{content}</div>;
  return (
    <button type="button" class={look} aria-label={t("photo.open", { name })} onClick={onOpen}>
      {content}
    </button>
  );
}

type AddProps = {
  label?: string;
  /** Camera: the system's camera opens. Otherwise the person chooses camera or pictures. */
  camera?: boolean;
  onFile: (file: File) => void;
  /** Runs before the camera opens: the place to write the draft down. */
  onBefore?: () => void;
};

/** The tile that takes a photo. */
export function AddPhoto({ label = t("photo.take"), camera = true, onFile, onBefore }: AddProps) {
  return (
    <label class="addph">
      <Icon name="camera" size={28} />
      {label}
      <input
        type="file"
        accept="image/*"
        capture={camera ? "environment" : undefined}
        onClick={onBefore}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          // The same photo may be chosen again after it was removed.
          event.currentTarget.value = "";
          if (file) onFile(file);
        }}
      />
    </label>
  );
}
