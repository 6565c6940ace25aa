import { mean, netShare, share } from '../../core/query/scores/interval.ts';
import type { Context } from '../../kernel/context.ts';
import { type AnswersFilter, anonymousOf, filterSql } from './answers-list.ts';
import type { Definition } from './definition.ts';
import { type Answers, isEmpty, textIn } from './logic.ts';
import type { Option, Question } from './question.ts';
import type { QuestionResult, SurveyResults } from './shapes.ts';
import { versionOf } from './surveys.ts';

/** The newest responses that questions are counted from, and comments shown with each. */
const COUNTED_LIMIT = 20_000;
const TEXTS_SHOWN = 20;
const AT_ONCE = 2000;

/**
 * What was answered: counts, and each question by its kind; a state, question or text narrows down only what the questions
 * are counted from. Hidden while fewer answered an anonymous survey than its group. */
export async function resultsOf(
  context: Context,
  survey: { id: string; version: number | null; draft: Definition },
  filter: AnswersFilter,
): Promise<SurveyResults> {
  const definition =
    (survey.version === null ? null : await versionOf(context, survey.id, filter.version ?? survey.version)) ??
    survey.draft;
  const { state: _, question: __, q: ___, ...whole } = filter;
  const { where, values } = filterSql(whole);
  const { rows } = await context.records.pool.query<SurveyResults['counts'] & { seconds: number | null }>(
    `SELECT count(*) AS shown, count(*) FILTER (WHERE r.answers <> '{}') AS answered,
       count(*) FILTER (WHERE r.state = 'complete') AS completed, count(*) FILTER (WHERE r.state = 'screened') AS screened,
       count(*) FILTER (WHERE r.state = 'quota') AS "overQuota", count(*) FILTER (WHERE r.dismissed_at IS NOT NULL) AS dismissed,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.completed_at - r.started_at)) FILTER (WHERE r.state = 'complete') AS seconds
     FROM surveys_responses r WHERE ${where}`,
    [survey.id, ...values],
  );
  const { seconds, ...counts } = rows[0]!;
  const anonymous = await anonymousOf(context, survey.id);
  const counted = await answeredIn(context, survey.id, filter);
  const hidden = anonymous !== null && (await tellsWho(context, survey.id, counted, anonymous.groupSize));
  const quotas = await quotasOf(context, survey.id, definition);
  const tally = new Tally(definition);
  if (!hidden) await count(context, survey.id, filter, tally);
  return {
    counts,
    rate: counts.shown > 0 ? counts.answered / counts.shown : null,
    completion: counts.answered > 0 ? counts.completed / counts.answered : null,
    seconds: anonymous || seconds === null ? null : Math.round(seconds),
    hidden,
    sampled: counted > COUNTED_LIMIT ? COUNTED_LIMIT : null,
    quotas: hidden ? [] : quotas,
    questions: hidden ? [] : tally.results(),
  };
}

async function answeredIn({ records }: Context, id: string, filter: AnswersFilter): Promise<number> {
  const { where, values } = filterSql(filter);
  const { rows } = await records.pool.query<{ n: number }>(
    `SELECT count(*) AS n FROM surveys_responses r WHERE ${where} AND r.answers <> '{}'`,
    [id, ...values],
  );
  return rows[0]!.n;
}

/** Too few are counted, or so few are left out that they could be told by what is missing. */
async function tellsWho(context: Context, id: string, counted: number, groupSize: number): Promise<boolean> {
  const others = (await answeredIn(context, id, {})) - counted;
  return counted < groupSize || (others > 0 && others < groupSize);
}

async function quotasOf({ records }: Context, id: string, { quotas }: Definition) {
  const { rows } = await records.pool.query<{ quota: string; completed: number }>(
    'SELECT quota, completed FROM surveys_counts WHERE survey_id = $1',
    [id],
  );
  return quotas.map((quota) => ({
    ...{ id: quota.id, name: quota.name, limit: quota.limit },
    completed: rows.find((row) => row.quota === quota.id)?.completed ?? 0,
  }));
}

async function count(context: Context, surveyId: string, filter: AnswersFilter, tally: Tally): Promise<void> {
  const { where, values } = filterSql(filter);
  let after: { at: Date; id: string } | undefined;
  for (let read = 0; read < COUNTED_LIMIT; ) {
    const { rows } = await context.records.pool.query<{ id: string; at: Date; answers: Answers }>(
      `SELECT r.id, r.started_at AS at, r.answers FROM surveys_responses r WHERE ${where} AND r.answers <> '{}'
         AND ($11::timestamptz IS NULL OR (date_trunc('milliseconds', r.started_at), r.id) < ($11, $12::uuid))
       ORDER BY date_trunc('milliseconds', r.started_at) DESC, r.id DESC LIMIT $13`,
      [surveyId, ...values, after?.at ?? null, after?.id ?? null, Math.min(AT_ONCE, COUNTED_LIMIT - read)],
    );
    for (const row of rows) tally.add(row.id, row.at, row.answers);
    if (rows.length < AT_ONCE) return;
    read += rows.length;
    after = rows.at(-1);
  }
}

/** Counts answers question by question. Answers in the shape of another version's question are left out. */
class Tally {
  readonly #definition: Definition;
  readonly #answered = new Map<string, number>();
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #texts = new Map<string, NonNullable<QuestionResult['texts']>>();
  #responses = 0;

