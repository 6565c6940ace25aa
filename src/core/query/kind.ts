import { z } from 'zod';
import { Filter } from './filter.ts';
import { Period, Zone } from './period.ts';
import type { Query } from './query.ts';

/** What every report may say. */
export const common = {
  period: Period.default({ last: 30, unit: 'day' }),
  /** The installation's where it is left out. */
  zone: Zone.optional(),
  weekStart: z.enum(['monday', 'sunday']).optional(),
  /** Holds for every event of the report. */
  filter: Filter.optional(),
  /** Looks only at this share of the people, and says so. */
  sample: z.number().min(0.001).max(1).optional(),
};

export interface CommonReport {
  period: Period;
  zone?: string | undefined;
  weekStart?: 'monday' | 'sunday' | undefined;
  filter?: Filter | undefined;
  sample?: number | undefined;
}

/**
 * A kind of report, as a value: what may be asked, and how it is answered. `run` plans, sends its statements through the
 * query and shapes what comes back; it refuses what makes no sense.
 */
export interface ReportKind<
  Report extends CommonReport & { kind: string } = CommonReport & { kind: string },
  Result = unknown,
> {
  kind: Report['kind'];
  run(query: Query, report: Report): Promise<Result>;
  /**
   * The people behind a part of the result: `part` is of the kind's own shape (a step, a bucket, a cohort), checked by
   * `part`. Their ids in ascending order, after `after`, at most `limit`.
   */
  part?: z.ZodType;
  people?(query: Query, report: Report, part: never, page: { after: number; limit: number }): Promise<number[]>;
}
