import { z } from 'zod';
import { shortText } from '../../kernel/storable.ts';
import { CODE_CHARACTERS, STEPS_LIMIT } from './limits.ts';

/** Parts of a path that would reach what every object shares. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
/** The message ID tells repeats from new events; a transformation has no say in it. */
const FIXED = new Set(['messageId']);

/** A place in an event: `properties.email`. A dot inside a name is written `\.`. */
const Path = shortText(300)
  .trim()
  .refine((path) => pathOf(path).every((part) => part !== ''), { error: 'is not a path such as properties.email' })
  .refine((path) => !pathOf(path).some((part) => FORBIDDEN.has(part)), { error: 'cannot be changed' })
  .refine((path) => !FIXED.has(pathOf(path)[0]!), { error: 'cannot be changed' })
  .refine((path) => pathOf(path).length <= 12, { error: 'has more than 12 parts' });

const Expression = shortText(4000).trim().min(1);

export const Step = z.discriminatedUnion('do', [
  z.object({ do: z.literal('rename'), from: Path, to: Path }),
  z.object({ do: z.literal('remove'), path: Path }),
  z.object({
    do: z.literal('set'),
    path: Path,
    by: z
      .enum(['value', 'template', 'expression'])
      .describe('JSON or a text; a text with {{properties.first}} in it; a JSONata expression over the event.'),
    text: shortText(4000),
  }),
  z
    .object({ do: z.literal('hash'), path: Path, salt: shortText(200) })
    .describe('SHA-256 of salt and value, in hexadecimal.'),
  z.object({
    do: z.literal('mask'),
    path: Path,
    keep: z.enum(['nothing', 'domain', 'last4']).describe('What of the value stays readable.'),
  }),
  z.object({ do: z.literal('convert'), path: Path, to: z.enum(['text', 'number', 'boolean', 'time']) }),
  z.object({ do: z.literal('lowercase'), path: Path }),
  z.object({ do: z.literal('drop'), when: Expression.describe('A JSONata expression over the event.') }),
  z.object({ do: z.literal('renameEvent'), from: shortText(512).min(1), to: shortText(512).min(1) }),
]);
export type Step = z.output<typeof Step>;

export const Content = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('javascript'), code: shortText(CODE_CHARACTERS).min(1) }),
  z.object({ kind: z.literal('steps'), steps: z.array(Step).min(1).max(STEPS_LIMIT) }),
]);
export type Content = z.output<typeof Content>;

/** The parts of a path. */
export function pathOf(path: string): string[] {
  return path.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'));
}
