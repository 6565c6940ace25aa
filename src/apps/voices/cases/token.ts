import { createHmac } from 'node:crypto';
import type { Config } from '../../../kernel/config.ts';
import type { Context } from '../../../kernel/context.ts';
import { keptSecret, sameSecret } from '../../../kernel/secrets.ts';

/** In the customer's link: names the case, and cannot be guessed. */
export const caseToken = ({ config }: { config: Pick<Config, 'dataDir'> }, id: number): string =>
  `${id}.${mark(config.dataDir, id)}`;

const mark = (dataDir: string, id: number) =>
  createHmac('sha256', keptSecret(dataDir, 'auth')).update(`case ${id}`).digest('base64url').slice(0, 32);

/** The case of a customer's link; null for a link that is none. */
export async function caseOfToken(
  { config, records }: Context,
  token: string,
): Promise<{ id: number; state: string } | null> {
  const [, id = '', given = ''] = /^(\d{1,15})\.([\w-]{32})$/.exec(token) ?? [];
  if (id === '' || !sameSecret(given, mark(config.dataDir, Number(id)))) return null;
  const { rows } = await records.pool.query<{ id: number; state: string }>(
    `SELECT id, state FROM voices_cases WHERE id = $1 AND opened_at > now() - interval '1 year'`,
    [id],
  );
  return rows[0] ?? null;
}
