import { Fetched, useFetched } from '../../../kit/late.tsx';
import type { DrawnReport } from '../report.ts';
import type { PartWords, Picture, Saying, Summary, View } from './shape.ts';

/** How answers of a kind are shown: as pictures, as a table, and who is behind what. */
export interface Shown {
  pictures(report: DrawnReport, result: unknown, view: View, saying: Saying): Picture[];
  summary(report: DrawnReport, result: unknown, saying: Saying): Summary;
  part(report: DrawnReport, part: object, saying: Omit<Saying, 'meta'>): PartWords;
}

/** Each comes when a report of its kind is shown. */
const LOAD: {
  readonly [K in DrawnReport['kind']]: () => Promise<{ pictures: unknown; summary: unknown; part: unknown }>;
} = {
  trend: () =>
    import('./trend.ts').then((of) => ({ pictures: of.trendPictures, summary: of.trendSummary, part: of.trendPart })),
  funnel: () =>
    import('./funnel.ts').then((of) => ({
      pictures: of.funnelPictures,
      summary: of.funnelSummary,
      part: of.funnelPart,
    })),
  retention: () =>
    import('./retention.ts').then((of) => ({
      pictures: of.retentionPictures,
      summary: of.retentionSummary,
      part: of.retentionPart,
    })),
  journey: () =>
    import('./journey.ts').then((of) => ({
      pictures: of.journeyPictures,
      summary: of.journeySummary,
      part: of.journeyPart,
    })),
  lifecycle: () =>
    import('./usage.ts').then((of) => ({
      pictures: of.lifecyclePictures,
      summary: of.lifecycleSummary,
      part: of.lifecyclePart,
    })),
  stickiness: () =>
    import('./usage.ts').then((of) => ({
      pictures: of.stickinessPictures,
      summary: of.stickinessSummary,
      part: of.stickinessPart,
    })),
  engagement: () =>
    import('./usage.ts').then((of) => ({
      pictures: of.engagementPictures,
      summary: of.engagementSummary,
      part: of.engagementPart,
    })),
  sessions: () =>
    import('./sessions.ts').then((of) => ({
      pictures: of.sessionsPictures,
      summary: of.sessionsSummary,
      part: of.sessionsPart,
    })),
  score: () =>
    import('./score.ts').then((of) => ({ pictures: of.scorePictures, summary: of.scoreSummary, part: of.scorePart })),
  drivers: () =>
    import('./drivers.ts').then((of) => ({
      pictures: of.driversPictures,
      summary: of.driversSummary,
      part: of.driversPart,
    })),
};

const fetched = new Map<DrawnReport['kind'], Fetched<Shown>>();

/** How answers of a kind are shown; nothing while that is fetched. */
export function useShown(kind: DrawnReport['kind']): Shown | undefined {
  let shown = fetched.get(kind);
  if (!shown) {
    shown = new Fetched(LOAD[kind] as () => Promise<Shown>);
    fetched.set(kind, shown);
  }
  return useFetched(shown);
}
