// The words of files, bound, with those of the kit beside them; and what is said of one file.
// Rule: pure; where a file is and what it is come from the server, the sentence is made here.

import type { Photo, StillHeld } from "../../../wire/types.ts";
import type { IconName } from "../../kit/icons.tsx";
import type { Tone } from "../../kit/state.tsx";
import { en } from "../../words/en/files.ts";
import { fileSize } from "../../words/format.ts";
import { area } from "../../words/index.ts";
import { kitEn, kitZh } from "../../words/kit.ts";
import { zh } from "../../words/zh/files.ts";
import { when } from "../times.ts";

export const t = area({ ...kitZh, ...zh }, { ...kitEn, ...en });

export type Standing = {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly words: string;
};

/** Whether it is told as a photo: what it was found to be, else what was announced. */
export function isPhoto(photo: Photo): boolean {
  return (photo.found_type ?? photo.media_type).startsWith("image/");
}

/** Where it is and whether it can be shown, in words; null for one that is shown. */
export function standingOf(photo: Photo, zone: string, now: number): Standing | null {
  const { waiting = false, shown = false, fault, found_type } = photo;
  if (waiting) return { icon: "photosLeft", tone: "warn", words: heldWords(photo, zone, now) };
  if (fault) return { icon: "needsYou", tone: "warn", words: t(`fault.${fault}`) };
  if (shown) return null;
  if (!found_type) return { icon: "sync", tone: "plain", words: t("file.looking") };
  return { icon: "tick", tone: "quiet", words: t("file.kept") };
}

/** "还在 平板 03 上，自 09:12". */
function heldWords(photo: Photo, zone: string, now: number): string {
  const { device_name: device = "", announced_at: at } = photo;
  if (device === "") return t("file.waiting");
  return at ? t("file.onSince", { device, time: when(at, zone, now) }) : t("file.on", { device });
}

/** "2 张照片还在 平板 03 上，自 09:12". */
export function stillHeldWords(held: StillHeld, zone: string, now: number): string {
  const { files: n, device_name: device, since } = held;
  return t("held.on", { n, device, time: when(since, zone, now) });
}

/** "差 2 张照片，自 09:12": where the device stands beside it. */
export function heldShort(held: StillHeld, zone: string, now: number): string {
  return t("held.short", { n: held.files, time: when(held.since, zone, now) });
}

/** What it shows: its caption, else the name it came with. */
export function nameOf(photo: Photo): string {
  return photo.caption || photo.name || t("file.photo");
}

const SHEETS = ["text/csv", "application/vnd.ms-excel", "spreadsheet"];
const TYPES = [
  ["type.pdf", ["application/pdf"]],
  ["type.sheet", SHEETS],
  ["type.text", ["text/"]],
  ["type.document", ["wordprocessing", "presentation", "opendocument"]],
  ["type.archive", ["zip", "7z-compressed", "rar"]],
  ["type.video", ["video/"]],
  ["type.picture", ["image/"]],
] as const;

/** What kind of file it is, in a word. */
export function typeWord(photo: Photo): string {
  const type = photo.found_type ?? photo.media_type;
  const found = TYPES.find(([, parts]) => parts.some((part) => type.includes(part)));
  return t(found?.[0] ?? "type.other");
}

/** "PDF · 1.2 MB". */
export function sizeWords(photo: Photo): string {
  const { width = 0, height = 0 } = photo;
  const pixels = width > 0 && height > 0 ? ` · ${width} × ${height}` : "";
  return `${fileSize(photo.bytes)}${pixels}`;
}

/** The address of its bytes; with a size, of a thumbnail. */
export function bytesOf(photo: Photo, size?: "small" | "large"): string {
  const path = `/attachments/${photo.id}/bytes`;
  return size ? `${path}?size=${size}` : path;
}
