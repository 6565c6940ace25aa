import { z } from 'zod';
import { type FrictionResult, friction } from './friction/friction.ts';
import { FrictionReport } from './friction/schema.ts';
import { type CorrelationResult, correlation } from './funnels/correlation.ts';
import { CorrelationReport } from './funnels/correlation-schema.ts';
import { funnel } from './funnels/funnel.ts';
import type { FunnelResult } from './funnels/result.ts';
import { FunnelReport } from './funnels/schema.ts';
import { forms } from './heatmaps/forms.ts';
import type { FormsResult } from './heatmaps/forms-result.ts';
import { type HeatmapResult, heatmap } from './heatmaps/heatmap.ts';
import { FormsReport, HeatmapReport } from './heatmaps/schema.ts';
import { type JourneyMapResult, journeyMap } from './journey-map/journey-map.ts';
import { JourneyMapReport } from './journey-map/schema.ts';
import { journey } from './journeys/journey.ts';
import type { JourneyResult } from './journeys/result.ts';
import { JourneyReport } from './journeys/schema.ts';
import type { ReportKind } from './kind.ts';
import type { RetentionResult } from './retention/result.ts';
import { retention } from './retention/retention.ts';
import { RetentionReport } from './retention/schema.ts';
import { type DriversResult, drivers } from './scores/drivers.ts';
import { DriversReport, ScoreReport } from './scores/schema.ts';
import { type ScoreResult, score } from './scores/score.ts';
import { TrendReport } from './trends/schema.ts';
import { type TrendResult, trend } from './trends/trend.ts';
import { type EngagementResult, engagement } from './usage/engagement.ts';
import { type LifecycleResult, lifecycle } from './usage/lifecycle.ts';
import { EngagementReport, LifecycleReport, StickinessReport } from './usage/schema.ts';
import { type StickinessResult, stickiness } from './usage/stickiness.ts';
import { SessionsReport, WebReport } from './visits/schema.ts';
import { type SessionsResult, sessions } from './visits/sessions.ts';
import { type WebResult, web } from './visits/web.ts';

/**
 * A report as a value: the same for the API, the console, what is saved, dashboards, audiences and alerts. A new kind is a
 * line in each of the three lists here.
 */
export const Report = z.discriminatedUnion('kind', [
  CorrelationReport,
  JourneyReport,
  FunnelReport,
  EngagementReport,
  LifecycleReport,
  StickinessReport,
  RetentionReport,
  TrendReport,
  SessionsReport,
  WebReport,
  JourneyMapReport,
  FrictionReport,
  ScoreReport,
  DriversReport,
  HeatmapReport,
  FormsReport,
]);
export type Report = z.output<typeof Report>;
export type ReportInput = z.input<typeof Report>;

/** What each kind is answered with. */
export interface Results {
  correlation: CorrelationResult;
  journey: JourneyResult;
  funnel: FunnelResult;
  engagement: EngagementResult;
  lifecycle: LifecycleResult;
  stickiness: StickinessResult;
  retention: RetentionResult;
  trend: TrendResult;
  sessions: SessionsResult;
  web: WebResult;
  journeyMap: JourneyMapResult;
  friction: FrictionResult;
  score: ScoreResult;
  drivers: DriversResult;
  heatmap: HeatmapResult;
  forms: FormsResult;
}

const KINDS: { readonly [Kind in Report['kind']]: ReportKind<Extract<Report, { kind: Kind }>, Results[Kind]> } = {
  correlation,
  journey,
  funnel,
  engagement,
  lifecycle,
  stickiness,
  retention,
  trend,
  sessions,
  web,
  journeyMap,
  friction,
  score,
  drivers,
  heatmap,
  forms,
};

export const kindOf = (kind: Report['kind']) => KINDS[kind];
