import { useQuery } from '@tanstack/react-query';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { privacyApi } from './calls.ts';
import { PersonConsent } from './person-consent.tsx';
import { PersonErasure } from './person-erasure.tsx';
import { PersonExports } from './person-exports.tsx';
import { PersonRestriction } from './person-restriction.tsx';

/** Everything about a person's privacy: consent with its history, restriction, the archive, and the erasure. */
export function PrivacyPanel({ personId, name, onClose }: { personId: string; name: string; onClose: () => void }) {
  const t = useText();
  const mayExport = useMay('privacy.export');
  const mayErase = useMay('privacy.erase');
  const query = useQuery({
    queryKey: ['person', personId, 'privacy'],
    queryFn: () => privacyApi.person(personId),
  });
  return (
    <SidePanel title={t('privacy.person.panel', { name })} onClose={onClose}>
      <Stack gap={28}>
        <UntilLoaded query={query} failed={t('privacy.failed')}>
          <Stack gap={12}>
            <Skeleton height={90} />
            <Skeleton height={60} />
          </Stack>
        </UntilLoaded>
        {query.data ? (
          <>
            <PersonConsent privacy={query.data} />
            <PersonRestriction privacy={query.data} />
          </>
        ) : null}
        {mayExport ? <PersonExports personId={personId} /> : null}
        {mayErase ? <PersonErasure personId={personId} /> : null}
      </Stack>
    </SidePanel>
  );
}
