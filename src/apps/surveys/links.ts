import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { hashKey } from '../../kernel/secrets.ts';
import type { Definition } from './definition.ts';
import { versionOf } from './surveys.ts';

/** Links that one call makes, and that one survey has. */
export const LINKS_AT_ONCE = 1000;
const LINKS_LIMIT = 500_000;

export interface Invitation {
  id: number;
  personId: number | null;
  singleUse: boolean;
  expiresAt: Date;
  fields: Record<string, string>;
  language: string | null;
  sendingId: number | null;
  openedAt: Date | null;
  answeredAt: Date | null;
  revokedAt: Date | null;
}

/** What a link opens: the survey as it is published, and whose link it is; null for the one that anybody may open. */
export interface OpenedLink {
  surveyId: string;
  state: 'draft' | 'running' | 'paused' | 'ended';
  version: number;
  definition: Definition;
  invitation: Invitation | null;
}

const INVITATION = `i.id, i.person_id AS "personId", i.single_use AS "singleUse", i.expires_at AS "expiresAt", i.fields,
  i.language, i.sending_id AS "sendingId", i.opened_at AS "openedAt", i.answered_at AS "answeredAt", i.revoked_at AS "revokedAt"`;
const TOKEN = /^[A-Za-z0-9_-]{16,64}$/;

export const newToken = () => randomBytes(24).toString('base64url');

/**
 * What a token opens. Refuses with 404 one that is none, and with 410 a link that was revoked (`link_revoked`), has expired
 * (`link_expired`) or was used up (`link_used`).
 */
export async function openLink(context: Context, token: string): Promise<OpenedLink> {
  const unknown = () => refuse.notFound('This link leads to no survey.');
  if (!TOKEN.test(token)) throw unknown();
  const { pool } = context.records;
  const open = await pool.query<{ id: string; state: OpenedLink['state']; version: number | null }>(
    'SELECT id, state, version FROM surveys_surveys WHERE open_token = $1',
    [token],
  );
  const invited = open.rows[0]
    ? null
    : (
        await pool.query<Invitation & { surveyId: string; state: OpenedLink['state']; version: number | null }>(
          `SELECT ${INVITATION}, s.id AS "surveyId", s.state, s.version
           FROM surveys_invitations i JOIN surveys_surveys s ON s.id = i.survey_id WHERE i.token_hash = $1`,
          [hashKey(token)],
        )
      ).rows[0];
  const survey = open.rows[0] ?? (invited && { id: invited.surveyId, state: invited.state, version: invited.version });
  if (!survey || survey.version === null) throw unknown();
  const definition = await versionOf(context, survey.id, survey.version);
  if (!definition || (!invited && !definition.openLink)) throw unknown();
  if (invited) refuseSpent(invited);
  return {
    surveyId: survey.id,
    state: survey.state,
    version: survey.version,
    definition,
    invitation: invited ?? null,
  };
}

const gone = (code: string, message: string) => new Refusal(410, code, message);

export function refuseSpent(link: Pick<Invitation, 'revokedAt' | 'expiresAt' | 'singleUse' | 'answeredAt'>): void {
  if (link.revokedAt) throw gone('link_revoked', 'This link was taken back.');
  if (link.expiresAt.getTime() <= Date.now()) throw gone('link_expired', 'This link has expired.');
  if (link.singleUse && link.answeredAt) throw gone('link_used', 'This link was used already.');
}

export interface NewLink {
  personId: number | null;
  singleUse: boolean;
  expiresAt: Date;
  fields: Record<string, string>;
}

/** Makes links; their tokens are told only here. In the order given. Refuses (409) more than a survey may have. */
export async function createLinks(
  db: pg.Pool | pg.PoolClient,
  surveyId: string,
  links: readonly NewLink[],
  most = LINKS_LIMIT,
): Promise<string[]> {
  const { rows } = await db.query<{ made: number }>(
    'SELECT count(*)::int AS made FROM (SELECT FROM surveys_invitations WHERE survey_id = $1 LIMIT $2) AS known',
    [surveyId, most],
  );
  if (rows[0]!.made + links.length > most)
    throw refuse.conflict(
      `A survey may have ${most.toLocaleString('en')} personal links. Use the open link, or a copy.`,
    );
  const tokens = links.map(newToken);
  await db.query(
    `INSERT INTO surveys_invitations (survey_id, person_id, token_hash, single_use, expires_at, fields)
     SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::boolean[], $5::timestamptz[], $6::jsonb[])`,
    [
      surveyId,
      links.map((link) => link.personId),
      tokens.map(hashKey),
      links.map((link) => link.singleUse),
      links.map((link) => link.expiresAt),
      links.map((link) => JSON.stringify(link.fields)),
    ],
  );
  return tokens;
}

/** Takes a link back: it opens nothing from now on. Refuses with 404 where there is none. */
export async function revokeLink({ records }: Pick<Context, 'records'>, surveyId: string, id: number): Promise<void> {
  const { rowCount } = await records.pool.query(
    'UPDATE surveys_invitations SET revoked_at = coalesce(revoked_at, now()) WHERE survey_id = $1 AND id = $2',
    [surveyId, id],
  );
  if (!rowCount) throw refuse.notFound('There is no such link.');
}

export interface ListedLink {
  id: number;
  personId: number | null;
  sendingId: number | null;
  singleUse: boolean;
  state: 'waiting' | 'sent' | 'skipped' | 'opened' | 'answered' | 'expired' | 'revoked';
  expiresAt: Date;
  createdAt: Date;
  sentAt: Date | null;
}

/** The newest first. */
export async function listLinks(
  { records }: Pick<Context, 'records'>,
  surveyId: string,
  before: number | undefined,
  limit: number,
): Promise<ListedLink[]> {
  const { rows } = await records.pool.query<ListedLink>(
    `SELECT id, person_id AS "personId", sending_id AS "sendingId", single_use AS "singleUse", expires_at AS "expiresAt",
       created_at AS "createdAt", sent_at AS "sentAt", CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN answered_at IS NOT NULL THEN 'answered'
         WHEN state <> 'sent' THEN state WHEN expires_at < now() THEN 'expired' WHEN opened_at IS NOT NULL THEN 'opened' ELSE 'sent' END AS state
     FROM surveys_invitations WHERE survey_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [surveyId, before ?? null, limit],
  );
  return rows;
}
