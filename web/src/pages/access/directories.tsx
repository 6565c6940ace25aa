import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Num, Secret, Tag, Time } from '../../kit/data.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { Table } from '../../kit/table.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { useRoles } from '../staff/roles-query.ts';
import styles from './access.module.css';
import { accessCalls, type ScimToken } from './calls.ts';

/** Directories that manage the staff here over SCIM, and what their groups may do. */
export function Directories({ mayWrite, onAdd }: { mayWrite: boolean; onAdd: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const { nameOf } = useRoles();
  const query = useQuery({ queryKey: ['scim', 'tokens'], queryFn: accessCalls.tokens });
  const revoke = useMutation({
    mutationFn: (token: ScimToken) => accessCalls.revokeToken(token.id),
    onSuccess: (_answer, token) => toast(t('access.tokenRevoked', { name: token.name })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['scim'] }),
  });
  const rows = query.data?.items ?? [];
  return (
    <Card
      title={t('access.directories')}
      hint={t('access.directoriesHint')}
      action={
        mayWrite ? (
          <Button small icon={<IconPlus size={15} />} onClick={onAdd}>
            {t('access.addToken')}
          </Button>
        ) : null
      }
    >
      <div className={styles.stack}>
        <UntilLoaded query={query} failed={t('access.failed')}>
          <Skeleton height={60} />
        </UntilLoaded>
        {revoke.error ? <Refusal title={t('access.notSaved')} error={revoke.error} /> : null}
        {query.data ? (
          <Stack gap={6}>
            <span className={styles.dim}>{t('access.baseUrl')}</span>
            <Secret value={query.data.baseUrl} label={t('access.baseUrl')} />
          </Stack>
        ) : null}
        {rows.length > 0 ? (
          <Table
            label={t('access.directories')}
            rows={rows}
            keyOf={(token) => token.id}
            columns={[
              {
                name: t('access.directory'),
                cell: (token) => (
                  <>
                    <strong>{token.name}</strong>
                    <br />
                    <code className={styles.dim}>{token.prefix}…</code>
                  </>
                ),
              },
              {
                name: t('access.defaultRole'),
                room: 'medium',
                cell: (token) => <Tag>{nameOf(token.defaultRole)}</Tag>,
              },
              { name: t('access.lastUsed'), room: 'medium', cell: (token) => <Time at={token.lastUsedAt} /> },
              {
                name: t('access.actions'),
                number: true,
                cell: (token) =>
                  mayWrite ? (
                    <ConfirmButton
                      question={t('access.revokeQuestion')}
                      confirm={t('access.revoke')}
                      onConfirm={() => revoke.mutate(token)}
                    >
                      {t('access.revoke')}
                    </ConfirmButton>
                  ) : null,
              },
            ]}
          />
        ) : query.isSuccess ? (
          <p className={styles.dim}>{t('access.noDirectories')}</p>
        ) : null}
        <Groups mayWrite={mayWrite} />
      </div>
    </Card>
  );
}

const NONE = 'none';

function Groups({ mayWrite }: { mayWrite: boolean }) {
  const t = useText();
  const queries = useQueryClient();
  const roles = useRoles();
  const query = useQuery({ queryKey: ['scim', 'groups'], queryFn: accessCalls.groups });
  const change = useMutation({
    mutationFn: ({ id, role }: { id: string; role: string | null }) => accessCalls.changeGroup(id, role),
    onSettled: () => queries.invalidateQueries({ queryKey: ['scim', 'groups'] }),
  });
  const rows = query.data?.items ?? [];
  if (rows.length === 0) return null;
  return (
    <Stack gap={10}>
      <p className={styles.dim}>{t('access.groupsHint')}</p>
      {change.error ? <Refusal title={t('access.notSaved')} error={change.error} /> : null}
      <Table
        label={t('access.groups')}
        rows={rows}
        keyOf={(group) => group.id}
        columns={[
          { name: t('access.group'), cell: (group) => <bdi>{group.name}</bdi> },
          { name: t('access.members'), number: true, cell: (group) => <Num value={group.members} /> },
          {
            name: t('access.gives'),
            cell: (group) =>
              mayWrite ? (
                <SelectField
                  hideLabel
                  label={t('access.givesOf', { name: group.name })}
                  value={group.role ?? NONE}
                  choices={[
                    { value: NONE, label: t('access.givesNothing') },
                    ...roles.givable.filter((role) => role.id !== 'owner').map(roles.choice),
                  ]}
                  onChange={(role) => change.mutate({ id: group.id, role: role === NONE ? null : role })}
                />
              ) : (
                <Tag>{group.role ? roles.nameOf(group.role) : t('access.givesNothing')}</Tag>
              ),
          },
        ]}
      />
    </Stack>
  );
}

/** A token for a directory; it is shown once. */
export function NewTokenPanel({ onClose }: { onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const roles = useRoles();
  const [name, setName] = useState('');
  const [defaultRole, setRole] = useState('viewer');
  const create = useMutation({
    mutationFn: () => accessCalls.addToken({ name: name.trim(), defaultRole }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['scim'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <SidePanel title={t('access.addToken')} sub={t('access.addTokenHint')} onClose={onClose}>
      {create.data ? (
        <Stack gap={16}>
          <p>{t('access.tokenOnce')}</p>
          <Secret value={create.data.token} label={t('access.token')} />
          <span className={styles.dim}>{t('access.baseUrl')}</span>
          <Secret value={create.data.baseUrl} label={t('access.baseUrl')} />
          <div>
            <Button look="main" onClick={onClose}>
              {t('access.copied')}
            </Button>
          </div>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack gap={16}>
            {create.error ? <Refusal title={t('access.notSaved')} error={create.error} /> : null}
            <TextField
              label={t('access.directory')}
              hint={t('access.directoryHint')}
              value={name}
              onChange={setName}
              required
              autoFocus
            />
            <SelectField
              label={t('access.defaultRole')}
              value={defaultRole}
              choices={roles.givable.filter((role) => role.id !== 'owner').map(roles.choice)}
              onChange={setRole}
            />
            <Button type="submit" look="main" busy={create.isPending}>
              {t('access.addToken')}
            </Button>
          </Stack>
        </form>
      )}
    </SidePanel>
  );
}
