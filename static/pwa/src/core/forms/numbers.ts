// Numbers that come out alike in Python and JavaScript; the twin of sync/forms/numbers.py, which
// says why. Rule: every number of a form passes `roundTo`.

// Magnus formula over water: WMO-No. 8, volume I, annex 4.B; valid from -45 °C to 60 °C.
const MAGNUS_A = 17.62;
const MAGNUS_B = 243.12;
const MAGNUS_LOW = -45;
const MAGNUS_HIGH = 60;

/** Round half to even on the shortest decimal digits that stand for `value`: 2.675 is a tie. */
export function roundTo(value: number, decimals: number): number {
  const [mantissa = "0", exponent = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const kept = Number(exponent) + 1 + decimals;
  if (kept >= digits.length) return value + 0; // -0 + 0 is 0.
  if (kept < 0) return 0;
  const head = digits.slice(0, kept) || "0";
  const tail = digits.slice(kept);
  const odd = Number(head.at(-1)) % 2 === 1;
  const up = tail > "5" || (tail === "5" && odd);
  const whole = BigInt(head) + (up ? 1n : 0n);
  return Math.sign(value) * Number(`${whole}e-${decimals}`) + 0;
}

/**
 * Give the dew point in °C of air at `temperature` °C and `humidity` % RH, never above it; null
 * outside the formula's range, and for a humidity that is not above 0 and up to 100 %.
 */
export function dewPoint(temperature: number, humidity: number): number | null {
  if (!(temperature >= MAGNUS_LOW && temperature <= MAGNUS_HIGH)) return null;
  if (!(humidity > 0 && humidity <= 100)) return null;
  const gamma = Math.log(humidity / 100) + (MAGNUS_A * temperature) / (MAGNUS_B + temperature);
  return Math.min(temperature, (MAGNUS_B * gamma) / (MAGNUS_A - gamma));
}
