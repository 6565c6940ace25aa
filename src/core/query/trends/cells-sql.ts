import type { Statement } from '../bindings.ts';
import { literal } from '../bindings.ts';
import type { Bucket, Span } from '../period.ts';
import type { Scope } from '../scope.ts';
import { type MeasureSql, variant } from './measure.ts';
import { VALUE_LENGTH } from './schema.ts';

/** The values of a breakdown, one text for each of its fields; empty where there is none. */
export type Values = readonly string[];

export interface CellsQuestion {
  scope: Scope;
  /** What is read, which for rolling windows begins before the report's span. */
  read: Span;
  /** Starts of what is added up first, ascending: milliseconds since 1970. */
  starts: readonly number[];
  conditions: (string | undefined)[];
  measure: MeasureSql;
  /** Of the fields that it is broken down by; none for one series. */
  breakdown: readonly string[];
  /** Values that have a place already; the largest others get the places that are left, up to `top`. */
  given: readonly Values[];
  top: number;
  window:
    | { of: 'interval' }
    | { of: 'all before' }
    /** `starts` holds `count - 1` buckets before the first; the total is of what happened since `from`. */
    | { of: 'last'; count: number; buckets: readonly Bucket[]; from: number };
  /**
   * Adds up by place at once. All values must be given. Otherwise each value has its own sets until all is read, and
   * millions of values need much memory.
   */
  early?: boolean;
}

/** One of these for each place that has events; places count from 1, and the one after `top` is all the rest. */
export interface CellsRow {
  place: number | string;
  values: string | string[];
  /** How many different values there are. */
  different: number | string;
  /** The parts of the measure over the whole span, then behind each start (of the last so many: behind each place from 0). */
  total: (number | string | null)[];
  cells: (number | string | null)[][];
}

export interface LargestRow {
  values: string | string[];
  /** How many there are beside the given ones. */
  different: number | string;
}

const TOTAL = -1;
const list = <T>(items: readonly T[], sql: (item: T, index: number) => string) => items.map(sql).join(', ');

/**
 * The one statement of a series: exact values for each interval and over the whole, of the largest values of a breakdown
 * and of the rest taken together. Events are added up once, by value and interval, into states; all that follows merges
 * states, so who comes under two values is one person in their sum.
 */
export function cellsSql(question: CellsQuestion): Statement {
  const { scope, read, starts, conditions, measure, window } = question;
  const { parts } = measure;
  const bucket = `roundDown(toUnixTimestamp64Milli(e.timestamp), [${starts.map(literal).join(', ')}])`;
  const states = list(parts, (part, index) => `${variant(part, 'State', part.args)} AS s${index}`);
  const grouped = question.breakdown.length > 0;
  const values = grouped ? valuesSql(question.breakdown) : "''";
  const rows = () => `${scope.from()}\n${scope.where(read, ...conditions, measure.condition)}`;
  const merged = (suffix: string, of: (index: number) => string) =>
    list(parts, (part, index) => `${variant(part, suffix, of(index))} AS s${index}`);
  let sql: string;
  if (!grouped) {
    sql = `SELECT 1 AS place, '' AS values, 1 AS different, ${bucket} AS bucket, ${states}\n${rows()}\nGROUP BY bucket`;
  } else if (question.early) {
    sql = `SELECT if(known = 0, ${question.top + 1}, known) AS place, ${givenSql(scope, question)} AS known, any(${values}) AS values, 0 AS different,
  ${bucket} AS bucket, ${states}\n${rows()}\nGROUP BY known, bucket`;
  } else {
    const size = parts[measure.size]!;
    const state = `s${measure.size}`;
    const sized =
      window.of === 'last'
        ? variant(size, 'MergeIf', `${state}, bucket >= ${literal(window.from)}`)
        : variant(size, 'Merge', state);
    sql = `SELECT ${values} AS values, ${bucket} AS bucket, ${states}\n${rows()}\nGROUP BY values, bucket`;
    sql = `SELECT values, ${sized} AS size, groupArray((bucket, ${list(parts, (_, index) => `s${index}`)})) AS cells FROM (\n${sql}\n) GROUP BY values`;
    const left = `least(${question.given.length} + row_number() OVER (PARTITION BY known = 0 ORDER BY size DESC, values), ${question.top + 1})`;
    sql = `SELECT values, cells, count() OVER () AS different, ${givenSql(scope, { ...question, breakdown: [] })} AS known,
  if(known > 0, known, ${left}) AS place FROM (\n${sql}\n)`;
    sql = `SELECT place, values, different, arrayJoin(cells) AS cell FROM (\n${sql}\n)`;
    sql = `SELECT place, any(values) AS values, any(different) AS different, cell.1 AS bucket, ${merged('MergeState', (index) => `cell.${index + 2}`)} FROM (\n${sql}\n) GROUP BY place, bucket`;
  }
  return scope.statement(`${windowed(sql, question)}\nORDER BY place`);
}

