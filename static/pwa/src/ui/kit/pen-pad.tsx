// The pen pad: where somebody signs with a finger or a pen.
// Rule: what was written survives a turned tablet, and nothing is taken until the person confirms.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import SignaturePad from "signature_pad";
import "../look/pen.css";
import { t } from "../words/sign.ts";
import { Icon } from "./icons.tsx";
import { pathOf } from "./strokes.ts";

type PadProps = {
  /** Path data of what is written; empty after starting again. */
  onPath: (path: string) => void;
};

const PEN_MIN = 1.4;
const PEN_MAX = 3.2;

/** Fit the canvas to its place, in device pixels, and write again what stood there. */
function laidOut(canvas: HTMLCanvasElement, pad: SignaturePad, before: number): number {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = Math.max(devicePixelRatio, 1);
  const groups = pad.toData();
  const scale = before > 0 ? width / before : 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.getContext("2d")?.scale(ratio, ratio);
  pad.clear();
  const scaled = groups.map((group) => ({
    ...group,
    points: group.points.map((point) => ({ ...point, x: point.x * scale, y: point.y * scale })),
  }));
  pad.fromData(scaled);
  return width;
}

export function PenPad({ onPath }: PadProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pen = useRef<SignaturePad | null>(null);
  const tell = useRef(onPath);
  tell.current = onPath;
  const [isEmpty, setEmpty] = useState(true);
  // Before it is seen: the first stroke is not to be lost.
  useLayoutEffect(() => {
    const shown = canvas.current;
    // A browser that draws nothing leaves the typed name to sign with.
    if (!shown?.getContext("2d")) return;
    const penColor = getComputedStyle(shown).color;
    const pad = new SignaturePad(shown, { penColor, minWidth: PEN_MIN, maxWidth: PEN_MAX });
    pen.current = pad;
    let width = laidOut(shown, pad, 0);
    const ended = (): void => {
      const strokes = pad.toData().map((group) => group.points);
      setEmpty(pad.isEmpty());
      tell.current(pathOf(strokes, width));
    };
    const begun = (): void => setEmpty(false);
    pad.addEventListener("beginStroke", begun);
    pad.addEventListener("endStroke", ended);
    const turned = new ResizeObserver(() => {
      if (shown.clientWidth !== width && shown.clientWidth > 0) width = laidOut(shown, pad, width);
    });
    turned.observe(shown);
    return () => {
      turned.disconnect();
      pad.off();
    };
  }, []);
  const redo = (): void => {
    pen.current?.clear();
    setEmpty(true);
    onPath("");
  };
  return (
    <div class="penpad">
      <canvas ref={canvas} role="img" aria-label={t("sign.pad")} />
      <span class="rule" aria-hidden="true" />
      <span class="base note">{t("sign.above")}</span>
      <button type="button" class="btn txt" disabled={isEmpty} onClick={redo}>
        <Icon name="erase" size={22} />
        {t("sign.redo")}
      </button>
    </div>
  );
}
