// Drawing on a photo: lines over a copy of it, kept as a photo of its own.
// Rule: the photo that was taken is never touched; what was drawn is seen at once and can be taken back.

import type { TargetedPointerEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { p } from "../photo-words.ts";
import { fitted, type Picture, prepared, REDUCED } from "./image.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}
export type Line = readonly Point[];

// Red on white: seen on a dark cabinet and on a bright label alike.
const INK = "#d21f14";
const EDGE = "#ffffff";

/** How thick a line is on a picture of this size: as a thick pen would be on paper. */
export function thickness(width: number, height: number): number {
  return Math.max(3, Math.round(Math.max(width, height) / 160));
}

/** Where a finger is on the picture, in its own pixels, whatever size it is shown at. */
export function pointAt(
  at: { readonly clientX: number; readonly clientY: number },
  box: Pick<DOMRect, "left" | "top" | "width" | "height">,
  size: { readonly width: number; readonly height: number },
): Point {
  const x = ((at.clientX - box.left) / Math.max(box.width, 1)) * size.width;
  const y = ((at.clientY - box.top) / Math.max(box.height, 1)) * size.height;
  return { x: Math.round(x), y: Math.round(y) };
}

type Brush = Pick<
  CanvasRenderingContext2D,
  | "beginPath"
  | "moveTo"
  | "lineTo"
  | "stroke"
  | "lineWidth"
  | "strokeStyle"
  | "lineCap"
  | "lineJoin"
>;

/** Draw lines: the edge of all first, so that crossings stay clear. A tap is a dot. */
export function draw(brush: Brush, lines: readonly Line[], thick: number): void {
  brush.lineCap = "round";
  brush.lineJoin = "round";
  for (const [style, width] of [
    [EDGE, thick * 2],
    [INK, thick],
  ] as const) {
    brush.strokeStyle = style;
    brush.lineWidth = width;
    for (const line of lines) {
      const [first] = line;
      if (first === undefined) continue;
      brush.beginPath();
      brush.moveTo(first.x, first.y);
      for (const { x, y } of line.length > 1 ? line : [first]) brush.lineTo(x, y);
      brush.stroke();
    }
  }
}

type Props = {
  src: string;
  name: string;
  onKeep: (picture: Picture) => Promise<void>;
  onCancel: () => void;
};

export function MarkUp({ src, name, onKeep, onCancel }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const image = useImage(src);
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [isBusy, setBusy] = useState(false);
  const isDown = useRef(false);
  const size = fitted(image?.naturalWidth ?? 4, image?.naturalHeight ?? 3, REDUCED.edgeMax);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || image === null) return;
    context.drawImage(image, 0, 0, size.width, size.height);
    draw(context, lines, thickness(size.width, size.height));
  }, [image, lines, size.width, size.height]);
  const point = (event: TargetedPointerEvent<HTMLCanvasElement>): Point =>
    pointAt(event, event.currentTarget.getBoundingClientRect(), size);
  const keep = async (): Promise<void> => {
    setBusy(true);
    const blob = await new Promise<Blob | null>((resolve) =>
      canvas.current?.toBlob(resolve, "image/jpeg", 0.95),
    );
    // What could not be drawn stays on the screen, to be tried again.
    if (blob !== null) await onKeep(await prepared(blob, REDUCED)).catch(() => undefined);
    setBusy(false);
  };
  return (
    <>
      <div class="picture" aria-busy={image === null}>
        <canvas
          ref={canvas}
          class="markup"
          width={size.width}
          height={size.height}
          role="img"
          aria-label={`${p("mark.title")}: ${name}`}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            isDown.current = true;
            setLines([...lines, [point(event)]]);
          }}
          onPointerMove={(event) => {
            if (!isDown.current) return;
            const at = point(event);
            setLines((all) => [...all.slice(0, -1), [...(all.at(-1) ?? []), at]]);
          }}
          onPointerUp={() => {
            isDown.current = false;
          }}
          onPointerCancel={() => {
            isDown.current = false;
          }}
        />
      </div>
      <div class="about">
        <p class="note">{p("mark.how")}</p>
        <div class="acts">
          <button type="button" class="btn" onClick={onCancel}>
            {p("mark.cancel")}
          </button>
          <button
            type="button"
            class="btn"
            disabled={lines.length === 0}
            onClick={() => setLines(lines.slice(0, -1))}
          >
            {p("mark.undo")}
          </button>
          <button
            type="button"
            class="btn pri end"
            disabled={lines.length === 0 || image === null || isBusy}
            onClick={() => void keep()}
          >
            {p("mark.keep")}
          </button>
        </div>
      </div>
    </>
  );
}

function useImage(src: string): HTMLImageElement | null {
  const [image, setImage] = useState<HTMLImageElement | null>(null);
  useEffect(() => {
    const made = new Image();
    made.onload = () => setImage(made);
    made.src = src;
    return () => {
      made.onload = null;
    };
  }, [src]);
  return image;
}
