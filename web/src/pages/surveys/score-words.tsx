import { formatNumber } from '../../format.ts';
import { Tag, type Tone } from '../../kit/data.tsx';
import { useText } from '../../text.tsx';
import type { SurveyOverview } from './calls.ts';

type Score = NonNullable<SurveyOverview['score']>;

/** An NPS with its sign; a mean of others with its scale. */
function scoreText({ kind, value, scale }: Score): string {
  if (kind === 'nps') return formatNumber(value, { signDisplay: 'exceptZero', maximumFractionDigits: 0 });
  return `${formatNumber(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} / ${scale}`;
}

/** Zero and less is bad for an NPS, thirty and more good; of others the upper quarter of the scale is good. */
function toneOf({ kind, value, scale }: Score): Tone {
  if (kind === 'nps') return value >= 30 ? 'good' : value < 0 ? 'bad' : 'plain';
  const share = (value - 1) / (scale - 1);
  return share >= 0.75 ? 'good' : share < 0.4 ? 'bad' : 'plain';
}

/** The score of the survey's main question, by its name. */
export function ScoreWords({ of }: { of: Score | null | undefined }) {
  const t = useText();
  if (!of) return <span>–</span>;
  return (
    <Tag tone={toneOf(of)}>
      {t(`surveys.scoreName.${of.kind}`)} <bdi>{scoreText(of)}</bdi>
    </Tag>
  );
}
