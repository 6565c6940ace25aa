const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits between attempts, as the Standard Webhooks specification suggests them: ten attempts over a little more than three days. */
const RETRY_WAITS_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;
/** A wait is longer by up to this share, so that what failed together does not come again together. */
const JITTER = 0.2;
/** A receiver may ask for a longer wait, up to this. */
const RETRY_AFTER_LIMIT_MS = 24 * HOUR;

/** How long to wait after `attempts` failed ones; null when it is given up. */
export function waitAfter(attempts: number, retryAfterMs: number | null, random = Math.random()): number | null {
  const wait = RETRY_WAITS_MS[attempts - 1];
  if (wait === undefined) return null;
  return Math.max(wait * (1 + JITTER * random), Math.min(retryAfterMs ?? 0, RETRY_AFTER_LIMIT_MS));
}

/** What `Retry-After` asks for, in milliseconds: seconds or a date; null where it is neither. */
export function retryAfterOf(header: string | string[] | undefined, now: number): number | null {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * SECOND;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
