import type { Records } from '../../kernel/records.ts';
import type { StreamEvent } from './event.ts';

const REFRESH_MS = 5000;

/** Leaves out what must not be stored although it was accepted: what sources that were switched off since sent. */
export class Filter {
  readonly #records: Records;
  #disabled: ReadonlySet<number> = new Set();
  #public: ReadonlySet<number> = new Set();
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(records: Records) {
    this.#records = records;
  }

  async refresh(): Promise<void> {
    if (performance.now() - this.#refreshedAt < REFRESH_MS) return;
    const { rows } = await this.#records.pool.query<{ id: number; enabled: boolean }>(
      "SELECT id, enabled FROM sources WHERE NOT enabled OR kind IN ('browser', 'mobile', 'mail')",
    );
    this.#disabled = new Set(rows.filter((row) => !row.enabled).map((row) => row.id));
    this.#public = new Set(rows.map((row) => row.id));
    this.#refreshedAt = performance.now();
  }

  /** Why the event is left out, or null. Marks those that came with a key that anybody can read. */
  reason(event: StreamEvent): string | null {
    event.publicKey = this.#public.has(event.sourceId);
    return this.#disabled.has(event.sourceId) ? 'its source is switched off' : null;
  }
}
