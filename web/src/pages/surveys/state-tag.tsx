import { Tag, type Tone } from '../../kit/data.tsx';
import { useText } from '../../text.tsx';
import type { SurveySummary } from './calls.ts';

const TONES: Record<SurveySummary['state'], Tone> = { draft: 'plain', running: 'good', paused: 'warn', ended: 'plain' };

/** How far it is; and that what is shown to customers is older than what is written. */
export function StateTag({ survey, changed }: { survey: Pick<SurveySummary, 'state' | 'changed'>; changed?: boolean }) {
  const t = useText();
  const newer = (changed ?? survey.changed) && survey.state !== 'draft';
  return (
    <span style={{ display: 'inline-flex', gap: 6, flexWrap: 'wrap' }}>
      <Tag tone={TONES[survey.state]}>{t(`surveys.state.${survey.state}`)}</Tag>
      {newer ? <Tag tone="accent">{t('surveys.unpublished')}</Tag> : null}
    </span>
  );
}
