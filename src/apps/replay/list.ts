import { environmentOf } from '../../core/query/environment.ts';
import type { Filter } from '../../core/query/filter.ts';
import type { What } from '../../core/query/matching.ts';
import { type Period, type Span, spanOf } from '../../core/query/period.ts';
import type { Report } from '../../core/query/report.ts';
import { peopleBehind } from '../../core/query/run.ts';
import type { Context } from '../../kernel/context.ts';
import { RECORDINGS_LOOKED_AT, recordingsWith, signalsIn } from './list-events.ts';
import { RECORDING_COLUMNS, type Recording } from './store.ts';
import { noSignals, type Signal, type Signals, scoreOf } from './watch-first.ts';

/** People behind a part of a report whose recordings are looked for: the first so many. */
export const PEOPLE_LOOKED_AT = 5000;
const FIRST_MS = Date.UTC(2000, 0, 1);
const DAY_MS = 86_400_000;

/** What somebody looks for. Everything that is given must hold. */
export interface Wanted {
  period?: Period | undefined;
  person?: number | undefined;
  source?: number | undefined;
  device?: string | undefined;
  country?: string | undefined;
  /** Text in the address or title of its first page, in any case. */
  page?: string | undefined;
  minSeconds?: number | undefined;
  maxSeconds?: number | undefined;
  signal?: Signal | undefined;
  what?: What | undefined;
  filter?: Filter | undefined;
  behind?: { report: Report; part: unknown } | undefined;
}

export interface Listed {
  recording: Recording;
  personId: number | null;
  signals: Signals;
  score: number;
}

export interface Found {
  items: Listed[];
  /** Where the next page begins; null at the end. */
  next: number | null;
  /** True where not all that may fit was looked at: the newest only. */
  cut: boolean;
}

/** Recordings that fit, by what to watch first or the newest first. Pages count from the start of that order. */
export async function listRecordings(
  context: Context,
  wanted: Wanted,
  page: { sort: 'first' | 'newest'; offset: number; limit: number },
  signal: AbortSignal,
): Promise<Found> {
  const environment = await environmentOf(context, {});
  const { zone, weekStart, now } = environment;
  const span = wanted.period ? spanOf(wanted.period, zone, weekStart, now) : { from: FIRST_MS, to: now + DAY_MS };
  const [people, ids] = await Promise.all([peopleOf(context, wanted, signal), idsOf(context, wanted, span, signal)]);
  const found = await candidates(context, wanted, span, people, ids);
  // Recorders tell what went wrong in their own tab; of those that did not yet, what the whole session met counts.
  const untold = found.filter(({ signals }) => !signals);
  const told = untold.length > 0 ? await signalsIn(context, around(untold), signal) : new Map<string, Signals>();
  const scored = found.map(({ id, startedAt, errors, rages, deads, signals: ofTab }) => {
    const met = ofTab ?? told.get(id) ?? noSignals();
    // What the recording itself shows counts where the site tells nothing of it.
    const signals = {
      ...met,
      errors: Math.max(met.errors, errors),
      rages: Math.max(met.rages, rages),
      deads: Math.max(met.deads, deads),
    };
    return { id, startedAt, signals, score: scoreOf(signals) };
  });
  const kept = wanted.signal ? scored.filter(({ signals }) => signals[wanted.signal!] > 0) : scored;
  if (page.sort === 'first') kept.sort((a, b) => b.score - a.score || b.startedAt.getTime() - a.startedAt.getTime());
  const shown = kept.slice(page.offset, page.offset + page.limit);
  return {
    items: await rowsOf(context, shown),
    next: page.offset + page.limit < kept.length ? page.offset + page.limit : null,
    cut: found.length === RECORDINGS_LOOKED_AT,
  };
}

async function peopleOf(context: Context, { person, behind }: Wanted, signal: AbortSignal): Promise<number[] | null> {
  if (behind) {
    const page = { after: 0, limit: PEOPLE_LOOKED_AT };
    const ids = await peopleBehind(context, behind.report, behind.part, page, { signal });
    return person === undefined ? ids : ids.filter((id) => id === person);
  }
  return person === undefined ? null : [person];
}

