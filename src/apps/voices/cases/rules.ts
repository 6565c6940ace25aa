import type pg from 'pg';
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { refuse } from '../../../kernel/refusal.ts';
import { shortText } from '../../../kernel/storable.ts';
import { LANGUAGES, type Language } from '../../../kernel/text.ts';
import { MOODS } from '../models/sentiment.ts';

const RULES_LIMIT = 100;
const OWNERS_LIMIT = 50;
const LIST_LIMIT = 50;

const Name = shortText(200).trim().min(1);

/** What must hold of something said, all of it: a score that is low, a mood, a topic or one below it, a word, who said it. */
export const Conditions = z
  .strictObject({
    /** As given, on its own scale. */
    scoreAtMost: z.number().min(0).max(100).optional(),
    scoreKinds: z
      .array(z.enum(['nps', 'csat', 'ces', 'rating']))
      .max(4)
      .default([]),
    moods: z.array(z.enum(MOODS)).max(3).default([]),
    topics: z.array(z.int().positive()).max(LIST_LIMIT).default([]),
    words: z.array(Name).max(LIST_LIMIT).default([]),
    /** Names of events, and surveys. */
    of: z.array(Name).max(LIST_LIMIT).default([]),
    surveys: z.array(Name).max(LIST_LIMIT).default([]),
    languages: z
      .array(z.enum(Object.keys(LANGUAGES) as [Language, ...Language[]]))
      .max(5)
      .default([]),
    /** A trait of the customer that is at least so much, as their value. */
    trait: z.strictObject({ name: Name, atLeast: z.number() }).optional(),
  })
  .refine((is) => is.scoreAtMost !== undefined || is.moods.length + is.topics.length + is.words.length > 0, {
    error: 'need a score, a mood, a topic or a word',
  });
export type Conditions = z.output<typeof Conditions>;

export const RuleInput = z.strictObject({
  name: Name,
  enabled: z.boolean().default(true),
  conditions: Conditions,
  owners: z.array(z.string().min(1).max(100)).max(OWNERS_LIMIT).default([]).describe('IDs of members of staff.'),
  dueHours: z
    .int()
    .min(1)
    .max(24 * 60)
    .default(24),
});
export type RuleInput = z.output<typeof RuleInput>;

export const CaseRule = RuleInput.extend({ id: z.string(), place: z.number(), opened: z.number() });
export type CaseRule = z.output<typeof CaseRule>;

interface Row {
  id: number;
  name: string;
  enabled: boolean;
  place: number;
  conditions: unknown;
  owners: string[];
  due_hours: number;
  opened: number;
}

const shown = ({ due_hours, id, conditions, ...row }: Row): CaseRule => ({
  ...row,
  id: String(id),
  conditions: Conditions.parse(conditions),
  dueHours: due_hours,
});

/** All rules, in the order in which they are looked at: there are at most RULES_LIMIT. */
export async function listRules(db: pg.Pool | pg.PoolClient, wanted: { enabled?: boolean } = {}): Promise<CaseRule[]> {
  const { rows } = await db.query<Row>(
    `SELECT id, name, enabled, place, conditions, owners, due_hours,
       (SELECT count(*) FROM voices_cases c WHERE c.rule_id = r.id)::int AS opened
     FROM voices_rules r WHERE $1::boolean IS NULL OR enabled = $1 ORDER BY place, id`,
    [wanted.enabled ?? null],
  );
  return rows.map(shown);
}

export async function createRule({ records }: Context, input: RuleInput, by: string): Promise<CaseRule> {
  await checkOwners(records.pool, input.owners);
  const { rows } = await records.pool.query<{ id: number }>(
    `INSERT INTO voices_rules (name, enabled, conditions, owners, due_hours, created_by, place)
     SELECT $1, $2, $3, $4, $5, $6, coalesce(max(place), 0) + 1 FROM voices_rules HAVING count(*) < ${RULES_LIMIT} RETURNING id`,
    [input.name, input.enabled, JSON.stringify(input.conditions), input.owners, input.dueHours, by],
  );
  if (!rows[0]) throw refuse.conflict(`There can be ${RULES_LIMIT} rules. Remove one that is no longer needed.`);
  return ruleById(records.pool, rows[0].id);
}

/** Refuses with 404 a rule that is not there. */
async function ruleById(db: pg.Pool, id: number): Promise<CaseRule> {
  const found = (await listRules(db)).find((rule) => rule.id === String(id));
  if (!found) throw refuse.notFound('There is no such rule.');
  return found;
}

export async function changeRule({ records }: Context, id: number, input: RuleInput): Promise<CaseRule> {
  await checkOwners(records.pool, input.owners);
  await records.pool.query(
    'UPDATE voices_rules SET name = $2, enabled = $3, conditions = $4, owners = $5, due_hours = $6 WHERE id = $1',
    [id, input.name, input.enabled, JSON.stringify(input.conditions), input.owners, input.dueHours],
  );
  return ruleById(records.pool, id);
}

/** Cases that it opened stay. */
export async function removeRule({ records }: Context, id: number): Promise<void> {
  const { rowCount } = await records.pool.query('DELETE FROM voices_rules WHERE id = $1', [id]);
  if (rowCount === 0) throw refuse.notFound('There is no such rule.');
}

async function checkOwners(db: pg.Pool, owners: readonly string[]): Promise<void> {
  const { rows } = await db.query<{ id: string }>(
    'SELECT id FROM staff_users WHERE id = ANY ($1) AND disabled_at IS NULL',
    [owners],
  );
  if (rows.length < new Set(owners).size)
    throw refuse.invalid('One of the owners is not a member of staff. Choose among those who are.');
}
