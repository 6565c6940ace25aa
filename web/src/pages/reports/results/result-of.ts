import type { FunnelResult } from '../../../../../src/core/query/funnels/result.ts';
import type { JourneyResult } from '../../../../../src/core/query/journeys/result.ts';
import type { RetentionResult } from '../../../../../src/core/query/retention/result.ts';
import type { TrendResult } from '../../../../../src/core/query/trends/result.ts';
import type { EngagementResult } from '../../../../../src/core/query/usage/engagement.ts';
import type { LifecycleResult } from '../../../../../src/core/query/usage/lifecycle.ts';
import type { StickinessResult } from '../../../../../src/core/query/usage/stickiness.ts';
import type { SessionsResult } from '../../../../../src/core/query/visits/sessions.ts';
import type { Kind, Report, ReportOf } from '../report.ts';
import { funnelPart, funnelPictures, funnelSummary, funnelViews } from './funnel.ts';
import { journeyPart, journeyPictures, journeySummary, journeyViews } from './journey.ts';
import { retentionPart, retentionPictures, retentionSummary, retentionViews } from './retention.ts';
import { sessionsPart, sessionsPictures, sessionsSummary, sessionsViews } from './sessions.ts';
import type { PartWords, Picture, Saying, Summary, View } from './shape.ts';
import { trendPart, trendPictures, trendSummary, trendViews } from './trend.ts';
import {
  engagementPart,
  engagementPictures,
  engagementSummary,
  engagementViews,
  lifecyclePart,
  lifecyclePictures,
  lifecycleSummary,
  lifecycleViews,
  stickinessPart,
  stickinessPictures,
  stickinessSummary,
  stickinessViews,
} from './usage.ts';

interface Results {
  trend: TrendResult;
  funnel: FunnelResult;
  retention: RetentionResult;
  journey: JourneyResult;
  lifecycle: LifecycleResult;
  stickiness: StickinessResult;
  engagement: EngagementResult;
  sessions: SessionsResult;
}

/** How answers of a kind are shown: as pictures, as a table, and who is behind what. */
interface Shown<R, Result> {
  /** Ways to look at it, the usual one first. */
  views(report: R): View[];
  pictures(report: R, result: Result, view: View, saying: Saying): Picture[];
  summary(report: R, result: Result, saying: Saying): Summary;
  part(report: R, part: object, saying: Omit<Saying, 'meta'>): PartWords;
}

const SHOWN: { readonly [K in Kind]: Shown<ReportOf<K>, Results[K]> } = {
  trend: { views: trendViews, pictures: trendPictures, summary: trendSummary, part: trendPart },
  funnel: { views: funnelViews, pictures: funnelPictures, summary: funnelSummary, part: funnelPart },
  retention: { views: retentionViews, pictures: retentionPictures, summary: retentionSummary, part: retentionPart },
  journey: { views: journeyViews, pictures: journeyPictures, summary: journeySummary, part: journeyPart },
  lifecycle: { views: lifecycleViews, pictures: lifecyclePictures, summary: lifecycleSummary, part: lifecyclePart },
  stickiness: {
    views: stickinessViews,
    pictures: stickinessPictures,
    summary: stickinessSummary,
    part: stickinessPart,
  },
  engagement: {
    views: engagementViews,
    pictures: engagementPictures,
    summary: engagementSummary,
    part: engagementPart,
  },
  sessions: { views: sessionsViews, pictures: sessionsPictures, summary: sessionsSummary, part: sessionsPart },
};

const shown = (report: Report) => SHOWN[report.kind] as unknown as Shown<Report, unknown>;

export const viewsOf = (report: Report): View[] => shown(report).views(report);

/** The wanted way to look at a report where it has that, else its usual one. */
export function viewOf(report: Report, wanted: string): View {
  const views = viewsOf(report);
  return views.find((view) => view === wanted) ?? views[0]!;
}

export const picturesOf = (report: Report, result: unknown, view: View, saying: Saying): Picture[] =>
  shown(report).pictures(report, result, view, saying);

export const summaryOf = (report: Report, result: unknown, saying: Saying): Summary =>
  shown(report).summary(report, result, saying);

export const partWords = (report: Report, part: object, saying: Omit<Saying, 'meta'>): PartWords =>
  shown(report).part(report, part, saying);
