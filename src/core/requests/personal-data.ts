import type { PersonalData, Subject } from '../../kernel/app.ts';

const of = (subject: Subject): unknown[] => [
  subject.origins,
  subject.identifiers.filter((one) => one.value.includes('@')).map((one) => one.value.toLowerCase()),
];
const THEIRS = '(person_id = ANY($1::bigint[]) OR email = ANY($2::text[]))';

/** What somebody asked for is part of what is known about them; after an erasure only that something was asked remains. */
export const requestsData: PersonalData = {
  name: 'requests',
  async *export(context, subject) {
    const { rows } = await context.records.pool.query<object>(
      `SELECT kind, state, email, name, message, language, purpose, received_at AS "receivedAt", proven_at AS "provenAt",
         closed_at AS "closedAt", answer FROM requests WHERE ${THEIRS} ORDER BY id LIMIT 1000`,
      of(subject),
    );
    if (rows.length > 0) yield { file: 'requests', rows };
  },
  async erase(context, subject) {
    await context.records.transaction(async (client) => {
      await client.query(
        `UPDATE requests_steps SET note = '' WHERE note <> '' AND request_id IN (SELECT id FROM requests WHERE ${THEIRS})`,
        of(subject),
      );
      // The person's number stays: the log of erasures has it too, and it leads to nobody any more.
      await client.query(
        `UPDATE requests SET email = '', name = '', message = '', answer = '', extended_because = NULL, sender = NULL
         WHERE ${THEIRS}`,
        of(subject),
      );
    });
  },
};
