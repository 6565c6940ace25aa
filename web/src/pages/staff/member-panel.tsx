import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Avatar, Pairs, Tag, Time } from '../../kit/data.tsx';
import { SelectField, Switch } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useUndoable } from '../../kit/undoable.ts';
import { useMay, useMe } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { type Member, staffCalls } from './calls.ts';
import { Handover } from './handover.tsx';
import { MemberSessions } from './member-sessions.tsx';
import { roleName } from './role-name.ts';
import { useRoleHint, useRoles } from './roles-query.ts';
import { SecondFactor } from './second-factor.tsx';
import styles from './staff.module.css';

/** A colleague: what they may do, how they sign in, where they are signed in, and the ways to end that. */
export function MemberPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText();
  const query = useQuery({ queryKey: ['staff', 'one', id], queryFn: () => staffCalls.member(id) });
  const member = query.data;
  return (
    <SidePanel
      title={member ? <bdi>{member.name}</bdi> : t('staff.member')}
      sub={member?.email}
      icon={member ? <Avatar name={member.name} size={36} /> : null}
      onClose={onClose}
    >
      <UntilLoaded query={query} failed={t('staff.memberFailed')}>
        <Stack gap={14}>
          <Skeleton height={80} />
          <Skeleton height={120} />
        </Stack>
      </UntilLoaded>
      {member ? <Details member={member} onClose={onClose} /> : null}
    </SidePanel>
  );
}

function Details({ member, onClose }: { member: Member; onClose: () => void }) {
  const t = useText();
  const me = useMe();
  const mayWrite = useMay('staff.write');
  const isMe = member.id === me.id;
  return (
    <Stack gap={18}>
      <Pairs
        rows={[
          [
            t('staff.state'),
            member.disabledAt ? (
              <Tag key="s" tone="bad">
                {t('staff.in.disabled')}
              </Tag>
            ) : (
              <Tag key="s" tone="good">
                {t('staff.in.active')}
              </Tag>
            ),
          ],
          [t('staff.secondFactor'), <SecondFactor key="f" member={member} />],
          [t('staff.lastSignIn'), <Time key="l" at={member.lastSignedInAt} />],
          [t('staff.since'), <Time key="c" at={member.createdAt} />],
          ...(member.managed ? [[t('staff.managed'), t('staff.managedHint')] as [string, string]] : []),
        ]}
      />
      <RoleChoice member={member} mayWrite={mayWrite} />
      {mayWrite ? (
        <>
          <MemberSessions member={member} />
          {member.disabledAt ? null : <WayIn member={member} />}
          {isMe ? null : <Leaving member={member} onClose={onClose} />}
        </>
      ) : null}
    </Stack>
  );
}

const CHANGES = [['staff'], ['roles']] as const;

function RoleChoice({ member, mayWrite }: { member: Member; mayWrite: boolean }) {
  const t = useText();
  const me = useMe();
  const roles = useRoles();
  const hint = useRoleHint();
  const change = useUndoable<{ to: string; from: string }>({
    act: ({ to }) => staffCalls.change(member.id, { role: to }),
    undo: ({ from }) => staffCalls.change(member.id, { role: from }),
    done: ({ to }) => t('staff.roleChanged', { name: member.name, role: roles.nameOf(to) }),
    changes: member.id === me.id ? [...CHANGES, ['me']] : CHANGES,
  });
  const now = roles.roles.find((role) => role.id === member.role);
  const open = mayWrite && (!now || roles.mayGive(now));
  const choices = now && !roles.givable.includes(now) ? [now, ...roles.givable] : roles.givable;
  return (
    <section className={styles.part}>
      <h3>{t('staff.role')}</h3>
      {change.error ? <Refusal title={t('staff.notChanged')} error={change.error} /> : null}
      {open ? (
        <SelectField
          hideLabel
          label={t('staff.role')}
          value={member.role}
          choices={choices.map(roles.choice)}
          onChange={(to) => {
            if (to !== member.role) change.mutate({ to, from: member.role });
          }}
        />
      ) : (
        <Row>
          <Tag>{roleName(member.role, member.roleName, t)}</Tag>
        </Row>
      )}
      <p className={styles.dim}>{hint(now)}</p>
      {open ? <p className={styles.dim}>{t('staff.roleEnds')}</p> : null}
    </section>
  );
}

function WayIn({ member }: { member: Member }) {
  const t = useText();
  const queries = useQueryClient();
  const reset = useMutation({
    mutationFn: () => staffCalls.sendReset(member.id),
    onSuccess: (sent) => sent.mailed && toast(t('staff.resetSent', { email: member.email })),
  });
  const lost = useMutation({
    mutationFn: () => staffCalls.removeSecondFactor(member.id),
    onSuccess: () => toast(t('staff.secondFactorGone')),
    onSettled: () => queries.invalidateQueries({ queryKey: ['staff'] }),
  });
  const error = reset.error ?? lost.error;
  return (
    <section className={styles.part}>
      <h3>{t('staff.wayIn')}</h3>
      {error ? <Refusal title={t('staff.notChanged')} error={error} /> : null}
      {reset.data?.link ? (
        <Handover
          label={t('staff.link')}
          why={t('staff.resetHandOver', { name: member.name })}
          link={reset.data.link}
        />
      ) : null}
      <Row>
        <Button small busy={reset.isPending} onClick={() => reset.mutate()}>
          {t('staff.sendReset')}
        </Button>
        {member.secondFactor || member.passkeys > 0 ? (
          <ConfirmButton
            question={t('staff.lostQuestion')}
            confirm={t('staff.lostConfirm')}
            busy={lost.isPending}
            onConfirm={() => lost.mutate()}
          >
            {t('staff.lost')}
          </ConfirmButton>
        ) : null}
      </Row>
    </section>
  );
}

function Leaving({ member, onClose }: { member: Member; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [keep, setKeep] = useState(false);
  const off = useUndoable<boolean>({
    act: (disabled) => staffCalls.change(member.id, { disabled }),
    undo: (disabled) => staffCalls.change(member.id, { disabled: !disabled }),
    done: (disabled) => t(disabled ? 'staff.switchedOff' : 'staff.switchedOn', { name: member.name }),
    changes: CHANGES,
  });
  const remove = useMutation({
    mutationFn: () => staffCalls.remove(member.id, keep ? 'keep' : 'revoke'),
    onSuccess: async () => {
      toast(t('staff.removed', { name: member.name }));
      onClose();
      queries.removeQueries({ queryKey: ['staff', 'one', member.id] });
      await Promise.all(CHANGES.map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
  });
  const error = off.error ?? remove.error;
  return (
    <section className={styles.part}>
      <h3>{t('staff.leaving')}</h3>
      {error ? <Refusal title={t('staff.notChanged')} error={error} /> : null}
      <p className={styles.dim}>{t('staff.leavingHint')}</p>
      {member.apiKeys > 0 ? (
        <Switch
          label={t('staff.keepKeys', { count: member.apiKeys })}
          hint={t('staff.keepKeysHint')}
          checked={keep}
          onChange={setKeep}
        />
      ) : null}
      <Row>
        <Button small busy={off.isPending} onClick={() => off.mutate(member.disabledAt === null)}>
          {member.disabledAt ? t('staff.switchOn') : t('staff.switchOff')}
        </Button>
        <ConfirmButton
          question={t('staff.removeQuestion', { name: member.name })}
          confirm={t('staff.removeConfirm')}
          busy={remove.isPending}
          onConfirm={() => remove.mutate()}
        >
          {t('staff.remove')}
        </ConfirmButton>
      </Row>
    </section>
  );
}
