import { createHash } from 'node:crypto';
import type pg from 'pg';
import { palettesOf } from '../../../sdk/src/surveys/colour.ts';
import { wordsIn } from '../../../sdk/src/surveys/words.ts';
import { audiencesOfPerson } from '../../core/audiences/membership.ts';
import { restrictions } from '../../core/privacy/restrictions.ts';
import type { Visitor } from '../../core/sdk/config.ts';
import type { Context } from '../../kernel/context.ts';
import type { Definition } from './definition.ts';
import { pickLanguage } from './logic.ts';
import { isQuiet } from './quiet.ts';
import { type Running, readSettings, runningPopovers } from './surveys.ts';
import { inLanguage } from './used.ts';

/** Surveys handed to one visitor, and their characters together. */
const HANDED = { surveys: 20, characters: 600_000 };
const DAY_MS = 86_400_000;

/** What the part of the SDK gets. */
export interface PopoverConfig {
  surveys: { id: string; version: number; language: string; definition: Definition; words: object; colours: object }[];
}

/**
 * Where in 0 to 1 a visitor falls for a survey: the same each time, evenly spread over visitors, and independent of where it
 * falls for another survey.
 */
function shareOf(anonymousId: string, surveyId: string): number {
  const bytes = createHash('sha256').update(`${surveyId}\n${anonymousId}`).digest();
  return bytes.readUIntBE(0, 6) / 2 ** 48;
}

/** Whether the visitor is of the share of visitors, in per cent, that are asked. */
export const inShare = (share: number, anonymousId: string, surveyId: string): boolean =>
  shareOf(anonymousId, surveyId) * 100 < share;

/** Names under which it is kept when somebody was asked. */
export async function namesOf(
  db: pg.Pool | pg.PoolClient,
  who: { anonymousId?: string | null; personId?: number | null },
): Promise<string[]> {
  const names = who.anonymousId ? [`a:${who.anonymousId}`] : [];
  if (!who.personId) return names;
  const { rows } = await db.query<{ id: number }>(
    'SELECT id FROM persons WHERE root_id = (SELECT root_id FROM persons WHERE id = $1)',
    [who.personId],
  );
  return [...names, ...rows.map(({ id }) => `p:${id}`)];
}

export interface Seen {
  surveyId: string;
  shownAt: Date;
  times: number;
  answeredAt: Date | null;
}

/** When somebody was asked what, the newest of all their names. */
export async function seenBy(db: pg.Pool | pg.PoolClient, names: readonly string[]): Promise<Seen[]> {
  if (names.length === 0) return [];
  const { rows } = await db.query<Seen>(
    `SELECT survey_id AS "surveyId", max(shown_at) AS "shownAt", max(times) AS times, max(answered_at) AS "answeredAt"
     FROM surveys_seen WHERE who = ANY ($1) GROUP BY survey_id`,
    [names],
  );
  return rows;
}

/** Until the transaction ends nobody else decides whether these are asked; in one order, so that two never wait for one another. */
export async function lockNames(client: pg.PoolClient, names: readonly string[]): Promise<void> {
  for (const name of [...names].sort())
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('surveys ' || $1, 0))", [name]);
}

/** Whether the limits let somebody be asked this now: the survey's own, and the quiet days between any two. */
export function mayAsk(
  survey: { id: string; definition: Pick<Definition, 'repeat'> },
  seen: readonly Seen[],
  quietDays: number,
  now = Date.now(),
): boolean {
  const { repeat } = survey.definition;
  const since = (at: Date) => (now - at.getTime()) / DAY_MS;
  if (seen.some(({ shownAt }) => since(shownAt) < quietDays)) return false;
  const before = seen.find(({ surveyId }) => surveyId === survey.id);
  if (!before) return true;
  if (repeat.kind === 'once') return false;
  if (since(before.shownAt) < repeat.days) return false;
  return repeat.kind === 'every' || (before.answeredAt === null && before.times < repeat.times);
}

/** Whether answers are taken now, as far as the survey's period says. */
export const isOpen = ({ from, to }: Pick<Definition, 'from' | 'to'>, now = Date.now()): boolean =>
  (!from || Date.parse(from) <= now) && (!to || now < Date.parse(to));

/** Of the surveys those that have all the responses they want. */
export async function fullSurveys(db: pg.Pool | pg.PoolClient, surveys: readonly Running[]): Promise<Set<string>> {
  const limited = surveys.filter(({ definition }) => definition.maxResponses !== undefined);
  if (limited.length === 0) return new Set();
  const { rows } = await db.query<{ id: string; completed: number }>(
    `SELECT survey_id AS id, completed FROM surveys_counts WHERE quota = '' AND survey_id = ANY ($1::uuid[])`,
    [limited.map(({ id }) => id)],
  );
  const counted = new Map(rows.map(({ id, completed }) => [id, completed]));
  return new Set(
    limited.filter(({ id, definition }) => (counted.get(id) ?? 0) >= definition.maxResponses!).map(({ id }) => id),
  );
}

type Who = Pick<Visitor, 'anonymousId' | 'personId'> & { language?: string | undefined };

