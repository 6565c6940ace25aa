import type { Plan } from './plan.ts';
import type { RetentionCohort, RetentionPeriod, RetentionResult, RetentionValue } from './result.ts';
import type { RetentionReport } from './schema.ts';
import { rowOf, type Shown } from './statements.ts';
import type { RetentionCounts } from './walk.ts';

export interface Counted {
  report: RetentionReport;
  plan: Plan;
  /** Null where there is nobody. */
  counts: RetentionCounts | null;
  shown: Shown;
  /** The currencies of the values; one null where they have none. */
  currencies: readonly (string | null)[];
}

/** Adds rows of the walk up to what is shown. */
export function shape(counted: Counted): RetentionResult {
  const { report, plan } = counted;
  const { offsets } = plan;
  const cohorts = report.breakdown ? byValue(counted) : byTime(counted);
  const all = plan.cohorts.map((_, index) => index);
  const rows = report.breakdown ? Array.from({ length: counted.shown.length * 2 + 1 }, (_, index) => index) : all;
  return {
    periods: offsets.slice(1).map((to, index) => ({ from: offsets[index]!, to })),
    cohorts,
    total: { size: sizeOf(counted, rows), periods: periodsOver(counted, rows) },
    median: offsets.slice(1).map((_, period) =>
      median(
        cohorts.flatMap(({ periods }) => {
          const one = periods[period];
          return one && one.share !== null && (report.breakdown || one.complete) ? [one.share] : [];
        }),
      ),
    ),
  };
}

function byTime(counted: Counted): RetentionCohort[] {
  const { plan } = counted;
  return plan.cohorts.map((bucket, row) => {
    const size = sizeOf(counted, [row]);
    return {
      key: bucket.label,
      label: bucket.label,
      from: new Date(Math.max(bucket.from, plan.span.from)).toISOString(),
      to: new Date(bucket.to).toISOString(),
      partial: bucket.partial,
      size,
      periods: Array.from({ length: plan.begun[row]! }, (_, period) => {
        const people = counted.counts?.people[row * (plan.offsets.length - 1) + period] ?? 0;
        const complete = period < plan.complete[row]!;
        return { people, of: size, share: ratio(people, size), complete, ...valuesOf(counted, [row], period, 0) };
      }),
    };
  });
}

function byValue(counted: Counted): RetentionCohort[] {
  const cohort = (key: string | null, label: string | null, rows: number[]): RetentionCohort => {
    const size = sizeOf(counted, rows);
    return { key, label, from: null, to: null, partial: false, size, periods: periodsOver(counted, rows) };
  };
  const named = counted.shown.map((value, index) => cohort(value, value === '' ? null : value, [rowOf(index)]));
  const rest = counted.shown.map((_, index) => index * 2).concat(counted.shown.length * 2);
  const other = cohort(null, null, rest);
  named.sort((a, b) => b.size - a.size);
  return other.size > 0 ? [...named, other] : named;
}

/** Of each period only the starts for which it is over. */
function periodsOver(counted: Counted, rows: readonly number[]): RetentionPeriod[] {
  const { plan, counts, report } = counted;
  const periods = plan.offsets.length - 1;
  return Array.from({ length: periods }, (_, period) => {
    let [people, of] = [0, 0];
    for (const row of rows) {
      if (!report.breakdown && plan.complete[row]! <= period) continue;
      people += counts?.people[row * periods + period] ?? 0;
      for (let over = period + 1; over <= periods; over++) of += counts?.sizes[row * (periods + 1) + over] ?? 0;
    }
    const complete = of === sizeOf(counted, rows);
    return { people, of, share: ratio(people, of), complete, ...valuesOf(counted, rows, period, period + 1) };
  });
}

/** `from`: only starts of which at least so many periods are over. */
function valuesOf(
  { report, plan, counts, currencies }: Counted,
  rows: readonly number[],
  period: number,
  from: number,
): { values?: RetentionValue[] } {
  if (!report.value) return {};
  const periods = plan.offsets.length - 1;
  const of = report.value.of;
  const values = currencies.map((currency, slot): RetentionValue => {
    let [sum, count, base] = [0, 0, 0];
    for (const row of rows) {
      if (!report.breakdown && plan.complete[row]! < from) continue;
      const at = (row * periods + period) * currencies.length + slot;
      sum += counts?.sums[at] ?? 0;
      count += counts?.counts[at] ?? 0;
      for (let over = from; over <= periods; over++)
        base += counts?.bases[(row * (periods + 1) + over) * currencies.length + slot] ?? 0;
    }
    if (of === 'average') return { currency, value: ratio(sum, count), share: null };
    return { currency, value: sum, share: ratio(sum, base) };
  });
  return { values };
}

function sizeOf({ plan, counts }: Counted, rows: readonly number[]): number {
  const each = plan.offsets.length;
  let size = 0;
  for (const row of rows) for (let over = 0; over < each; over++) size += counts?.sizes[row * each + over] ?? 0;
  return size;
}

const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);

function median(values: number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
