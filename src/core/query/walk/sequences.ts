import { refuse } from '../../../kernel/refusal.ts';
import type { Statement } from '../bindings.ts';
import type { Span } from '../period.ts';
import type { Scope } from '../scope.ts';

/** A number that holds time and code exactly has 53 bits. */
const EXACT = 2 ** 53;

export interface Sequences {
  scope: Scope;
  span: Span;
  /** Whose events are walked together; persons unless told. */
  by?: 'person' | 'account' | 'session';
  /** SQL of a whole number from 0 up to below `codes`: what the event is to the walk. */
  code: string;
  codes: number;
  /** Conditions on the rows, beside those of the report. */
  where?: (string | undefined)[];
  /** A condition on names alone that is among `where`, so that it can be told how much of the table is read. */
  names?: string | undefined;
  /** Nullable(Float64) expressions that the walk wants of each event. */
  extras?: Record<string, string>;
  /** Aggregates over a subject's events that the walk wants of each subject: SQL of a number, or of null. */
  once?: Record<string, string>;
}

/** What the walk's thread needs to read the rows. */
export interface Reading {
  codes: number;
  extras: string[];
  once: string[];
}

/**
 * The statement that reads sequences, one row a subject: time and code of each event in one number, so that a row is one
 * list of 8 bytes an event. With `slice` only every so-many-th subject. Refuses spans too long for so many codes.
 */
export function sequencesSql(
  { scope, span, by = 'person', code, codes, where = [], extras = {}, once = {} }: Sequences,
  slice?: { index: number; of: number },
): { statement: Statement; reading: Reading } {
  if ((span.to - span.from) * codes >= EXACT)
    throw refuse.invalid(
      'So many different steps cannot be followed over so long a period. Take fewer, or a shorter one.',
    );
  const key = { person: scope.person, account: scope.account, session: scope.session }[by];
  const names = Object.keys(extras);
  const offset = `toUnixTimestamp64Milli(e.timestamp) - ${scope.bindings.bind(span.from, 'Int64')}`;
  const at = `toFloat64((${offset}) * ${codes} + (${code}))`;
  // Lists of one row stand in the same order; the walk sorts them, which costs the engine three times as much.
  const listed = [
    `groupArray(${at}) AS at`,
    ...names.map((name) => `groupArray(toFloat64(ifNull(${extras[name]}, nan))) AS x_${name}`),
    ...Object.entries(once).map(([name, sql]) => `toFloat64(ifNull(${sql}, nan)) AS o_${name}`),
  ].join(',\n    ');
  const conditions = [
    ...where,
    by === 'account' && `${key} != 0`,
    by === 'session' && 'toUnixTimestamp64Milli(e.session_start) != 0',
    slice && `sipHash64(${key}) % ${slice.of} = ${slice.index}`,
  ];
  const kept = scope.where(span, ...conditions.map((one) => one || undefined));
  // A visit is grouped by its columns: a hash of each event's costs twice as much as one of each visit's.
  const sql = `SELECT ${key} AS id, ${by === 'session' ? `${scope.person} AS person, ` : ''}
    ${listed}
${scope.from()}
${kept}
GROUP BY ${by === 'session' ? `${scope.person}, e.session_start` : 'id'}`;
  return { statement: scope.statement(sql), reading: { codes, extras: names, once: Object.keys(once) } };
}
