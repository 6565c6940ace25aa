import {
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerTrackNext,
  IconPlayerTrackPrev,
  IconRewindBackward10,
  IconRewindForward10,
} from '@tabler/icons-react';
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { formatNumber } from '../../../format.ts';
import { IconButton } from '../../../kit/button.tsx';
import { SelectField, Switch } from '../../../kit/field.tsx';
import { Refusal } from '../../../kit/states.tsx';
import { useText } from '../../../text.tsx';
import { Engine, type EngineState, type Feed, NoSnapshot, type PlayerEvent, type Span } from './engine.ts';
import { clock, type Mark } from './marks.ts';
import styles from './player.module.css';
import { Stage } from './stage.tsx';
import { Timeline } from './timeline.tsx';

const SPEEDS = [0.5, 1, 2, 4, 8, 16];
const SHORT_MS = 5_000;
const LONG_MS = 10_000;
/** How often what changes with every frame is drawn anew. */
const DRAW_MS = 100;
/** Of a recording that goes on, whoever is so near its end sees what comes. */
const FOLLOWS_MS = 15_000;

/** What is beside the picture gets. */
export interface Playback {
  at: number;
  span: Span;
  told: readonly PlayerEvent[];
  seek: (at: number) => void;
  pause: () => void;
}

export interface PlayerProps {
  /** Names the recording; another one begins anew. */
  id: string;
  span: Span;
  feed: Feed;
  marks: readonly Mark[];
  /** Where it begins. */
  start: number;
  beside: (playback: Playback) => ReactNode;
}

const begins = (span: Span): EngineState => ({
  ...{ phase: 'loading', wants: false, at: span.from, loadedFrom: span.from, loadedTo: span.from },
  ...{ skippedTo: null, width: 0, height: 0, error: null },
});

/** It plays, or will by itself. */
const plays = ({ wants, phase }: EngineState) => wants && phase !== 'failed';

