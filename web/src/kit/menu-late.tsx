import { Menu as MantineMenu } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { cloneElement, type RefObject } from 'react';
import styles from './menu.module.css';
import type { MenuProps } from './menu.tsx';

/** Groups of actions that open from `target`; an item with `checked` is one of several choices. */
export function MenuLate({
  target,
  groups,
  width = 230,
  below,
  open,
  held,
}: MenuProps & { open: boolean; held: RefObject<boolean> }) {
  return (
    <MantineMenu
      width={width}
      shadow="md"
      position={below ? `bottom-${below}` : 'top-start'}
      defaultOpened={open}
      withinPortal={false}
      withInitialFocusPlaceholder={false}
    >
      <MantineMenu.Target>{cloneElement(target, { autoFocus: held.current })}</MantineMenu.Target>
      <MantineMenu.Dropdown>
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: within a menu a group is this role, not a fieldset.
          <div key={group.key} role="group" aria-label={group.label} className={styles.group}>
            {group.label ? (
              <div className={styles.label} aria-hidden>
                {group.label}
              </div>
            ) : null}
            {group.items.map((item) => (
              <MantineMenu.Item
                key={item.label}
                leftSection={item.icon}
                rightSection={item.checked ? <IconCheck size={15} aria-hidden /> : null}
                aria-current={item.checked ? 'true' : undefined}
                closeMenuOnClick={!item.keepOpen}
                onClick={item.onClick}
              >
                {item.label}
              </MantineMenu.Item>
            ))}
          </div>
        ))}
      </MantineMenu.Dropdown>
    </MantineMenu>
  );
}
