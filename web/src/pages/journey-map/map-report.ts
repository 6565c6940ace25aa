import type { JourneyMapReport } from '../../../../src/core/query/journey-map/schema.ts';
import type { AnyReport } from '../reports/calls.ts';
import { START } from '../reports/report.ts';
import { fromText, isShaped, toText, unusual } from '../reports/report-url.ts';
import type { Stage } from './proposal.ts';

export type { JourneyMapReport };

/** The server refuses more. */
export const STAGES_LIMIT = 12;
export const TOUCHPOINTS_LIMIT = 20;

const named = (names: readonly string[]) => ({ events: names.map((name) => ({ name })) });

/** The defaults of the server's schema. */
export const mapOf = (stages: Stage[]): JourneyMapReport => ({
  kind: 'journeyMap',
  period: { last: 90, unit: 'day' },
  stages,
  answers: {
    what: named(['Question Answered']),
    score: { of: 'property', name: 'score' },
    question: { of: 'property', name: 'kind' },
  },
  contacts: named(['Ticket Opened', 'Chat Started', 'Call Received']),
  attributedDays: 30,
});

const isNamed = (value: unknown): value is { name: string } =>
  typeof value === 'object' && value !== null && typeof (value as { name?: unknown }).name === 'string';

/** Whether something is a map that the page can show and edit; what its values mean the server checks. */
export function isMap(report: unknown): report is JourneyMapReport {
  const { kind, stages, period, filter, answers, contacts, attributedDays } = (report ??
    {}) as Partial<JourneyMapReport>;
  if (kind !== 'journeyMap' || !Array.isArray(stages) || stages.length > 100) return false;
  if (!stages.every((stage) => isNamed(stage) && Array.isArray(stage.touchpoints) && stage.touchpoints.every(isNamed)))
    return false;
  // Events are shaped as the steps of a funnel are.
  const whats = [...stages.flatMap((stage) => stage.touchpoints.map(({ what }) => what)), answers?.what, contacts];
  const steps = whats.map((what) => ({ what, optional: false }));
  const fields = [answers?.score, answers?.question];
  return (
    typeof attributedDays === 'number' && isShaped({ ...START.funnel(), period, filter, steps, breakdown: fields })
  );
}

export const mapFromLink = (text: string): JourneyMapReport | null => {
  const said = text === '' ? null : fromText(text);
  const whole = { ...mapOf([]), ...(typeof said === 'object' ? said : {}), kind: 'journeyMap' };
  return said && isMap(whole) ? whole : null;
};

/** What of a map an address says: all but what every map begins with. */
export const mapToLink = (report: JourneyMapReport): string => toText(unusual(report, mapOf([])));

/** Whether everything has a name and its events. */
export const isMapReady = (report: AnyReport): boolean =>
  report.kind === 'journeyMap' &&
  report.stages.length > 0 &&
  report.stages.every(
    (stage) =>
      stage.name.trim() !== '' &&
      stage.touchpoints.length > 0 &&
      stage.touchpoints.every(({ name, what }) => name.trim() !== '' && what.events.length > 0),
  );
