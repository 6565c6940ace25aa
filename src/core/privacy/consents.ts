import type pg from 'pg';
import { z } from 'zod';
import type { Records } from '../../kernel/records.ts';
import { refuse } from '../../kernel/refusal.ts';
import { changeIdentityVersion, lockIdentity, originsOf } from '../people/merge.ts';
import { rootOf } from '../people/root.ts';
import { latestOf, type StoredSet } from '../people/traits.ts';
import { writeConsents } from './consent-event.ts';
import { listPurposes } from './purposes.ts';
import { type Restriction, restrictionsOf } from './restrictions.ts';

/** Statements that are shown of a person, the newest. */
const SHOWN = 500;

export const ConsentEntry = z.object({
  id: z.string(),
  purpose: z.string(),
  granted: z.boolean(),
  at: z.string(),
  how: z.enum(['event', 'staff', 'request']),
  sourceId: z.string().nullable(),
  sourceName: z.string().nullable(),
  textVersion: z.string().nullable(),
  text: z.string().nullable().describe('The wording of that version, in the language it was shown in.'),
  language: z.string().nullable(),
  url: z.string().nullable(),
  country: z.string().nullable(),
  proof: z.string().describe('The message ID of the event, or who entered it.'),
});
export type ConsentEntry = z.output<typeof ConsentEntry>;

type Stores = { records: Records };

export async function rootAndOrigins(records: pg.Pool | pg.PoolClient, personId: number) {
  const root = await rootOf(records, personId);
  if (root === null) throw refuse.notFound('There is no such person.');
  return { root, origins: (await originsOf(records, [root])).map((origin) => origin.id) };
}

/** What holds now, purpose by purpose, over all that was merged; what was said when; restriction and objections. */
export async function consentOfPerson({ records }: Stores, personId: number) {
  const { root, origins } = await rootAndOrigins(records.pool, personId);
  const [sets, history, known, restrictions] = await Promise.all([
    records.pool.query<{ consent: StoredSet }>('SELECT consent FROM persons WHERE id = ANY ($1::bigint[])', [origins]),
    historyOf(records.pool, origins),
    listPurposes({ records }),
    restrictionsOf(records.pool, origins),
  ]);
  const now = latestOf(sets.rows.map((row) => row.consent));
  const keys = new Set([...known.filter((purpose) => !purpose.archived).map((purpose) => purpose.key), ...now.keys()]);
  const objections = new Map(restrictions.filter((one) => one.purpose !== '').map((one) => [one.purpose, one]));
  return {
    id: String(root),
    purposes: [...keys].map((key) => {
      const purpose = known.find((one) => one.key === key);
      const stated = now.get(key);
      const objection = objections.get(key);
      return {
        key,
        name: purpose?.name ?? key,
        legalBasis: purpose?.legalBasis ?? null,
        needsConsent: purpose?.needsConsent ?? true,
        granted: typeof stated?.[0] === 'boolean' ? stated[0] : null,
        since: stated ? new Date(stated[1]).toISOString() : null,
        objection: objection ? shownRestriction(objection) : null,
      };
    }),
    restriction: restrictions.filter((one) => one.purpose === '').map(shownRestriction)[0] ?? null,
    history,
  };
}

const shownRestriction = ({ reason, by, at }: Restriction) => ({ reason, by, at: at.toISOString() });

async function historyOf(records: pg.Pool, origins: readonly number[]): Promise<ConsentEntry[]> {
  const { rows } = await records.query<Omit<ConsentEntry, 'at'> & { at: Date }>(
    `SELECT c.id::text, c.purpose, c.granted, c.at, c.how, c.source_id::text AS "sourceId", s.name AS "sourceName",
       c.text_version AS "textVersion", t.body AS text, c.language, c.url, c.country, c.proof
     FROM privacy_consents c LEFT JOIN sources s ON s.id = c.source_id
     LEFT JOIN privacy_texts t ON t.purpose = c.purpose AND t.version = c.text_version AND t.language = c.language
     WHERE c.person_id = ANY ($1::bigint[]) ORDER BY c.at DESC, c.id DESC LIMIT ${SHOWN}`,
    [origins],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

export interface ConsentInput {
  purpose: string;
  granted: boolean;
  textVersion?: string | undefined;
  language?: string | undefined;
  /** When it was said; now unless told. */
  at?: Date | undefined;
  how: 'staff' | 'request';
  by: string;
}

/**
 * Notes what a person said about a purpose, as a colleague enters it or the person asks for it. Refuses with 404 an unknown
 * person or purpose, with 400 a time in the future or a version of a text that there is not.
 */
export async function recordConsent(stores: Stores, personId: number, input: ConsentInput): Promise<void> {
  const purpose = (await listPurposes(stores)).find((one) => one.key === input.purpose);
  if (!purpose) throw refuse.notFound(`There is no purpose "${input.purpose}".`);
  const at = (input.at ?? new Date()).getTime();
  if (at > Date.now() + 60_000) throw refuse.invalid('This time is in the future. Say when the person said it.');
  await stores.records.transaction(async (client) => {
    await lockIdentity(client);
    const { root, origins } = await rootAndOrigins(client, personId);
    if (input.textVersion !== undefined) await checkVersion(client, input.purpose, input.textVersion);
    const { rows } = await client.query<{ consent: StoredSet }>(
      'SELECT consent FROM persons WHERE id = ANY ($1::bigint[])',
      [origins],
    );
    const known = latestOf(rows.map((row) => row.consent)).get(input.purpose);
    if (!known || known[1] <= at) {
      await client.query('UPDATE persons SET consent = consent || $2 WHERE id = $1', [
        root,
        JSON.stringify({ [input.purpose]: [input.granted, at, 0] }),
      ]);
    }
    await writeConsents(client, [
      {
        personId: root,
        purpose: input.purpose,
        granted: input.granted,
        at,
        how: input.how,
        sourceId: null,
        textVersion: input.textVersion ?? null,
        language: input.language ?? null,
        url: null,
        country: null,
        proof: `${input.by} ${new Date().toISOString()}`,
      },
    ]);
    // The stream remembers what it was told of a person last, and would take the same telling for old.
    await changeIdentityVersion(client);
  });
}

async function checkVersion(client: pg.PoolClient, purpose: string, version: string): Promise<void> {
  const { rows } = await client.query('SELECT 1 FROM privacy_texts WHERE purpose = $1 AND version = $2 LIMIT 1', [
    purpose,
    version,
  ]);
  if (rows.length === 0) {
    throw refuse.invalid(`The purpose "${purpose}" has no text of the version "${version}". Add the text first.`);
  }
}
