import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { LinkButton } from '../../kit/button.tsx';
import { useText } from '../../text.tsx';
import { recordingsOfPerson, watchAddress } from './of-person.ts';
import type { WatchProps } from './person-recordings.tsx';

export function WatchLink({ personId, at, session }: WatchProps) {
  const t = useText();
  const { data } = useQuery(recordingsOfPerson(personId));
  const to = watchAddress(data?.items ?? [], at, session);
  return to === null ? null : (
    <LinkButton small look="quiet" to={to} icon={<IconPlayerPlay size={15} />}>
      {t('replay.watch')}
    </LinkButton>
  );
}