/**
 * Of the surveys those that the visitor may be shown now, as far as the server can tell. A language of `*` fits any: once it
 * is shown only the survey's own language is known.
 */
export async function showable(context: Context, surveys: readonly Running[], visitor: Who): Promise<Running[]> {
  const { pool } = context.records;
  const { anonymousId, personId } = visitor;
  // Who cannot be known again could be asked for ever.
  if (anonymousId === '') return [];
  const base = (language: string) => language.toLowerCase().split('-')[0];
  const candidates = surveys.filter(({ id, definition }) => {
    const popover = definition.popover;
    if (!popover || !isOpen(definition) || !inShare(popover.share, anonymousId, id)) return false;
    const { language } = visitor;
    return (
      popover.languages.length === 0 ||
      language === '*' ||
      (language !== undefined && popover.languages.some((one) => base(one) === base(language)))
    );
  });
  if (candidates.length === 0) return [];
  const [seen, { quietDays }, full] = await Promise.all([
    namesOf(pool, visitor).then((names) => seenBy(pool, names)),
    readSettings(pool),
    fullSurveys(pool, candidates),
  ]);
  const allowed = candidates.filter((survey) => !full.has(survey.id) && mayAsk(survey, seen, quietDays));
  if (allowed.length === 0) return [];
  if (personId !== null) {
    if ((await restrictions(context, [personId])).get(personId)?.restricted) return [];
    if (await isQuiet(context, personId)) return [];
  }
  const needsAudiences = allowed.some(
    ({ definition: { popover } }) => popover!.audiences.length + popover!.notAudiences.length > 0,
  );
  if (!needsAudiences) return allowed;
  const mine = new Set(
    personId === null ? [] : (await audiencesOfPerson(context, personId)).map((one) => one.audienceId),
  );
  return allowed.filter(({ definition: { popover } }) => {
    const { audiences, notAudiences } = popover!;
    return (audiences.length === 0 || audiences.some((id) => mine.has(id))) && !notAudiences.some((id) => mine.has(id));
  });
}

/** The settings of the SDK's part `surveys`: what this visitor may be shown; the part is not loaded where that is nothing. */
export async function popoversFor(context: Context, visitor: Visitor): Promise<PopoverConfig | undefined> {
  const shown = await showable(context, await runningPopovers(context), visitor);
  const surveys: PopoverConfig['surveys'] = [];
  let characters = 0;
  for (const { id, version, definition } of shown.slice(0, HANDED.surveys)) {
    const language = pickLanguage(definition, visitor.language ? [visitor.language] : []);
    const handed = forCustomers(inLanguage(definition, language));
    characters += JSON.stringify(handed).length;
    if (surveys.length > 0 && characters > HANDED.characters) break;
    const colours = palettesOf(definition.theme);
    surveys.push({ id, version, language, definition: handed, words: wordsIn(language), colours });
  }
  // Who is in the middle of one goes on with it on the next page: without a list the part would not be loaded there.
  return surveys.length > 0 || (await wasShown(context, visitor.anonymousId)) ? { surveys } : undefined;
}

/** Whether this visitor was shown any survey within a day. */
async function wasShown({ records }: Context, anonymousId: string): Promise<boolean> {
  const { rowCount } = await records.pool.query(
    "SELECT FROM surveys_seen WHERE who = $1 AND shown_at > now() - interval '1 day' LIMIT 1",
    [`a:${anonymousId}`],
  );
  return !!rowCount;
}

/** Without what only the team is to know: names, sizes of quotas, who is asked. */
export function forCustomers(definition: Definition): Definition {
  const { popover } = definition;
  return {
    ...definition,
    name: '',
    touchpoint: '',
    quotas: [],
    embed: [],
    ...(popover ? { popover: { ...popover, audiences: [], notAudiences: [], share: 100 } } : {}),
  };
}

/** Writes down that somebody was asked. Of an anonymous survey only the day, so that it does not tell whose response is whose. */
export async function noteShown(
  db: pg.Pool | pg.PoolClient,
  names: readonly string[],
  survey: { id: string; anonymous: boolean },
): Promise<void> {
  await db.query(
    `INSERT INTO surveys_seen (who, survey_id, shown_at) SELECT who, $2, ${AT} FROM unnest($1::text[]) AS who ORDER BY who
     ON CONFLICT (who, survey_id) DO UPDATE SET shown_at = excluded.shown_at, times = surveys_seen.times + 1`,
    [names, survey.id, survey.anonymous],
  );
}

/** Writes down that somebody answered, so that they are not asked again where it is asked until then. */
export async function noteAnswered(
  db: pg.Pool | pg.PoolClient,
  names: readonly string[],
  survey: { id: string; anonymous: boolean },
): Promise<void> {
  await db.query(
    `INSERT INTO surveys_seen (who, survey_id, shown_at, answered_at) SELECT who, $2, ${AT}, ${AT} FROM unnest($1::text[]) AS who ORDER BY who
     ON CONFLICT (who, survey_id) DO UPDATE SET answered_at = excluded.answered_at`,
    [names, survey.id, survey.anonymous],
  );
}
const AT = "CASE WHEN $3::boolean THEN date_trunc('day', now()) ELSE now() END";
