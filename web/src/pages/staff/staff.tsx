import { IconUserPlus } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { withQuery } from '../../api.ts';
import { Button } from '../../kit/button.tsx';
import { Avatar, Tag, Time } from '../../kit/data.tsx';
import { SearchField, SelectField } from '../../kit/field.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { Page, Stack } from '../../kit/layout.tsx';
import { NothingHere, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useMay, useMe } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { type Member, staffCalls } from './calls.ts';
import { Invitations } from './invitations.tsx';
import { InvitePanel } from './invite.tsx';
import { MemberPanel } from './member-panel.tsx';
import { roleName } from './role-name.ts';
import { useRoles } from './roles-query.ts';
import { SecondFactor } from './second-factor.tsx';
import styles from './staff.module.css';

const STATES = ['active', 'disabled'] as const;

/** Who works here, what they may do, and who is invited. */
export function StaffPage() {
  const t = useText();
  const url = useUrlState();
  const me = useMe();
  const mayWrite = useMay('staff.write');
  const roles = useRoles();
  const [q] = useDebouncedValue(url.get('q').trim(), 200);
  const filter = { q, role: url.get('role'), state: url.get('state') };
  const list = useInfiniteQuery({
    queryKey: ['staff', filter],
    queryFn: ({ pageParam, signal }) => staffCalls.members(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Object.values(filter).some(Boolean);
  const present = Object.entries(filter).filter(([, value]) => value);
  const columns: Column<Member>[] = [
    {
      name: t('staff.name'),
      cell: (member) => (
        <span className={styles.person}>
          <Avatar name={member.name} size={30} />
          <span className={styles.names}>
            <RowLink keepScroll to={`?${new URLSearchParams([...present, ['member', member.id]])}`}>
              <bdi>{member.name}</bdi>
            </RowLink>
            <span className={styles.dim}>{member.email}</span>
          </span>
          {member.id === me.id ? <Tag tone="accent">{t('staff.you')}</Tag> : null}
        </span>
      ),
    },
    { id: 'role', name: t('staff.role'), cell: (member) => <Tag>{roleName(member.role, member.roleName, t)}</Tag> },
    {
      id: 'secondFactor',
      name: t('staff.secondFactor'),
      room: 'wide',
      cell: (member) => <SecondFactor member={member} />,
    },
    {
      id: 'active',
      name: t('staff.lastActive'),
      room: 'medium',
      cell: (member) => <Time at={member.lastActiveAt ?? member.lastSignedInAt} />,
    },
    { id: 'created', extra: true, name: t('staff.since'), cell: (member) => <Time at={member.createdAt} /> },
    {
      id: 'state',
      name: t('staff.state'),
      room: 'medium',
      cell: (member) =>
        member.disabledAt ? (
          <Tag tone="bad">{t('staff.in.disabled')}</Tag>
        ) : (
          <Tag tone="good">{t('staff.in.active')}</Tag>
        ),
    },
  ];
  const view = useListView({
    list: 'staff',
    columns,
    params: ['q', 'role', 'state'],
    csv: withQuery('/api/staff', filter),
  });
  const member = url.get('member');
  return (
    <Page
      title={t('staff.title')}
      purpose={t('staff.purpose')}
      tools={view.tools}
      action={
        mayWrite ? (
          <Button
            look="main"
            icon={<IconUserPlus size={16} />}
            onClick={() => url.set({ invite: '1', member: null }, true)}
          >
            {t('staff.invite')}
          </Button>
        ) : null
      }
      filters={
        <>
          <SearchField label={t('staff.search')} value={url.get('q')} onChange={(value) => url.set({ q: value })} />
          <SelectField
            hideLabel
            width={200}
            label={t('staff.role')}
            value={filter.role}
            choices={[{ value: '', label: t('staff.anyRole') }, ...roles.roles.map(roles.choice)]}
            onChange={(value) => url.set({ role: value })}
          />
          <SelectField
            hideLabel
            width={180}
            label={t('staff.state')}
            value={filter.state}
            choices={[
              { value: '', label: t('staff.anyState') },
              ...STATES.map((value) => ({ value, label: t(`staff.in.${value}`) })),
            ]}
            onChange={(value) => url.set({ state: value })}
          />
        </>
      }
    >
      <Stack gap={20}>
        <UntilLoaded query={list} failed={t('staff.failed')}>
          <TableSkeleton columns={5} rows={4} />
        </UntilLoaded>
        {list.isSuccess && rows.length === 0 ? (
          <NothingHere
            title={t('staff.noneFound')}
            text={t('staff.noneFoundText')}
            action={
              <Button onClick={() => url.set({ q: null, role: null, state: null })}>{t('kit.clearFilters')}</Button>
            }
          />
        ) : null}
        {rows.length > 0 ? (
          <Table
            label={t('staff.title')}
            columns={view.columns}
            rows={rows}
            keyOf={(row) => row.id}
            isOpen={(row) => row.id === member}
            clickable
          />
        ) : null}
        <MoreOf list={list} />
        {list.isSuccess && rows.length === 1 && !filtered ? <p className={styles.dim}>{t('staff.alone')}</p> : null}
        <Invitations mayWrite={mayWrite} />
      </Stack>
      {member ? <MemberPanel key={member} id={member} onClose={() => url.set({ member: null })} /> : null}
      {url.get('invite') && mayWrite ? <InvitePanel onClose={() => url.set({ invite: null })} /> : null}
    </Page>
  );
}
