import { formatExact, formatNumber, formatRelative } from '../../format.ts';
import { Tag } from '../../kit/data.tsx';
import { useNow } from '../../kit/hooks.ts';
import { useText } from '../../text.tsx';
import type { Meta } from './calls.ts';
import styles from './reports.module.css';

/** How fresh and how exact an answer is. */
export function Exactness({ meta }: { meta: Meta }) {
  const t = useText();
  const now = useNow();
  return (
    <span className={styles.meta}>
      <Tag tone={meta.exact ? 'plain' : 'warn'}>
        {meta.exact
          ? t('reports.exact')
          : t('reports.sampled', {
              share: formatNumber(meta.sample ?? 1, { style: 'percent', maximumFractionDigits: 1 }),
            })}
      </Tag>
      <span title={`${formatExact(meta.computedAt)} · ${meta.tookMs} ms`}>
        {t('reports.computed', { when: formatRelative(meta.computedAt, now) })}
      </span>
      {meta.dataAt ? (
        <span title={formatExact(meta.dataAt)}>
          {t('reports.dataUpTo', { when: formatRelative(meta.dataAt, now) })}
        </span>
      ) : null}
    </span>
  );
}
