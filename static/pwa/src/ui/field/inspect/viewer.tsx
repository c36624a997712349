// One photo, large: its words, and its removal, asked in place.

import { useEffect, useRef, useState } from "preact/hooks";
import { display } from "../../../core/tags.ts";
import type { Seen } from "../../../core/work.ts";
import { LINE_LENGTH_MAX, PHOTOS_PER_ITEM_MAX } from "../../../wire/limits.ts";
import { Icon } from "../../kit/icons.tsx";
import { instant } from "../../words/format.ts";
import { p } from "../photo-words.ts";
import { useHere } from "./context.ts";
import { momentEdit, withdrawPhotoEdit } from "./edits.ts";
import type { Picture } from "./image.ts";
import { MarkUp } from "./markup.tsx";
import { Moments } from "./moment.tsx";
import { usePhoto } from "./photos.tsx";
import type { Sheet } from "./sheet.ts";
import { TypedField } from "./typed.tsx";
import { t } from "./words.ts";
import type { Worksheet } from "./worksheet.ts";

type ViewerProps = { photo: Seen<"attachment">; name: string; onClose: () => void };

export function PhotoViewer({ photo, name, onClose }: ViewerProps) {
  const { work } = useHere();
  const dialog = useRef<HTMLDialogElement>(null);
  const { src, why } = usePhoto(photo, "large");
  const [isMarking, setMarking] = useState(false);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  const keep = async (picture: Picture): Promise<void> => {
    const at = photo.data.taken_at ?? null;
    await work.photo(photo.data.item ?? "", picture, {
      caption: p("mark.caption"),
      at,
      moment: photo.data.moment,
    });
    onClose();
  };
  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label={name}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      {isMarking && src !== undefined ? (
        <MarkUp {...{ src, name }} onKeep={keep} onCancel={() => setMarking(false)} />
      ) : (
        <>
          <div class="picture">
            {src === undefined ? (
              <p>{p(`else.${why}`)}</p>
            ) : (
              <img src={src} alt={photo.data.caption || name} />
            )}
          </div>
          <About
            {...{ photo, name }}
            onMark={src === undefined ? null : () => setMarking(true)}
            onClose={onClose}
          />
        </>
      )}
    </dialog>
  );
}

/** The codes of the device's tags, as they are printed. */
function tagsOf({ work: { records } }: Worksheet, { asset }: Sheet): string {
  const tags = records.by("tag", "asset", asset.id).filter(({ data }) => !data.retired);
  const code = tags.map(({ data }) => display(data.code)).join(t("list.comma"));
  return code === "" ? "" : p("viewer.tag", { code });
}

type AboutProps = {
  photo: Seen<"attachment">;
  /** What it is of: the item, and which of its photos. */
  name: string;
  /** Null: there is nothing to draw on. */
  onMark: (() => void) | null;
  onClose: () => void;
};

/** What is written about it, and what can be done with it. */
function About({ photo, name, onMark, onClose }: AboutProps) {
  const { work, sheet, now, isClosed } = useHere();
  const beside = sheet.photos.get(photo.data.item ?? "") ?? [];
  const mayMark = !isClosed && onMark !== null && beside.length < PHOTOS_PER_ITEM_MAX;
  const remove = (): void => {
    onClose();
    void work.change(() => [withdrawPhotoEdit(photo.id)]);
  };
  const { taken_at: taken } = photo.data;
  return (
    <div class="about">
      <p>
        <b>{[sheet.asset.data.name, tagsOf(work, sheet), name].filter(Boolean).join(" · ")}</b>
        <span class="note">
          {[taken && instant(taken, sheet.zone, now), sheet.inspection?.inspector_name]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </p>
      {!isClosed && (
        <TypedField
          part="caption"
          path={photo.id}
          label={t("photo.caption")}
          value={photo.data.caption ?? ""}
          max={LINE_LENGTH_MAX}
        />
      )}
      {!isClosed && (
        <Moments
          value={photo.data.moment ?? ""}
          onChange={(moment) => void work.change(() => [momentEdit(photo.id, moment)])}
        />
      )}
      {isClosed && photo.data.moment && <p class="note">{p(`moment.${photo.data.moment}`)}</p>}
      {isClosed && photo.data.caption && <p>{photo.data.caption}</p>}
      <div class="acts">
        {!isClosed && (
          <Confirm
            label={t("photo.remove")}
            sure={t("photo.removeSure")}
            yes={t("photo.removeYes")}
            no={t("photo.keep")}
            onYes={remove}
          />
        )}
        {mayMark && (
          <button type="button" class="btn txt" onClick={onMark}>
            {p("mark.draw")}
          </button>
        )}
        <button type="button" class="btn end" onClick={onClose}>
          {t("photo.close")}
        </button>
      </div>
    </div>
  );
}

type ConfirmProps = { label: string; sure: string; yes: string; no: string; onYes: () => void };

/** An action that asks once more, in place: the safe answer stands first. */
export function Confirm({ label, sure, yes, no, onYes }: ConfirmProps) {
  const [isAsked, setAsked] = useState(false);
  if (!isAsked) {
    return (
      <button type="button" class="btn txt" onClick={() => setAsked(true)}>
        <Icon name="erase" size={22} />
        {label}
      </button>
    );
  }
  return (
    <fieldset class="confirm" aria-label={label}>
      <span class="note">{sure}</span>
      <button type="button" class="btn" onClick={() => setAsked(false)}>
        {no}
      </button>
      <button type="button" class="btn" onClick={onYes}>
        {yes}
      </button>
    </fieldset>
  );
}
