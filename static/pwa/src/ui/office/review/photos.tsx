// Photos of an item or of the whole. Rule: until its bytes are here, a photo is told by name, size,
// time and device, and is said to be waiting; an empty frame is never passed off as a picture.

import type { InspectionDetail, Photo } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { fileSize, moment } from "../../words/format.ts";
import { minute } from "../state.ts";
import { dotted, t } from "../words.ts";

/** The device that a record came from, as the history names it. */
export function deviceOf(detail: InspectionDetail, record: string): string {
  const rows = (detail.history ?? []).filter((row) => row.record === record);
  return rows.find((row) => row.device_name)?.device_name ?? "";
}

type FrameProps = { photo: Photo; detail: InspectionDetail };

function Frame({ photo, detail }: FrameProps) {
  const { taken_at, width = 0, height = 0, waiting = false } = photo;
  const zone = detail.row.time_zone;
  const time = taken_at ? moment(taken_at, zone, minute.value) : null;
  const name = photo.caption || photo.name || t("photo.unnamed");
  const pixels = width > 0 && height > 0 ? `${width} × ${height}` : null;
  return (
    <figure class="frame">
      <div class="sky">
        <Icon name={waiting ? "photosLeft" : "picture"} size={26} />
        <b>{waiting ? t("photo.waitingBytes") : t("photo.here")}</b>
        <span class="one">{name}</span>
        <span>{dotted(fileSize(photo.bytes), pixels)}</span>
      </div>
      <figcaption>{dotted(time, deviceOf(detail, photo.id)) || t("photo.noTime")}</figcaption>
    </figure>
  );
}

type PhotosProps = { photos: readonly Photo[]; detail: InspectionDetail };

export function Photos({ photos, detail }: PhotosProps) {
  if (photos.length === 0) return null;
  return (
    <div class={photos.length === 1 ? "frames single" : "frames"}>
      {photos.map((photo) => (
        <Frame key={photo.id} photo={photo} detail={detail} />
      ))}
    </div>
  );
}
