import { IconKey, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { Page, Row, Stack } from '../../kit/layout.tsx';
import { NothingHere, Refusal, UntilLoaded } from '../../kit/states.tsx';
import { type Column, Table, TableSkeleton } from '../../kit/table.tsx';
import { toast } from '../../kit/toast.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { useRoles } from '../staff/roles-query.ts';
import { type ApiKey, keyCalls } from './calls.ts';
import { NewKey } from './new-key.tsx';

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

/** How long a key still works; a warning while there is time to make another. */
function Ends({ apiKey }: { apiKey: ApiKey }) {
  const t = useText();
  if (apiKey.expiresAt === null) return <span style={{ color: 'var(--ink-dim)' }}>{t('keys.endsNever')}</span>;
  const days = Math.ceil((Date.parse(apiKey.expiresAt) - Date.now()) / DAY_MS);
  if (days <= 0) return <Tag tone="bad">{t('keys.ended')}</Tag>;
  return (
    <Time at={apiKey.expiresAt}>
      <Tag tone={days <= SOON_DAYS ? 'warn' : 'plain'}>{t('keys.endsIn', { count: days })}</Tag>
    </Time>
  );
}

/** Keys for programs that use the API. */
export function KeysPage() {
  const t = useText();
  const url = useUrlState();
  const queries = useQueryClient();
  const mayWrite = useMay('keys.write');
  const { nameOf } = useRoles();
  const list = useInfiniteQuery({
    queryKey: ['keys'],
    queryFn: ({ pageParam }) => keyCalls.list(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const revoke = useMutation({
    mutationFn: (key: ApiKey) => keyCalls.revoke(key.id),
    onSuccess: () => toast(t('keys.revoked')),
    onSettled: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const open = () => url.set({ new: '1' }, true);
  const create = mayWrite ? (
    <Button look="main" icon={<IconPlus size={16} />} onClick={open}>
      {t('keys.create')}
    </Button>
  ) : null;
  const columns: Column<ApiKey>[] = [
    {
      name: t('keys.name'),
      cell: (key) => (
        <>
          <strong>{key.name || t('keys.unnamed')}</strong>{' '}
          {key.works || (key.expiresAt && Date.parse(key.expiresAt) <= Date.now()) ? null : (
            <Tag tone="bad">{t('keys.rests')}</Tag>
          )}
          <br />
          <code style={{ color: 'var(--ink-dim)', fontSize: '0.8125rem' }}>{key.prefix}…</code>
        </>
      ),
    },
    {
      name: t('keys.may'),
      cell: (key) => (
        <Row gap={4}>
          <Tag>{nameOf(key.role)}</Tag>
          {key.permissions ? (
            <Tag tone="accent" title={key.permissions.join(', ')}>
              {t('keys.scopes', { count: key.permissions.length })}
            </Tag>
          ) : null}
        </Row>
      ),
    },
    { id: 'ends', name: t('keys.ends'), room: 'medium', cell: (key) => <Ends apiKey={key} /> },
    { id: 'lastUsed', name: t('keys.lastUsed'), room: 'medium', cell: (key) => <Time at={key.lastUsedAt} /> },
    { id: 'by', name: t('keys.by'), room: 'wide', cell: (key) => <bdi>{key.createdBy?.name ?? ''}</bdi> },
    { id: 'created', extra: true, name: t('keys.created'), room: 'medium', cell: (key) => <Time at={key.createdAt} /> },
    {
      name: t('keys.actions'),
      number: true,
      cell: (key) =>
        mayWrite ? (
          <ConfirmButton
            question={t('keys.revokeQuestion')}
            confirm={t('keys.revoke')}
            busy={revoke.isPending && revoke.variables.id === key.id}
            onConfirm={() => revoke.mutate(key)}
          >
            {t('keys.revoke')}
          </ConfirmButton>
        ) : null,
    },
  ];
  const view = useListView({ list: 'keys', columns, csv: '/api/keys' });
  return (
    <Page
      title={t('keys.title')}
      purpose={t('keys.purpose')}
      {...(rows.length > 0 ? { tools: view.tools } : {})}
      action={rows.length > 0 ? create : null}
    >
      <Stack gap={16}>
        <UntilLoaded query={list} failed={t('keys.failed')}>
          <TableSkeleton columns={4} rows={3} />
        </UntilLoaded>
        {revoke.error ? <Refusal title={t('keys.revokeFailed')} error={revoke.error} /> : null}
        {list.isSuccess && rows.length === 0 ? (
          <NothingHere
            icon={<IconKey size={30} stroke={1.5} aria-hidden />}
            title={t('keys.emptyTitle')}
            text={t('keys.emptyText')}
            action={create}
          />
        ) : null}
        {rows.length > 0 ? (
          <Table label={t('keys.title')} columns={view.columns} rows={rows} keyOf={(key) => key.id} />
        ) : null}
        <MoreOf list={list} />
      </Stack>
      {url.get('new') && mayWrite ? <NewKey onClose={() => url.set({ new: null })} /> : null}
    </Page>
  );
}
