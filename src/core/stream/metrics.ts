/** The steps an event goes through, in order. */
export const STEPS = [
  'decode',
  'deduplicate',
  'filter',
  'transform',
  'plan',
  'enrich',
  'resolve',
  'leave',
  'write',
  'react',
] as const;
export type StepName = (typeof STEPS)[number];

export interface StepCount {
  name: StepName;
  /** Events that came to the step, since the process started. */
  events: number;
  drops: number;
  milliseconds: number;
}

export interface StreamMetrics {
  steps: StepCount[];
  /** What holds the stream up now, in a sentence, or null. */
  trouble: string | null;
  /** Whether the first look at what was seen before is over, so that events are being processed. */
  ready: boolean;
}

/** Counts and times of each step; one line a step. */
export class StepCounts {
  readonly #counts = new Map(STEPS.map((name) => [name, { name, events: 0, drops: 0, milliseconds: 0 }]));

  count(name: StepName, events: number, drops: number, milliseconds: number): void {
    const step = this.#counts.get(name)!;
    step.events += events;
    step.drops += drops;
    step.milliseconds += milliseconds;
  }

  list(): StepCount[] {
    return [...this.#counts.values()].map((step) => ({ ...step, milliseconds: Math.round(step.milliseconds) }));
  }
}

let latest: StreamMetrics | null = null;

/** What the stream of this process last told; null before it started and in a process without the role. */
export const streamMetrics = (): StreamMetrics | null => latest;

/** Called with what the stream's thread tells once a second. */
export function publishStreamMetrics(metrics: StreamMetrics): void {
  latest = metrics;
}
