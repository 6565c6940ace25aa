import type pg from 'pg';
import { emitAll } from '../../../core/stream/outbox.ts';
import type { Context } from '../../../kernel/context.ts';
import { onSeen } from '../follow.ts';
import { allTopics, byId, type Topic } from '../topics/topics.ts';
import { onUnderstood } from '../understand.ts';
import { ANSWERED, type EventRow, numberAt, propertiesOf } from '../voice-of.ts';
import { fittingRule, type Said } from './fitting.ts';
import { tellOwner } from './mails.ts';
import { type CaseRule, listRules } from './rules.ts';

/** One case at a time is opened, so that a customer gets one of two that come together. */
const CASES_LOCK = 7_405_003;
/** What was said longer ago opens no case: the customer does not wait for an answer any more. */
const FRESH_MS = 7 * 86_400_000;

/** Something said, with what a case needs beside. */
export interface Candidate extends Omit<Said, 'traits'> {
  /** The response it belongs to, or the event itself: opens one case. */
  key: string;
  originId: number;
  saidAt: Date;
  scale: number | null;
  voiceId: number | null;
  channel: string;
}

/** Opens cases for what is said from now on. Called once, as the app is put together. */
export function openCasesByRules(): void {
  onUnderstood(async (context, client, voices) => {
    const rules = await listRules(client, { enabled: true });
    if (rules.length === 0 || voices.length === 0) return;
    const topics = byId(await allTopics(client));
    const { rows } = await client.query<{
      id: number;
      key: string;
      origin_id: number;
      survey_id: string | null;
      channel: string;
    }>(
      `SELECT id, coalesce(response_id, event_id::text) AS key, origin_id, survey_id, channel FROM voices_voices WHERE id = ANY ($1)`,
      [voices.map((voice) => voice.id)],
    );
    const known = new Map(rows.map((row) => [row.id, row]));
    const said = voices.flatMap((voice): Candidate[] => {
      const row = known.get(voice.id);
      if (!row) return [];
      const { of, text, language, score, scale, scoreKind, mood, saidAt } = voice;
      return [
        {
          ...{ of, text, language, score, scale, scoreKind, mood, saidAt, voiceId: voice.id },
          ...{ key: row.key, originId: row.origin_id, surveyId: row.survey_id, channel: row.channel },
          topics: new Set(voice.topics.flatMap((id) => withAbove(id, topics))),
        },
      ];
    });
    await openCases(context, client, rules, said);
  });
  onSeen(async (context, client, rows) => {
    const said = rows.flatMap(scoreAlone);
    if (said.length === 0) return;
    await openCases(context, client, await listRules(client, { enabled: true }), said);
  });
}

function withAbove(id: number, topics: ReadonlyMap<number, Topic>): number[] {
  const ids: number[] = [];
  for (
    let at = topics.get(id);
    at && !ids.includes(at.id);
    at = at.parentId === null ? undefined : topics.get(at.parentId)
  )
    ids.push(at.id);
  return ids;
}

/** A score is known at once; words that may come later join the case that it opened. */
export function scoreAlone(row: EventRow): Candidate[] {
  if (row.name !== ANSWERED) return [];
  const properties = propertiesOf(row);
  const [score, scale] = [numberAt(properties, 'score'), numberAt(properties, 'scale')];
  const text = (name: string) =>
    typeof properties[name] === 'string' ? (properties[name] as string).slice(0, 500) : '';
  if (score === null || text('responseId') === '') return [];
  return [
    {
      ...{ of: row.name, text: '', mood: null, score, scale, voiceId: null, channel: row.channel },
      language: text('language').slice(0, 2),
      scoreKind: text('kind') || null,
      surveyId: text('surveyId') || null,
      key: text('responseId'),
      originId: Number(row.origin_id),
      saidAt: new Date(Number(row.at)),
      topics: new Set<number>(),
    },
  ];
}

async function openCases(
  context: Context,
  client: pg.PoolClient,
  rules: readonly CaseRule[],
  said: readonly Candidate[],
): Promise<void> {
  const fresh = said.filter(({ saidAt }) => Date.now() - saidAt.getTime() < FRESH_MS);
  if (rules.length === 0 || fresh.length === 0) return;
  const traits = await traitsOf(client, rules, fresh);
  for (const one of fresh) {
    const rule = fittingRule(rules, { ...one, traits: traits.get(one.originId) ?? new Map() });
    if (rule) await openCase(context, client, rule, one);
    else if (one.voiceId !== null) await join(client, one);
  }
}

