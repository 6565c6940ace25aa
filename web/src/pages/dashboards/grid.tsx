import { IconArrowsDiagonal2, IconGripVertical } from '@tabler/icons-react';
import { type CSSProperties, type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';
import { useText } from '../../text.tsx';
import styles from './grid.module.css';
import { COLUMNS, GAP, movedTo, nudged, type Placed, ROW, resizedTo, settled } from './layout.ts';

/** What a tile is given besides its content while the dashboard is edited. */
export interface Handles {
  move: ReactNode;
  resize: ReactNode;
  held: boolean;
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/**
 * Tiles on a grid of twelve columns. While it is edited each is moved and made larger by dragging its handles, or by the
 * arrow keys on them; a screen reader hears where it stands. On a narrow screen tiles stand one below another.
 */
export function Grid<T extends Placed>({
  tiles,
  editing,
  nameOf,
  onLayout,
  children,
}: {
  tiles: readonly T[];
  editing: boolean;
  nameOf: (tile: T) => string;
  onLayout: (tiles: T[]) => void;
  children: (tile: T, handles: Handles | null) => ReactNode;
}) {
  const t = useText();
  const grid = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ id: string; layout: T[] } | null>(null);
  const [said, setSaid] = useState('');
  const shown = drag?.layout ?? settled(tiles);

  const say = (id: string, layout: readonly T[]) => {
    const tile = layout.find((one) => one.id === id);
    if (!tile) return;
    const { x, y, w, h } = tile;
    setSaid(t('dashboards.standsAt', { name: nameOf(tile), column: x + 1, row: y + 1, width: w, height: h }));
  };
  const finish = (id: string, layout: T[]) => {
    say(id, layout);
    onLayout(layout);
  };
  const byKey = (tile: T, what: 'move' | 'resize') => (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const rightToLeft = grid.current ? getComputedStyle(grid.current).direction === 'rtl' : false;
    const dx = rightToLeft ? -step[0] : step[0];
    const start = settled(tiles);
    finish(
      tile.id,
      what === 'move'
        ? nudged(start, tile.id, dx, step[1])
        : resizedTo(start, tile.id, { w: tile.w + dx, h: tile.h + step[1] }),
    );
  };
  const byPointer = (tile: T, what: 'move' | 'resize') => (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0 || !grid.current) return;
    event.preventDefault();
    const box = grid.current.getBoundingClientRect();
    const way = getComputedStyle(grid.current).direction === 'rtl' ? -1 : 1;
    const column = (box.width + GAP) / COLUMNS;
    const from = { x: event.clientX, y: event.clientY + window.scrollY };
    const start = settled(tiles);
    let layout = start;
    const moved = (now: globalThis.PointerEvent) => {
      const dx = Math.round((way * (now.clientX - from.x)) / column);
      const dy = Math.round((now.clientY + window.scrollY - from.y) / (ROW + GAP));
      layout =
        what === 'move'
          ? movedTo(start, tile.id, { x: tile.x + dx, y: tile.y + dy })
          : resizedTo(start, tile.id, { w: tile.w + dx, h: tile.h + dy });
      // In the order of before: a handle that is taken out of the page under the pointer would be lost to it.
      setDrag({ id: tile.id, layout: start.map((one) => layout.find(({ id }) => id === one.id) ?? one) });
    };
    const stop = (cancelled: boolean) => {
      window.removeEventListener('pointermove', moved);
      window.removeEventListener('pointerup', up);
      window.removeEventListener('pointercancel', cancel);
      setDrag(null);
      if (!cancelled && layout !== start) finish(tile.id, layout);
    };
    const up = () => stop(false);
    const cancel = () => stop(true);
    window.addEventListener('pointermove', moved);
    window.addEventListener('pointerup', up);
    window.addEventListener('pointercancel', cancel);
  };
  return (
    <>
      <div
        ref={grid}
        className={styles.grid}
        data-editing={editing || undefined}
        style={{ '--row': `${ROW}px`, '--gap': `${GAP}px` } as CSSProperties}
      >
        {shown.map((tile) => (
          <section
            key={tile.id}
            aria-label={nameOf(tile)}
            className={styles.tile}
            data-tile={tile.id}
            data-held={drag?.id === tile.id || undefined}
            style={
              {
                gridColumn: `${tile.x + 1} / span ${tile.w}`,
                gridRow: `${tile.y + 1} / span ${tile.h}`,
                '--tall': tile.h,
              } as CSSProperties
            }
          >
            {children(
              tile,
              editing
                ? {
                    held: drag?.id === tile.id,
                    move: (
                      <Handle
                        className={styles.handle}
                        label={t('dashboards.moveNamed', { name: nameOf(tile) })}
                        onPointerDown={byPointer(tile, 'move')}
                        onKeyDown={byKey(tile, 'move')}
                      >
                        <IconGripVertical size={16} aria-hidden />
                      </Handle>
                    ),
                    resize: (
                      <Handle
                        className={styles.resize}
                        label={t('dashboards.resizeNamed', { name: nameOf(tile) })}
                        onPointerDown={byPointer(tile, 'resize')}
                        onKeyDown={byKey(tile, 'resize')}
                      >
                        <IconArrowsDiagonal2 size={15} aria-hidden />
                      </Handle>
                    ),
                  }
                : null,
            )}
          </section>
        ))}
      </div>
      <span className="hidden-visually" role="status">
        {said}
      </span>
    </>
  );
}

function Handle({
  label,
  className,
  children,
  ...handlers
}: {
  label: string;
  className: string | undefined;
  children: ReactNode;
  onPointerDown: (event: PointerEvent<HTMLElement>) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}) {
  return (
    <button type="button" className={`${styles.knob} ${className}`} aria-label={label} data-tip={label} {...handlers}>
      {children}
    </button>
  );
}
