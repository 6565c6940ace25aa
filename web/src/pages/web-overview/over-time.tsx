import { useMemo } from 'react';
import type { WebReport } from '../../../../src/core/query/visits/schema.ts';
import type { VisitMeasures } from '../../../../src/core/query/visits/visit-rows.ts';
import type { WebResult } from '../../../../src/core/query/visits/web.ts';
import type { ChartSpec } from '../../../../src/kernel/chart/spec.ts';
import { Chart } from '../../kit/chart/chart.tsx';
import { useText } from '../../text.tsx';
import { bucketName } from '../reports/results/shape.ts';
import { type Measure, measureOf } from './measures.ts';

const HEIGHT = 260;

/** A measure over time, with what it was before; a click on a point leads to its people. */
export function OverTime({
  report,
  result,
  measure: key,
  before,
  onPoint,
}: {
  report: WebReport;
  result: WebResult;
  measure: string;
  before: string | null;
  onPoint: (from: string) => void;
}) {
  const t = useText();
  const measure = measureOf(key);
  const of = useMemo(
    (): ChartSpec => ({
      kind: 'time',
      shape: 'line',
      points: result.buckets.map(({ from, label }) => ({ at: from, label: bucketName(label, report.interval, t) })),
      series: [
        { id: 'now', name: t(`web.measure.${measure.key}`), values: valuesOf(measure, result.points), slot: 0 },
        ...(result.pointsBefore && before
          ? [
              {
                id: 'before',
                name: before,
                values: valuesOf(measure, result.pointsBefore),
                comparesTo: 'now',
                slot: 0,
              },
            ]
          : []),
      ],
      unit: measure.unit,
      partial: result.buckets.at(-1)?.partial ?? false,
    }),
    [result, measure, before, report.interval, t],
  );
  return (
    <Chart
      of={of}
      label={t(`web.measure.${measure.key}`)}
      height={HEIGHT}
      onSelect={({ series, index }) => {
        const bucket = result.buckets[index ?? -1];
        if (series === 'now' && bucket) onPoint(bucket.from);
      }}
    />
  );
}

const valuesOf = (measure: Measure, points: readonly VisitMeasures[]) =>
  points.map((point) => {
    const value = point[measure.key];
    return value === null ? null : value * measure.scale;
  });
