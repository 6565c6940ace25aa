import { Menu as MantineMenu } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';
import styles from './menu.module.css';

export type MenuAction = { label: string; icon?: ReactNode; checked?: boolean; onClick: () => void };
export type MenuGroup = { key: string; label?: string; items: MenuAction[] };

/** Groups of actions that open from `target`; an item with `checked` is one of several choices. */
export function Menu({ target, groups, width = 230 }: { target: ReactElement; groups: MenuGroup[]; width?: number }) {
  return (
    <MantineMenu
      width={width}
      shadow="md"
      position="top-start"
      withinPortal={false}
      withInitialFocusPlaceholder={false}
    >
      <MantineMenu.Target>{target}</MantineMenu.Target>
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
