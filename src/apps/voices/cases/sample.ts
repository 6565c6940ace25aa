import type pg from 'pg';
import { Chance } from '../../../core/imports/sample/chance.ts';
import { registerSamplePart } from '../../../core/imports/sample/parts.ts';
import { type AppEvent, emitAll, OWN_SOURCE } from '../../../core/stream/outbox.ts';
import { isLanguage } from '../../../kernel/text.ts';
import { SAMPLE_SURVEYS } from '../../surveys/public.ts';
import { onSeen } from '../follow.ts';
import { onUnderstood } from '../understand.ts';
import type { Outcome } from './cases.ts';
import { fittingRule } from './fitting.ts';
import { type Candidate, scoreAlone } from './opening.ts';
import { type CaseRule, createRule, listRules, type RuleInput } from './rules.ts';
import { SAMPLE_ANSWERS } from './sample-words.ts';

const SURVEYS: string[] = Object.values(SAMPLE_SURVEYS);
/** Only for the sample's own surveys: real customers open no case by them. */
const RULES: RuleInput[] = [
  { name: 'Sample: would not recommend us', scoreAtMost: 6, scoreKind: 'nps', survey: SAMPLE_SURVEYS.order } as const,
  { name: 'Sample: not helped', scoreAtMost: 2, scoreKind: 'csat', survey: SAMPLE_SURVEYS.support } as const,
].map(({ name, scoreAtMost, scoreKind, survey }) => ({
  name,
  enabled: true,
  conditions: {
    ...{ scoreAtMost, scoreKinds: [scoreKind], surveys: [survey] },
    ...{ moods: [], topics: [], words: [], of: [], languages: [] },
  },
  owners: [],
  dueHours: 48,
}));
/** The sample company has looked after complaints for so long; those of before opened no case. */
const SINCE_MS = 90 * 86_400_000;
const COLLEAGUE = 'Maya';
const GIVEN_UP_DAYS = 16;
const HOUR = 3_600_000;

/**
 * The sample company's cases. What was said in it is older than what opens a case otherwise, and nobody was there to answer,
 * so its low scores open cases here, by the same rules but at the time when they were given, and what became of each is made
 * up. Called once, before `openCasesByRules`.
 */
export function openSampleCases(): void {
  registerSamplePart('voices', {
    plant: async (context) => {
      const known = new Set((await listRules(context.records.pool)).map(({ name }) => name));
      for (const rule of RULES) if (!known.has(rule.name)) await createRule(context, rule, 'Throughline');
    },
  });
  onSeen(async (_, client, rows) => {
    // Answers to its surveys that were given here, by whoever tries them, go the usual way.
    const said = rows.filter(({ source_id }) => source_id !== OWN_SOURCE).flatMap(scoreAlone);
    const ofSample = said.filter(({ surveyId }) => surveyId !== null && SURVEYS.includes(surveyId));
    if (ofSample.length === 0) return;
    const rules = await listRules(client, { enabled: true });
    const now = Date.now();
    for (const one of ofSample) {
      const rule = fittingRule(rules, { ...one, traits: new Map() });
      if (rule && now - one.saidAt.getTime() < SINCE_MS) await open(client, rule, one, now);
    }
  });
  onUnderstood(async (_, client, voices) => {
    await client.query(
      `UPDATE voices_cases c SET voice_id = v.id FROM voices_voices v
       WHERE v.id = ANY ($1) AND v.survey_id = ANY ($2) AND c.key = v.response_id AND c.voice_id IS NULL`,
      [voices.map(({ id }) => id), SURVEYS],
    );
  });
}

interface Step {
  at: number;
  by: string;
  kind: string;
  text: string;
}

