// How the bytes of one photo get to the server: what each way that an attempt can end means.
// Rule: pure. Nothing here ever gives a photo up: what cannot be sent waits, longer and longer, and
// stands in nobody's way.
//
//   here    on this device, and not known to be with the server; `url`: partly there already.
//   sent    the server has said that it holds bytes of this digest.
//   lost    what is stored here is not what was taken, or nothing: its person is told.

import type { Id, Problem } from "../wire/types.ts";

export type UploadState = "here" | "sent" | "lost";

export interface Upload {
  readonly attachment: Id;
  readonly sha256: string;
  readonly bytes: number;
  /** When the photo was kept, in milliseconds since 1970 by this device. */
  readonly created: number;
  readonly state: UploadState;
  /** Where the server keeps what it has of it: `/files/<id>`. Survives reload, kill and update. */
  readonly url: string | null;
  /** So many bytes are there, as far as was told. */
  readonly offset: number;
  /** Attempts that ended with a fault of its own. */
  readonly failures: number;
  /** Not before, in milliseconds since 1970 by this device. */
  readonly dueAt: number;
  /** Why the server did not take it, when it last said so. */
  readonly problem: Problem | null;
  /** When the server said that it holds it, in milliseconds since 1970 by this device. */
  readonly sentAt?: number;
}

/** A photo that was just kept. */
export function begun(photo: Pick<Upload, "attachment" | "sha256" | "bytes" | "created">): Upload {
  return { ...photo, state: "here", url: null, offset: 0, failures: 0, dueAt: 0, problem: null };
}

/** What one attempt ended with. */
export type Attempt =
  /** The server holds the bytes, and their digest is ours. */
  | { readonly kind: "whole" }
  /** What is stored here is not what was taken. */
  | { readonly kind: "lost" }
  /** The server has another number of bytes than we thought: ask, and go on from there. */
  | { readonly kind: "moved" }
  /** What was begun is not there any more, or became other bytes: begin anew. */
  | { readonly kind: "gone" }
  /** This photo was not taken, or the server failed on it; others may be. */
  | { readonly kind: "refused"; readonly problem: Problem | null }
  /** The way or the server, not the photo. */
  | { readonly kind: "away" };

/** What is asked again at once, before it waits like any other fault. */
const AT_ONCE_MAX = 3;
const REFUSED_MS_MIN = 10_000;
export const REFUSED_MS_MAX = 6 * 3_600_000;

/** Give the row after an attempt at `now`; `chance` lies in [0, 1). */
export function afterAttempt(
  upload: Upload,
  attempt: Attempt,
  now: number,
  chance: number,
): Upload {
  const { failures } = upload;
  switch (attempt.kind) {
    case "whole":
      return whole(upload, now);
    case "lost":
      return { ...upload, state: "lost", url: null, offset: 0, problem: null };
    case "away":
      return upload;
    case "moved":
    case "gone": {
      const dueAt = failures < AT_ONCE_MAX ? now : now + pauseMs(failures, chance);
      const next = { ...upload, failures: failures + 1, dueAt };
      return attempt.kind === "gone" ? { ...next, url: null, offset: 0 } : next;
    }
    case "refused": {
      const { problem } = attempt;
      const dueAt = now + pauseMs(failures, chance);
      return { ...upload, failures: failures + 1, dueAt, problem };
    }
  }
}

function whole(upload: Upload, now: number): Upload {
  const { bytes } = upload;
  const told = { state: "sent", sentAt: now } as const;
  return { ...upload, ...told, url: null, offset: bytes, failures: 0, problem: null };
}

/** So long the server keeps bytes that no op has named yet, with a day or two to spare. */
const UNNAMED_MS_MAX = 5 * 24 * 3_600_000;

/** Whether the server may have let them go since it said that it holds them. */
export function mayBeGone({ sentAt }: Upload, now: number): boolean {
  return sentAt !== undefined && Math.abs(now - sentAt) > UNNAMED_MS_MAX;
}

/**
 * Some of it got through. Its failures are remembered until it is whole: one whose bytes arrive as
 * other ones, time after time, gets through too.
 */
export function further(upload: Upload, offset: number): Upload {
  return { ...upload, offset, ...(offset > upload.offset ? { problem: null } : {}) };
}

/** A fault of one photo is no haste: from ten seconds, doubling, up to six hours. */
function pauseMs(failures: number, chance: number): number {
  const bound = Math.min(REFUSED_MS_MAX, REFUSED_MS_MIN * 2 ** Math.min(failures, 20));
  return Math.floor(bound / 2 + (chance * bound) / 2);
}

/** Under another epoch nothing that the server said of it counts: it is asked again. */
export function rewoundUpload(upload: Upload): Upload {
  const { attachment, sha256, bytes, created, state } = upload;
  return {
    ...begun({ attachment, sha256, bytes, created }),
    state: state === "lost" ? state : "here",
  };
}

/**
 * In which order: first what the server has been told of, then the rest; the oldest first. A photo
 * that failed goes behind those that did not, so that it stands in nobody's way.
 */
export function inOrder<T extends Upload>(
  uploads: readonly T[],
  isTold: (attachment: Id) => boolean,
): readonly T[] {
  const rank = (one: T) => (one.failures > 0 ? 2 : 0) + (isTold(one.attachment) ? 0 : 1);
  return uploads.toSorted((a, b) => rank(a) - rank(b) || a.created - b.created);
}

export const CHUNK_BYTES_MIN = 65_536;
export const CHUNK_BYTES_MAX = 1_048_576;
const CHUNK_BYTES_FIRST = 262_144;
/** What a piece should take: short, so that answers that were just given need not wait for it. */
const CHUNK_MS = 4_000;

/** How the line is, as the last pieces showed. */
export interface Pace {
  readonly chunkBytes: number;
}

export const UNKNOWN_PACE: Pace = { chunkBytes: CHUNK_BYTES_FIRST };

/** A piece of `bytes` took `ms`: at most twice as much next time. */
export function paceAfter({ chunkBytes }: Pace, bytes: number, ms: number): Pace {
  const fitting = (bytes / Math.max(ms, 1)) * CHUNK_MS;
  return { chunkBytes: bounded(Math.min(fitting, chunkBytes * 2)) };
}

/** A piece was cut, or did not get through in the time given. */
export function paceAfterCut({ chunkBytes }: Pace): Pace {
  return { chunkBytes: bounded(chunkBytes / 2) };
}

function bounded(bytes: number): number {
  const clipped = Math.min(CHUNK_BYTES_MAX, Math.max(CHUNK_BYTES_MIN, bytes));
  return Math.floor(clipped / 4_096) * 4_096;
}

/** Two at a time where the line is good: a slow one is not made faster by sharing it. */
export function lanes({ chunkBytes }: Pace): 1 | 2 {
  return chunkBytes >= CHUNK_BYTES_MAX / 2 ? 2 : 1;
}
