import { IconLink } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatRelative } from '../../format.ts';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Pairs, Secret, Tag, Time } from '../../kit/data.tsx';
import { SelectField } from '../../kit/field.tsx';
import { useNow } from '../../kit/hooks.ts';
import { Card, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { calls, type ShownShare } from './calls.ts';

const HOUR = 3600;
const LIVES = { hour: HOUR, day: 24 * HOUR, week: 168 * HOUR, month: 720 * HOUR } as const;

/** Links that show this recording to whoever has them, and their end. */
export function SharePanel({
  recordingId,
  at,
  onClose,
}: {
  recordingId: string;
  at: number | null;
  onClose: () => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const [life, setLife] = useState<keyof typeof LIVES>('week');
  const key = ['recording', recordingId, 'shares'];
  const shares = useQuery({ queryKey: key, queryFn: () => calls.shares(recordingId) });
  const refresh = () => queries.invalidateQueries({ queryKey: key });
  const make = useMutation({
    mutationFn: () => calls.share(recordingId, { expiresInSeconds: LIVES[life], atMs: at }),
    onSuccess: refresh,
  });
  const revoke = useMutation({ mutationFn: (id: string) => calls.revokeShare(id), onSuccess: refresh });
  const error = make.error ?? revoke.error ?? shares.error;
  return (
    <SidePanel title={t('replay.shareTitle')} sub={t('replay.shareText')} onClose={onClose}>
      <Stack gap={16}>
        {error ? <Refusal title={t('replay.shareFailed')} error={error} /> : null}
        <SelectField
          label={t('replay.shareLife')}
          value={life}
          choices={(Object.keys(LIVES) as (keyof typeof LIVES)[]).map((name) => ({
            value: name,
            label: t(`replay.life.${name}`),
          }))}
          onChange={(value) => setLife(value as keyof typeof LIVES)}
        />
        <div>
          <Button look="main" icon={<IconLink size={16} />} busy={make.isPending} onClick={() => make.mutate()}>
            {t('replay.makeLink')}
          </Button>
        </div>
        {make.data ? (
          <Stack gap={6}>
            <p>{t('replay.linkOnce')}</p>
            <Secret value={make.data.link} label={t('replay.link')} />
          </Stack>
        ) : null}
        {(shares.data?.items ?? []).map((share) => (
          <ShareCard key={share.id} share={share} onRevoke={() => revoke.mutate(share.id)} />
        ))}
      </Stack>
    </SidePanel>
  );
}

function ShareCard({ share, onRevoke }: { share: ShownShare; onRevoke: () => void }) {
  const t = useText();
  const now = useNow();
  const ended = share.revokedAt !== null || Date.parse(share.expiresAt) <= now;
  return (
    <Card>
      <Stack gap={10}>
        <Pairs
          rows={[
            [t('replay.madeBy'), <bdi key="by">{share.ownerName}</bdi>],
            [
              t('replay.ends'),
              ended ? (
                <Tag key="ended">{t('replay.ended')}</Tag>
              ) : (
                <Time key="ends" at={share.expiresAt}>
                  {formatRelative(share.expiresAt, now)}
                </Time>
              ),
            ],
            [t('replay.looks'), t('replay.looked', { count: share.looks })],
          ]}
        />
        {ended ? null : (
          <ConfirmButton question={t('replay.revokeQuestion')} confirm={t('replay.revoke')} onConfirm={onRevoke}>
            {t('replay.revoke')}
          </ConfirmButton>
        )}
      </Stack>
    </Card>
  );
}
