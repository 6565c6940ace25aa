import { IconCheck, IconCopy, IconEye, IconEyeOff } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Tag } from '../../kit/data.tsx';
import { Switch, TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMe } from '../../session.tsx';
import { useText } from '../../text.tsx';
import type { Role } from '../staff/calls.ts';
import { roleName } from '../staff/role-name.ts';
import { useRoleHint } from '../staff/roles-query.ts';
import { type RoleInput, roleCalls } from './calls.ts';
import { PermissionPicker } from './permission-picker.tsx';
import { allows, appName, type PermissionGroup } from './permissions.ts';
import styles from './roles.module.css';

/** A role that stays as it is: what it may do and see. */
export function RolePanel({
  role,
  groups,
  mayWrite,
  onDuplicate,
  onClose,
}: {
  role: Role;
  groups: PermissionGroup[];
  mayWrite: boolean;
  onDuplicate: () => void;
  onClose: () => void;
}) {
  const t = useText();
  const hint = useRoleHint();
  return (
    <SidePanel
      title={<bdi>{roleName(role.id, role.name, t)}</bdi>}
      sub={role.builtIn ? t('roles.builtInHint') : t('roles.ownHint')}
      onClose={onClose}
      foot={
        mayWrite ? (
          <Button icon={<IconCopy size={16} />} onClick={onDuplicate}>
            {t('roles.duplicate')}
          </Button>
        ) : null
      }
    >
      <Stack gap={18}>
        <p>{hint(role)}</p>
        <Row>
          <Tag
            tone={role.hidesPersonalData ? 'warn' : 'plain'}
            icon={role.hidesPersonalData ? <IconEyeOff size={13} aria-hidden /> : <IconEye size={13} aria-hidden />}
          >
            {role.hidesPersonalData ? t('roles.hides') : t('roles.shows')}
          </Tag>
          <Tag>{t('roles.people', { count: role.people })}</Tag>
        </Row>
        <div className={styles.list}>
          {groups
            .map(({ app, permissions }) => ({
              app,
              permissions: permissions.filter((one) => role.permissions.includes(one.id)),
            }))
            .filter(({ permissions }) => permissions.length > 0)
            .map(({ app, permissions }) => (
              <section key={app}>
                <h3>{appName(app, t)}</h3>
                <ul>
                  {permissions.map((permission) => (
                    <li key={permission.id}>
                      <IconCheck size={16} className={styles.yes} aria-hidden />
                      {allows(permission, t)}
                    </li>
                  ))}
                </ul>
              </section>
            ))}
        </div>
      </Stack>
    </SidePanel>
  );
}

/** Makes a role of the company's own, from nothing or from another, or changes one. */
export function RoleEditor({
  role,
  from,
  groups,
  onDuplicate,
  onClose,
}: {
  /** The role that is changed; none for a new one. */
  role: Role | null;
  /** What a new one begins as. */
  from: Role | null;
  groups: PermissionGroup[];
  onDuplicate: () => void;
  onClose: (madeId?: string) => void;
}) {
  const t = useText();
  const me = useMe();
  const queries = useQueryClient();
  const start = role ?? from;
  const mayChoose = (id: string) => me.permissions.includes(id);
  const [name, setName] = useState(
    role?.name ?? (from ? t('roles.copyOf', { name: roleName(from.id, from.name, t) }) : ''),
  );
  const [description, setDescription] = useState(role?.description ?? (from?.builtIn ? '' : (from?.description ?? '')));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set((start?.permissions ?? []).filter((id) => role !== null || mayChoose(id))),
  );
  const [hides, setHides] = useState(start?.hidesPersonalData ?? me.hidesPersonalData);
  const input: RoleInput = {
    name: name.trim(),
    description: description.trim(),
    permissions: [...chosen],
    hidesPersonalData: hides,
  };
  const refresh = () =>
    Promise.all(['roles', 'staff', 'me'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  const save = useMutation({
    mutationFn: () => (role ? roleCalls.change(role.id, input) : roleCalls.create(input)),
    onSuccess: async (saved) => {
      toast(role ? t('roles.saved') : t('roles.made', { name: saved.name }));
      await refresh();
      onClose(role ? undefined : saved.id);
    },
  });
  const remove = useMutation({
    mutationFn: (gone: Role) => roleCalls.remove(gone.id),
    onSuccess: async () => {
      toast(t('roles.removed', { name }));
      onClose();
      await refresh();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <SidePanel
      title={role ? <bdi>{role.name}</bdi> : t('roles.create')}
      sub={role ? t('roles.people', { count: role.people }) : t('roles.createHint')}
      onClose={() => onClose()}
    >
      <form onSubmit={submit}>
        <Stack gap={18}>
          {save.error ? <Refusal title={t('roles.notSaved')} error={save.error} /> : null}
          {remove.error ? <Refusal title={t('roles.notRemoved')} error={remove.error} /> : null}
          <TextField label={t('roles.name')} value={name} onChange={setName} required autoFocus={!role} />
          <TextField label={t('roles.description')} value={description} onChange={setDescription} />
          <div className={styles.box}>
            <Switch label={t('roles.hides')} checked={hides} onChange={setHides} disabled={me.hidesPersonalData} />
            <p className={styles.dim}>{t('roles.hidesHint')}</p>
          </div>
          <PermissionPicker groups={groups} chosen={chosen} mayChoose={mayChoose} onChange={setChosen} />
          <Row>
            <Button type="submit" look="main" busy={save.isPending} disabled={name.trim() === ''}>
              {role ? t('kit.save') : t('roles.create')}
            </Button>
            {role ? (
              <>
                <Button icon={<IconCopy size={16} />} onClick={onDuplicate}>
                  {t('roles.duplicate')}
                </Button>
                <ConfirmButton
                  small={false}
                  question={t('roles.removeQuestion')}
                  confirm={t('roles.remove')}
                  busy={remove.isPending}
                  onConfirm={() => remove.mutate(role)}
                >
                  {t('roles.remove')}
                </ConfirmButton>
              </>
            ) : null}
          </Row>
        </Stack>
      </form>
    </SidePanel>
  );
}
