import type { Span } from '../period.ts';
import type { Query } from '../query.ts';
import { letter } from './formula.ts';
import { isMoney } from './measure.ts';
import type { TrendReport } from './schema.ts';

/** Currencies that one report tells apart; those with the most events. */
const CURRENCIES_LIMIT = 10;

/** A series of the report; one of money is a line for each currency, for pounds are not added to euros. */
export interface Line {
  id: string;
  series: TrendReport['series'][number];
  index: number;
  /** Null where it is not money; empty where amounts came without a currency. */
  currency: string | null;
}

/** The lines of a report. Amounts of further currencies are left out with a warning. */
export async function linesOf(query: Query, report: TrendReport, spans: readonly Span[]): Promise<Line[]> {
  const lines = await Promise.all(
    report.series.map(async (series, index): Promise<Line[]> => {
      const line = { id: letter(index), series, index };
      if (!isMoney(series.measure)) return [{ ...line, currency: null }];
      const currencies = await currenciesOf(query, report, line, spans);
      return currencies.map((currency) => ({ ...line, currency }));
    }),
  );
  return lines.flat();
}

async function currenciesOf(
  query: Query,
  report: TrendReport,
  { id, series }: Omit<Line, 'currency'>,
  spans: readonly Span[],
): Promise<string[]> {
  const scope = query.scope(report);
  const span = { from: Math.min(...spans.map((one) => one.from)), to: Math.max(...spans.map((one) => one.to)) };
  const conditions = [scope.names([series.what]) ?? undefined, scope.what(series.what), HAS_AMOUNT];
  const rows = await query.rows<{ currency: string }>(
    `${id}: currencies`,
    scope.statement(
      `SELECT toString(e.currency) AS currency, count() AS events\n${scope.from()}\n${scope.where(span, ...conditions)}
GROUP BY currency ORDER BY events DESC, currency LIMIT ${CURRENCIES_LIMIT + 1}`,
    ),
  );
  if (rows.length > CURRENCIES_LIMIT)
    query.warnings.push(
      `Series ${id} has amounts in more than ${CURRENCIES_LIMIT} currencies; those with the fewest events are not shown.`,
    );
  return rows.length === 0 ? [''] : rows.slice(0, CURRENCIES_LIMIT).map((row) => row.currency);
}

/** An event of no money has neither amount nor currency; a free order has a currency. */
const HAS_AMOUNT = "(e.revenue_minor != 0 OR e.currency != '')";

/** The events of a currency that have an amount. */
export function ofCurrency(currency: string | null, bindText: (value: string) => string): string | undefined {
  if (currency === null) return undefined;
  return currency === '' ? "(e.currency = '' AND e.revenue_minor != 0)" : `e.currency = ${bindText(currency)}`;
}
