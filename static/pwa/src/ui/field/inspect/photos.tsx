// Photos of one item: taken, chosen, looked at, described, removed.
// Rule: the place of a photo is written down before the camera opens, and each tile says in words
// where its bytes are.

import type { TargetedMouseEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Seen } from "../../../core/work.ts";
import { photo as bytesOf } from "../../../db/desk.ts";
import type { Picture, PictureSize } from "../../../sync/pictures.ts";
import { PHOTOS_PER_ITEM_MAX } from "../../../wire/limits.ts";
import type { Id, Moment } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { ErrorPlace } from "../../kit/notices.tsx";
import { PhotoTile } from "../../kit/photos.tsx";
import { instant } from "../../words/format.ts";
import { p } from "../photo-words.ts";
import { useHere } from "./context.ts";
import { FULL, prepared, REDUCED, Unreadable } from "./image.ts";
import { Moments } from "./moment.tsx";
import { PhotoViewer } from "./viewer.tsx";
import { t } from "./words.ts";

/** What a photo looks like; without an address, why not. */
export interface Look {
  readonly src: string | undefined;
  readonly why: "loading" | Exclude<Picture["kind"], "picture">;
}

/** While a photo is not to be had, and somebody waits for it. */
const LOOK_AGAIN_MS = 10_000;