/** Which values are the largest, without the rest: needs little memory however many there are. */
export function largestSql(question: CellsQuestion): Statement {
  const { scope, read, conditions, measure, breakdown, given, top, window } = question;
  const span = window.of === 'last' ? { from: window.from, to: read.to } : read;
  const part = measure.parts[measure.size]!;
  // Sets of one are the smallest as hash tables.
  const size = part.name === 'groupBitmap' ? `uniqExact(${part.args})` : variant(part, '', part.args);
  const values = valuesSql(breakdown);
  const known = given.length > 0 ? `${givenSql(scope, question)} = 0` : undefined;
  return scope.statement(
    `SELECT ${values} AS values, ${size} AS size, count() OVER () AS different\n${scope.from()}\n${scope.where(span, ...conditions, measure.condition, known)}
GROUP BY values ORDER BY size DESC, values LIMIT ${top - given.length}`,
  );
}

/** From sets by place and interval to what is asked: values by window, and over the whole. */
function windowed(sql: string, { measure: { parts }, window, starts }: CellsQuestion): string {
  const numbers = (of: (index: number) => string) => list(parts, (_, index) => of(index));
  const head = 'SELECT place, any(values) AS values, any(different) AS different';
  if (window.of === 'interval') {
    const totals = list(parts, (part, index) => `toFloat64(${variant(part, 'Merge', `s${index}`)})`);
    return `${head}, [${totals}] AS total, groupArray([toFloat64(bucket), ${numbers((index) => `toFloat64(finalizeAggregation(s${index}))`)}]) AS cells FROM (\n${sql}\n) GROUP BY place`;
  }
  if (window.of === 'all before') {
    const soFar = list(
      parts,
      (part, index) =>
        `${variant(part, 'Merge', `s${index}`)} OVER (PARTITION BY place ORDER BY bucket ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n${index}`,
    );
    return `${head}, argMax([${numbers((index) => `toFloat64(n${index})`)}], bucket) AS total, groupArray([toFloat64(bucket), ${numbers((index) => `toFloat64(n${index})`)}]) AS cells FROM (
SELECT place, values, different, bucket, ${soFar} FROM (\n${sql}\n)
) GROUP BY place`;
  }
  const { count, buckets, from } = window;
  const first = buckets[0]!.from;
  // Places among the report's buckets; what lies before the first is counted down from -1.
  const before = starts.filter((start) => start < first).length;
  const places = starts.map((start, index) => (start < first ? index - before : placeOf(buckets, start)));
  const at = `transform(bucket, [${starts.map(literal).join(', ')}], [${places.map(literal).join(', ')}], 0)`;
  const reached = `range(toInt64(greatest(own, 0)), toInt64(least(own + ${count}, ${buckets.length})))`;
  const windows = `arrayConcat(${reached}, if(bucket >= ${literal(from)}, [toInt64(${TOTAL})], []))`;
  const ends = list(parts, (part, index) => `toFloat64(${variant(part, 'Merge', `s${index}`)}) AS n${index}`);
  return `${head}, anyIf([${numbers((index) => `n${index}`)}], at = ${TOTAL}) AS total, groupArrayIf([toFloat64(at), ${numbers((index) => `n${index}`)}], at != ${TOTAL}) AS cells FROM (
SELECT place, any(values) AS values, any(different) AS different, at, ${ends} FROM (
SELECT place, values, different, ${numbers((index) => `s${index}`)}, ${at} AS own, arrayJoin(${windows}) AS at FROM (\n${sql}\n)
) GROUP BY place, at
) GROUP BY place`;
}

function placeOf(buckets: readonly Bucket[], start: number): number {
  return buckets.findIndex((bucket) => start >= bucket.from && start < bucket.to);
}

/** The values of one event: a text, or as many as there are fields. */
export function valuesSql(breakdown: readonly string[]): string {
  const texts = breakdown.map((text) => `leftUTF8(${text}, ${VALUE_LENGTH})`);
  return texts.length === 1 ? texts[0]! : `tuple(${texts.join(', ')})`;
}

/** The place of the event's values among the given ones, from 1; 0 where they are not among them. */
export function givenSql(scope: Scope, { given, breakdown }: Pick<CellsQuestion, 'given' | 'breakdown'>): string {
  if (given.length === 0) return '0';
  const lists = given[0]!.map((_, field) => scope.bindings.texts(given.map((values) => values[field]!)));
  const values = breakdown.length > 0 ? valuesSql(breakdown) : 'values';
  return `indexOf(${lists.length === 1 ? lists[0] : `arrayZip(${lists.join(', ')})`}, ${values})`;
}