/** Words that came after the score of the same response. */
async function join(client: pg.PoolClient, { key, voiceId }: Candidate): Promise<void> {
  await client.query('UPDATE voices_cases SET voice_id = coalesce(voice_id, $2), changed_at = now() WHERE key = $1', [
    key,
    voiceId,
  ]);
}

/**
 * One case for each response. A customer whose case is open gets no second one: what they said is noted there, so that they
 * are answered once.
 */
async function openCase(context: Context, client: pg.PoolClient, rule: CaseRule, said: Candidate): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [CASES_LOCK]);
  const { rows: open } = await client.query<{ id: number; key: string }>(
    `SELECT c.id, c.key FROM voices_cases c JOIN persons p ON p.id = c.origin_id
     WHERE c.key = $1 OR (c.closed_at IS NULL AND p.root_id = (SELECT root_id FROM persons WHERE id = $2)) ORDER BY c.key = $1 DESC LIMIT 1`,
    [said.key, said.originId],
  );
  if (open[0]?.key === said.key) return join(client, said);
  if (open[0]) {
    await client.query(`INSERT INTO voices_case_steps (case_id, kind, text) VALUES ($1, 'said', $2)`, [
      open[0].id,
      said.text.slice(0, 2000) || `${said.scoreKind ?? ''} ${said.score ?? ''}/${said.scale ?? ''}`,
    ]);
    return;
  }
  const { rows } = await client.query<{ id: number; person: number; owner: string | null }>(
    `INSERT INTO voices_cases (key, rule_id, rule_name, origin_id, voice_id, of, score, scale, score_kind, language, due_at, owner_id)
     SELECT $1, $2, $3, p.id, $5, $6, $7, $8, $9, $10, now() + make_interval(hours => $11),
       (SELECT u.id FROM staff_users u WHERE u.id = ANY ($12) AND u.disabled_at IS NULL
        ORDER BY (SELECT count(*) FROM voices_cases o WHERE o.owner_id = u.id AND o.closed_at IS NULL), u.id LIMIT 1)
     FROM persons p WHERE p.id = $4
     ON CONFLICT (key) DO NOTHING RETURNING id, owner_id AS owner, (SELECT root_id FROM persons WHERE id = origin_id) AS person`,
    [
      ...[said.key, Number(rule.id), rule.name, said.originId, said.voiceId, said.of, said.score, said.scale],
      ...[said.scoreKind, said.language, rule.dueHours, rule.owners],
    ],
  );
  const [row] = rows;
  if (!row) return;
  await client.query(`INSERT INTO voices_case_steps (case_id, kind, text) VALUES ($1, 'opened', $2)`, [
    row.id,
    rule.name,
  ]);
  const properties = { caseId: String(row.id), rule: rule.name, ...(said.score !== null && { score: said.score }) };
  await emitAll(client, [{ name: 'Case Opened', personId: row.person, properties }]);
  if (row.owner) await tellOwner(context, client, row.owner, row.id, rule);
}

/** What rules ask of the customers' traits; of merged people the largest. */
async function traitsOf(client: pg.PoolClient, rules: readonly CaseRule[], said: readonly Candidate[]) {
  const names = [...new Set(rules.flatMap(({ conditions }) => conditions.trait?.name ?? []))];
  const found = new Map<number, Map<string, number>>();
  if (names.length === 0) return found;
  const { rows } = await client.query<{ id: number; name: string; value: number }>(
    `SELECT asked.id, t.name, max((t.value ->> 0)::numeric)::float8 AS value
     FROM unnest($1::bigint[]) AS asked (id) JOIN persons own ON own.id = asked.id
     JOIN persons part ON part.root_id = own.root_id, jsonb_each(part.traits) AS t (name, value)
     WHERE t.name = ANY ($2::text[]) AND t.value ->> 0 ~ '^-?\\d{1,15}(\\.\\d+)?$' GROUP BY asked.id, t.name`,
    [[...new Set(said.map(({ originId }) => originId))], names],
  );
  for (const { id, name, value } of rows) found.set(id, (found.get(id) ?? new Map()).set(name, value));
  return found;
}
