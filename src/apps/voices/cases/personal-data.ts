import type { PersonalData } from '../../../kernel/app.ts';

/** What came of what somebody said; after an erasure nothing of it remains. */
export const casesData: PersonalData = {
  name: 'voices.cases',
  async *export(context, { origins }) {
    const { rows } = await context.records.pool.query<object>(
      `SELECT c.opened_at AS "openedAt", c.rule_name AS rule, c.score, c.scale, c.state, c.outcome, c.answered_at AS "answeredAt",
         c.closed_at AS "closedAt",
         (SELECT jsonb_agg(jsonb_build_object('at', s.at, 'kind', s.kind, 'text', s.text) ORDER BY s.id)
          FROM voices_case_steps s WHERE s.case_id = c.id) AS steps
       FROM voices_cases c WHERE c.origin_id = ANY ($1::bigint[]) ORDER BY c.id LIMIT 1000`,
      [origins],
    );
    if (rows.length > 0) yield { file: 'cases', rows };
  },
  async erase(context, { origins }) {
    await context.records.pool.query('DELETE FROM voices_cases WHERE origin_id = ANY ($1::bigint[])', [origins]);
  },
};
