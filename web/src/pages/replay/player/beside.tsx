import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconBolt,
  IconClick,
  IconClockPause,
  IconFileText,
  IconForms,
  IconHandOff,
  IconMoodAngry,
  IconNote,
  IconPuzzleOff,
  type TablerIcon,
} from '@tabler/icons-react';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import { formatBytes, formatDuration } from '../../../format.ts';
import { moveBetweenRows } from '../../../kit/hooks.ts';
import { useText } from '../../../text.tsx';
import type { PlayerEvent } from './engine.ts';
import { clock, type Mark, type MarkKind } from './marks.ts';
import styles from './player.module.css';
import type { Playback } from './player.tsx';

/** Lines drawn at a time, around the moment that is shown. */
const DRAWN = 200;

const ICONS: Record<MarkKind, TablerIcon> = {
  page: IconFileText,
  click: IconClick,
  error: IconAlertTriangle,
  rage: IconMoodAngry,
  dead: IconHandOff,
  uturn: IconArrowBackUp,
  slow: IconClockPause,
  form: IconForms,
  note: IconNote,
  event: IconBolt,
  gap: IconPuzzleOff,
};
const TONES: Partial<Record<MarkKind, 'bad' | 'warn'>> = {
  error: 'bad',
  rage: 'bad',
  dead: 'bad',
  uturn: 'warn',
  slow: 'warn',
  form: 'warn',
  gap: 'warn',
};

export interface Line {
  id: string;
  at: number;
  icon?: TablerIcon | undefined;
  tone?: 'bad' | 'warn' | undefined;
  words: ReactNode;
  /** What stands beside the line and is not part of its button. */
  tools?: ReactNode;
}

/** What happened, in its order; the line of the moment that is shown is marked, and a click shows a line's moment. */
export function Lines({
  playback,
  lines,
  none,
  label,
}: {
  playback: Playback;
  lines: Line[];
  none: string;
  label: string;
}) {
  const list = useRef<HTMLUListElement>(null);
  const { at, span, seek } = playback;
  const current = lines.findLastIndex((line) => line.at <= at + 50);
  const from = Math.max(0, Math.min(current - DRAWN / 2, lines.length - DRAWN));
  const drawn = lines.slice(from, from + DRAWN);
  const now = lines[current]?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when another line is the current one.
  useEffect(() => {
    const box = list.current?.closest('section');
    const line = list.current?.querySelector<HTMLElement>('[aria-current="true"]');
    // Whoever reads or moves in the list is not moved away.
    if (!box || !line || box.matches(':hover') || box.contains(document.activeElement)) return;
    const { top, bottom } = line.getBoundingClientRect();
    const room = box.getBoundingClientRect();
    if (top < room.top + 40 || bottom > room.bottom) box.scrollTop += top - room.top - room.height / 2;
  }, [now]);
  if (lines.length === 0) return <p className={styles.none}>{none}</p>;
  return (
    <ul className={styles.list} ref={list} aria-label={label} onKeyDown={moveBetweenRows}>
      {drawn.map((line) => {
        const Icon = line.icon;
        return (
          <li key={line.id} className={styles.item}>
            <button
              type="button"
              className={styles.line}
              data-row
              data-tone={line.tone}
              aria-current={line.id === now}
              onClick={() => seek(line.at)}
            >
              <time dir="ltr">{clock(line.at - span.from)}</time>
              {Icon ? <Icon size={16} aria-hidden /> : <span />}
              <span className={styles.words}>{line.words}</span>
            </button>
            {line.tools}
          </li>
        );
      })}
    </ul>
  );
}

export function MarkLines({
  playback,
  marks,
  wordsOf,
}: {
  playback: Playback;
  marks: readonly Mark[];
  /** A better word for a mark than its own, where there is one. */
  wordsOf?: (mark: Mark) => ReactNode;
}) {
  const t = useText();
  const lines = useMemo(
    () =>
      marks
        .toSorted((a, b) => a.at - b.at)
        .map(
          (mark): Line => ({
            id: mark.id,
            at: mark.at,
            icon: ICONS[mark.kind],
            tone: TONES[mark.kind],
            words: (
              <>
                {wordsOf?.(mark) ?? <bdi>{mark.words}</bdi>}
                {mark.detail ? (
                  <small>
                    <bdi>{mark.detail}</bdi>
                  </small>
                ) : null}
              </>
            ),
          }),
        ),
    [marks, wordsOf],
  );
  return <Lines playback={playback} lines={lines} none={t('replay.noEvents')} label={t('replay.events')} />;
}

const told = (events: readonly PlayerEvent[], tag: string) =>
  events.flatMap(({ timestamp, data }) => {
    const { tag: of, payload } = data as { tag: string; payload: Record<string, unknown> };
    return of === tag ? [{ at: timestamp, payload }] : [];
  });

export function ConsoleLines({ playback }: { playback: Playback }) {
  const t = useText();
  const lines = told(playback.told, 'tl-console').map(({ at, payload }, n): Line => {
    const level = String(payload.level ?? 'log');
    const tone = level === 'error' ? 'bad' : level === 'warn' ? 'warn' : undefined;
    return {
      id: `${at} ${n}`,
      at,
      icon: tone ? IconAlertTriangle : undefined,
      tone,
      words: (
        <span className={styles.mono} dir="ltr">
          {level === 'log' ? '' : `${level}: `}
          {String(payload.text ?? '')}
        </span>
      ),
    };
  });
  return <Lines playback={playback} lines={lines} none={t('replay.noConsole')} label={t('replay.console')} />;
}

export function NetworkLines({ playback }: { playback: Playback }) {
  const t = useText();
  const lines = told(playback.told, 'tl-network').map(({ at, payload }, n): Line => {
    const status = Number(payload.status ?? 0);
    const failed = status === 0 || status >= 400;
    return {
      id: `${at} ${n}`,
      at,
      icon: failed ? IconAlertTriangle : undefined,
      tone: failed ? 'bad' : undefined,
      words: (
        <>
          <span className={styles.mono} dir="ltr">
            {String(payload.method ?? '')} {String(payload.url ?? '')}
          </span>
          <small>
            {[
              status ? String(status) : t('replay.noAnswer'),
              typeof payload.ms === 'number' ? formatDuration(payload.ms) : '',
              typeof payload.bytes === 'number' && payload.bytes > 0 ? formatBytes(payload.bytes) : '',
            ]
              .filter(Boolean)
              .join(' · ')}
          </small>
        </>
      ),
    };
  });
  return <Lines playback={playback} lines={lines} none={t('replay.noNetwork')} label={t('replay.network')} />;
}
