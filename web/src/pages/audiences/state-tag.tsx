import { Tag } from '../../kit/data.tsx';
import { useText } from '../../text.tsx';
import type { Audience } from './calls.ts';

/** What an audience is made of, or why there is nothing to count on. */
export function StateTag({ audience }: { audience: Audience }) {
  const t = useText();
  if (audience.error) return <Tag tone="bad">{t('audiences.failing')}</Tag>;
  if (audience.archivedAt) return <Tag>{t('audiences.archived')}</Tag>;
  return <Tag>{t(`audiences.is.${audience.is}`)}</Tag>;
}
