import { evaluate, type Formula, moneyIn, seriesIn } from './formula.ts';
import type { Grid, Numbers } from './grid.ts';
import { isMoney } from './measure.ts';
import type { Reading } from './reading.ts';
import type { TrendSeries } from './result.ts';
import type { TrendReport } from './schema.ts';

/** A place among the shown values of the breakdown, or all the rest. */
type Place = number | 'rest';

/** The series of the result: of each line and each formula one for each value of the breakdown. */
export function seriesOf(report: TrendReport, formulas: Formula[], reading: Reading): TrendSeries[] {
  const { lines, grids, before, shown } = reading;
  const broken = report.breakdown.length > 0;
  const rest = [...grids, ...(before?.grids ?? [])].some((grid) => grid.rest);
  const places: Place[] = broken ? [...shown.values.keys(), ...(rest ? ['rest' as const] : [])] : [0];
  const breakdownOf = (place: Place) =>
    !broken ? [] : place === 'rest' ? report.breakdown.map(() => null) : shown.values[place]!;

  const counted = lines.flatMap((line, index) =>
    places.map((place): TrendSeries => {
      const numbers = at(grids[index]!, place);
      return {
        id: line.id,
        label: line.series.label ?? null,
        breakdown: breakdownOf(place),
        currency: line.currency,
        unit: line.currency === null ? 'number' : 'money',
        ...numbers,
        before: before && fitted(at(before.grids[index]!, place), numbers.values.length),
      };
    }),
  );

  const computed = formulas.flatMap((formula, index) => {
    const { label, format } = report.formulas[index]!;
    const money = moneyIn(formula, (one) => isMoney(report.series[one]!.measure));
    return currenciesOf(formula, reading).flatMap((currency) =>
      places.map((place): TrendSeries => {
        const compute = (all: Grid[]): Numbers => {
          const operands = report.series.map((_, one) => operand(reading, all, one, currency, place));
          return {
            values: operands[0]!.values.map((_, point) => evaluate(formula, (one) => operands[one]!.values[point]!)),
            total: evaluate(formula, (one) => operands[one]!.total),
          };
        };
        const numbers = compute(grids);
        return {
          id: `F${index + 1}`,
          label: label ?? null,
          breakdown: breakdownOf(place),
          currency,
          unit: format === 'percent' ? 'percent' : money === 1 ? 'money' : 'number',
          ...numbers,
          before: before && fitted(compute(before.grids), numbers.values.length),
        };
      }),
    );
  });
  return [...counted, ...computed];
}

const at = (grid: Grid, place: Place): Numbers =>
  (place === 'rest' ? grid.rest : grid.shown.get(place)) ?? grid.nothing;

/** A formula is computed for each currency of the amounts in it. */
function currenciesOf(formula: Formula, { lines }: Reading): (string | null)[] {
  const named = new Set(seriesIn(formula));
  const currencies = lines.flatMap((line) => (named.has(line.index) && line.currency !== null ? [line.currency] : []));
  return currencies.length > 0 ? [...new Set(currencies)] : [null];
}

/** A series of a formula, in one currency where it is money: nothing where it has no amounts in that one. */
function operand({ lines }: Reading, grids: Grid[], series: number, currency: string | null, place: Place): Numbers {
  const mine = lines.findIndex((one) => one.index === series && (one.currency === null || one.currency === currency));
  return mine >= 0 ? at(grids[mine]!, place) : grids[lines.findIndex((one) => one.index === series)]!.nothing;
}

/** As many points as are compared with. */
const fitted = ({ values, total }: Numbers, length: number) => ({
  values: Array.from({ length }, (_, index) => values[index] ?? null),
  total,
});
