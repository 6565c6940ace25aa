import { literal } from '../bindings.ts';
import type { Query } from '../query.ts';
import { Scope } from '../scope.ts';
import { answersSql, scored, valueSql, whatOf } from './answers.ts';
import type { DriversReport } from './schema.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Answers that are looked at, the newest first. */
const ANSWERS_LIMIT = 20_000;
/** Kinds of events looked at: those that most of the people did; a bit each. */
const NAMES_LIMIT = 40;
/** Always looked at where they came. */
const TROUBLE = ['Error Occurred', 'Rage Clicked', 'Dead Clicked', 'Slow Page', 'U-Turned', 'Form Abandoned'];
/** What tells of asking and listening itself, or of everything: it says nothing of why. */
const OWN = [
  ...[
    'Survey Shown',
    'Survey Dismissed',
    'Survey Completed',
    'Question Answered',
    'Voice Understood',
    'Feedback Given',
  ],
  ...['Page Interacted', 'Form Used', 'Recording Started', 'Case Opened', 'Case Answered', 'Case Closed'],
  ...['Audience Entered', 'Audience Exited', 'Consent Updated', 'Web Vitals', ''],
];

/** An answer with what went before it. */
export interface DriverRow {
  score: number;
  scale: number;
  person: number;
  /** A bit for each of the names. */
  did: bigint;
  /** The values of the report's fields. */
  values: string[];
  /** Hours of each wait; null where it never began. */
  waits: (number | null)[];
}

/** The answers of a report, each with what was done in the days before it, and the names that the bits stand for. */
export async function driverRows(query: Query, report: DriversReport): Promise<{ names: string[]; rows: DriverRow[] }> {
  const span = query.span(report.period);
  const history = { from: span.from - report.days * DAY_MS, to: span.to };
  const what = whatOf(report);

  const scope = query.scope(report);
  const past = new Scope(query.environment, {}, scope.bindings);
  const name = past.field({ of: 'event', name: 'name' }).text;
  const asked = `SELECT ${scope.person} ${scope.from()} ${scope.where(span, ...scored(scope, what))}`;
  const found = await query.rows<{ name: string }>(
    'names',
    scope.statement(`SELECT ${name} AS name
${past.from()}
${past.where(history, `e.name NOT IN ${scope.bindings.texts(OWN)}`, `${past.person} IN (${asked})`)}
GROUP BY name ORDER BY name IN ${scope.bindings.texts(TROUBLE)} DESC, uniqExact(${past.person}) DESC, name
LIMIT ${NAMES_LIMIT}`),
  );
  const names = found.map((row) => row.name);
  return { names, rows: await readRows(query, report, names) };
}

async function readRows(query: Query, report: DriversReport, names: readonly string[]): Promise<DriverRow[]> {
  const span = query.span(report.period);
  const length = report.days * DAY_MS;
  const scope = query.scope(report);
  const past = new Scope(query.environment, {}, scope.bindings);
  const name = past.field({ of: 'event', name: 'name' }).text;
  const code = `toUInt8(indexOf(${scope.bindings.texts(names)}, ${name}))`;
  // Two bits a wait: its beginning and its end.
  const marks = report.waits.flatMap(({ from, to }) => [past.what(from), past.what(to)]);
  const mask = marks.map((sql, index) => `if(${sql}, ${2 ** index}, 0)`).join(' + ') || '0';
  const values = Object.fromEntries(report.fields.map((field, index) => [`v${index}`, valueSql(scope, field)]));
  const answers = answersSql(scope, report, whatOf(report), span, {
    at: 'toUnixTimestamp64Milli(e.timestamp)',
    ...values,
  });
  const times = (bit: number) => `arrayMap(one -> one.1, arrayFilter(one -> bitTest(one.3, ${bit}), before))`;
  const waits = report.waits.map((_, index) => {
    const [begun, ended] = [`arrayMax(${times(2 * index)})`, `arrayMax(${times(2 * index + 1)})`];
    return `if(empty(${times(2 * index)}), NULL, (if(${ended} >= ${begun}, ${ended}, at) - ${begun}) / ${HOUR_MS})`;
  });
  const others = `${past.person} IN (SELECT ${scope.person} ${scope.from()} ${scope.where(span, ...scored(scope, whatOf(report)))})`;
  const rows = await query.rows<{
    score: number;
    scale: number;
    person: string;
    did: string;
    values: string[];
    waits: (number | null)[];
  }>(
    'answers',
    scope.statement(`SELECT score, scale, person,
  toString(arrayReduce('groupBitOr', arrayMap(one -> if(one.2 = 0, toUInt64(0), bitShiftLeft(toUInt64(1), toUInt8(one.2 - 1))), before))) AS did,
  [${Object.keys(values).join(', ')}]::Array(String) AS values,
  [${waits.join(', ')}]::Array(Nullable(Float64)) AS waits
FROM (
SELECT a.*, arrayFilter(one -> one.1 >= a.at - ${literal(length)} AND one.1 < a.at, h.everything) AS before
FROM (
${answers}
ORDER BY at DESC, person LIMIT ${ANSWERS_LIMIT}
) AS a
LEFT JOIN (
SELECT ${past.person} AS person, groupArray((toUnixTimestamp64Milli(e.timestamp), ${code}, toUInt16(${mask}))) AS everything
${past.from()}
${past.where({ from: span.from - length, to: span.to }, `(${code} > 0 OR ${mask} > 0)`, others)}
GROUP BY person
) AS h ON h.person = a.person
)`),
  );
  return rows.map((row) => ({
    ...row,
    score: Number(row.score),
    scale: Number(row.scale),
    person: Number(row.person),
    did: BigInt(row.did),
  }));
}
