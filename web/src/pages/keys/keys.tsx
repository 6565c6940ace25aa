import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api.ts';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Secret, Tag, Time } from '../../kit/data.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { Page, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Loading, NothingHere, Refusal } from '../../kit/states.tsx';
import { type Column, Table, TableSkeleton } from '../../kit/table.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { hasMessage, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { type ApiKey, type ListOf, ROLES, type Role } from '../../wire.ts';

function NewKey({ onClose }: { onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('analyst');
  const create = useMutation({
    mutationFn: api.createKey,
    onSuccess: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ role, ...(name.trim() ? { name: name.trim() } : {}) });
  };
  return (
    <SidePanel title={t('keys.create')} sub={t('keys.createHint')} onClose={onClose}>
      {create.data ? (
        <Stack gap={16}>
          <p>{t('keys.once')}</p>
          <Secret value={create.data.apiKey} label={t('keys.apiKey')} />
          <p style={{ color: 'var(--ink-dim)' }}>{t('keys.use')}</p>
          <div>
            <Button look="main" onClick={onClose}>
              {t('keys.kept')}
            </Button>
          </div>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack gap={18}>
            {create.error ? <Refusal title={t('keys.createFailed')} error={create.error} /> : null}
            <TextField label={t('keys.name')} hint={t('keys.nameHint')} value={name} onChange={setName} autoFocus />
            <SelectField
              label={t('keys.role')}
              value={role}
              choices={ROLES.map((one) => ({ value: one, label: t(`role.${one}`) }))}
              onChange={(chosen) => setRole(chosen as Role)}
            />
            <p style={{ color: 'var(--ink-dim)' }}>{t(`roleHint.${role}`)}</p>
            <Button type="submit" look="main" busy={create.isPending}>
              {t('keys.create')}
            </Button>
          </Stack>
        </form>
      )}
    </SidePanel>
  );
}

/** Keys for programs that use the API. */
export function KeysPage() {
  const t = useText();
  const url = useUrlState();
  const queries = useQueryClient();
  const mayWrite = useMay('keys.write');
  const list = useQuery({ queryKey: ['keys'], queryFn: api.keys });
  const revoke = useMutation({
    mutationFn: (key: ApiKey) => api.revokeKey(key.id),
    onMutate: (key) => {
      const before = queries.getQueryData<ListOf<ApiKey>>(['keys']);
      queries.setQueryData<ListOf<ApiKey>>(['keys'], (now) =>
        now ? { ...now, items: now.items.filter((one) => one.id !== key.id) } : now,
      );
      return { before };
    },
    onError: (_error, _key, context) => queries.setQueryData(['keys'], context?.before),
    onSuccess: () => toast(t('keys.revoked')),
    onSettled: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  });
  const rows = list.data?.items ?? [];
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
          <strong>{key.name || t('keys.unnamed')}</strong>
          <br />
          <code style={{ color: 'var(--ink-dim)', fontSize: '0.8125rem' }}>{key.prefix}…</code>
        </>
      ),
    },
    {
      name: t('keys.role'),
      cell: (key) => <Tag>{hasMessage(`role.${key.role}`) ? t(`role.${key.role}` as 'role.admin') : key.role}</Tag>,
    },
    { name: t('keys.created'), room: 'medium', cell: (key) => <Time at={key.createdAt} /> },
    { name: t('keys.lastUsed'), room: 'wide', cell: (key) => <Time at={key.lastUsedAt} /> },
    {
      name: t('keys.actions'),
      number: true,
      cell: (key) =>
        mayWrite ? (
          <ConfirmButton
            question={t('keys.revokeQuestion')}
            confirm={t('keys.revoke')}
            onConfirm={() => revoke.mutate(key)}
          >
            {t('keys.revoke')}
          </ConfirmButton>
        ) : null,
    },
  ];
  return (
    <Page title={t('keys.title')} purpose={t('keys.purpose')} action={rows.length > 0 ? create : null}>
      <Stack gap={16}>
        {list.isPending ? (
          <Loading>
            <TableSkeleton columns={4} rows={3} />
          </Loading>
        ) : null}
        {list.error ? <Refusal title={t('keys.failed')} error={list.error} onRetry={() => list.refetch()} /> : null}
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
          <Table label={t('keys.title')} columns={columns} rows={rows} keyOf={(key) => key.id} />
        ) : null}
      </Stack>
      {url.get('new') && mayWrite ? <NewKey onClose={() => url.set({ new: null })} /> : null}
    </Page>
  );
}
