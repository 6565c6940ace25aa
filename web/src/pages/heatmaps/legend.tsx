import { formatNumber } from '../../format.ts';
import { useChartTheme } from '../../kit/chart/theme.ts';
import { useText } from '../../text.tsx';
import type { HeatmapResult } from './calls.ts';
import { coloursFor, stepsOf } from './drawing.ts';
import styles from './heatmaps.module.css';
import type { Asked } from './state.ts';

/** What the colours mean, in numbers. */
export function Legend({ result, map }: { result: HeatmapResult; map: Asked['map'] }) {
  const t = useText();
  const { scale } = useChartTheme();
  const percent = (value: number) => formatNumber(value, { style: 'percent', maximumFractionDigits: 0 });
  let marks: { colour: string; text: string }[];
  if (map === 'scroll') marks = scale.map((colour, at) => ({ colour, text: percent(at / scale.length) }));
  else if (map === 'attention') {
    const most = Math.max(...result.attention.map(({ seconds }) => seconds), 0);
    const second = (value: number) => formatNumber(value, { maximumFractionDigits: 1 });
    marks = scale.map((colour, at) => ({ colour, text: second((most * at) / scale.length) }));
  } else {
    const steps = stepsOf(result.cells, scale.length - 1);
    const colours = coloursFor(scale, steps.length);
    marks = steps.map((from, at) => ({ colour: colours[at]!, text: formatNumber(from) }));
  }
  return (
    <figcaption className={styles.legend}>
      <span>{t(`heatmaps.legend.${map}`)}</span>
      <ol>
        {marks.map(({ colour, text }) => (
          <li key={colour}>
            <span className={styles.swatch} style={{ background: colour }} aria-hidden />
            {t('heatmaps.from', { number: text })}
          </li>
        ))}
      </ol>
    </figcaption>
  );
}
