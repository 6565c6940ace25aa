import { type ReactNode, useEffect } from 'react';

/** Something that can be done from the palette (⌘K). */
export interface Action {
  key: string;
  label: string;
  icon?: ReactNode;
  /** What its visitor must be allowed. */
  permission?: string;
  /** Offered only once something of its name is typed. */
  quiet?: boolean;
  run: () => void;
}

const registered = new Map<symbol, readonly Action[]>();

/** Offers a page's own actions in the palette while the page is open. */
export function useActions(actions: readonly Action[]): void {
  useEffect(() => {
    const place = Symbol();
    registered.set(place, actions);
    return () => {
      registered.delete(place);
    };
  }, [actions]);
}

export function registeredActions(): Action[] {
  return [...registered.values()].flat();
}