  constructor(definition: Definition) {
    this.#definition = definition;
  }

  add(responseId: string, at: Date, answers: Answers): void {
    this.#responses++;
    for (const question of this.#definition.questions) {
      const answer = Object.hasOwn(answers, question.id) ? answers[question.id] : undefined;
      if (isEmpty(answer)) continue;
      this.#answered.set(question.id, (this.#answered.get(question.id) ?? 0) + 1);
      for (const key of keysOf(question, answer)) this.#one(question.id, key);
      const text = textOf(answer);
      const texts = this.#texts.get(question.id) ?? [];
      if (text !== null && texts.length < TEXTS_SHOWN)
        this.#texts.set(question.id, [...texts, { responseId, text, at: at.toISOString() }]);
    }
  }

  #one(question: string, key: string): void {
    const counts = this.#counts.get(question) ?? new Map<string, number>();
    counts.set(key, (counts.get(key) ?? 0) + 1);
    this.#counts.set(question, counts);
  }

  results(): QuestionResult[] {
    return this.#definition.questions
      .filter(({ kind }) => kind !== 'statement')
      .map((question) => this.#result(question));
  }

  #result(question: Question): QuestionResult {
    const { defaultLanguage } = this.#definition;
    const answered = this.#answered.get(question.id) ?? 0;
    const count = (key: string) => this.#counts.get(question.id)?.get(key) ?? 0;
    const label = (option: Option) => textIn(option.label, defaultLanguage, defaultLanguage) || option.id;
    const base = {
      id: question.id,
      kind: question.kind,
      title: textIn(question.title, defaultLanguage, defaultLanguage),
      answered,
    };
    const texts = this.#texts.get(question.id) ?? [];
    switch (question.kind) {
      case 'nps':
        return { ...base, score: scoreOf(0, 10, count, true) };
      case 'csat':
      case 'ces':
      case 'rating':
        return { ...base, score: scoreOf(1, question.scale, count, false) };
      case 'single':
      case 'multiple':
      case 'picture': {
        const list = question.options.map((option) => ({ id: option.id, label: label(option) }));
        if ('other' in question && question.other)
          list.push({ id: 'other', label: textIn(question.other.label, defaultLanguage, defaultLanguage) });
        const options = list.map((one) => ({
          ...one,
          count: count(one.id),
          share: answered ? count(one.id) / answered : 0,
        }));
        return { ...base, options, ...(texts.length > 0 ? { texts } : {}) };
      }
      case 'ranking': {
        const ranks = question.options.map((option) => {
          const places = question.options.map((_, place) => count(`${place} ${option.id}`));
          const times = places.reduce((sum, each) => sum + each, 0);
          const sum = places.reduce((all, each, place) => all + each * (place + 1), 0);
          return { id: option.id, label: label(option), mean: times ? sum / times : null, first: places[0] ?? 0 };
        });
        return { ...base, ranks };
      }
      case 'matrix': {
        const rows = question.rows.map((row) => ({
          ...{ id: row.id, label: label(row) },
          columns: question.columns.map((column) => ({
            ...{ id: column.id, label: label(column), count: count(`${row.id} ${column.id}`) },
          })),
        }));
        return { ...base, rows };
      }
      case 'consent':
        return { ...base, agreed: { count: answered, of: this.#responses } };
      default:
        return { ...base, ...(texts.length > 0 ? { texts } : {}) };
    }
  }
}

function keysOf(question: Question, answer: unknown): string[] {
  if (typeof answer === 'number') return [String(answer)];
  if (question.kind === 'ranking' && Array.isArray(answer)) return answer.map((id, place) => `${place} ${id}`);
  if (question.kind === 'matrix') return Object.entries(answer as object).map(([row, column]) => `${row} ${column}`);
  const { options, other } = answer as { options?: unknown; other?: unknown };
  return Array.isArray(options) ? [...options.map(String), ...(other ? ['other'] : [])] : [];
}

function textOf(answer: unknown): string | null {
  if (typeof answer === 'string') return answer;
  const other = typeof answer === 'object' && answer !== null && (answer as { other?: unknown }).other;
  return typeof other === 'string' && other !== '' ? other : null;
}

function scoreOf(lowest: number, scale: number, count: (key: string) => number, nps: boolean): QuestionResult['score'] {
  const counts = Array.from({ length: scale - lowest + 1 }, (_, n) => ({
    score: lowest + n,
    count: count(String(lowest + n)),
  }));
  const total = counts.reduce((sum, one) => sum + one.count, 0);
  const from = (least: number, most: number) =>
    counts.filter(({ score }) => score >= least && score <= most).reduce((sum, one) => sum + one.count, 0);
  // CSAT counts the best two of five; of other scales the same part of them, the best at least.
  const good = nps ? from(9, 10) : from(scale - Math.max(1, Math.round(scale * 0.4)) + 1, scale);
  const given = new Map(counts.filter((one) => one.count > 0).map((one) => [one.score, one.count]));
  const average = mean(given, { low: lowest, high: scale });
  const net = nps ? netShare(good, from(0, 6), total) : null;
  return {
    mean: average?.value ?? null,
    scale,
    counts,
    nps: net && 100 * net.value,
    interval: net ? { low: 100 * net.low, high: 100 * net.high } : average && { low: average.low, high: average.high },
    good: share(good, total),
  };
}
