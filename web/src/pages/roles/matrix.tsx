import { IconCheck, IconEyeOff } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useText } from '../../text.tsx';
import type { Role } from '../staff/calls.ts';
import { roleName } from '../staff/role-name.ts';
import { allows, appName, type PermissionGroup } from './permissions.ts';
import styles from './roles.module.css';

/** All roles beside one another: what each may do, by app. */
export function Matrix({ roles, groups }: { roles: Role[]; groups: PermissionGroup[] }) {
  const t = useText();
  const cell = (yes: boolean, words: string) => (
    <>
      {yes ? <IconCheck size={17} className={styles.yes} aria-hidden /> : <span className={styles.no}>·</span>}
      <span className="hidden-visually">{words}</span>
    </>
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
    <section className={styles.wrap} tabIndex={0} aria-label={t('roles.matrix')}>
      <table className={styles.matrix}>
        <thead>
          <tr>
            <th scope="col">{t('roles.permission')}</th>
            {roles.map((role) => (
              <th key={role.id} scope="col">
                <bdi>{roleName(role.id, role.name, t)}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">
              <IconEyeOff size={15} aria-hidden /> {t('roles.hides')}
            </th>
            {roles.map((role) => (
              <td key={role.id}>
                {cell(role.hidesPersonalData, role.hidesPersonalData ? t('roles.yes') : t('roles.no'))}
              </td>
            ))}
          </tr>
          {groups.map(({ app, permissions }) => (
            <Fragment key={app}>
              <tr className={styles.appRow}>
                <th scope="rowgroup" colSpan={roles.length + 1}>
                  {appName(app, t)}
                </th>
              </tr>
              {permissions.map((permission) => (
                <tr key={permission.id}>
                  <th scope="row">
                    {allows(permission, t)} <span className={styles.id}>{permission.id}</span>
                  </th>
                  {roles.map((role) => {
                    const has = role.permissions.includes(permission.id);
                    return <td key={role.id}>{cell(has, has ? t('roles.yes') : t('roles.no'))}</td>;
                  })}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  );
}
