import type { Records } from '../../kernel/records.ts';
import { type Count, newCount } from './engine/protocol.ts';

const FLUSH_MS = 1000;

/** Adds up what transformations did, and writes it once a second at most; a crash loses what was not yet written. */
export class Counts {
  readonly #records: Records;
  #waiting = new Map<number, Count>();
  #timer: NodeJS.Timeout | null = null;

  constructor(records: Records) {
    this.#records = records;
  }

  add(id: number, more: Count): void {
    const sum = this.#waiting.get(id) ?? newCount();
    for (const name of Object.keys(sum) as (keyof Count)[]) sum[name] += more[name];
    this.#waiting.set(id, sum);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.flush().catch(() => {});
    }, FLUSH_MS).unref();
  }

  async flush(): Promise<void> {
    const rows = [...this.#waiting];
    if (rows.length === 0) return;
    this.#waiting = new Map();
    try {
      await this.#records.pool.query(
        `INSERT INTO transformation_counts (transformation_id, day, events, dropped, failed, slow, micros)
         SELECT c.id, (now() AT TIME ZONE 'UTC')::date, c.events, c.dropped, c.failed, c.slow, c.micros
         FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
           AS c (id, events, dropped, failed, slow, micros)
         JOIN transformations t ON t.id = c.id
         ON CONFLICT (transformation_id, day) DO UPDATE SET
           events = transformation_counts.events + excluded.events,
           dropped = transformation_counts.dropped + excluded.dropped,
           failed = transformation_counts.failed + excluded.failed,
           slow = transformation_counts.slow + excluded.slow,
           micros = transformation_counts.micros + excluded.micros`,
        [
          rows.map(([id]) => id),
          ...(['events', 'dropped', 'failed', 'slow', 'micros'] as const).map((name) =>
            rows.map(([, count]) => count[name]),
          ),
        ],
      );
    } catch (error) {
      for (const [id, count] of rows) this.add(id, count);
      throw error;
    }
  }
}
