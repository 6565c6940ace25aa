import type { Records } from '../../kernel/records.ts';
import type { Content } from './content.ts';
import { newStanding } from './engine/engine.ts';
import type { Program, Standing } from './engine/protocol.ts';

const REFRESH_MS = 1000;

/** A transformation in use. */
export interface Rule {
  id: number;
  name: string;
  program: Program;
  standing: Standing;
  /** Why its events go into quarantine at once; null while it runs. */
  paused: string | null;
}

interface Row {
  id: number;
  source_id: number;
  name: string;
  version: number;
  content: Content;
  paused_reason: string | null;
}

/** The transformations in use, by source in their order; read again every second, while there are batches. */
export class Rules {
  bySource: ReadonlyMap<number, readonly Rule[]> = new Map();
  /** Whether this installation has transformations at all. */
  present = false;
  readonly #records: Records;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(records: Records) {
    this.#records = records;
  }

  async refresh(): Promise<void> {
    if (performance.now() - this.#refreshedAt < REFRESH_MS) return;
    const rows = await this.#read();
    const known = new Map([...this.bySource.values()].flat().map((rule) => [rule.program.key, rule]));
    const bySource = new Map<number, Rule[]>();
    for (const row of rows) {
      const key = `${row.id}:${row.version}`;
      const before = known.get(key);
      const rule: Rule = {
        id: row.id,
        name: row.name,
        program: before?.program ?? { key, content: row.content },
        // Switched on again, it begins anew.
        standing: before && (before.paused === null) === (row.paused_reason === null) ? before.standing : newStanding(),
        paused: row.paused_reason,
      };
      const rules = bySource.get(row.source_id);
      if (rules) rules.push(rule);
      else bySource.set(row.source_id, [rule]);
    }
    this.bySource = bySource;
    this.#refreshedAt = performance.now();
  }

  async #read(): Promise<Row[]> {
    try {
      const { rows } = await this.#records.pool.query<Row>(
        `SELECT t.id, t.source_id, t.name, v.version, v.content,
           CASE WHEN t.paused_at IS NOT NULL THEN coalesce(t.paused_reason, '') END AS paused_reason
         FROM transformations t
         JOIN transformation_versions v ON v.transformation_id = t.id AND v.version = t.published
         WHERE t.enabled ORDER BY t.source_id, t.position, t.id`,
      );
      this.present = true;
      return rows;
    } catch (error) {
      // Without the module there are none.
      if ((error as { code?: string }).code !== '42P01') throw error;
      this.present = false;
      return [];
    }
  }
}
