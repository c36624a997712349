// A photo as it is kept: turned upright, reduced, and small enough to leave over a bad line.
// Rule: what cannot be read is said at once; the original in the person's gallery is never touched.

import { PIXELS_MAX } from "../../../wire/limits.ts";

export interface Picture {
  readonly bytes: ArrayBuffer;
  readonly width: number;
  readonly height: number;
}

/** How much of a photo is kept: edge in pixels, size in bytes. */
export interface Room {
  readonly edgeMax: number;
  readonly bytesMax: number;
}

/** Evidence: a lamp, a cable, a screen. */
export const REDUCED: Room = { edgeMax: 1_600, bytesMax: 300_000 };
/** Plates and serial numbers, where the small print counts. */
export const FULL: Room = { edgeMax: 4_096, bytesMax: 2_000_000 };

// From what the eye does not miss to what it does; below that the edge is reduced instead.
const QUALITIES = [0.85, 0.75, 0.65, 0.55] as const;
const SMALLER = 0.8;
const STEPS_MAX = 6;

/** The size that fits, with the proportions kept; never enlarged. */
export function fitted(width: number, height: number, edgeMax: number) {
  const scale = Math.min(1, edgeMax / Math.max(width, height, 1));
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

/** Draw at a size and give it as JPEG of a quality. */
export type Encode = (width: number, height: number, quality: number) => Promise<ArrayBuffer>;

/** Encode smaller and smaller until it fits; the last attempt stands, whatever its size. */
export async function squeezed(
  size: { readonly width: number; readonly height: number },
  room: Room,
  encode: Encode,
): Promise<Picture> {
  let { width, height } = fitted(size.width, size.height, room.edgeMax);
  for (let step = 0; ; step += 1) {
    for (const quality of QUALITIES) {
      const bytes = await encode(width, height, quality);
      const isLast = step === STEPS_MAX - 1 && quality === QUALITIES.at(-1);
      if (bytes.byteLength <= room.bytesMax || isLast) return { bytes, width, height };
    }
    ({ width, height } = fitted(width, height, Math.max(width, height) * SMALLER));
  }
}

/** A file that is no picture, or one too large to open. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** Read a photo, turn it upright as its camera says, and reduce it. Throws Unreadable. */
export async function prepared(file: Blob, room: Room): Promise<Picture> {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => {
    throw new Unreadable("no picture");
  });
  try {
    if (bitmap.width * bitmap.height > PIXELS_MAX) throw new Unreadable("too many pixels");
    return await squeezed(bitmap, room, (width, height, quality) =>
      jpegOf(bitmap, width, height, quality),
    );
  } finally {
    bitmap.close();
  }
}

async function jpegOf(
  bitmap: ImageBitmap,
  width: number,
  height: number,
  quality: number,
): Promise<ArrayBuffer> {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (context === null) throw new Unreadable("no canvas");
  // JPEG has no transparency: what is clear would turn black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  const blob = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, "image/jpeg", quality),
  );
  // Safari keeps the memory of a canvas until it is made small.
  Object.assign(canvas, { width: 0, height: 0 });
  if (blob === null) throw new Unreadable("not encoded");
  return blob.arrayBuffer();
}
