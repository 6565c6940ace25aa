import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Button } from '../../kit/button.tsx';
import { Tag } from '../../kit/data.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { privacyApi } from './calls.ts';

/** On a person's page: whether its data may be used, and the way to everything about its privacy. */
export function PrivacyCard({ personId }: { personId: string }) {
  const t = useText();
  const url = useUrlState();
  const mayRead = useMay('privacy.read');
  const query = useQuery({
    queryKey: ['person', personId, 'privacy'],
    queryFn: () => privacyApi.person(personId),
    enabled: mayRead,
  });
  if (!mayRead) return null;
  return (
    <Card title={t('privacy.person.card')}>
      <Stack gap={10}>
        {query.data?.restriction ? (
          <Tag tone="warn" icon={<IconLock size={13} aria-hidden />}>
            {t('privacy.person.restricted')}
          </Tag>
        ) : null}
        <div>
          <Button small onClick={() => url.set({ privacy: '1', event: null, at: null, trait: null }, true)}>
            {t('privacy.person.open')}
          </Button>
        </div>
      </Stack>
    </Card>
  );
}
