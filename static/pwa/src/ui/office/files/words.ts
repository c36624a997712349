// The words of files, bound, with those of the kit beside them; and what is said of one file.
// Rule: pure; where a file is and what it is come from the server, the sentence is made here.

import type { Photo, StillHeld } from "../../../wire/types.ts";
import type { IconName } from "../../kit/icons.tsx";
import type { Tone } from "../../kit/state.tsx";
import { en } from "../../words/en/files.ts";
import { fileSize } from "../../words/format.ts";
import { area, language } from "../../words/index.ts";
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

/** A device's name within a sentence: Chinese stands apart from letters and figures, and only then. */
function apart(name: string): string {
  if (language.value === "en") return name;
  return `${/^[!-~]/.test(name) ? " " : ""}${name}${/[!-~]$/.test(name) ? " " : ""}`;
}

/** "还在平板 03 上，自 09:12". */
function heldWords(photo: Photo, zone: string, now: number): string {
  const { device_name = "", announced_at: at } = photo;
  if (device_name === "") return t("file.waiting");
  const device = apart(device_name);
  return at ? t("file.onSince", { device, time: when(at, zone, now) }) : t("file.on", { device });
}

/** "2 张照片还在平板 03 上，自 09:12". */
export function stillHeldWords(held: StillHeld, zone: string, now: number): string {
  const { files: n, since } = held;
  const device = apart(held.device_name);
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

/** "照片 2 张，附件 1 个". */
export function countWords(photos: readonly Photo[]): string {
  const n = photos.filter(isPhoto).length;
  const files = photos.length - n;
  const parts = [n > 0 && t("file.photos", { n }), files > 0 && t("file.files", { n: files })];
  return parts.filter((part) => part).join(t("list.comma"));
}

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
