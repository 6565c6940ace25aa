import { refuse } from '../../../kernel/refusal.ts';
import { bucketStartSql } from '../bucket-sql.ts';
import type { ReportKind } from '../kind.ts';
import type { What } from '../matching.ts';
import type { Span } from '../period.ts';
import type { Query } from '../query.ts';
import type { Scope } from '../scope.ts';
import { named, type TrendBucket } from '../trends/result.ts';
import { warnOfUnknown } from '../unknown-names.ts';
import { ANSWERED, answersSql, property, SHOWN, scored, valueSql, whatOf } from './answers.ts';
import { type Estimate, share } from './interval.ts';
import { ScorePart, type ScoreReport } from './schema.ts';
import { scoreOf, Tally } from './tally.ts';

/** A score of some answers: of `nps` from -1 to 1, of `csat` a share, of the others on the result's scale. */
export interface Score extends Estimate {
  answers: number;
}

export interface ScoreSeries {
  /** The breakdown's value, an empty text where there was none; null for all, and for the rest (`rest`). */
  value: string | null;
  rest: boolean;
  total: Score | null;
  /** For each bucket; null where nobody answered. */
  points: (Score | null)[];
  /** How often each score was given, on the result's scale, the lowest first. */
  distribution: { score: number; times: number }[];
  /** Surveys shown, and those of them that were answered: of `what` that surveys do not tell of, null. */
  responses: { shown: number; answered: number; rate: Estimate | null } | null;
}

export interface ScoreResult {
  buckets: TrendBucket[];
  /** The top of the scale; null where nothing was answered. */
  scale: number | null;
  /** All together first, then the values of the breakdown. */
  series: ScoreSeries[];
  /** How many different values the breakdown has. */
  different: number | null;
}

interface Row {
  bucket: string;
  place: string;
  score: number;
  scale: number;
  times: string;
}

/** What customers said in numbers: NPS, CSAT, CES, over time and by any field, with intervals and the response rate. */
export const score: ReportKind<ScoreReport, ScoreResult> = {
  kind: 'score',
  async run(query, report) {
    const what = whatOf(report);
    if (report.what) await warnOfUnknown(query, [report.what]);
    const span = query.span(report.period);
    const buckets = query.buckets(span, report.interval);
    const { values, different } = await shownValues(query, report, what, span);
    const scope = query.scope(report);
    const rows = await query.rows<Row>(
      'score',
      scope.statement(`SELECT toString(bucket) AS bucket, toInt32(place) AS place, score, scale, count() AS times
FROM (
${answersSql(scope, report, what, span, {
  bucket: bucketStartSql(buckets),
  place: placeSql(scope, report, values),
})}
)
GROUP BY bucket, place, score, scale ORDER BY bucket, place, score, scale`),
    );
    const tallies = new Tallies(rows);
    const scale = tallies.all.scale();
    const responses = report.what ? null : await responsesOf(query, report, span, values);
    const series = (place: number | null, value: string | null): ScoreSeries => {
      const total = tallies.of(null, place);
      return {
        value,
        rest: place === values.length && place !== null,
        total: scale === null ? null : told(total, report, scale),
        points: buckets.map((bucket) => {
          const tally = tallies.of(bucket.from, place);
          return scale === null ? null : told(tally, report, scale);
        }),
        distribution:
          scale === null
            ? []
            : [...total.onto(scale, report.of)]
                .sort((a, b) => a[0] - b[0])
                .map(([one, times]) => ({ score: one, times })),
        responses: responses?.(place) ?? null,
      };
    };
    const parts = report.breakdown ? values.map((value, place) => series(place, value)) : [];
    const rest = report.breakdown ? series(values.length, null) : null;
    return {
      buckets: buckets.map(named),
      scale,
      series: [series(null, null), ...parts, ...(rest?.total ? [rest] : [])],
      different,
    };
  },
  part: ScorePart,
  async people(query, report, part: ScorePart, { after, limit }) {
    const what = whatOf(report);
    const span = query.span(report.period);
    const buckets = query.buckets(span, report.interval);
    const scope = query.scope(report);
    const bind = (value: string | number, type: string) => scope.bindings.bind(value, type);
    const conditions = [`person > ${bind(after, 'UInt64')}`];
    if (part.bucket !== undefined) {
      const at = Date.parse(part.bucket);
      if (!buckets.some((bucket) => bucket.from === at))
        throw refuse.invalid(`The report has no point that starts at ${part.bucket}.`);
      conditions.push(`bucket = ${bind(at, 'Int64')}`);
    }
    if (part.from !== undefined) conditions.push(`score >= ${bind(part.from, 'Float64')}`);
    if (part.to !== undefined) conditions.push(`score <= ${bind(part.to, 'Float64')}`);
    let values: string[] = [];
    if (part.value !== undefined) {
      if (!report.breakdown) throw refuse.invalid('The report has no breakdown that a value could be of.');
      if (part.value === null) ({ values } = await shownValues(query, report, what, span));
      else values = [part.value];
      conditions.push(`place = ${part.value === null ? values.length : 0}`);
    }
    const rows = await query.rows<{ person: string }>(
      'people',
      scope.statement(`SELECT person FROM (
${answersSql(scope, report, what, span, {
  bucket: bucketStartSql(buckets),
  place: placeSql(scope, report, values),
})}
)
WHERE ${conditions.join(' AND ')}
GROUP BY person ORDER BY person LIMIT ${bind(limit, 'UInt32')}`),
    );
    return rows.map((row) => Number(row.person));
  },
};