async function idsOf(
  context: Context,
  { what, filter }: Wanted,
  span: Span,
  signal: AbortSignal,
): Promise<string[] | null> {
  if (!what && !filter) return null;
  const found = await recordingsWith(context, { what, filter, span }, signal);
  // Whoever sends events may write anything into them.
  return found.filter((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id));
}

interface Candidate {
  id: string;
  startedAt: Date;
  errors: number;
  rages: number;
  deads: number;
  signals: Signals | null;
}

const around = (found: readonly Candidate[]): Span => ({
  from: Math.min(...found.map(({ startedAt }) => startedAt.getTime())),
  to: Math.max(...found.map(({ startedAt }) => startedAt.getTime())) + 1,
});

/** Whose a recording is: of who was signed in, or else of the device. */
const PERSON = `LEFT JOIN identifiers iu ON iu.value = r.user_id
    AND iu.kind_id = (SELECT id FROM identifier_kinds WHERE kind = 'user_id')
  LEFT JOIN identifiers ia ON ia.value = r.anonymous_id
    AND ia.kind_id = (SELECT id FROM identifier_kinds WHERE kind = 'anonymous_id')
  LEFT JOIN persons p ON p.id = coalesce(iu.person_id, ia.person_id)`;

async function candidates(
  { records }: Context,
  wanted: Wanted,
  span: Span,
  people: number[] | null,
  ids: string[] | null,
): Promise<Candidate[]> {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = [`r.started_at >= ${bind(new Date(span.from))}`, `r.started_at < ${bind(new Date(span.to))}`];
  if (ids) where.push(`r.id = ANY (${bind(ids)}::uuid[])`);
  if (people) {
    const roots = `${bind(people)}::bigint[]`;
    const theirs = (kind: string) => `SELECT i.value FROM identifiers i JOIN persons o ON o.id = i.person_id
      WHERE o.root_id = ANY (${roots}) AND i.kind_id = (SELECT id FROM identifier_kinds WHERE kind = '${kind}')`;
    // The first finds them by an index, the second leaves out whom a shared device belongs to.
    where.push(`(r.user_id IN (${theirs('user_id')}) OR r.anonymous_id IN (${theirs('anonymous_id')}))`);
    where.push(`p.root_id = ANY (${roots})`);
  }
  if (wanted.source !== undefined) where.push(`r.source_id = ${bind(wanted.source)}`);
  if (wanted.device) where.push(`r.device = ${bind(wanted.device)}`);
  if (wanted.country) where.push(`r.country = ${bind(wanted.country)}`);
  if (wanted.page) {
    const text = bind(wanted.page.toLowerCase());
    where.push(`(strpos(lower(r.path), ${text}) > 0 OR strpos(lower(r.title), ${text}) > 0 OR EXISTS (
      SELECT FROM replay_chunks c, jsonb_array_elements(c.marks->'pages') AS page
      WHERE c.recording_id = r.id AND (strpos(lower(page->>1), ${text}) > 0 OR strpos(lower(page->>2), ${text}) > 0)))`);
  }
  if (wanted.minSeconds !== undefined) where.push(`r.to_ms - r.from_ms >= ${bind(wanted.minSeconds * 1000)}`);
  if (wanted.maxSeconds !== undefined) where.push(`r.to_ms - r.from_ms < ${bind(wanted.maxSeconds * 1000)}`);
  const { rows } = await records.pool.query<Candidate>(
    `SELECT r.id, r.started_at AS "startedAt", r.errors, r.rages, r.deads, r.signals FROM replay_recordings r
     ${people ? PERSON : ''} WHERE ${where.join(' AND ')} ORDER BY r.started_at DESC, r.id LIMIT ${RECORDINGS_LOOKED_AT}`,
    values,
  );
  return rows;
}

async function rowsOf(
  { records }: Context,
  shown: readonly { id: string; signals: Signals; score: number }[],
): Promise<Listed[]> {
  const { rows } = await records.pool.query<Recording & { personId: number | null }>(
    `SELECT ${RECORDING_COLUMNS}, p.root_id AS "personId" FROM replay_recordings r ${PERSON} WHERE r.id = ANY ($1::uuid[])`,
    [shown.map(({ id }) => id)],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return shown.flatMap(({ id, signals, score }) => {
    const row = byId.get(id);
    if (!row) return [];
    const { personId, ...recording } = row;
    return [{ recording, personId, signals, score }];
  });
}