/** A photo while it is shown: from this device, else as the server has it. */
export function usePhoto({ id, data }: Seen<"attachment">, size: PictureSize): Look {
  const { work } = useHere();
  const [look, setLook] = useState<Look>({ src: undefined, why: "loading" });
  const [attempt, setAttempt] = useState(0);
  const { received_at: received } = data;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a receipt is reason to ask again.
  useEffect(() => {
    if (look.src === undefined && look.why !== "loading") setAttempt(attempt + 1);
  }, [received]);
  useEffect(() => {
    let made: string | undefined;
    let isGone = false;
    let timer: number | undefined;
    const again = (): void => setAttempt(attempt + 1);
    const show = (bytes: ArrayBuffer, type: string): void => {
      made = URL.createObjectURL(new Blob([bytes], { type }));
      setLook({ src: made, why: "loading" });
    };
    const find = async (): Promise<void> => {
      const row = await bytesOf(work.work.store, id).catch(() => undefined);
      if (isGone) return;
      if (row !== undefined) return show(row.bytes, "image/jpeg");
      const found = await work.work.picture(id, size);
      if (isGone) return;
      if (found.kind === "picture") return show(found.bytes, found.type);
      setLook({ src: undefined, why: found.kind });
      window.addEventListener("online", again);
      // It may be on its way, or being made ready; what is not shown stays so.
      if (found.kind !== "unseen") timer = window.setTimeout(again, LOOK_AGAIN_MS);
    };
    void find().catch(() => undefined);
    return () => {
      isGone = true;
      window.clearTimeout(timer);
      window.removeEventListener("online", again);
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [work, id, size, attempt]);
  return look;
}

type TileProps = { photo: Seen<"attachment">; name: string; onOpen: () => void };

function Tile({ photo, name, onOpen }: TileProps) {
  const { work, sheet, now } = useHere();
  const { src, why } = usePhoto(photo, "small");
  const { received_at: received, taken_at: taken } = photo.data;
  const owed = work.work.records.photosHere().get(photo.id);
  const isMissing = src === undefined && owed === undefined;
  const there = received ? taken && instant(taken, sheet.zone, now) : t("photo.here");
  const state = owed === "lost" ? p("lost.title") : isMissing ? p(`else.${why}`) : there;
  const { moment: shows } = photo.data;
  const strip = shows ? `${p(`moment.${shows}`)} · ${state}` : state;
  return <PhotoTile {...{ src, onOpen }} name={photo.data.caption || name} strip={strip} />;
}

type Trouble = "unreadable" | "notKept";

/** Take files in, one after the other. */
function useTaking(path: string) {
  const { work } = useHere();
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const take = async (files: readonly File[], isFull: boolean, shows: Moment): Promise<void> => {
    setBusy(true);
    setTrouble(null);
    try {
      for (const file of files)
        await work.photo(path, await prepared(file, isFull ? FULL : REDUCED), { moment: shows });
    } catch (error) {
      setTrouble(error instanceof Unreadable ? "unreadable" : "notKept");
    }
    setBusy(false);
  };
  return { isBusy, trouble, take };
}

type PickProps = { path: string; camera: boolean; onFiles: (files: readonly File[]) => void };

/** The input behind a tile or a button. Opening waits until the place is written down. */
function Pick({ path, camera, onFiles }: PickProps) {
  const { work } = useHere();
  const isArmed = useRef(false);
  const open = (event: TargetedMouseEvent<HTMLInputElement>): void => {
    if (isArmed.current) return;
    event.preventDefault();
    const input = event.currentTarget;
    void work
      .cameraOpens(path)
      .catch(() => undefined)
      .then(() => {
        isArmed.current = true;
        input.click();
        isArmed.current = false;
      });
  };
  return (
    <input
      type="file"
      accept="image/*"
      multiple={!camera}
      capture={camera ? "environment" : undefined}
      aria-label={t(camera ? "photo.take" : "photo.gallery")}
      onClick={open}
      onCancel={() => void work.cameraClosed(path).catch(() => undefined)}
      onChange={(event) => {
        const files = [...(event.currentTarget.files ?? [])];
        // The same photo may be chosen again after it was removed.
        event.currentTarget.value = "";
        if (files.length > 0) onFiles(files);
      }}
    />
  );
}

type PhotosProps = { path: string; label: string; note?: string | undefined };

/** Tiles, the tile that takes the next, and what can be chosen about it. */
export function Photos({ path, label, note }: PhotosProps) {
  const { sheet, work, isClosed } = useHere();
  const photos = sheet.photos.get(path) ?? [];
  const [isFull, setFull] = useState(false);
  const [when, setWhen] = useState<Moment>("");
  const [opened, setOpened] = useState<Id | null>(null);
  const { isBusy, trouble, take } = useTaking(path);
  const shown = photos.find(({ id }) => id === opened);
  const mayAdd = !isClosed && photos.length < PHOTOS_PER_ITEM_MAX;
  const name = (at: number) => t("photo.name", { item: label, n: at + 1 });
  const onFiles = (files: readonly File[]) => void take(files, isFull, when);
  return (
    <div class="photoset">
      <div class="photos">
        {photos.map((photo, at) => (
          <Tile key={photo.id} photo={photo} name={name(at)} onOpen={() => setOpened(photo.id)} />
        ))}
        {isBusy && (
          <div class="ph none" role="status">
            <span class="on-photo">{t("photo.working")}</span>
          </div>
        )}
        {mayAdd && (
          <div class="addph">
            <Icon name="camera" size={28} />
            {t("photo.take")}
            <Pick {...{ path, onFiles }} camera />
          </div>
        )}
      </div>
      {mayAdd && (
        <div class="picking">
          <span class="btn txt pick">
            <Icon name="picture" size={22} />
            {t("photo.gallery")}
            <Pick {...{ path, onFiles }} camera={false} />
          </span>
          <label class="tick">
            <input
              type="checkbox"
              checked={isFull}
              onChange={(event) => setFull(event.currentTarget.checked)}
            />
            <span>{t("photo.full")}</span>
          </label>
          <Moments value={when} onChange={setWhen} />
        </div>
      )}
      {note !== undefined && <p class="note">{note}</p>}
      {trouble && <ErrorPlace what={t(`photo.${trouble}`)} safe={t(`photo.${trouble}Safe`)} />}
      {work.lostPhotos.value.includes(path) && !isBusy && (
        <ErrorPlace
          what={t("photo.lost")}
          safe={t("photo.lostSafe")}
          action={{
            label: t("photo.dismiss"),
            onClick: () => void work.cameraClosed(path).catch(() => undefined),
          }}
        />
      )}
      {shown && (
        <PhotoViewer
          photo={shown}
          name={name(photos.indexOf(shown))}
          onClose={() => setOpened(null)}
        />
      )}
    </div>
  );
}
