import { Dot, Tag } from '../../kit/data.tsx';
import { useText } from '../../text.tsx';
import type { Transformation } from './calls.ts';

/** Whether events pass a transformation now. */
export function StateTag({ of }: { of: Transformation }) {
  const t = useText();
  if (of.pausedAt && of.enabled) return <Tag tone="warn">{t('transformations.state.paused')}</Tag>;
  if (of.enabled) {
    return (
      <Tag tone="good" icon={<Dot tone="good" />}>
        {t('transformations.state.on')}
      </Tag>
    );
  }
  return <Tag>{of.published === null ? t('transformations.state.draft') : t('transformations.state.off')}</Tag>;
}
