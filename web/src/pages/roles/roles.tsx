import { IconEyeOff, IconPlus } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { Num, Tag } from '../../kit/data.tsx';
import { Segments } from '../../kit/field.tsx';
import { Page, Stack } from '../../kit/layout.tsx';
import { Loading, Refusal } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import type { Role } from '../staff/calls.ts';
import { roleName } from '../staff/role-name.ts';
import { useRoleHint, useRoles } from '../staff/roles-query.ts';
import { Matrix } from './matrix.tsx';
import { usePermissions } from './permissions.ts';
import { RoleEditor, RolePanel } from './role-panel.tsx';

/** What people may do: the roles that come with the product, and the company's own. */
export function RolesPage() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('staff.write');
  const { query, roles } = useRoles();
  const hint = useRoleHint();
  const permissions = usePermissions();
  const matrix = url.get('tab') === 'matrix';
  const open = url.get('role');
  const shown = roles.find((role) => role.id === open) ?? null;
  const from = roles.find((role) => role.id === url.get('from')) ?? null;
  const create = (source?: string) => url.set({ role: 'new', from: source ?? null }, true);
  const close = (madeId?: string) => url.set({ role: madeId ?? null, from: null });
  const columns: Column<Role>[] = [
    {
      name: t('roles.role'),
      cell: (role) => (
        <RowLink keepScroll to={`?role=${encodeURIComponent(role.id)}`}>
          <bdi>{roleName(role.id, role.name, t)}</bdi>
        </RowLink>
      ),
    },
    { id: 'what', name: t('roles.what'), long: true, room: 'medium', cell: (role) => hint(role) },
    {
      id: 'kind',
      name: t('roles.kind'),
      room: 'wide',
      cell: (role) => (role.builtIn ? <Tag>{t('roles.builtIn')}</Tag> : <Tag tone="accent">{t('roles.own')}</Tag>),
    },
    {
      id: 'personal',
      name: t('roles.personal'),
      room: 'medium',
      cell: (role) =>
        role.hidesPersonalData ? (
          <Tag tone="warn" icon={<IconEyeOff size={13} aria-hidden />}>
            {t('roles.hidden')}
          </Tag>
        ) : (
          <Tag>{t('roles.shown')}</Tag>
        ),
    },
    {
      id: 'people',
      name: t('roles.members'),
      number: true,
      cell: (role) =>
        role.people > 0 ? (
          <Link to={`/staff?role=${encodeURIComponent(role.id)}`} style={{ position: 'relative', zIndex: 1 }}>
            <Num value={role.people} />
          </Link>
        ) : (
          <Num value={0} />
        ),
    },
  ];
  const view = useListView({ list: 'roles', columns, params: ['tab'], csv: '/api/roles' });
  const error = query.error ?? permissions.query.error;
  return (
    <Page
      title={t('roles.title')}
      purpose={t('roles.purpose')}
      tools={view.tools}
      action={
        mayWrite ? (
          <Button look="main" icon={<IconPlus size={16} />} onClick={() => create()}>
            {t('roles.create')}
          </Button>
        ) : null
      }
      filters={
        <Segments
          label={t('roles.tabs')}
          value={matrix ? 'matrix' : 'list'}
          choices={[
            { value: 'list', label: t('roles.listTab') },
            { value: 'matrix', label: t('roles.matrixTab') },
          ]}
          onChange={(tab) => url.set({ tab: tab === 'matrix' ? tab : null, role: null })}
        />
      }
    >
      <Stack gap={16}>
        {query.isPending ? (
          <Loading>
            <TableSkeleton columns={5} rows={7} />
          </Loading>
        ) : null}
        {error ? <Refusal title={t('roles.failed')} error={error} onRetry={() => query.refetch()} /> : null}
        {roles.length > 0 && matrix ? <Matrix roles={roles} groups={permissions.groups} /> : null}
        {roles.length > 0 && !matrix ? (
          <Table
            label={t('roles.title')}
            columns={view.columns}
            rows={roles}
            keyOf={(role) => role.id}
            isOpen={(role) => role.id === open}
            clickable
          />
        ) : null}
      </Stack>
      {shown && (shown.builtIn || !mayWrite) ? (
        <RolePanel
          key={shown.id}
          role={shown}
          groups={permissions.groups}
          mayWrite={mayWrite}
          onDuplicate={() => create(shown.id)}
          onClose={close}
        />
      ) : null}
      {mayWrite && ((shown && !shown.builtIn) || open === 'new') && (open !== 'new' || roles.length > 0) ? (
        <RoleEditor
          key={`${open} ${from?.id}`}
          role={shown}
          from={from}
          groups={permissions.groups}
          onDuplicate={() => create(shown?.id)}
          onClose={close}
        />
      ) : null}
    </Page>
  );
}
