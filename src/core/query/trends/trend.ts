import { refuse } from '../../../kernel/refusal.ts';
import type { ReportKind } from '../kind.ts';
import { warnOfUnknown } from '../unknown-names.ts';
import { distribution } from './distribution.ts';
import { parseFormula } from './formula.ts';
import { peopleOfTrend } from './people.ts';
import { readAll } from './reading.ts';
import { named, type TrendResult } from './result.ts';
import { TrendPart, type TrendReport } from './schema.ts';
import { seriesOf } from './series.ts';

export type { TrendResult } from './result.ts';

export const trend: ReportKind<TrendReport, TrendResult> = {
  kind: 'trend',
  async run(query, report) {
    const formulas = report.formulas.map(({ expression }) => parseFormula(expression, report.series.length));
    check(report);
    const whats = report.series.map((series) => series.what);
    await warnOfUnknown(query, whats);
    if (report.distribution) return distribution(query, report);
    const reading = await readAll(query, report);
    return {
      buckets: reading.buckets.map(named),
      bucketsBefore: reading.before?.buckets.slice(0, reading.buckets.length).map(named) ?? null,
      bins: null,
      series: seriesOf(report, formulas, reading),
      different: report.breakdown.length > 0 ? reading.shown.different : null,
    };
  },
  part: TrendPart,
  people: (query, report, part: TrendPart, page) => peopleOfTrend(query, report, part, page),
};

function check(report: TrendReport): void {
  if (report.rolling && report.cumulative)
    throw refuse.invalid('Points are either over the last intervals or over all so far. Choose rolling or cumulative.');
  if (!report.distribution) return;
  if (report.rolling || report.cumulative || report.compare || report.formulas.length > 0)
    throw refuse.invalid(
      'A distribution has no time: it cannot be compared, rolling, cumulative or have formulas. Leave these out.',
    );
  const index = report.series.findIndex((one) => !['events', 'people', 'perPerson'].includes(one.measure.of));
  if (index >= 0)
    throw refuse.invalid(
      `A distribution counts how often people did it. Choose events in place of "${report.series[index]!.measure.of}".`,
    );
}
