import type { FunnelSeries } from './result.ts';
import type { FunnelReport } from './schema.ts';
import type { Tally } from './tally.ts';

const share = (part: number, of: number): number | null => (of === 0 ? null : part / of);
const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);

/** What was counted, as people read it. */
export function seriesOf({ steps }: FunnelReport, breakdown: (string | null)[], counted: Tally): FunnelSeries {
  const entered = counted.steps[0]!.subjects;
  const converted = counted.steps.at(-1)!.subjects;
  let before = entered;
  return {
    breakdown,
    entered,
    converted,
    conversion: share(converted, entered),
    steps: counted.steps.map(({ subjects, median, average }, index) => {
      const step = {
        subjects,
        ofEntered: share(subjects, entered),
        ofPrevious: index === 0 ? share(entered, entered) : share(subjects, before),
        dropped: index === 0 ? 0 : before - subjects,
        medianSeconds: seconds(median),
        averageSeconds: seconds(average),
      };
      if (!steps[index]!.optional) before = subjects;
      return step;
    }),
    toConvert: {
      medianSeconds: seconds(counted.toConvert.median),
      averageSeconds: seconds(counted.toConvert.average),
      bins: counted.toConvert.bins.map(({ from, to, subjects }) => ({
        fromSeconds: from / 1000,
        toSeconds: to / 1000,
        subjects,
      })),
    },
    ...(counted.over && { over: counted.over }),
  };
}
