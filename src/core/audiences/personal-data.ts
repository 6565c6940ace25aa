import type { PersonalData } from '../../kernel/app.ts';
import { deleteRows } from '../privacy/erase-events.ts';
import { MEMBERS_LOCK } from './refresh.ts';

/** Which audiences a person is in, and on which lists, by people as first met. */
export const audiencesOfSubject: PersonalData = {
  name: 'audiences',
  async *export({ records }, { origins }) {
    const { rows } = await records.pool.query<{ row: object }>(
      `SELECT to_jsonb(found) AS row FROM (
         SELECT a.name AS audience, to_timestamp(e.value::bigint / 1000.0) AS since,
           EXISTS (SELECT FROM audiences_listed l WHERE l.audience_id = a.id AND l.person_id = ANY ($1::bigint[])) AS "onList"
         FROM audiences_members m, jsonb_each_text(m."of") e JOIN audiences a ON a.id = e.key::int
         WHERE m.person_id = ANY ($1::bigint[]) ORDER BY 1, 2) AS found`,
      [origins],
    );
    if (rows.length > 0) yield { file: 'audiences', rows: rows.map(({ row }) => row) };
  },
  async erase({ records, events }, { origins }) {
    await records.transaction(async (client) => {
      // Whoever writes members at this moment has to end first; who writes later sees that the person is being erased.
      await client.query('SELECT pg_advisory_xact_lock($1)', [MEMBERS_LOCK]);
      for (const table of ['audiences_members', 'audiences_listed'])
        await client.query(`DELETE FROM ${table} WHERE person_id = ANY ($1::bigint[])`, [origins]);
    });
    await deleteRows(events, 'audience_members', `person_id IN (${origins.map(Number).join(',')})`);
  },
};
