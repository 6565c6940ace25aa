import {
  cloneElement,
  type HTMLAttributes,
  lazy,
  type ReactElement,
  type ReactNode,
  Suspense,
  useRef,
  useState,
} from 'react';
import { holding } from './hooks.ts';

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

const MenuLate = lazy(() => import('./menu-late.tsx').then((part) => ({ default: part.MenuLate })));

/**
 * Groups of actions that open from `target`. What opens is fetched after the page is shown; an early click and the focus
 * are kept.
 */
export function Menu(props: MenuProps) {
  const [early, setEarly] = useState(false);
  const held = useRef(false);
  return (
    <Suspense fallback={cloneElement(props.target, { onClick: () => setEarly(true), ...holding(held) })}>
      <MenuLate {...props} open={early} held={held} />
    </Suspense>
  );
}
