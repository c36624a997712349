// Photos and files of a record. Rule: until its bytes are here a photo is told by name, tablet and time,
// and an empty frame is never passed off as a picture; what is not surely a picture is a download.

import { useEffect, useState } from "preact/hooks";
import type { Photo } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { StateWord } from "../../kit/state.tsx";
import { instant } from "../../words/format.ts";
import "../look/files.css";
import { beat, minute } from "../state.ts";
import { dotted } from "../words.ts";
import { type Subject, view } from "./viewer.tsx";
import { bytesOf, isPhoto, nameOf, sizeWords, standingOf, t, typeWord } from "./words.ts";

const LOOK_AGAIN_MS = 3_000;
const LOOKS_MAX = 5;

/** While the server looks into something that has just come, ask again, less and less often. */
function useLooked(photos: readonly Photo[]): void {
  const isLooking = photos.some((one) => !one.waiting && !one.found_type);
  const [looks, setLooks] = useState(0);
  useEffect(() => {
    if (!isLooking || looks >= LOOKS_MAX) return;
    const timer = setTimeout(() => {
      setLooks(looks + 1);
      beat();
    }, LOOK_AGAIN_MS << looks);
    return () => clearTimeout(timer);
  }, [isLooking, looks]);
}

function Download({ photo }: { photo: Photo }) {
  return (
    <a
      class="get"
      href={bytesOf(photo)}
      download
      aria-label={t("file.downloadNamed", { name: nameOf(photo) })}
    >
      <Icon name="download" size={15} />
      {t("file.download")}
    </a>
  );
}

/** The strip at its foot: when, and by which tablet. */
function Strip({ photo, zone }: { photo: Photo; zone: string }) {
  const time = photo.taken_at ? instant(photo.taken_at, zone, minute.value) : null;
  const shows = photo.moment && t(`file.${photo.moment}`);
  return <figcaption>{dotted(shows, time, photo.device_name) || t("file.noTime")}</figcaption>;
}

type OneProps = { photo: Photo; all: readonly Photo[]; zone: string; of: Subject };

function Picture({ photo, all, zone, of }: OneProps) {
  const [failed, setFailed] = useState(0);
  const [tries, setTries] = useState(0);
  const name = nameOf(photo);
  if (failed > tries) {
    return (
      <figure class="frame">
        <div class="sky">
          <Icon name="picture" size={26} />
          <b>{t("file.unloaded")}</b>
          <span class="one">{name}</span>
          <button type="button" class="plain" onClick={() => setTries(failed)}>
            {t("file.again")}
          </button>
        </div>
      </figure>
    );
  }
  return (
    <figure class="frame shown">
      <button
        type="button"
        aria-label={t("viewer.open", { name })}
        onClick={() => view(all, photo, zone, of)}
      >
        <img
          key={tries}
          src={bytesOf(photo, "small")}
          alt={name}
          loading="lazy"
          decoding="async"
          onError={() => setFailed(tries + 1)}
        />
      </button>
      <Strip photo={photo} zone={zone} />
    </figure>
  );
}

/** A photo that is not shown: where it is, or why not. */
function Unshown({ photo, zone }: OneProps) {
  const standing = standingOf(photo, zone, minute.value);
  const { waiting = false, fault, found_type } = photo;
  return (
    <figure class={`frame ${standing?.tone ?? ""}`}>
      <div class="sky" title={fault ? t("fault.kept") : undefined}>
        <Icon name={standing?.icon ?? "picture"} size={24} />
        <b>{standing?.words}</b>
        <span class="one">{nameOf(photo)}</span>
        <span class="note">{sizeWords(photo)}</span>
        {!waiting && found_type && <Download photo={photo} />}
      </div>
      <Strip photo={photo} zone={zone} />
    </figure>
  );
}

/** A file that is no photo: performance data, a report of somebody else's. */
function Row({ photo, zone }: { photo: Photo; zone: string }) {
  const standing = standingOf(photo, zone, minute.value);
  const isHere = !photo.waiting && photo.found_type;
  return (
    <li>
      <Icon name="report" size={18} />
      <span class="grow">
        <span class="one">{nameOf(photo)}</span>
        <span class="note">{dotted(typeWord(photo), sizeWords(photo), photo.device_name)}</span>
      </span>
      {standing && (photo.waiting || photo.fault || !isHere) && (
        <StateWord icon={standing.icon} tone={standing.tone} size={15}>
          {standing.words}
        </StateWord>
      )}
      {isHere && <Download photo={photo} />}
    </li>
  );
}

type PhotosProps = { photos: readonly Photo[]; zone: string; of: Subject; small?: boolean };

export function Photos({ photos, zone, of, small = false }: PhotosProps) {
  useLooked(photos);
  const pictures = photos.filter(isPhoto);
  const files = photos.filter((photo) => !isPhoto(photo));
  const all = pictures.filter((photo) => photo.shown);
  const size = small ? " small" : pictures.length === 1 ? " single" : "";
  if (photos.length === 0) return null;
  return (
    <div class="evidence">
      {pictures.length > 0 && (
        <div class={`frames${size}`}>
          {pictures.map((photo) => {
            const One = photo.shown ? Picture : Unshown;
            return <One key={photo.id} {...{ photo, all, zone, of }} />;
          })}
        </div>
      )}
      {files.length > 0 && (
        <ul class="files">
          {files.map((photo) => (
            <Row key={photo.id} {...{ photo, zone }} />
          ))}
        </ul>
      )}
    </div>
  );
}
