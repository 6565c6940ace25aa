import { IconSend, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Pairs, Spark, Tag, Time } from '../../kit/data.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Loading, Refusal } from '../../kit/states.tsx';
import { RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { toast } from '../../kit/toast.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { reasonText } from '../live/live-row.tsx';
import { filterOf, type Group, quarantine } from './calls.ts';
import { CauseLinks } from './cause-links.tsx';
import { useRemoval } from './use-removal.ts';

/** One cause: how many events wait for it to be mended, and what can be done with all of them. */
export function GroupPanel({
  group,
  state,
  nameOf,
  linkTo,
  onClose,
}: {
  group: Group;
  state: string;
  nameOf: (sourceId: string) => string;
  linkTo: (id: string) => string;
  onClose: () => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const mayWrite = useMay('quarantine.write');
  const filter = { ...filterOf(group), state };
  const events = useInfiniteQuery({
    queryKey: ['quarantine', 'events', filter],
    queryFn: ({ pageParam }) => quarantine.events(filter, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const resend = useMutation({
    mutationFn: () => quarantine.resendAll({ ...filter, state: 'waiting' }),
    onSuccess: (run) => {
      queries.invalidateQueries({ queryKey: ['quarantine'] });
      toast(t('quarantine.started', { count: run.total }));
      onClose();
    },
  });
  const remove = useRemoval(onClose);
  const rows = events.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <SidePanel
      title={group.event || group.type || t('quarantine.unreadable')}
      sub={reasonText(group.reason)}
      onClose={onClose}
      foot={
        mayWrite && group.waiting > 0 ? (
          <>
            <Button look="main" icon={<IconSend size={16} />} busy={resend.isPending} onClick={() => resend.mutate()}>
              {t('quarantine.resendAll', { count: group.waiting })}
            </Button>
            <Button icon={<IconTrash size={16} />} busy={remove.isPending} onClick={() => remove.mutate(filter)}>
              {t('quarantine.deleteAll')}
            </Button>
          </>
        ) : null
      }
    >
      <Stack gap={20}>
        {resend.error ? <Refusal title={t('quarantine.resendFailed')} error={resend.error} /> : null}
        {remove.error ? <Refusal title={t('quarantine.deleteFailed')} error={remove.error} /> : null}
        <Pairs
          rows={[
            [t('details.source'), nameOf(group.sourceId)],
            [t('quarantine.events'), formatNumber(group.count)],
            [t('quarantine.firstAt'), <Time key="first" at={group.firstAt} />],
            [t('quarantine.lastAt'), <Time key="last" at={group.lastAt} />],
            [t('quarantine.trend'), <Spark key="days" values={group.days} slots={group.days.length} width={180} />],
          ]}
        />
        <CauseLinks {...group} />
        {events.error ? <Refusal title={t('quarantine.failed')} error={events.error} /> : null}
        {events.isPending ? (
          <Loading>
            <TableSkeleton columns={2} rows={4} />
          </Loading>
        ) : (
          <Table
            label={t('quarantine.events')}
            rows={rows}
            keyOf={(row) => row.id}
            clickable
            columns={[
              {
                name: t('details.messageId'),
                cell: (row) => (
                  <RowLink keepScroll to={linkTo(row.id)}>
                    {row.messageId ?? row.id}
                  </RowLink>
                ),
              },
              { name: t('details.when'), cell: (row) => <Time at={row.at} /> },
              {
                name: t('quarantine.state'),
                cell: (row) =>
                  row.resentAt ? <Tag tone="good">{t('quarantine.resent')}</Tag> : <Tag>{t('quarantine.waiting')}</Tag>,
              },
            ]}
          />
        )}
        <MoreOf list={events} />
      </Stack>
    </SidePanel>
  );
}
