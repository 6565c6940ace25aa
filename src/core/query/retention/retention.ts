import { refuse } from '../../../kernel/refusal.ts';
import type { ReportKind } from '../kind.ts';
import type { Query } from '../query.ts';
import { warnOfUnknown } from '../unknown-names.ts';
import { type Plan, planOf } from './plan.ts';
import type { RetentionResult } from './result.ts';
import { RetentionPart, type RetentionReport } from './schema.ts';
import { shape } from './shape.ts';
import { currenciesOf, eventsOf, isRevenue, rowOf, rowsOf, type Shown, slots, valuesOf } from './statements.ts';
import type { RetentionCounts, RetentionOptions } from './walk.ts';

/** Who comes back, when and how often: docs/reports.md says what counts. */
export const retention: ReportKind<RetentionReport, RetentionResult> = {
  kind: 'retention',
  part: RetentionPart,

  async run(query, report) {
    const plan = planOf(query, report);
    await warnOfUnknown(query, report.return ? [report.start, report.return] : [report.start]);
    const none = isRevenueValue(report) ? [] : [null];
    if (plan.cohorts.length === 0) return shape({ report, plan, counts: null, shown: [], currencies: none });
    const [shown, currencies] = await Promise.all([valuesOf(query, report, plan), currenciesOf(query, report, plan)]);
    const counts = await walk(query, report, plan, { shown, currencies });
    return shape({ report, plan, counts, shown, currencies: isRevenueValue(report) ? currencies : none });
  },

  async people(query, report, part: RetentionPart, { after, limit }) {
    const plan = planOf(query, report);
    const { period, outcome } = part;
    if (period > plan.offsets.length - 2)
      throw refuse.invalid(`There is no period ${period}; the last one is ${plan.offsets.length - 2}.`);
    if (plan.cohorts.length === 0) return [];
    const shown = await valuesOf(query, report, plan);
    const rows = rowsNamed(part, report, plan, shown);
    const collect = { rows, period, returned: outcome === 'returned', limit };
    const counts = await walk(
      query,
      { ...report, value: undefined },
      plan,
      { shown, currencies: [] },
      { after, collect },
    );
    return counts.collected;
  },
};

const isRevenueValue = ({ value }: RetentionReport) => value !== undefined && isRevenue(value.field);

/** The walk's rows of a cohort; null for all. Refuses a cohort that is not in the report. */
function rowsNamed(
  { cohort }: RetentionPart,
  { breakdown }: RetentionReport,
  plan: Plan,
  shown: Shown,
): number[] | null {
  if (cohort === undefined) return null;
  if (breakdown && cohort === null) return Array.from({ length: shown.length + 1 }, (_, index) => index * 2);
  const index = breakdown ? shown.indexOf(cohort ?? '') : plan.cohorts.findIndex(({ label }) => label === cohort);
  if (index < 0 || cohort === null)
    throw refuse.invalid(`There is no cohort "${cohort ?? 'other'}" in this report. It may have gone with newer data.`);
  return [breakdown ? rowOf(index) : index];
}

function walk(
  query: Query,
  report: RetentionReport,
  plan: Plan,
  known: { shown: Shown; currencies: readonly string[] },
  people?: { after: number; collect: RetentionOptions['collect'] },
): Promise<RetentionCounts> {
  const { from } = plan.span;
  const options: RetentionOptions = {
    edges: plan.edges.map((edge) => edge - from),
    cohorts: plan.cohorts.length,
    offsets: plan.offsets,
    rolling: plan.rolling,
    begun: plan.begun,
    complete: plan.complete,
    startsUntil: plan.span.to - from,
    first: report.cohorts === 'first',
    orAfter: report.counts === 'onOrAfter',
    atLeast: report.atLeast,
    breakdown: report.breakdown ? rowsOf(known.shown) : null,
    currencies: slots(known.currencies),
    values: report.value !== undefined,
    ...(people?.collect ? { collect: people.collect } : {}),
  };
  return query.walk('starts and returns', 'retention', eventsOf(query, report, plan, known, people?.after), options);
}
