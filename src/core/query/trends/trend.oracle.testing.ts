import type { TestEvent } from '../events.testing.ts';

/**
 * Trends once more, as plainly as can be: for each point all events are looked at again. What it is given are moments
 * and values; it knows nothing of how the product finds them.
 */
export interface OracleQuestion {
  events: readonly TestEvent[];
  /** Whom an origin counts for. */
  personOf(origin: number): number;
  /** Which events of the series count, and where each comes in the breakdown. */
  series: { matches(event: TestEvent): boolean; measure: OracleMeasure }[];
  valuesOf(event: TestEvent): string[];
  broken: boolean;
  top: number;
  from: number;
  to: number;
  /** For each point: from when to when its events lie. */
  windows: Window[];
  /** What it is compared with. */
  earlier?: { from: number; to: number; windows: Window[] } | undefined;
}

interface Window {
  from: number;
  to: number;
}

export type OracleMeasure =
  | { of: 'events' | 'people' | 'accounts' | 'sessions' | 'perPerson' }
  | {
      of: 'sum' | 'average' | 'min' | 'max' | 'median' | 'p90' | 'p95' | 'p99';
      number(event: TestEvent): number | null;
    };

export interface OracleSeries {
  index: number;
  breakdown: (string | null)[];
  values: (number | null)[];
  total: number | null;
  before: { values: (number | null)[]; total: number | null } | null;
}

const time = (event: TestEvent) => new Date(event.at).getTime();

export function oracleTrend(question: OracleQuestion): OracleSeries[] {
  const { events, series, broken, top, windows, from, to } = question;
  const within = (list: readonly TestEvent[], window: Window) =>
    list.filter((event) => time(event) >= window.from && time(event) < window.to);
  const mine = series.map(({ matches, measure }) => events.filter((event) => matches(event) && counts(measure, event)));
  const shown: string[] = [];
  const reach = [...windows, { from, to }];
  const touched = mine.map((list) =>
    list.filter((event) => reach.some((window) => within([event], window).length > 0)),
  );
  if (broken) {
    for (const [index, list] of touched.entries()) {
      const size = (value: string) => {
        const of = within(list, { from, to }).filter((event) => key(question, event) === value);
        const { measure } = series[index]!;
        const { personOf } = question;
        if (measure.of === 'people') return new Set(of.map((event) => personOf(event.person))).size;
        if (measure.of === 'accounts') return new Set(of.map((event) => event.account)).size;
        if (measure.of === 'sessions')
          return new Set(of.map((event) => `${personOf(event.person)} ${event.session}`)).size;
        if (measure.of === 'sum') return of.reduce((sum, event) => sum + measure.number(event)!, 0);
        return of.length;
      };
      const values = [...new Set(list.map((event) => key(question, event)))].filter((value) => !shown.includes(value));
      values.sort((a, b) => size(b) - size(a) || compare(JSON.parse(a) as string[], JSON.parse(b) as string[]));
      shown.push(...values.slice(0, Math.max(0, top - shown.length)));
    }
  }
  const all = [...reach, ...(question.earlier ? [...question.earlier.windows, question.earlier] : [])];
  const rest =
    broken &&
    mine.some((list) =>
      list.some((event) => !shown.includes(key(question, event)) && all.some((one) => within([event], one).length > 0)),
    );
  const places = broken ? [...shown, ...(rest ? [null] : [])] : [''];
  return series.flatMap(({ measure }, index) =>
    places.map((place): OracleSeries => {
      const of = mine[index]!.filter((event) => {
        if (!broken) return true;
        return place === null ? !shown.includes(key(question, event)) : key(question, event) === place;
      });
      return {
        index,
        breakdown: !broken ? [] : place === null ? question.valuesOf(events[0]!).map(() => null) : JSON.parse(place),
        values: windows.map((window) => measured(question, measure, within(of, window))),
        total: measured(question, measure, within(of, { from, to })),
        before: question.earlier
          ? {
              values: windows.map((_, point) => {
                const window = question.earlier!.windows[point];
                return window ? measured(question, measure, within(of, window)) : null;
              }),
              total: measured(question, measure, within(of, question.earlier)),
            }
          : null,
      };
    }),
  );
}

const key = ({ valuesOf }: OracleQuestion, event: TestEvent) => JSON.stringify(valuesOf(event));

/** As the bytes of their UTF-8 stand in order. */
function compare(a: string[], b: string[]): number {
  for (const [index, text] of a.entries()) {
    const order = Buffer.compare(Buffer.from(text), Buffer.from(b[index]!));
    if (order !== 0) return order;
  }
  return 0;
}

function counts(measure: OracleMeasure, event: TestEvent): boolean {
  if (measure.of === 'accounts') return (event.account ?? 0) !== 0;
  if (measure.of === 'sessions') return event.session !== undefined;
  return !('number' in measure) || measure.number(event) !== null;
}

function measured({ personOf }: OracleQuestion, measure: OracleMeasure, events: TestEvent[]): number | null {
  const people = new Set(events.map((event) => personOf(event.person))).size;
  if (measure.of === 'events') return events.length;
  if (measure.of === 'people') return people;
  if (measure.of === 'accounts') return new Set(events.map((event) => event.account)).size;
  if (measure.of === 'sessions')
    return new Set(events.map((event) => `${personOf(event.person)} ${event.session}`)).size;
  if (measure.of === 'perPerson') return people === 0 ? null : events.length / people;
  const { number } = measure as Extract<OracleMeasure, { number: unknown }>;
  const numbers = events.map((event) => number(event)!).sort((a, b) => a - b);
  const sum = numbers.reduce((a, b) => a + b, 0);
  if (measure.of === 'sum') return sum;
  if (numbers.length === 0) return null;
  if (measure.of === 'average') return sum / numbers.length;
  if (measure.of === 'min') return numbers[0]!;
  if (measure.of === 'max') return numbers.at(-1)!;
  // Linear between the two nearest, as a spreadsheet's PERCENTILE.INC.
  const at = { median: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 }[measure.of] * (numbers.length - 1);
  const low = numbers[Math.floor(at)]!;
  return low + (at - Math.floor(at)) * (numbers[Math.ceil(at)]! - low);
}
