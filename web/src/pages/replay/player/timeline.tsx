import { type PointerEvent, useMemo, useRef } from 'react';
import { useText } from '../../../text.tsx';
import type { EngineState, Span } from './engine.ts';
import { clock, type Mark, thinned } from './marks.ts';
import styles from './player.module.css';

const STEP_MS = 5_000;
const PAGE_MS = 60_000;

/** The whole recording as one line: where it is, what is loaded, and what happened when. */
export function Timeline({
  span,
  state,
  marks,
  onSeek,
}: {
  span: Span;
  state: EngineState;
  marks: readonly Mark[];
  onSeek: (at: number) => void;
}) {
  const t = useText();
  const bar = useRef<HTMLDivElement>(null);
  const length = Math.max(1, span.to - span.from);
  const place = (at: number) => `${(Math.min(1, Math.max(0, (at - span.from) / length)) * 100).toFixed(3)}%`;
  const shown = useMemo(() => thinned(marks, span.from, span.to), [marks, span.from, span.to]);
  const timeAt = (event: PointerEvent) => {
    const { left, width } = bar.current!.getBoundingClientRect();
    return span.from + Math.min(1, Math.max(0, (event.clientX - left) / Math.max(1, width))) * length;
  };
  const nearest = (at: number) => {
    const within = length / 160;
    const near = shown.filter((mark) => Math.abs(mark.at - at) < within);
    return near.sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))[0];
  };
  return (
    <div
      ref={bar}
      className={styles.timeline}
      dir="ltr"
      role="slider"
      tabIndex={0}
      aria-label={t('replay.timeline')}
      aria-valuemin={0}
      aria-valuemax={Math.round(length / 1000)}
      aria-valuenow={Math.round((state.at - span.from) / 1000)}
      aria-valuetext={t('replay.placeOf', { at: clock(state.at - span.from), length: clock(length) })}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        onSeek(nearest(timeAt(event))?.at ?? timeAt(event));
      }}
      onPointerMove={(event) => {
        if (event.buttons & 1) onSeek(timeAt(event));
        const near = nearest(timeAt(event));
        event.currentTarget.title = near
          ? `${clock(near.at - span.from)} · ${near.words}`
          : clock(timeAt(event) - span.from);
      }}
      onKeyDown={(event) => {
        const move = { ArrowUp: STEP_MS, ArrowDown: -STEP_MS, PageUp: PAGE_MS, PageDown: -PAGE_MS }[event.key];
        if (event.key === 'Home') onSeek(span.from);
        else if (event.key === 'End') onSeek(span.to - 1);
        else if (move) onSeek(state.at + move);
        else return;
        event.preventDefault();
      }}
    >
      <span className={styles.rail}>
        <span
          className={styles.loaded}
          style={{ left: place(state.loadedFrom), right: `calc(100% - ${place(state.loadedTo)})` }}
        />
        <span className={styles.played} style={{ width: place(state.at) }} />
      </span>
      {shown.map((mark) => (
        <span
          key={mark.id}
          className={styles.mark}
          data-kind={mark.kind}
          style={{ left: place(mark.at) }}
          aria-hidden
        />
      ))}
      <span className={styles.head} style={{ left: place(state.at) }} aria-hidden />
    </div>
  );
}