async function open(client: pg.PoolClient, rule: CaseRule, said: Candidate, now: number): Promise<void> {
  const openedAt = said.saidAt.getTime();
  const life = lifeOf(said, openedAt).filter(({ at }) => at < now);
  const steps: Step[] = [{ at: openedAt, by: '', kind: 'opened', text: rule.name }, ...life];
  const answer = life.find(({ kind }) => kind.startsWith('answer.'));
  const closed = life.find(({ kind }) => kind.startsWith('closed.'));
  const outcome = (closed?.kind.slice('closed.'.length) ?? null) as Outcome | null;
  const time = (ms: number | undefined) => (ms === undefined ? null : new Date(ms));
  const { rows } = await client.query<{ id: number; person: number }>(
    `INSERT INTO voices_cases (key, rule_id, rule_name, origin_id, of, score, scale, score_kind, language, state, outcome,
       opened_at, due_at, answered_at, closed_at, changed_at)
     SELECT $1, $2, $3, p.id, $5, $6, $7, $8, $9, $10, $11, $12, $12::timestamptz + make_interval(hours => $13), $14, $15, $16
     FROM persons p WHERE p.id = $4
     ON CONFLICT (key) DO NOTHING RETURNING id, (SELECT root_id FROM persons WHERE id = origin_id) AS person`,
    [
      ...[said.key, Number(rule.id), rule.name, said.originId, said.of, said.score, said.scale, said.scoreKind],
      ...[said.language, closed ? 'closed' : answer ? 'answered' : 'open', outcome, time(openedAt), rule.dueHours],
      ...[time(answer?.at), time(closed?.at), time(steps.at(-1)!.at)],
    ],
  );
  const [row] = rows;
  if (!row) return;
  await client.query(
    `INSERT INTO voices_case_steps (case_id, at, by_name, kind, text)
     SELECT $1, to_timestamp(s.at / 1000), s.by, s.kind, s.text
     FROM jsonb_to_recordset($2) AS s (at double precision, by text, kind text, text text)`,
    [row.id, JSON.stringify(steps)],
  );
  const caseId = String(row.id);
  const told = (name: string, at: number, properties: object, channel = 'server'): AppEvent => ({
    ...{ name, personId: row.person, at: new Date(at), channel },
    properties: { caseId, ...properties },
  });
  const how = answer?.kind === 'answer.phone' ? 'phone' : 'mail';
  const hours = answer ? Math.round((answer.at - openedAt) / 36_000) / 100 : 0;
  await emitAll(client, [
    told('Case Opened', openedAt, { rule: rule.name, score: said.score }),
    ...(answer ? [told('Case Answered', answer.at, { how, hours }, how === 'mail' ? 'email' : 'phone')] : []),
    ...(closed ? [told('Case Closed', closed.at, { outcome })] : []),
  ]);
}

/** What becomes of a case: the same for the same response. */
function lifeOf({ key, language }: Candidate, openedAt: number): Step[] {
  const chance = new Chance(`case ${key}`);
  const spoken = SAMPLE_ANSWERS[isLanguage(language) ? language : 'en'];
  const end = chance.of({ recovered: 52, lost: 14, unanswered: 8, nothing: 6, waiting: 20 });
  const answeredAt = openedAt + Math.round(chance.around(end === 'lost' ? 40 : 14, 0.8) * HOUR);
  const step = (at: number, kind: string, text = '', by = COLLEAGUE): Step => ({ at, by, kind, text });
  const note = chance.yes(0.25) ? [step(openedAt + 2 * HOUR, 'note', spoken.note)] : [];
  const answer = step(answeredAt, chance.yes(0.7) ? 'answer.mail' : 'answer.phone', chance.pick(spoken.answers));
  const after = (days: number) => answeredAt + Math.round(chance.around(days * 24, 0.4) * HOUR);
  if (end === 'waiting') return [...note, step(openedAt + GIVEN_UP_DAYS * 24 * HOUR, 'closed.lost')];
  if (end === 'nothing') return [...note, step(answeredAt, 'closed.nothing')];
  if (end === 'recovered') return [...note, answer, step(after(2), 'closed.recovered', chance.pick(spoken.thanks), '')];
  return [...note, answer, step(after(end === 'lost' ? 6 : 12), `closed.${end}`)];
}
