import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../kernel/page.ts';
import type { Records } from '../../kernel/records.ts';

/** An identifier that was left out of an event, or a merge that was not made, with the reason. */
export const IdentityReportView = z.object({
  id: z.string(),
  at: z.string(),
  kind: z.string().describe('identifier_dropped or merge_stopped'),
  identifier: z.object({ kind: z.string(), value: z.string() }),
  personId: z.string().nullable(),
  reason: z.string(),
  messageId: z.string().nullable(),
});

interface Row {
  id: number;
  at: Date;
  kind: string;
  identifier_kind: string;
  identifier_value: string;
  person_id: number | null;
  reason: string;
  message_id: string | null;
}

/** The reports, newest first. */
export async function identityReports(
  records: Records,
  query: { cursor?: string | undefined; limit: number },
): Promise<{ items: z.infer<typeof IdentityReportView>[]; nextCursor: string | null }> {
  const before = decodeCursor(query.cursor, z.int()) ?? Number.MAX_SAFE_INTEGER;
  const { rows } = await records.pool.query<Row>(
    `SELECT id, at, kind, identifier_kind, identifier_value, person_id, reason, message_id FROM identity_reports
     WHERE id < $1 ORDER BY id DESC LIMIT $2`,
    [before, query.limit + 1],
  );
  const page = rows.slice(0, query.limit);
  return {
    items: page.map((row) => ({
      id: String(row.id),
      at: row.at.toISOString(),
      kind: row.kind,
      identifier: { kind: row.identifier_kind, value: row.identifier_value },
      personId: row.person_id === null ? null : String(row.person_id),
      reason: row.reason,
      messageId: row.message_id,
    })),
    nextCursor: rows.length > query.limit ? encodeCursor(page.at(-1)!.id) : null,
  };
}
