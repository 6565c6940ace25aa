import type { DataVersion } from './freshness.ts';
import { NEWER_SHARE, REMEMBERED_ANSWERS, REMEMBERED_BYTES } from './limits.ts';

export interface Remembered {
  /** What the data was before it was computed. */
  data: DataVersion;
  /** When it was computed: milliseconds since 1970. */
  at: number;
  /** The answer as JSON text: each reader gets its own. */
  json: string;
}

/** Answers by the meaning of their question; those asked for longest ago are forgotten first. */
export class Answers {
  readonly #known = new Map<string, Remembered>();
  #bytes = 0;

  get(key: string): Remembered | undefined {
    const known = this.#known.get(key);
    if (!known) return undefined;
    this.#known.delete(key);
    this.#known.set(key, known);
    return known;
  }

  set(key: string, answer: Remembered): void {
    this.#drop(key);
    if (answer.json.length > REMEMBERED_BYTES / 8) return;
    this.#known.set(key, answer);
    this.#bytes += answer.json.length;
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= REMEMBERED_ANSWERS && this.#bytes <= REMEMBERED_BYTES) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#known.get(key)?.json.length ?? 0;
    this.#known.delete(key);
  }
}

/**
 * Whether an answer may be given again: where nothing changed since, or where it is young enough for its reader and there
 * are few newer events. What was computed before a file came in, or while it did, says nothing about what is there now.
 */
export function isGood({ data, at }: Remembered, now: DataVersion, maxAgeSeconds: number): boolean {
  if (data.version === now.version) return true;
  return Date.now() - at <= maxAgeSeconds * 1000 && Math.abs(now.events - data.events) <= NEWER_SHARE * now.events;
}

/** A value as text that is the same for equal values, in whatever order their names were written. */
export function meaningOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner)
            .filter(([, one]) => one !== undefined)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : inner,
  );
}
