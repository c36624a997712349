// Every icon of the app, as one path each.
// Rule: 24 px grid, 1.75 px line, round ends and joins, no fill, currentColor; one shape has one
// meaning, and a meaning that is not obvious stands beside its path.

import type { JSX } from "preact";

const ring = (x: number, y: number, r: number): string =>
  `M${x - r} ${y}a${r} ${r} 0 10${2 * r} 0a${r} ${r} 0 10${-2 * r} 0`;

function rect(x: number, y: number, width: number, height: number, r: number): string {
  const [across, down] = [width - 2 * r, height - 2 * r];
  const corner = (dx: number, dy: number): string => `a${r} ${r} 0 01${dx} ${dy}`;
  const top = `M${x + r} ${y}h${across}${corner(r, r)}v${down}${corner(-r, r)}`;
  return `${top}h${-across}${corner(-r, -r)}v${-down}${corner(r, -r)}z`;
}

const PATHS = {
  /** Past the upper limit. */
  above: "M5 4h14M12 20V8.5M7.5 12.5L12 8l4.5 4.5",
  /** Abnormal or overdue. */
  alert: "M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.01",
  asset: "M12 3l8.5 4.5v9L12 21l-8.5-4.5v-9zM3.5 7.5L12 12l8.5-4.5M12 12v9",
  /** Past the lower limit. */
  below: "M5 20h14M12 4v11.5M7.5 11.5l4.5 4.5 4.5-4.5",
  /** Due. */
  calendar: rect(3.5, 5, 17, 15.5, 1.5) + "M3.5 10h17M8 3v4M16 3v4",
  camera:
    "M4 8h3.5l1.5-2.5h6L16.5 8H20a1 1 0 011 1v9a1 1 0 01-1 1H4a1 1 0 01-1-1V9a1 1 0 011-1z" +
    ring(12, 13, 3.5),
  checks: "M4 6.5l1.5 1.5L8.5 5M4 13l1.5 1.5 3-3M4 19.5L5.5 21l3-3M12 7h8M12 13.5h8M12 20h8",
  /** Waiting to be sent. */
  clock: ring(12, 12, 8.5) + "M12 7.5V12l3 2",
  close: "M6 6l12 12M18 6L6 18",
  /** Confirmed by the server, nothing else. */
  confirmed: ring(12, 12, 8.5) + "M8 12.3l2.8 2.8 5.2-5.8",
  /** Not applicable. */
  dash: "M6 12h12",
  /** On this device. */
  device: rect(5, 3, 14, 18, 2) + "M10.5 18h3",
  down: "M5.5 9.5L12 16l6.5-6.5",
  download: "M12 3.5V14M8 10l4 4 4-4M5 15v4.5a1 1 0 001 1h12a1 1 0 001-1V15",
  erase: "M8.5 6H20a1 1 0 011 1v10a1 1 0 01-1 1H8.5L3 12zM12 9.5l5 5M17 9.5l-5 5",
  export: "M12 14V3.5M8 7l4-4 4 4M5 12v7.5a1 1 0 001 1h12a1 1 0 001-1V12",
  find: ring(10.5, 10.5, 6.5) + "M15.5 15.5L21 21",
  /** Finding. */
  flag: "M5.5 21V4M5.5 5h12l-2.5 4 2.5 4h-12",
  /** Conflict. */
  fork: "M12 21v-6L5 8V3.5M12 15l7-7V3.5M2.5 6L5 3.5 7.5 6M16.5 6L19 3.5 21.5 6",
  globe: ring(12, 12, 8.5) + "M3.5 12h17M12 3.5c5 5.5 5 11.5 0 17M12 3.5c-5 5.5-5 11.5 0 17",
  history: "M4 5v4.5h4.5M4.5 9A8.5 8.5 0 113.6 13M12 8v4.5l3 1.5",
  home: "M4 10.5L12 4l8 6.5V20a.5.5 0 01-.5.5h-15A.5.5 0 014 20zM10 20.5v-6h4v6",
  keyboard: rect(2.5, 6, 19, 12, 1.5) + "M6 10v.01M9.5 10v.01M13 10v.01M16.5 10v.01M8 14h8",
  left: "M14.5 5.5L8 12l6.5 6.5",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6v.01M4.5 12v.01M4.5 18v.01",
  moon: "M20 14.5A8.5 8.5 0 019.5 4a8.5 8.5 0 1010.5 10.5z",
  more: ring(5.5, 12, 0.6) + ring(12, 12, 0.6) + ring(18.5, 12, 0.6),
  /** Needs you. */
  needsYou: "M12 3l9 9-9 9-9-9zM12 8.5v4.5M12 15.8v.01",
  /** Not started. */
  open: ring(12, 12, 8.5),
  /** Not inspected. */
  paused: ring(12, 12, 8.5) + "M10 9v6M14 9v6",
  pen: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  person: ring(12, 8, 4) + "M4 20.5c1-4 4-5.5 8-5.5s7 1.5 8 5.5",
  phone:
    "M5 4h4l1.5 5-2.5 1.5a12 12 0 005.5 5.5l1.5-2.5 5 1.5v4a1 1 0 01-1 1" +
    "C10.5 20 4 13.5 4 5a1 1 0 011-1z",
  /** Photos still to be sent. */
  photosLeft:
    "M21 12.5V18a1 1 0 01-1 1H4a1 1 0 01-1-1V7a1 1 0 011-1h8" +
    "M3.5 17l5-4.5 4 3.5 2.5-2.5M18.5 10V3.5M15.7 6.2l2.8-2.8 2.8 2.8",
  picture: rect(3, 5, 18, 14, 1.5) + ring(8.5, 10, 1.6) + "M4 17.5l5-4.5 3.5 3 3.5-4 4.5 5",
  plus: "M12 5v14M5 12h14",
  print:
    "M7 8V3.5h10V8" +
    "M7 17H4.5a1 1 0 01-1-1V9a1 1 0 011-1h15a1 1 0 011 1v7a1 1 0 01-1 1H17" +
    "M7 14h10v6.5H7zM17 11v.01",
  report:
    "M6 3h8l4.5 4.5V20a1 1 0 01-1 1H6.5a1 1 0 01-1-1V3.5zM13.5 3.5V8h4.5M9 12.5h6" + "M9 16.5h6",
  /** Returned. */
  returned: "M9 5L4 10l5 5M4 10h10a5.5 5.5 0 010 11h-3",
  right: "M9.5 5.5L16 12l-6.5 6.5",
  room: "M4 20.5V4h11v16.5M15 7l5 2v11.5M2.5 20.5h19M11.5 12v1.5",
  scan:
    "M4 8V5a1 1 0 011-1h3M16 4h3a1 1 0 011 1v3M20 16v3a1 1 0 01-1 1h-3" +
    "M8 20H5a1 1 0 01-1-1v-3M3 12h18",
  /** Being sent. */
  sending: ring(12, 12, 8.5) + "M12 16V8.5M8.5 11.5L12 8l3.5 3.5",
  settings:
    ring(12, 12, 3) +
    "M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1" +
    "M5.6 18.4l2.1-2.1M16.3 7.7l2.1-2.1",
  /** Ready for offline. */
  shield: "M12 3l8 3v6c0 5-3.5 7.8-8 9-4.5-1.2-8-4-8-9V6z",
  sync:
    "M19.5 9.5A8 8 0 005.2 7.7L4 9.5M4.5 14.5a8 8 0 0014.3 1.8l1.2-1.8M4 5v4.5h4.5" +
    "M20 19v-4.5h-4.5",
  tag: "M3.5 4.5v7L13 21l8-8-9.5-9.5h-7zM8 8v.01",
  /** Chosen or in order. */
  tick: "M4.5 12.5l5 5 10-11",
  torch: "M8 3h8v4l-2 3v10a1 1 0 01-1 1h-2a1 1 0 01-1-1V10L8 7zM8 7h8M12 13v2",
  /** Under way. */
  underWay: ring(12, 12, 8.5),
  up: "M5.5 14.5L12 8l6.5 6.5",
  wrench:
    "M14.5 9.5a5 5 0 016-6l-3 3 .5 2 2 .5 3-3" +
    "M20.5 3.5a5 5 0 01.5 6.5 5 5 0 01-5.8 1.3L7 19.5a2 2 0 01-3-3l8.3-8.2",
} as const;

// The one solid part of the set: the right half of "under way".
const HALF = "M12 3.5a8.5 8.5 0 010 17z";

export type IconName = keyof typeof PATHS;
export const ICON_NAMES = Object.keys(PATHS) as readonly IconName[];

type IconProps = {
  name: IconName;
  /** Edge in px: 20 to 24 beside text in the field, 16 to 19 in the office, 28 to 40 alone. */
  size?: number;
  /** What it says to a screen reader when no word stands beside it. */
  label?: string;
  class?: string;
};

/** One drawing; silent for screen readers unless it has a label, because the word stands beside it. */
export function Icon({ name, size = 20, label, class: extra }: IconProps): JSX.Element {
  return (
    <svg
      class={extra ? `ic ${extra}` : "ic"}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      role={label === undefined ? undefined : "img"}
      aria-label={label}
      aria-hidden={label === undefined}
    >
      <path d={PATHS[name]} />
      {name === "underWay" && <path class="solid" d={HALF} />}
    </svg>
  );
}
