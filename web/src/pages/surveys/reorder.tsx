import { IconGripVertical } from '@tabler/icons-react';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';
import { useText } from '../../text.tsx';
import styles from './surveys.module.css';

/** The items with one of them at another place; places outside are the nearest inside. */
function movedTo<T extends { id: string }>(items: readonly T[], id: string, to: number): T[] {
  const from = items.findIndex((one) => one.id === id);
  const item = items[from];
  if (!item) return [...items];
  const rest = items.filter((one) => one.id !== id);
  rest.splice(Math.max(0, Math.min(rest.length, to)), 0, item);
  return rest;
}

/**
 * A list whose items are put into another order by dragging their handles, or by the arrow keys, Home and End on them; a
 * screen reader hears where an item stands then. `children` draws an item with its handle.
 */
export function Reorder<T extends { id: string }>({
  label,
  items,
  nameOf,
  onOrder,
  fixed,
  className,
  children,
}: {
  label: string;
  items: readonly T[];
  nameOf: (item: T, index: number) => string;
  onOrder: (items: T[]) => void;
  /** Nothing can be moved: no handles. */
  fixed?: boolean;
  className?: string | undefined;
  children: (item: T, index: number, handle: ReactNode) => ReactNode;
}) {
  const t = useText();
  const list = useRef<HTMLOListElement>(null);
  const [drag, setDrag] = useState<{ id: string; to: number } | null>(null);
  const [said, setSaid] = useState('');
  const shown = drag ? movedTo(items, drag.id, drag.to) : items;

  const finish = (item: T, index: number, to: number) => {
    const place = Math.max(0, Math.min(items.length - 1, to));
    if (place === index) return;
    setSaid(t('surveys.standsAt', { name: nameOf(item, index), place: place + 1, count: items.length }));
    onOrder(movedTo(items, item.id, place));
  };
  const byKey = (item: T, index: number) => (event: KeyboardEvent) => {
    const to = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    finish(item, index, to);
  };
  const byPointer = (item: T, index: number) => (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0 || !list.current) return;
    event.preventDefault();
    event.currentTarget.focus();
    // Middles as they stand before anything moves, so that the order does not jump back and forth under the pointer.
    const others = [...list.current.querySelectorAll<HTMLElement>(':scope > [data-item]')].filter(
      (one) => one.dataset.item !== item.id,
    );
    const middles = others.map((one) => {
      const box = one.getBoundingClientRect();
      return box.top + box.height / 2 + window.scrollY;
    });
    let to = index;
    const moved = (now: globalThis.PointerEvent) => {
      to = middles.filter((middle) => middle < now.clientY + window.scrollY).length;
      setDrag({ id: item.id, to });
    };
    const stop = (cancelled: boolean) => {
      window.removeEventListener('pointermove', moved);
      window.removeEventListener('pointerup', up);
      window.removeEventListener('pointercancel', cancel);
      setDrag(null);
      if (!cancelled) finish(item, index, to);
    };
    const up = () => stop(false);
    const cancel = () => stop(true);
    window.addEventListener('pointermove', moved);
    window.addEventListener('pointerup', up);
    window.addEventListener('pointercancel', cancel);
  };
  return (
    <>
      <ol ref={list} className={`${styles.reorder} ${className ?? ''}`} aria-label={label}>
        {items.map((item, index) => (
          <li
            key={item.id}
            data-item={item.id}
            data-held={drag?.id === item.id || undefined}
            style={{ order: shown.findIndex((one) => one.id === item.id) }}
          >
            {children(
              item,
              index,
              fixed ? null : (
                <button
                  type="button"
                  className={styles.handle}
                  aria-label={t('surveys.moveNamed', { name: nameOf(item, index) })}
                  data-tip={t('surveys.moveHint')}
                  onPointerDown={byPointer(item, index)}
                  onKeyDown={byKey(item, index)}
                >
                  <IconGripVertical size={15} aria-hidden />
                </button>
              ),
            )}
          </li>
        ))}
      </ol>
      <span className="hidden-visually" role="status">
        {said}
      </span>
    </>
  );
}
