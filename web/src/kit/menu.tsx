import { cloneElement, type HTMLAttributes, type ReactElement, type ReactNode, useRef, useState } from 'react';
import { holding } from './hooks.ts';
import { Fetched, useFetched } from './late.tsx';

export type MenuAction = {
  label: string;
  icon?: ReactNode;
  checked?: boolean;
  /** One of several that may be chosen together: the menu stays open. */
  keepOpen?: boolean;
  onClick: () => void;
};
export type MenuGroup = { key: string; label?: string; items: MenuAction[] };
export type MenuProps = {
  target: ReactElement<HTMLAttributes<HTMLElement>>;
  groups: MenuGroup[];
  width?: number;
  /** Below the target, aligned to its start or its end, for menus at the top of a page; above it otherwise. */
  below?: 'start' | 'end';
};

const menuLate = new Fetched(() => import('./menu-late.tsx').then((part) => part.MenuLate));

/**
 * Groups of actions that open from `target`. What opens is fetched after the page is shown; an early click and the focus
 * are kept.
 */
export function Menu(props: MenuProps) {
  const [early, setEarly] = useState(false);
  const held = useRef(false);
  const MenuLate = useFetched(menuLate);
  if (MenuLate) return <MenuLate {...props} open={early} held={held} />;
  return cloneElement(props.target, { onClick: () => setEarly(true), ...holding(held) });
}
