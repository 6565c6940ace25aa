import { z } from 'zod';
import { funnelRules } from '../funnels/schema.ts';
import { common } from '../kind.ts';

/** What costs most conversions of a funnel; docs/friction.md says how it is found. */
export const FrictionReport = z.strictObject({
  kind: z.literal('friction'),
  ...common,
  steps: funnelRules.steps,
  window: funnelRules.window,
  by: z.enum(['person', 'session']).default('person'),
  /** Findings about fewer than so many are not looked at. */
  atLeast: z.int().min(5).max(100_000).default(20),
  /** The share of findings that may be chance (Benjamini and Hochberg). */
  falseShare: z.number().min(0.0001).max(0.5).default(0.05),
  top: z.int().min(1).max(100).default(20),
});
export type FrictionReport = z.output<typeof FrictionReport>;

/** Those whom a finding is about: who met it, and of them those who did not go on, or did. */
export const FrictionPart = z.strictObject({
  /** As the result gives it. */
  finding: z.string().max(1000),
  outcome: z.enum(['dropped', 'converted']).optional(),
});
export type FrictionPart = z.output<typeof FrictionPart>;
