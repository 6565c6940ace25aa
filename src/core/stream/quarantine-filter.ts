import { z } from 'zod';
import { shortText } from '../../kernel/storable.ts';

const STATES = ['waiting', 'resent', 'deleted', 'all'] as const;

/** Which events of the quarantine are meant. What is left out is not asked for. */
export const QuarantineFilter = z.object({
  step: shortText(50).optional(),
  reason: shortText(400).optional().describe('As a group gives it.'),
  event: shortText(200).optional(),
  type: shortText(200).optional(),
  source: z
    .string()
    .regex(/^\d{1,9}$/)
    .optional(),
  rule: shortText(50).optional(),
  messageId: shortText(512).optional(),
  state: z.enum(STATES).default('waiting'),
});
export type QuarantineFilter = z.output<typeof QuarantineFilter>;

/** SQL for the condition, with its values; `$1` and on are the filter's. */
export function conditionOf(filter: QuarantineFilter): { where: string; values: unknown[] } {
  const where: string[] = [];
  const values: unknown[] = [];
  const is = (column: string, value: unknown) => {
    if (value === undefined) return;
    values.push(value);
    where.push(`${column} = $${values.length}`);
  };
  is('step', filter.step);
  is('reason_group', filter.reason);
  is('event_name', filter.event);
  is('event_type', filter.type);
  is('source_id', filter.source === undefined ? undefined : Number(filter.source));
  is('rule', filter.rule);
  is('message_id', filter.messageId);
  if (filter.state === 'waiting') where.push('resent_at IS NULL AND deleted_at IS NULL');
  if (filter.state === 'resent') where.push('resent_at IS NOT NULL AND deleted_at IS NULL');
  where.push(filter.state === 'deleted' ? 'deleted_at IS NOT NULL' : 'deleted_at IS NULL');
  return { where: where.join(' AND '), values };
}
