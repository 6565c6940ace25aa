import { anyOrderJudge } from './any-order.ts';
import { firstEntryJudge } from './first-entry.ts';
import { orderedJudge } from './ordered.ts';
import type { Judge, Rules } from './rules.ts';

export function judgeOf(rules: Rules): Judge {
  if (rules.way === 'any') return anyOrderJudge(rules);
  return rules.way === 'mixpanel' ? firstEntryJudge(rules) : orderedJudge(rules);
}
