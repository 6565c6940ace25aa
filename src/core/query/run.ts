import type { Context } from '../../kernel/context.ts';
import { QueryFault, QueryLimit } from '../../kernel/events.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import type { Statement } from './bindings.ts';
import { type Environment, environmentOf } from './environment.ts';
import { type DataVersion, dataVersion } from './freshness.ts';
import type { CommonReport, ReportKind } from './kind.ts';
import { REPORT_MEMORY, REPORT_SECONDS } from './limits.ts';
import { ofStore } from './of-store.ts';
import { fieldsIn } from './personal.ts';
import { Query } from './query.ts';
import { Answers, isGood, meaningOf } from './remembered.ts';
import { kindOf, type Report, type Results } from './report.ts';

const answers = new WeakMap<object, Answers>();

/** How an answer came about: how fresh and how exact it is. */
export interface Meta {
  /** When it was computed, and when the newest event that it can know of was stored: ISO 8601. */
  computedAt: string;
  dataAt: string | null;
  /** Milliseconds it took to compute, when it was computed. */
  tookMs: number;
  cached: boolean;
  /** False for a sample: see `sample`. */
  exact: boolean;
  /** The share of the people that was looked at, where not all were. */
  sample: number | null;
  zone: string;
  weekStart: 'monday' | 'sunday';
  /** From the first moment to the first after, ISO 8601. */
  from: string;
  to: string;
  warnings: string[];
}

export interface Answer<Result = unknown> {
  kind: string;
  result: Result;
  meta: Meta;
}

export interface RunOptions {
  signal?: AbortSignal | undefined;
  /** A remembered answer may be so many seconds old although there are a few newer events; 0 unless told. */
  maxAgeSeconds?: number | undefined;
  /** Computes it anew, whatever is remembered. */
  fresh?: boolean | undefined;
  seconds?: number | undefined;
  now?: number | undefined;
}

/** Answers a report. Refuses what cannot be answered with 400, what goes over its limits with 422. */
export async function runReport<R extends Report>(
  context: Context,
  report: R,
  options: RunOptions = {},
): Promise<Answer<Results[R['kind']]>> {
  const environment = await environmentOf(context, {
    zone: report.zone,
    weekStart: report.weekStart,
    now: options.now,
  });
  const query = new Query(context, environment, options);
  // The period as it falls now is part of the question: "the last 30 days" of yesterday are others.
  const span = query.span(report.period);
  const key = meaningOf([
    report,
    environment.zone,
    environment.weekStart,
    span,
    [...environment.actions],
    audiencesOf(report, environment),
  ]);
  const data = await dataVersion(context);
  const known = remembered(context).get(key);
  if (known && !options.fresh && isGood(known, data, options.maxAgeSeconds ?? 0)) {
    const answer = JSON.parse(known.json) as Answer<Results[R['kind']]>;
    return { ...answer, meta: { ...answer.meta, cached: true } };
  }
  return (await answer(context, query, report, data, key, span)) as Answer<Results[R['kind']]>;
}

/** Which of the audiences that a report names are there: one that was archived since is to be refused. */
const audiencesOf = (report: Report, { audiences }: Environment) =>
  [...fieldsIn(report)].flatMap((field) => (field.of === 'audience' && audiences.has(field.id) ? [field.id] : []));

async function answer(
  context: Context,
  query: Query,
  report: Report,
  data: DataVersion,
  key: string,
  span: { from: number; to: number },
): Promise<Answer> {
  const started = performance.now();
  const kind = kindOf(report.kind) as unknown as ReportKind;
  const result = await limited(query, () => kind.run(query, report as CommonReport & { kind: string }));
  const { zone, weekStart } = query.environment;
  const at = Date.now();
  const answer: Answer = {
    kind: report.kind,
    result,
    meta: {
      computedAt: new Date(at).toISOString(),
      dataAt: data.newestAt > 0 ? new Date(data.newestAt).toISOString() : null,
      tookMs: Math.round(performance.now() - started),
      cached: false,
      exact: report.sample === undefined || report.sample === 1,
      sample: report.sample ?? null,
      zone,
      weekStart,
      from: new Date(span.from).toISOString(),
      to: new Date(span.to).toISOString(),
      warnings: query.warnings,
    },
  };
  remembered(context).set(key, { data, at, json: JSON.stringify(answer) });
  return answer;
}

/**
 * The people behind a part of a report's result, by id, after the given one. Refuses kinds that have none, and parts that
 * the kind does not know.
 */
export async function peopleBehind(
  context: Context,
  report: Report,
  part: unknown,
  page: { after: number; limit: number },
  options: RunOptions = {},
): Promise<number[]> {
  const kind = kindOf(report.kind) as unknown as ReportKind;
  if (!kind.people || !kind.part)
    throw refuse.invalid(`A report of the kind "${report.kind}" has no people behind its parts.`);
  const checked = kind.part.safeParse(part);
  if (!checked.success)
    throw refuse.invalid(`There is no such part of the report: ${checked.error.issues[0]?.message}.`);
  const environment = await environmentOf(context, {
    zone: report.zone,
    weekStart: report.weekStart,
    now: options.now,
  });
  const query = new Query(context, environment, options);
  return limited(query, () => kind.people!(query, report as never, checked.data as never, page));
}

/** The statements that a report would send, without its answer: for reviewers and for `explain`. */
export async function statementsOf(
  context: Context,
  report: Report,
  options: RunOptions = {},
): Promise<{ name: string; statement: Statement }[]> {
  const environment = await environmentOf(context, {
    zone: report.zone,
    weekStart: report.weekStart,
    now: options.now,
  });
  const query = new Query(context, environment, options);
  const kind = kindOf(report.kind) as unknown as ReportKind;
  await limited(query, () => kind.run(query, report as CommonReport & { kind: string }));
  return query.statements;
}

/** ClickHouse's codes for statements with too many parts, or too many in one another. */
const TOO_LONG: ReadonlySet<number> = new Set([167, 168, 306, 718]);

/** Turns the engine's limits into sentences. */
export async function limited<T>(query: Query, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof QueryLimit && !query.signal?.aborted) {
      const sentence = {
        time: `The report took longer than ${REPORT_SECONDS} seconds and was stopped. Take a shorter period, fewer breakdowns or a sample.`,
        memory: `The report needed more than ${REPORT_MEMORY / 2 ** 30} GB of memory and was stopped. Take a shorter period, fewer breakdowns or a sample.`,
        rows: 'The report has too many rows and was stopped. Take fewer breakdowns or a longer interval.',
        cancelled: 'The report was cancelled.',
      }[error.which];
      throw new Refusal(422, `query_${error.which}`, sentence);
    }
    if (error instanceof QueryFault && (TOO_LONG.has(error.code) || /Max query size exceeded/.test(error.message)))
      throw new Refusal(
        422,
        'query_size',
        'The report has more conditions and values than can be asked at once. Take fewer; a long list of people is an audience.',
      );
    throw error;
  }
}

/** Forgets every answer: they may show what was just erased. */
export const forgetAnswers = (context: Context): void => void answers.delete(context.events);

const remembered = (context: Context): Answers => ofStore(answers, context, () => new Answers());
