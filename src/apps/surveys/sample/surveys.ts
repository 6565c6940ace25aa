import type { Definition } from '../definition.ts';
import { fromTemplate } from '../templates.ts';

/** The surveys of the sample company, by what they ask about. Made up once; no other survey has these ids. */
export const SAMPLE_SURVEYS = {
  order: '5a3b1e00-0000-4000-a000-000000000001',
  support: '5a3b1e00-0000-4000-a000-000000000002',
} as const;

export type SampleSurveys = Record<keyof typeof SAMPLE_SURVEYS, { id: string; definition: Definition }>;

/**
 * Two templates as a shop would publish them. Neither is shown in pages by itself: the sample may be loaded where real
 * visitors come.
 */
export function sampleSurveys(): SampleSurveys {
  const { popover: _, ...order } = fromTemplate('nps', 'Sample: after an order');
  const support = fromTemplate('csat', 'Sample: after support');
  const [effort] = fromTemplate('ces', 'Effort').questions;
  const [score, ...rest] = support.questions;
  return {
    order: { id: SAMPLE_SURVEYS.order, definition: { ...order, repeat: { kind: 'every', days: 21 } } },
    support: {
      id: SAMPLE_SURVEYS.support,
      definition: { ...support, questions: [score!, { ...effort!, id: 'effort', required: false }, ...rest] },
    },
  };
}
