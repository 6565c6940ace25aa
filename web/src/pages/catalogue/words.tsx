import { Tag } from '../../kit/data.tsx';
import { useText } from '../../text.tsx';
import type { CatalogueEvent } from './calls.ts';

const TONE = { seen: 'plain', planned: 'good', deprecated: 'warn' } as const;

export function StatusTag({ status }: { status: CatalogueEvent['status'] }) {
  const t = useText();
  return <Tag tone={TONE[status]}>{t(`catalogue.state.${status}`)}</Tag>;
}

const NAMELESS = ['page', 'screen', 'identify', 'group', 'alias', 'merge'] as const;

/** What an event is called; those without a name of their own by what they are. */
export function useEventTitle(): (event: { type: string; name: string }) => string {
  const t = useText();
  return ({ type, name }) => {
    const nameless = name === type ? NAMELESS.find((one) => one === type) : undefined;
    return nameless ? t(`catalogue.nameless.${nameless}`) : name;
  };
}
