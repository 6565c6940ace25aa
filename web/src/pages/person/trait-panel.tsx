import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { formatExact } from '../../format.ts';
import { Pairs, Tag } from '../../kit/data.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { useSources } from '../../sources.ts';
import { useText } from '../../text.tsx';
import type { Person } from '../../wire.ts';
import { Shown } from './hidden.tsx';
import { traitText } from './trait-text.ts';
import { useTraitName } from './who.tsx';

/** Every value that a trait has had, the newest first, with where each came from. */
export function TraitPanel({ person, trait, onClose }: { person: Person; trait: string; onClose: () => void }) {
  const t = useText();
  const { nameOf } = useSources();
  const traitName = useTraitName();
  const history = useQuery({
    queryKey: ['trait', person.id, trait],
    queryFn: () => api.traitHistory(person.id, trait),
  });
  return (
    <SidePanel title={traitName(trait)} sub={t('person.historyOf', { name: person.displayName })} onClose={onClose}>
      <UntilLoaded query={history} failed={t('person.historyFailed')}>
        <Stack gap={14}>
          <Skeleton height={64} />
          <Skeleton height={64} />
        </Stack>
      </UntilLoaded>
      <ol style={{ display: 'grid', gap: 20 }}>
        {history.data?.items.map((entry, index) => (
          <li key={`${entry.at} ${JSON.stringify(entry.value)}`}>
            <Stack gap={8}>
              <span style={{ fontWeight: 600, overflowWrap: 'anywhere' }}>
                <Shown value={entry.value}>{traitText(entry.value)}</Shown>{' '}
                {index === 0 ? <Tag tone="accent">{t('person.current')}</Tag> : null}
              </span>
              <Pairs
                rows={[
                  [t('details.when'), formatExact(entry.at)],
                  [t('details.source'), nameOf(entry.sourceId)],
                  [t('details.type'), entry.type],
                ]}
              />
            </Stack>
          </li>
        ))}
      </ol>
    </SidePanel>
  );
}
