import { useQuery } from '@tanstack/react-query';
import { createContext, useCallback, useContext } from 'react';
import type { ChartSpec } from '../../../../../src/kernel/chart/spec.ts';
import type { Meta } from '../calls.ts';
import { annotations } from './calls.ts';

/** Ids of the report or dashboard that is looked at, whose annotations its charts show too; several with commas. */
export const AnnotationsOf = createContext('');

/** Annotations of one chart; more would be a blur. */
const MARKS = 30;

/** Puts annotations into charts over time: those of everything, and those of what is looked at. */
export function useMarks(meta: Meta): (of: ChartSpec) => ChartSpec {
  const of = useContext(AnnotationsOf);
  const { from, to } = meta;
  const found = useQuery({
    queryKey: ['annotations', 'marks', of, from, to],
    queryFn: () => annotations.list({ from, to, of: of || '0', limit: 200 }),
    staleTime: 60_000,
    retry: false,
  });
  const noted = found.data?.items;
  return useCallback(
    (spec) => {
      if (spec.kind !== 'time' || !noted?.length || spec.points.length === 0) return spec;
      const starts = spec.points.map((point) => Date.parse(point.at));
      const marks = noted.slice(0, MARKS).flatMap(({ at, text }) => {
        const index = starts.findLastIndex((start) => start <= Date.parse(at));
        return index < 0 ? [] : [{ index, text }];
      });
      return { ...spec, marks: [...(spec.marks ?? []), ...marks.reverse()] };
    },
    [noted],
  );
}
