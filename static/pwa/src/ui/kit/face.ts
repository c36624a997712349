// What main.tsx gives to a face of the app.
// Rule: the real clock and the real source of chance are named in main.tsx only; all else is given them.

export type Surroundings = {
  /** Milliseconds since 1970 by this device: shown to people, never decides. */
  readonly now: () => number;
  /** `length` bytes from the system's source. */
  readonly random: (length: number) => Uint8Array<ArrayBuffer>;
};
