import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { Table } from '../../kit/table.tsx';
import { toast } from '../../kit/toast.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useText } from '../../text.tsx';
import { type Invitation, staffCalls } from './calls.ts';
import { Handover } from './handover.tsx';
import { roleName } from './role-name.ts';

/** Invitations that nobody has accepted yet; nothing where there is none. */
export function Invitations({ mayWrite }: { mayWrite: boolean }) {
  const t = useText();
  const queries = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: ['invitations'],
    queryFn: ({ pageParam }) => staffCalls.invitations(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ['invitations'] });
  const again = useMutation({
    mutationFn: (invitation: Invitation) => staffCalls.sendAgain(invitation.id),
    onSuccess: (sent) => sent.mailed && toast(t('staff.invited', { email: sent.email })),
    onSettled: refresh,
  });
  const withdraw = useMutation({
    mutationFn: (invitation: Invitation) => staffCalls.withdraw(invitation.id),
    onSuccess: (_answer, invitation) => toast(t('staff.withdrawn', { email: invitation.email })),
    onSettled: refresh,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const error = again.error ?? withdraw.error;
  if (list.error) {
    return <Refusal title={t('staff.invitationsFailed')} error={list.error} onRetry={() => list.refetch()} />;
  }
  if (rows.length === 0) return null;
  return (
    <Card title={t('staff.pending')} hint={t('staff.pendingHint')}>
      <Stack gap={14}>
        {error ? <Refusal title={t('staff.notChanged')} error={error} /> : null}
        {again.data?.link ? (
          <Handover
            label={t('staff.link')}
            why={t('staff.handOver', { email: again.data.email })}
            link={again.data.link}
          />
        ) : null}
        <Table
          label={t('staff.pending')}
          rows={rows}
          keyOf={(row) => row.id}
          columns={[
            { name: t('staff.email'), cell: (row) => <strong>{row.email}</strong> },
            { name: t('staff.role'), cell: (row) => <Tag>{roleName(row.role, row.roleName, t)}</Tag> },
            { name: t('staff.invitedBy'), room: 'wide', cell: (row) => <bdi>{row.invitedBy}</bdi> },
            { name: t('staff.sent'), room: 'wide', cell: (row) => <Time at={row.sentAt} /> },
            {
              name: t('staff.ends'),
              room: 'medium',
              cell: (row) => (row.expired ? <Tag tone="warn">{t('staff.expired')}</Tag> : <Time at={row.expiresAt} />),
            },
            {
              name: t('staff.actions'),
              number: true,
              cell: (row) =>
                mayWrite ? (
                  <Row gap={6} style={{ justifyContent: 'flex-end' }}>
                    <Button
                      small
                      busy={again.isPending && again.variables.id === row.id}
                      onClick={() => again.mutate(row)}
                    >
                      {t('staff.sendAgain')}
                    </Button>
                    <ConfirmButton
                      question={t('staff.withdrawQuestion')}
                      confirm={t('staff.withdraw')}
                      onConfirm={() => withdraw.mutate(row)}
                    >
                      {t('staff.withdraw')}
                    </ConfirmButton>
                  </Row>
                ) : null,
            },
          ]}
        />
        <MoreOf list={list} />
      </Stack>
    </Card>
  );
}
