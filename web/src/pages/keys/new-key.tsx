import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Secret } from '../../kit/data.tsx';
import { Segments, SelectField, TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useMe } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { PermissionPicker } from '../roles/permission-picker.tsx';
import { usePermissions } from '../roles/permissions.ts';
import type { Role } from '../staff/calls.ts';
import { roleName } from '../staff/role-name.ts';
import { useRoleHint, useRoles } from '../staff/roles-query.ts';
import { keyCalls } from './calls.ts';

const DAY_MS = 86_400_000;
const ENDS = ['30', '90', '365', 'date', 'never'] as const;
const USUAL_END = '90';
const dim = { color: 'var(--ink-dim)', fontSize: '0.8125rem' } as const;

/** Makes a key: what uses it, what it may do, and until when. */
export function NewKey({ onClose }: { onClose: () => void }) {
  const t = useText();
  const me = useMe();
  const queries = useQueryClient();
  const { query: known, roles, mayGive, choice } = useRoles();
  const hint = useRoleHint();
  const permissions = usePermissions();
  const [name, setName] = useState('');
  const [roleId, setRole] = useState<string | null>(null);
  const [scoped, setScoped] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [ends, setEnds] = useState<string>(USUAL_END);
  const [date, setDate] = useState('');
  // Roles of which the visitor may give a part are there too: a key can have a part of a role.
  const partly = roles.filter(
    (role: Role) => (role.id !== 'owner' || me.role === 'owner') && (role.hidesPersonalData || !me.hidesPersonalData),
  );
  const wanted = roleId ?? (roles.some((one) => one.id === 'analyst') ? 'analyst' : me.role);
  const role = partly.find((one) => one.id === wanted);
  const whole = role ? mayGive(role) : true;
  const part = scoped || !whole;
  const inRole = (id: string) => me.permissions.includes(id) && (role?.permissions.includes(id) ?? true);
  const groups = permissions.groups
    .map((group) => ({
      ...group,
      permissions: group.permissions.filter((one) => role?.permissions.includes(one.id) ?? one.yours),
    }))
    .filter((group) => group.permissions.length > 0);
  const expiresAt =
    ends === 'never'
      ? null
      : ends === 'date'
        ? date
          ? new Date(`${date}T23:59:59`)
          : undefined
        : daysFromNow(Number(ends));
  const create = useMutation({
    mutationFn: () =>
      keyCalls.create({
        role: wanted,
        ...(name.trim() ? { name: name.trim() } : {}),
        ...(part ? { permissions: [...chosen].filter(inRole) } : {}),
        ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
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
            <Stack gap={6}>
              <SelectField
                label={t('keys.role')}
                value={wanted}
                choices={
                  partly.length > 0
                    ? partly.map(choice)
                    : [{ value: me.role, label: roleName(me.role, me.roleName, t) }]
                }
                onChange={setRole}
              />
              <p style={dim}>{hint(role)}</p>
            </Stack>
            <Stack gap={10}>
              {whole ? (
                <Segments
                  label={t('keys.scope')}
                  value={part ? 'part' : 'all'}
                  choices={[
                    { value: 'all', label: t('keys.all') },
                    { value: 'part', label: t('keys.part') },
                  ]}
                  onChange={(value) => setScoped(value === 'part')}
                />
              ) : (
                <p style={dim}>{t('keys.partOnly')}</p>
              )}
              {part ? (
                <PermissionPicker groups={groups} chosen={chosen} mayChoose={inRole} onChange={setChosen} />
              ) : null}
            </Stack>
            <SelectField
              label={t('keys.ends')}
              value={ends}
              choices={ENDS.map((value) => ({
                value,
                label:
                  value === 'never'
                    ? t('keys.endsNever')
                    : value === 'date'
                      ? t('keys.endsOn')
                      : t('keys.endsIn', { count: Number(value) }),
              }))}
              onChange={setEnds}
            />
            {ends === 'date' ? (
              <TextField type="date" label={t('keys.lastDay')} value={date} onChange={setDate} required />
            ) : null}
            {ends === 'never' ? <p style={dim}>{t('keys.neverHint')}</p> : null}
            <Button
              type="submit"
              look="main"
              busy={create.isPending}
              // Until the roles are there, the field shows one's own, which may do more than the usual one.
              disabled={known.isLoading || expiresAt === undefined || (part && ![...chosen].some(inRole))}
            >
              {t('keys.create')}
            </Button>
          </Stack>
        </form>
      )}
    </SidePanel>
  );
}

const daysFromNow = (days: number) => new Date(Date.now() + days * DAY_MS);
