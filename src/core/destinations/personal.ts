import { createHash } from 'node:crypto';
import type { PersonalData, Subject } from '../../kernel/app.ts';
import type { Context } from '../../kernel/context.ts';
import { eraseFromFiles } from './rewrite.ts';

/** A destination that got events of a person. */
interface Reached {
  destinationId: number;
  name: string;
  kind: 'webhook' | 'files';
  /** Where it sends to: an address, a bucket or a folder. */
  where: string;
  /** It is not there any more. */
  removed: boolean;
  events: number;
  firstAt: Date;
  lastAt: Date;
}

const WHERE = `coalesce(d.settings ->> 'url', d.settings #>> '{place,bucket}', d.settings #>> '{place,path}', '')`;

/** The destinations that got events of a person, also those that were removed since. */
export async function destinationsOf(context: Pick<Context, 'records'>, subject: Pick<Subject, 'origins'>) {
  const { rows } = await context.records.pool.query<Reached>(
    `SELECT d.id AS "destinationId", d.name, d.kind, ${WHERE} AS where, d.removed_at IS NOT NULL AS removed,
       sum(r.events)::bigint AS events, min(r.first_at) AS "firstAt", max(r.last_at) AS "lastAt"
     FROM destinations_reached r JOIN destinations d ON d.id = r.destination_id
     WHERE r.origin_id = ANY ($1::bigint[]) GROUP BY d.id ORDER BY d.id`,
    [subject.origins],
  );
  return rows;
}

const EXPORTED_AT_ONCE = 1000;

/** Deliveries hold no payload, but which events went where, and what receivers answered. */
export const deliveriesOfPersons: PersonalData = {
  name: 'destinations',
  async *export(context, subject) {
    const reached = await destinationsOf(context, subject);
    if (reached.length > 0) {
      yield {
        file: 'destinations',
        rows: reached.map(({ name, kind, where, events, firstAt, lastAt }) => ({
          name,
          kind,
          where,
          events,
          firstAt: firstAt.toISOString(),
          lastAt: lastAt.toISOString(),
        })),
      };
    }
    for (let after = ['0', '00000000-0000-0000-0000-000000000000']; ; ) {
      const { rows } = await context.records.pool.query<{ id: number; event: string; row: object }>(
        `SELECT x.destination_id AS id, x.event_id AS event, jsonb_build_object('destination', d.name,
           'eventId', x.event_id, 'name', x.name, 'status', x.status, 'at', x.created_at, 'answers', x.log) AS row
         FROM destinations_deliveries x JOIN destinations d ON d.id = x.destination_id
         WHERE x.origin_id = ANY ($1::bigint[]) AND (x.destination_id, x.event_id) > ($2::int, $3::uuid)
         ORDER BY x.destination_id, x.event_id LIMIT ${EXPORTED_AT_ONCE}`,
        [subject.origins, after[0], after[1]],
      );
      if (rows.length > 0) yield { file: 'deliveries', rows: rows.map((one) => one.row) };
      const last = rows.at(-1);
      if (!last || rows.length < EXPORTED_AT_ONCE) return;
      after = [String(last.id), last.event];
    }
  },
  async erase(context, subject) {
    await eraseFromFiles(context, subject.origins);
    await context.records.transaction(async (client) => {
      const { rows } = await client.query<{ id: number; persons: string[] }>(
        `SELECT d.id, array_agg(DISTINCT r.origin_id ORDER BY r.origin_id)::text[] AS persons
         FROM destinations_reached r JOIN destinations d ON d.id = r.destination_id
         WHERE r.origin_id = ANY ($1::bigint[]) AND d.kind = 'webhook' AND d.removed_at IS NULL
           AND coalesce((d.settings ->> 'tellErasures')::boolean, true)
         GROUP BY d.id`,
        [subject.origins],
      );
      const { rows: roots } = await client.query<{ root: string }>(
        'SELECT DISTINCT root_id::text AS root FROM persons WHERE id = ANY ($1::bigint[])',
        [subject.origins],
      );
      for (const { id, persons } of rows) {
        // A receiver may know the person by any of the IDs it counted under, so it is told all of them.
        const all = [...new Set([...persons, ...roots.map((one) => one.root), ...subject.origins.map(String)])];
        await client.query(
          `INSERT INTO destinations_deliveries (destination_id, event_id, kind, name, persons)
           VALUES ($1, $2, 'erased', 'person.erased', $3::bigint[]) ON CONFLICT DO NOTHING`,
          [id, uuidOf(`${id} ${persons.join(',')}`), all],
        );
      }
      await client.query('DELETE FROM destinations_deliveries WHERE origin_id = ANY ($1::bigint[])', [subject.origins]);
      await client.query('DELETE FROM destinations_reached WHERE origin_id = ANY ($1::bigint[])', [subject.origins]);
    });
  },
};

/** The same text, the same UUID: an erasure that is done again tells nobody twice. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
