// The digest of a scope: how many live records it has, and the sum of their marks modulo 2^64. It is a
// sum, so that it can be carried along with each change, whatever the order. Rule: pure.

const MODULUS = 1n << 64n;

/** The mark of a line: the first 64 bits, big-endian, of the SHA-256 of its bytes as received. */
export function markOf(sha256: ArrayBuffer): string {
  return new DataView(sha256).getBigUint64(0).toString();
}

/** A digest while it is being summed. `sum` as decimal text: a database cannot index a BigInt. */
export interface Sum {
  readonly count: number;
  readonly sum: string;
}

export const EMPTY: Sum = { count: 0, sum: "0" };

export function plus({ count, sum }: Sum, mark: string): Sum {
  return { count: count + 1, sum: ((BigInt(sum) + BigInt(mark)) % MODULUS).toString() };
}

export function minus({ count, sum }: Sum, mark: string): Sum {
  return { count: count - 1, sum: ((BigInt(sum) - BigInt(mark) + MODULUS) % MODULUS).toString() };
}

/** As the server writes it: `count:sum`. */
export function digestOf({ count, sum }: Sum): string {
  return `${count}:${sum}`;
}
