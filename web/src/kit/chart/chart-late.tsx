import type { EChartsType } from 'echarts/core';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { TipParams } from '../../../../src/kernel/chart/base.ts';
import { init, prepare } from '../../../../src/kernel/chart/engine.ts';
import { nearestSelection } from '../../../../src/kernel/chart/nearest.ts';
import { chartOptions, selectionOf } from '../../../../src/kernel/chart/options.ts';
import type { ChartSpec, Selection } from '../../../../src/kernel/chart/spec.ts';
import type { ChartTheme } from '../../../../src/kernel/chart/theme.ts';
import styles from './chart.module.css';
import { useChartWords } from './theme.ts';

interface Props {
  of: ChartSpec;
  theme: ChartTheme;
  hidden: ReadonlySet<string>;
  height: number;
  onSelect?: ((selection: Selection) => void) | undefined;
}

/** What is between points also counts as a click on the nearest of them. */
const byPlace = (of: ChartSpec) => of.kind === 'time' || of.kind === 'retention';

/** The picture itself, by ECharts as SVG. For screen readers there is the table. */
export function ChartLate({ of, theme, hidden, height, onSelect }: Props) {
  const room = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(null);
  const select = useRef(onSelect);
  const spec = useRef(of);
  const aside = useRef(hidden);
  const words = useChartWords();
  const [width, setWidth] = useState(0);
  select.current = onSelect;
  spec.current = of;
  aside.current = hidden;

  useLayoutEffect(() => {
    const element = room.current;
    if (!element) return;
    const made = init(element, null, { renderer: 'svg', width: element.clientWidth || 1, height: 1 });
    chart.current = made;
    made.on('click', (event) => {
      if (byPlace(spec.current)) return;
      const picked = selectionOf(spec.current, event as unknown as TipParams);
      if (picked) select.current?.(picked);
    });
    made.getZr().on('click', ({ offsetX, offsetY }) => {
      const now = spec.current;
      if (now.kind !== 'time' && now.kind !== 'retention') return;
      const last = (now.kind === 'time' ? now.points : now.periods).length - 1;
      const [index, value] = made.convertFromPixel({ gridIndex: 0 }, [offsetX, offsetY]) as [number, number];
      // The first and the last point stand on the edge: half of what is near them is outside.
      const nearest = Math.min(last, Math.max(0, Math.round(index)));
      const x = made.convertToPixel({ xAxisIndex: 0 }, nearest);
      if (!made.containPixel({ gridIndex: 0 }, [Number(x), offsetY])) return;
      const picked = nearestSelection(now, nearest, value, aside.current);
      if (picked) select.current?.(picked);
    });
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    if (width === 0) return;
    let current = true;
    const draw = () => {
      const made = chart.current;
      if (!current || !made) return;
      made.resize({ width, height, silent: true });
      made.setOption(chartOptions(of, { theme, words, width, height, hidden }), { notMerge: true });
    };
    prepare(of).then(draw);
    return () => {
      current = false;
    };
  }, [of, theme, words, hidden, width, height]);

  return (
    <div
      ref={room}
      className={onSelect ? styles.clickable : styles.picture}
      // Letters are placed by their left ends, whichever way the page is written.
      dir="ltr"
      data-picture
      style={{ blockSize: height }}
      aria-hidden
    />
  );
}
