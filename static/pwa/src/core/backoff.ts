// How long to wait after a failure. Rule: pure; chance and the instant are parameters.

export const BACKOFF_MS_MIN = 1_000;
export const BACKOFF_MS_MAX = 300_000;
/** Of Retry-After: a server that names next week has a fault, and the work here is waiting. */
export const RETRY_AFTER_MS_MAX = 3_600_000;

/**
 * Full jitter (Brooker, "Exponential Backoff and Jitter"): anything up to the doubled bound, so that
 * tablets that lost one server together do not come back together. `attempt` counts from 0;
 * `chance` lies in [0, 1). Never under a quarter of a second: a loop of zeros would be an attack.
 */
export function backoffMs(attempt: number, chance: number): number {
  const bound = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(attempt, 20));
  return Math.max(250, Math.floor(chance * bound));
}

/** Read Retry-After (RFC 9110, 10.2.3): seconds or an HTTP date. Null when absent or unreadable. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), RETRY_AFTER_MS_MAX) : null;
}
