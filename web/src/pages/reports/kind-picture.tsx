import type { ReactNode } from 'react';
import type { Kind } from './report.ts';
import styles from './reports.module.css';

const BARS: Partial<Record<Kind, readonly number[]>> = {
  funnel: [52, 34, 24, 16],
  stickiness: [50, 34, 22, 15, 11, 8, 6, 5],
};

/** What a kind of report looks like, in a few strokes. */
export function KindPicture({ kind, large }: { kind: Kind; large?: boolean }) {
  return (
    <svg
      viewBox="0 0 120 64"
      className={large ? styles.largePicture : styles.kindPicture}
      aria-hidden
      role="presentation"
    >
      {strokes(kind)}
    </svg>
  );
}

function bars(heights: readonly number[]): ReactNode {
  const width = 112 / heights.length;
  return heights.map((height, at) => (
    <rect
      // biome-ignore lint/suspicious/noArrayIndexKey: a picture's bars have a place.
      key={at}
      x={4 + at * width}
      y={60 - height}
      width={width - 4}
      height={height}
      rx={2}
      fill="var(--accent)"
      opacity={1 - at * (0.55 / heights.length)}
    />
  ));
}

function strokes(kind: Kind): ReactNode {
  const line = { fill: 'none', stroke: 'var(--accent-ink)', strokeWidth: 2.5, strokeLinejoin: 'round' as const };
  switch (kind) {
    case 'trend':
      return (
        <>
          <polyline points="4,52 24,44 44,47 64,30 84,34 116,10" {...line} />
          <polyline
            points="4,58 24,54 44,50 64,49 84,41 116,36"
            {...line}
            stroke="var(--ink-faint)"
            strokeDasharray="4 4"
          />
        </>
      );
    case 'funnel':
    case 'stickiness':
      return bars(BARS[kind] ?? []);
    case 'retention':
      return Array.from({ length: 5 }, (_, row) =>
        Array.from({ length: 6 - row }, (__, column) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a picture's cells have a place.
            key={`${row} ${column}`}
            x={4 + column * 19}
            y={4 + row * 12}
            width={17}
            height={10}
            rx={2}
            fill="var(--accent)"
            opacity={Math.max(0.14, 0.95 - column * 0.17 - row * 0.03)}
          />
        )),
      );
    case 'journey':
      return (
        <>
          <path d="M10 18 C50 18 60 12 110 12" {...line} strokeWidth={9} opacity={0.75} strokeLinecap="butt" />
          <path d="M10 28 C50 28 60 36 110 36" {...line} strokeWidth={6} opacity={0.5} strokeLinecap="butt" />
          <path d="M10 48 C50 48 70 54 110 54" {...line} strokeWidth={4} opacity={0.35} strokeLinecap="butt" />
          <rect x={4} y={10} width={6} height={44} rx={2} fill="var(--accent-ink)" />
          <rect x={110} y={6} width={6} height={12} rx={2} fill="var(--accent-ink)" />
          <rect x={110} y={31} width={6} height={10} rx={2} fill="var(--accent-ink)" />
          <rect x={110} y={50} width={6} height={8} rx={2} fill="var(--ink-faint)" />
        </>
      );
    case 'lifecycle':
      return [24, 30, 26, 34, 30, 36].map((up, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a picture's bars have a place.
        <g key={at}>
          <rect x={5 + at * 19} y={42 - up} width={14} height={up} rx={2} fill="var(--accent)" />
          <rect
            x={5 + at * 19}
            y={45}
            width={14}
            height={6 + (at % 3) * 4}
            rx={2}
            fill="var(--ink-faint)"
            opacity={0.6}
          />
        </g>
      ));
    case 'score':
      return (
        <>
          <path d="M14 56 A46 46 0 0 1 106 56" {...line} strokeWidth={10} stroke="var(--line)" />
          <path d="M14 56 A46 46 0 0 1 82 16" {...line} strokeWidth={10} />
          <circle cx={82} cy={16} r={5} fill="var(--accent)" />
        </>
      );
    case 'engagement':
      return (
        <>
          <polyline points="4,16 34,14 64,12 116,8" {...line} opacity={0.45} />
          <polyline points="4,34 34,30 64,31 116,24" {...line} opacity={0.7} />
          <polyline points="4,54 18,46 32,53 46,45 60,52 74,43 88,51 102,42 116,48" {...line} />
        </>
      );
    case 'sessions':
      return (
        <>
          {bars([20, 28, 24, 36, 30, 44, 40])}
          <polyline points="10,30 28,26 46,32 64,20 82,24 100,12 114,16" {...line} stroke="var(--ink-dim)" />
        </>
      );
  }
}