export function Player({ id, span, feed, marks, start, beside }: PlayerProps) {
  const t = useText();
  const frame = useRef<HTMLDivElement>(null);
  const engine = useRef<Engine | null>(null);
  const [state, setState] = useState(() => begins(span));
  const [told, setTold] = useState<readonly PlayerEvent[]>([]);
  const [speed, setSpeed] = useState(1);
  const [skips, setSkips] = useState(true);
  const from = useRef({ span, feed, start });
  from.current = { span, feed, start };

  // biome-ignore lint/correctness/useExhaustiveDependencies: another recording, another engine.
  useEffect(() => {
    let drawn = 0;
    let phase = '';
    let loaded = 0;
    const tell = (next: EngineState) => {
      const now = performance.now();
      if (next.phase === phase && next.phase === 'playing' && next.skippedTo === null && now - drawn < DRAW_MS) return;
      drawn = now;
      phase = next.phase;
      setState(next);
      if (next.loadedTo !== loaded) {
        loaded = next.loadedTo;
        setTold(engine.current?.told ?? []);
      }
    };
    const tail = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
    const made = new Engine(frame.current!, (...asked) => from.current.feed(...asked), span, tell, tail);
    engine.current = made;
    made.skips = skips;
    made.speed = speed;
    void made.seek(from.current.start);
    return () => {
      made.destroy();
      engine.current = null;
    };
  }, [id, span.snapshots.length > 0]);
  // The recording's end moves while it is still written; what plays goes on as it is.
  useEffect(() => engine.current?.grow(span), [span]);

  const seek = (at: number) => void engine.current?.seek(at);
  const toggle = () => {
    const { current } = engine;
    if (current) plays(current.state) ? current.pause() : current.play();
  };
  const by = (milliseconds: number) => seek((engine.current?.state.at ?? span.from) + milliseconds);
  const changeSpeed = (next: number) => {
    setSpeed(next);
    if (engine.current) engine.current.speed = next;
  };
  const faster = (step: 1 | -1) => changeSpeed(SPEEDS[SPEEDS.indexOf(speed) + step] ?? speed);
  const stops = useMemo(
    () =>
      marks
        .filter(({ kind }) => kind !== 'click')
        .map(({ at }) => at)
        .sort((a, b) => a - b),
    [marks],
  );
  const jump = (step: 1 | -1) => {
    const at = engine.current?.state.at ?? span.from;
    const next = step > 0 ? stops.find((one) => one > at + 500) : stops.findLast((one) => one < at - 1500);
    seek(next ?? (step > 0 ? span.to - 1 : span.from));
  };
  useKeys(
    new Map([
      [' ', toggle],
      ['k', toggle],
      ['ArrowLeft', () => by(-SHORT_MS)],
      ['ArrowRight', () => by(SHORT_MS)],
      ['j', () => by(-LONG_MS)],
      ['l', () => by(LONG_MS)],
      ['<', () => faster(-1)],
      ['>', () => faster(1)],
    ]),
  );

  const follows = (state.phase === 'playing' || state.phase === 'waiting') && span.to - state.at <= FOLLOWS_MS;
  const length = span.to - span.from;
  return (
    <div className={styles.player}>
      <section className={styles.main} aria-label={t('replay.player')}>
        <Stage frame={frame} width={state.width} height={state.height}>
          {state.phase === 'loading' ? (
            <p className={styles.over} role="status">
              {t('replay.loading')}
            </p>
          ) : null}
          {state.skippedTo !== null && state.phase === 'playing' ? (
            <p className={styles.over} role="status">
              {t('replay.skipped')}
            </p>
          ) : null}
          {state.phase === 'failed' ? (
            <div className={styles.over}>
              <Refusal
                title={t('replay.cannotPlay')}
                error={state.error instanceof NoSnapshot ? new Error(t('replay.notPlayableText')) : state.error}
                onRetry={() => seek(state.at)}
              />
            </div>
          ) : null}
        </Stage>
        <Timeline span={span} state={state} marks={marks} onSeek={seek} />
        <div className={styles.controls}>
          <div className={styles.buttons}>
            <IconButton label={t('replay.backTen')} onClick={() => by(-LONG_MS)}>
              <IconRewindBackward10 size={20} />
            </IconButton>
            <IconButton label={plays(state) ? t('replay.pause') : t('replay.play')} onClick={toggle}>
              {plays(state) ? <IconPlayerPause size={22} /> : <IconPlayerPlay size={22} />}
            </IconButton>
            <IconButton label={t('replay.forwardTen')} onClick={() => by(LONG_MS)}>
              <IconRewindForward10 size={20} />
            </IconButton>
            <IconButton label={t('replay.previousMark')} onClick={() => jump(-1)}>
              <IconPlayerTrackPrev size={18} />
            </IconButton>
            <IconButton label={t('replay.nextMark')} onClick={() => jump(1)}>
              <IconPlayerTrackNext size={18} />
            </IconButton>
            <span className={styles.clock} dir="ltr">
              <span data-at={state.at}>{clock(state.at - span.from)}</span> / {clock(length)}
            </span>
            {span.live ? (
              <button
                type="button"
                className={styles.live}
                aria-pressed={follows}
                title={t('replay.followHint')}
                onClick={() => engine.current?.follow()}
              >
                {t('replay.follow')}
              </button>
            ) : null}
          </div>
          <div className={styles.buttons}>
            <Switch
              label={t('replay.skipIdle')}
              checked={skips}
              onChange={(on) => {
                setSkips(on);
                if (engine.current) engine.current.skips = on;
              }}
            />
            <SelectField
              hideLabel
              label={t('replay.speed')}
              value={String(speed)}
              width={92}
              choices={SPEEDS.map((value) => ({ value: String(value), label: `${formatNumber(value)}×` }))}
              onChange={(value) => changeSpeed(Number(value))}
            />
          </div>
        </div>
      </section>
      <section className={styles.beside} aria-label={t('replay.beside')}>
        {beside({ at: state.at, span, told, seek, pause: () => engine.current?.pause() })}
      </section>
    </div>
  );
}

/** Keys of the player, wherever the focus is; not while something is typed, and not where a control uses them itself. */
function useKeys(keys: ReadonlyMap<string, () => void>): void {
  const now = useRef(keys);
  now.current = keys;
  // From the moment the player is seen: a key that is pressed then counts.
  useLayoutEffect(() => {
    let before = '';
    const listen = (event: KeyboardEvent) => {
      // After `g` a letter opens a page.
      const opensPage = before === 'g';
      before = event.key;
      if (opensPage || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      if (
        target.closest(
          'input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=menu], [role=listbox]',
        )
      )
        return;
      const onControl = target.closest('button, a, [role=tab], [type=checkbox]');
      if (onControl && (event.key === ' ' || event.key.startsWith('Arrow'))) return;
      const act = now.current.get(event.key);
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    document.addEventListener('keydown', listen, true);
    return () => document.removeEventListener('keydown', listen, true);
  }, []);
}
