import { IconLock, IconLockOpen } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { Parts } from '../../kit/parts.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { type PersonPrivacy, privacyApi } from './calls.ts';
import { Section } from './section.tsx';

/** Keeps the data of the person and stops its use; or lets it be used again. */
export function PersonRestriction({ privacy }: { privacy: PersonPrivacy }) {
  const t = useText();
  const queries = useQueryClient();
  const mayWrite = useMay('privacy.act');
  const [reason, setReason] = useState('');
  const act = useMutation({
    scope: { id: `privacy of ${privacy.id}` },
    mutationFn: () =>
      privacy.restriction ? privacyApi.unrestrict(privacy.id) : privacyApi.restrict(privacy.id, reason.trim()),
    onSuccess: (now) => {
      setReason('');
      queries.setQueryData(['person', privacy.id, 'privacy'], now);
      queries.invalidateQueries({ queryKey: ['people'] });
    },
  });
  const { restriction } = privacy;
  return (
    <Section title={t('privacy.person.restriction')} hint={t('privacy.person.restrictionHint')}>
      {act.error ? <Refusal title={t('privacy.notSaved')} error={act.error} /> : null}
      {restriction ? (
        <Stack gap={8}>
          <span>
            <Tag tone="warn" icon={<IconLock size={13} aria-hidden />}>
              {t('privacy.person.restricted')}
            </Tag>
          </span>
          <Parts of={[restriction.reason, restriction.by, <Time key="at" at={restriction.at} />]} />
        </Stack>
      ) : mayWrite ? (
        <TextField label={t('privacy.person.reason')} value={reason} onChange={setReason} />
      ) : null}
      {mayWrite ? (
        <Row>
          <Button
            icon={restriction ? <IconLockOpen size={16} /> : <IconLock size={16} />}
            busy={act.isPending}
            onClick={() => act.mutate()}
          >
            {restriction ? t('privacy.person.unrestrict') : t('privacy.person.restrict')}
          </Button>
        </Row>
      ) : null}
    </Section>
  );
}
