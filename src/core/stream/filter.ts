import type { Records } from '../../kernel/records.ts';
import type { StreamEvent } from './event.ts';

const REFRESH_MS = 5000;

/** Leaves out what must not be stored although it was accepted: what sources that were switched off since sent. */
export class Filter {
  readonly #records: Records;
  #disabled: ReadonlySet<number> = new Set();
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(records: Records) {
    this.#records = records;
  }

  async refresh(): Promise<void> {
    if (performance.now() - this.#refreshedAt < REFRESH_MS) return;
    const { rows } = await this.#records.pool.query<{ id: number }>('SELECT id FROM sources WHERE NOT enabled');
    this.#disabled = new Set(rows.map((row) => row.id));
    this.#refreshedAt = performance.now();
  }

  /** Why the event is left out, or null. */
  reason(event: StreamEvent): string | null {
    return this.#disabled.has(event.sourceId) ? 'its source is switched off' : null;
  }
}
