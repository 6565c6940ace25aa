import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Tag } from '../../kit/data.tsx';
import { useText } from '../../text.tsx';

/** What the server puts in the place of a value that the visitor's role does not see. */
export const HIDDEN = '•••';

/** Stands where a value is hidden: that there is one is seen, and why it is not shown. */
function HiddenValue() {
  const t = useText();
  return (
    <Tag icon={<IconLock size={12} aria-hidden />} title={t('hidden.why')}>
      {t('hidden.value')}
      <span className="hidden-visually">. {t('hidden.why')}</span>
    </Tag>
  );
}

/** A value, or that it is hidden. */
export const Shown = ({ value, children }: { value: unknown; children: ReactNode }) =>
  value === HIDDEN ? <HiddenValue /> : children;
