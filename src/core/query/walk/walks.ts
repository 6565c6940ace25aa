import type { RowWalk, Walk } from './walk.ts';

/** Every walk, by the name under which reports ask for it. The thread that walks loads only what is asked for. */
export const WALKS = {
  correlation: async () => (await import('../funnels/correlation-walk.ts')).correlationWalk,
  journeys: async () => (await import('../journeys/walk.ts')).journeyWalk,
  funnel: async () => (await import('../funnels/funnel-walk.ts')).funnelWalk,
  retention: async () => (await import('../retention/walk.ts')).retentionWalk,
  journeyMap: async () => (await import('../journey-map/walk.ts')).journeyMapWalk,
  friction: async () => (await import('../friction/walk.ts')).frictionWalk,
  heatmap: async () => (await import('../heatmaps/heatmap-walk.ts')).heatmapWalk,
  forms: async () => (await import('../heatmaps/forms-walk.ts')).formsWalk,
} as const satisfies Record<string, () => Promise<Walk<never, unknown> | RowWalk<never, unknown>>>;
export type WalkName = keyof typeof WALKS;