/** Tallies by bucket and by place among the breakdown's values; null stands for all. */
class Tallies {
  readonly all = new Tally();
  readonly #by = new Map<string, Tally>();

  constructor(rows: readonly Row[]) {
    for (const { bucket, place, score, scale, times } of rows) {
      const [at, own, many] = [Number(bucket), Number(place), Number(times)];
      for (const tally of [this.all, this.#at(at, null), this.#at(null, own), this.#at(at, own)])
        tally.add(Number(score), Number(scale), many);
    }
  }

  of(bucket: number | null, place: number | null): Tally {
    return bucket === null && place === null ? this.all : (this.#by.get(`${bucket} ${place}`) ?? new Tally());
  }

  #at(bucket: number | null, place: number | null): Tally {
    const key = `${bucket} ${place}`;
    const known = this.#by.get(key) ?? new Tally();
    this.#by.set(key, known);
    return known;
  }
}

function told(tally: Tally, { of }: ScoreReport, scale: number): Score | null {
  const estimate = scoreOf(tally, of, scale);
  return estimate && { ...estimate, answers: tally.answers };
}

/** Where an answer's value stands among those shown; after the last for the rest; 0 without a breakdown. */
function placeSql(scope: Scope, { breakdown }: ScoreReport, values: readonly string[]): string {
  if (!breakdown) return '0';
  const value = valueSql(scope, breakdown);
  return `toInt32(if(indexOf(${scope.bindings.texts(values)}, ${value}) = 0, ${values.length}, indexOf(${scope.bindings.texts(values)}, ${value}) - 1))`;
}

async function shownValues(query: Query, report: ScoreReport, what: What, span: Span) {
  if (!report.breakdown) return { values: [] as string[], different: null };
  const scope = query.scope(report);
  const value = valueSql(scope, report.breakdown);
  const where = scope.where(span, ...scored(scope, what));
  const rows = await query.rows<{ value: string; different: string }>(
    'values',
    scope.statement(`SELECT value, count() OVER () AS different FROM (
SELECT ${value} AS value, count() AS times
${scope.from()}
${where}
GROUP BY value) ORDER BY times DESC, value LIMIT ${scope.bindings.bind(report.top, 'UInt32')}`),
  );
  return { values: rows.map((row) => row.value), different: Number(rows[0]?.different ?? 0) };
}

/**
 * How many surveys that ask for this score were shown and how many of these answered, by place: that of the answer where
 * there is one. Events that do not tell what is asked count for each score.
 */
async function responsesOf(query: Query, report: ScoreReport, span: Span, values: readonly string[]) {
  const scope = query.scope(report);
  const names = [SHOWN, ANSWERED].map((name) => ({ events: [{ name }] }));
  const response = scope.field(property('responseId')).text;
  const asks = scope.field(property('asks')).text;
  const shown = `${scope.what(names[0]!)} AND (${asks} = '' OR position(${asks}, ${scope.bindings.text(report.of)}) > 0)`;
  const where = scope.where(
    span,
    scope.names(names) ?? undefined,
    `(${names.map((one) => scope.what(one)).join(' OR ')})`,
    `${response} != ''`,
  );
  const rows = await query.rows<{ place: number; shown: string; answered: string }>(
    'responses',
    scope.statement(`SELECT place, countIf(was_shown) AS shown, countIf(was_shown AND was_answered) AS answered FROM (
SELECT max(${shown}) AS was_shown, max(${scope.what(names[1]!)}) AS was_answered, argMax(${placeSql(scope, report, values)}, (${scope.what(names[1]!)}, e.timestamp)) AS place
${scope.from()}
${where}
GROUP BY ${response}) GROUP BY place ORDER BY place`),
  );
  return (place: number | null) => {
    const own = rows.filter((row) => place === null || row.place === place);
    const [asked, answered] = (['shown', 'answered'] as const).map((which) =>
      own.reduce((sum, row) => sum + Number(row[which]), 0),
    ) as [number, number];
    return { shown: asked, answered, rate: share(answered, asked) };
  };
}
