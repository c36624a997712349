// Drawing on a photo: the pen is where the finger is, and each line has an edge that is seen on any ground.

import { expect, test } from "vitest";
import { draw, pointAt, thickness } from "../../src/ui/field/inspect/markup.tsx";

test("a point is in the pixels of the picture, whatever size it is shown at", () => {
  const box = { left: 100, top: 50, width: 400, height: 300 };
  const size = { width: 1_600, height: 1_200 };
  expect(pointAt({ clientX: 300, clientY: 200 }, box, size)).toEqual({ x: 800, y: 600 });
  expect(pointAt({ clientX: 100, clientY: 50 }, box, size)).toEqual({ x: 0, y: 0 });
});

test("a line is as thick on every picture as a pen is on paper, and never a hair", () => {
  expect(thickness(1_600, 1_200)).toBe(10);
  expect(thickness(100, 80)).toBe(3);
});

test("edges are drawn below all lines, and a tap is a dot", () => {
  const told: string[] = [];
  const brush = {
    lineWidth: 0,
    strokeStyle: "",
    lineCap: "butt" as CanvasLineCap,
    lineJoin: "miter" as CanvasLineJoin,
    beginPath: () => undefined,
    moveTo: (x: number, y: number) => void told.push(`move ${x},${y}`),
    lineTo: (x: number, y: number) => void told.push(`line ${x},${y}`),
    stroke: () => void told.push(`${brush.strokeStyle} ${brush.lineWidth}`),
  };
  const lines = [
    [{ x: 1, y: 2 }],
    [
      { x: 5, y: 5 },
      { x: 9, y: 9 },
    ],
    [],
  ];
  draw(brush, lines, 4);
  expect(told.slice(0, 3)).toEqual(["move 1,2", "line 1,2", "#ffffff 8"]);
  expect(told.filter((one) => one.startsWith("#"))).toEqual([
    "#ffffff 8",
    "#ffffff 8",
    "#d21f14 4",
    "#d21f14 4",
  ]);
  expect(told).toContain("line 9,9");
});
