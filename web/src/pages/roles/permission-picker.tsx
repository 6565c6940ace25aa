import { Checkbox } from '../../kit/checkbox.tsx';
import { useText } from '../../text.tsx';
import { allows, appName, type PermissionGroup } from './permissions.ts';
import styles from './roles.module.css';

/** Permissions to choose from, by app, each with the sentence that says what it allows. */
export function PermissionPicker({
  groups,
  chosen,
  mayChoose,
  onChange,
}: {
  groups: PermissionGroup[];
  chosen: ReadonlySet<string>;
  /** Whether the visitor may give it: nobody gives what they may not do themselves. */
  mayChoose: (id: string) => boolean;
  onChange: (chosen: Set<string>) => void;
}) {
  const t = useText();
  const set = (ids: string[], on: boolean) => {
    const next = new Set(chosen);
    for (const id of ids) {
      if (on) next.add(id);
      else next.delete(id);
    }
    onChange(next);
  };
  return (
    <div className={styles.groups}>
      {groups.map(({ app, permissions }) => {
        const own = permissions.map((one) => one.id).filter(mayChoose);
        const count = own.filter((id) => chosen.has(id)).length;
        return (
          <fieldset key={app} className={styles.group}>
            <legend className="hidden-visually">{appName(app, t)}</legend>
            <div className={styles.app}>
              <Checkbox
                label={appName(app, t)}
                checked={own.length > 0 && count === own.length}
                some={count > 0 && count < own.length}
                disabled={own.length === 0}
                onChange={(on) => set(own, on)}
              />
            </div>
            <div className={styles.permissions}>
              {permissions.map((permission) => (
                <Checkbox
                  key={permission.id}
                  label={allows(permission, t)}
                  hint={mayChoose(permission.id) ? permission.id : t('roles.notYours', { id: permission.id })}
                  checked={chosen.has(permission.id)}
                  disabled={!mayChoose(permission.id)}
                  onChange={(on) => set([permission.id], on)}
                />
              ))}
            </div>
          </fieldset>
        );
      })}
    </div>
  );
}
