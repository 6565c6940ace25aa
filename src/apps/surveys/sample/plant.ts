import { randomBytes } from 'node:crypto';
import { registerSamplePart } from '../../../core/imports/sample/parts.ts';
import type { Context } from '../../../kernel/context.ts';
import { hashKey } from '../../../kernel/secrets.ts';
import { createSurvey, publish } from '../surveys.ts';
import { sampleSurveys } from './surveys.ts';
import type { SampleResponse } from './tell.ts';

const BY = 'Throughline';

/** The sample company asks its customers, and has answers of half a year. */
export function plantSample(): void {
  registerSamplePart('surveys', {
    teller: { module: new URL('./tell.ts', import.meta.url), facts: sampleSurveys },
    plant: async (context, kept) => {
      for (const { id, definition } of Object.values(sampleSurveys())) {
        const { rows } = await context.records.pool.query<{ version: number | null; revision: number }>(
          'SELECT version, revision FROM surveys_surveys WHERE id = $1',
          [id],
        );
        // Whoever changed it since keeps it.
        if (rows[0] && rows[0].version !== null) continue;
        if (!rows[0]) await createSurvey(context, definition, BY, id);
        const responses = (kept as SampleResponse[]).filter((row) => row.survey_id === id);
        await keep(context, id, responses);
        await publish(context, id, rows[0]?.revision ?? 1, BY);
        await backdate(context, id, responses);
      }
    },
  });
}

/** Nobody has the secret of such a response: it does not change any more. */
async function keep({ records }: Context, id: string, responses: readonly SampleResponse[]): Promise<void> {
  await records.pool.query(
    `INSERT INTO surveys_responses (id, survey_id, version, secret_hash, channel, anonymous_id, language, answers, state, ending,
       started_at, changed_at, completed_at)
     SELECT r.id, $1, r.version, $2, r.channel, r.anonymous_id, r.language, r.answers, r.state, r.ending, r.started_at, r.changed_at,
       r.completed_at
     FROM jsonb_to_recordset($3) AS r (id uuid, version integer, channel text, anonymous_id text, language text, answers jsonb,
       state text, ending text, started_at timestamptz, changed_at timestamptz, completed_at timestamptz)
     ON CONFLICT (id) DO NOTHING`,
    [id, hashKey(randomBytes(24).toString('base64url')), JSON.stringify(responses)],
  );
}

/** It was published before it was first answered. */
async function backdate({ records }: Context, id: string, responses: readonly SampleResponse[]): Promise<void> {
  const [first] = responses.map((row) => row.started_at).sort();
  if (first === undefined) return;
  await records.transaction(async (client) => {
    const values = [id, first];
    await client.query(
      `UPDATE surveys_surveys SET created_at = $2::timestamptz - interval '2 days' WHERE id = $1`,
      values,
    );
    await client.query(
      `UPDATE surveys_versions SET published_at = $2::timestamptz - interval '1 day' WHERE survey_id = $1 AND version = 1`,
      values,
    );
  });
}
