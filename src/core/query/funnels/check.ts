import { refuse } from '../../../kernel/refusal.ts';
import type { FunnelReport, FunnelRules } from './schema.ts';

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const UNIT_MS = {
  second: SECOND,
  minute: 60 * SECOND,
  hour: 3600 * SECOND,
  day: DAY,
  week: 7 * DAY,
  month: 30 * DAY,
  year: 365 * DAY,
} as const;
/** As long as a period may be. */
const LONGEST_YEARS = 30;

/** Milliseconds. Refuses more than 30 years. */
export function windowMs({ window }: Pick<FunnelRules, 'window'>): number {
  const ms = window.count * UNIT_MS[window.unit];
  if (ms > LONGEST_YEARS * UNIT_MS.year)
    throw refuse.invalid(
      `The window of ${window.count.toLocaleString('en')} ${window.unit}s is longer than ${LONGEST_YEARS} years. Choose a shorter one.`,
    );
  return ms;
}

/** Refuses funnels that say two things at once. */
export function checkRules({ steps, order, exclusions, semantics }: FunnelRules): void {
  const optional = steps.findIndex((step) => step.optional);
  const numbered = (step: number) => `step ${step + 1}`;
  if (steps[0]!.optional || steps.at(-1)!.optional)
    throw refuse.invalid(
      'The first step says who enters the funnel and the last who converts, so neither may be optional.',
    );
  for (const { from, to } of exclusions) {
    if (to >= steps.length)
      throw refuse.invalid(
        `An exclusion ends at ${numbered(to)}, and the funnel has ${steps.length} steps. Let it end at one of them.`,
      );
    if (from >= to)
      throw refuse.invalid(
        `An exclusion lies between ${numbered(from)} and ${numbered(to)}. Let it begin at an earlier step than it ends.`,
      );
  }
  if (order === 'any') {
    if (optional >= 0)
      throw refuse.invalid(`In any order ${numbered(optional)} cannot be optional: leave it out, or order the steps.`);
    if (exclusions.length > 0)
      throw refuse.invalid('In any order nothing lies between two steps. Remove the exclusions, or order the steps.');
  }
  if (semantics === 'mixpanel') {
    if (order !== 'ordered')
      throw refuse.invalid("Mixpanel's way of counting is for ordered steps. Order them, or count in PostHog's way.");
    if (optional >= 0)
      throw refuse.invalid(
        `Mixpanel's way of counting has no optional steps, and ${numbered(optional)} is one. Count in PostHog's way.`,
      );
  }
}

export function checkFunnel(report: FunnelReport): void {
  checkRules(report);
  const { attribution, breakdown, steps, order } = report;
  if (breakdown.length === 0 || !('step' in attribution)) return;
  if (attribution.step >= steps.length)
    throw refuse.invalid(
      `The breakdown takes its value from step ${attribution.step + 1}, and the funnel has ${steps.length} steps. Choose one of them.`,
    );
  if (order === 'any')
    throw refuse.invalid(
      'In any order no event is a certain step. Take the value of the first or the last event for the breakdown.',
    );
}
