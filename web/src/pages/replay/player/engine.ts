import { type eventWithTime, Replayer } from 'rrweb';
import { TreeGuard } from './guard.ts';
import { keepFocus } from './keep-focus.ts';
import { maskedSelects } from './masked-selects.ts';

export interface PlayerEvent {
  type: number;
  /** Milliseconds since 1970 by the visitor's clock. */
  timestamp: number;
  data: unknown;
}

/** The picture of the page from which this part would be drawn never came. */
export class NoSnapshot extends Error {}

/** Where events come from: those from `from` on and before `to`. */
export type Feed = (from: number, to: number, signal: AbortSignal) => Promise<PlayerEvent[]>;

export interface Span {
  from: number;
  to: number;
  /** Times of full snapshots, in their order: from each the page can be drawn. */
  snapshots: readonly number[];
  chunks: readonly { n: number; fromMs: number; toMs: number }[];
  /** More may come: at its end it is waited for. */
  live: boolean;
}

export type Phase = 'loading' | 'playing' | 'waiting' | 'paused' | 'ended' | 'failed';
export interface EngineState {
  phase: Phase;
  /** It plays, or will as soon as what is to be shown is there. */
  wants: boolean;
  at: number;
  loadedFrom: number;
  loadedTo: number;
  /** Where a pause that is left out ends; null while none is. */
  skippedTo: number | null;
  width: number;
  height: number;
  error: unknown;
}

/** What is asked for beyond the moment that is shown first, and in one call after it. */
const FIRST_MS = 8_000;
const WINDOW_MS = 60_000;
/** A meta event stands shortly before the snapshot that it belongs to. */
const BEFORE_SNAPSHOT_MS = 1_000;
/** Who does nothing for longer is idle, and played on from shortly before they did something again. */
const IDLE_MS = 5_000;
const BEFORE_TOUCH_MS = 800;
/** What could not be fetched ahead is asked for again so much later, or when it is needed. */
const AGAIN_MS = 3_000;
/** More than this is not kept in memory at a time. */
const KEPT_MS = 20 * 60_000;
const TOUCHES: ReadonlySet<number> = new Set([1, 2, 3, 5, 6, 12]);

const META = 4;
const FULL = 2;
const CUSTOM = 5;

/**
 * Plays a recording: fetches what is needed for a moment from the snapshot before it, draws it in a frame without
 * scripts, and fetches what follows while it plays. Time is the visitor's clock.
 */
export class Engine {
  readonly #stage: HTMLElement;
  readonly #feed: Feed;
  #span: Span;
  readonly #tell: (state: EngineState) => void;
  readonly #tail: string;
  #state: EngineState;
  #replayer: Replayer | null = null;
  #first = 0;
  #touches: number[] = [];
  #guard = new TreeGuard();
  readonly #told = new Map<string, PlayerEvent>();
  /** Whoever is at the end of a recording that goes on is taken along. */
  #follows = false;
  /** What is drawn lacks something that came late. */
  #stale = false;
  /** Chunks that came while an answer was on its way, which therefore may lack them. */
  #came: Span['chunks'][number][] = [];
  #againAt = 0;
  #speed = 1;
  #skips = true;
  #fetching: AbortController | null = null;
  #seeking: AbortController | null = null;
  #tick = 0;
  #clock = { at: 0, since: 0 };

  readonly #focus = keepFocus(() => this.#replayer?.iframe);

  constructor(stage: HTMLElement, feed: Feed, span: Span, tell: (state: EngineState) => void, tail: string) {
    this.#stage = stage;
    this.#feed = feed;
    this.#span = span;
    this.#tell = tell;
    this.#tail = tail;
    this.#state = {
      ...{ phase: 'loading', wants: false, at: span.from, loadedFrom: span.from, loadedTo: span.from },
      ...{ skippedTo: null, width: 0, height: 0, error: null },
    };
  }

  get state(): EngineState {
    return this.#state;
  }

  /** What the recorder told beside the page, of all that was fetched so far: console, network, what was left out. */
  get told(): PlayerEvent[] {
    return [...this.#told.values()].sort((a, b) => a.timestamp - b.timestamp);
  }

  /** Shows a moment, and plays on from there if it played. */
  async seek(time: number): Promise<void> {
    const at = Math.min(this.#span.to, Math.max(this.#span.from, time));
    this.#follows = at >= this.#span.to - 1;
    this.#seeking?.abort();
    this.#seeking = null;
    if (this.#holds(at)) {
      this.#show(at);
      return;
    }
    const seeking = new AbortController();
    this.#seeking = seeking;
    this.#fetching?.abort();
    this.#fetching = null;
    this.#came = [];
    this.#stop();
    this.#set({ phase: 'loading', at, skippedTo: null, error: null });
    const { snapshots } = this.#span;
    const snapshot = snapshots.findLast((one) => one <= at) ?? snapshots[0] ?? this.#span.from;
    const to = Math.min(Math.max(at, snapshot) + FIRST_MS, this.#span.to + 1);
    try {
      const events = await this.#feed(snapshot - BEFORE_SNAPSHOT_MS, to, seeking.signal);
      if (seeking.signal.aborted) return;
      this.#begin(events, snapshot, to);
      // A new replayer takes the page's first size a moment later; what is shown may be after another.
      await new Promise((done) => setTimeout(done));
      if (seeking.signal.aborted) return;
      this.#seeking = null;
      const lacks = this.#lacksLate();
      this.#show(at);
      if (lacks) void this.seek(at);
    } catch (error) {
      if (seeking.signal.aborted) return;
      this.#seeking = null;
      this.#set({ phase: 'failed', error });
    }
  }

  /** Whether what came while the last answer was on its way belongs into it: then all has to be drawn anew. */
  #lacksLate(): boolean {
    const { loadedFrom, loadedTo } = this.#state;
    const lacks = this.#came.some(({ fromMs, toMs }) => fromMs < loadedTo && toMs >= loadedFrom);
    this.#came = [];
    this.#stale ||= lacks;
    return lacks;
  }

  /** Whether a moment is loaded. Before the first picture of the page there is nothing but that picture to show. */
  #holds(at: number): boolean {
    const { loadedFrom, loadedTo } = this.#state;
    if (!this.#replayer || this.#stale || at >= loadedTo) return false;
    return at >= loadedFrom || loadedFrom <= (this.#span.snapshots[0] ?? this.#span.from);
  }

  play(): void {
    this.#want(true);
    if (this.#state.phase === 'ended') void this.seek(this.#span.from);
    else if (this.#state.phase === 'failed') void this.seek(this.#state.at);
    else if (this.#state.phase === 'paused') this.#show(this.#state.at);
  }

  pause(): void {
    this.#want(false);
    this.#follows = false;
    if (this.#state.phase !== 'playing' && this.#state.phase !== 'waiting') return;
    this.#stop();
    this.#replayer?.pause();
    this.#set({ phase: 'paused', skippedTo: null });
  }

  /** Goes to the end of what there is, and on with what comes. */
  follow(): void {
    this.#want(true);
    void this.seek(this.#span.to);
  }

  /** The recording is longer now, or has ended. Whoever was at its end goes on with it; everybody else stays where they are. */
  grow(span: Span): void {
    const { phase, at, loadedFrom, loadedTo } = this.#state;
    const known = new Set(this.#span.chunks.map(({ n }) => n));
    const fresh = span.chunks.filter(({ n }) => !known.has(n));
    this.#span = span;
    if (this.#seeking || this.#fetching) this.#came.push(...fresh);
    if (phase === 'failed') {
      if (fresh.length > 0) void this.seek(at);
      return;
    }
    if (this.#replayer && fresh.some(({ fromMs, toMs }) => fromMs < loadedTo && toMs >= loadedFrom)) {
      this.#stale = true;
      this.#want(this.#state.wants || phase === 'ended' || this.#follows);
      void this.seek(at);
    } else if (fresh.length > 0 && (phase === 'ended' || (phase === 'paused' && this.#follows))) {
      this.#set({ phase: 'waiting', wants: true });
      void this.#more();
    } else if (phase === 'waiting' && !span.live && loadedTo > span.to) this.#ended();
    else void this.#more();
  }

  set speed(speed: number) {
    this.#speed = speed;
    this.#replayer?.setConfig({ speed });
    if (this.#state.phase === 'playing') this.#show(this.#state.at);
  }

  set skips(skips: boolean) {
    this.#skips = skips;
  }

  destroy(): void {
    this.#stop();
    this.#seeking?.abort();
    this.#fetching?.abort();
    this.#replayer?.destroy();
    this.#replayer = null;
    this.#focus.end();
  }

  #set(change: Partial<EngineState>): void {
    this.#state = { ...this.#state, ...change };
    this.#tell(this.#state);
  }

  #want(wants: boolean): void {
    if (wants !== this.#state.wants) this.#set({ wants });
  }

  #stop(): void {
    cancelAnimationFrame(this.#tick);
    this.#tick = 0;
  }

  /** Makes the frame anew with the events from a snapshot on. */
  #begin(events: PlayerEvent[], snapshot: number, to: number): void {
    this.#replayer?.destroy();
    this.#replayer = null;
    this.#stale = false;
    this.#stage.replaceChildren();
    const full = events.findIndex((event) => event.type === FULL && event.timestamp >= snapshot);
    const meta = events.findLastIndex((event, at) => at < full && event.type === META);
    const start = Math.max(0, meta < 0 ? full : meta);
    this.#guard = new TreeGuard();
    this.#touches = [];
    const kept = events.slice(start).map((event) => this.#take(event));
    // The replayer wants two events; a page that ended at once has a snapshot only.
    if (full < 0 || kept.length === 0) throw new NoSnapshot();
    if (kept.length === 1) kept.push({ type: 1, timestamp: kept[0]!.timestamp, data: {} });
    const replayer = new Replayer(kept as eventWithTime[], {
      root: this.#stage,
      speed: this.#speed,
      showWarning: false,
      showDebug: false,
      triggerFocus: false,
      mouseTail: { duration: 500, lineCap: 'round', lineWidth: 3, strokeStyle: this.#tail },
      insertStyleRules: [],
      plugins: [maskedSelects],
    });
    // Nobody's clicks, keys or focus get into it.
    replayer.iframe.inert = true;
    replayer.iframe.tabIndex = -1;
    replayer.iframe.title = '';
    replayer.on('resize', (size) => {
      const { width, height } = size as { width: number; height: number };
      this.#set({ width, height });
    });
    this.#replayer = replayer;
    this.#first = kept[0]!.timestamp;
    const first = kept.find((event) => event.type === META)?.data as { width: number; height: number } | undefined;
    this.#set({
      loadedFrom: this.#first,
      loadedTo: to,
      ...(first ? { width: first.width, height: first.height } : {}),
    });
  }

  #take(event: PlayerEvent): PlayerEvent {
    if (event.type === CUSTOM) this.#told.set(`${event.timestamp} ${JSON.stringify(event.data)}`, event);
    const { source } = event.data as { source?: number };
    const touched = event.type === 3 ? TOUCHES.has(source ?? -1) : event.type === META;
    if (touched) this.#touches.push(event.timestamp);
    return this.#guard.take(event);
  }

  #show(time: number): void {
    const replayer = this.#replayer;
    if (!replayer) return;
    const { wants } = this.#state;
    const at = wants ? Math.max(time, this.#first) : time;
    const offset = Math.max(0, at - this.#first);
    this.#stop();
    // Of a moment that has an event itself, the page is shown after it.
    if (wants) replayer.play(offset);
    else replayer.pause(offset + 1);
    this.#focus.giveBack();
    this.#clock = { at, since: performance.now() };
    this.#set({ phase: wants ? 'playing' : 'paused', at, error: null });
    if (wants) this.#tick = requestAnimationFrame(this.#step);
    void this.#more();
  }

  readonly #step = () => {
    this.#tick = requestAnimationFrame(this.#step);
    const at = this.#clock.at + (performance.now() - this.#clock.since) * this.#speed;
    const { loadedTo } = this.#state;
    if (at >= this.#span.to && loadedTo > this.#span.to) {
      this.#stop();
      this.#replayer?.pause();
      if (this.#span.live) this.#set({ phase: 'waiting', at: this.#span.to, skippedTo: null });
      else this.#ended();
      return;
    }
    if (at >= loadedTo) {
      // What follows is not there yet: it goes on by itself when it is.
      this.#stop();
      this.#replayer?.pause();
      this.#set({ phase: 'loading', at: loadedTo });
      void this.#more();
      return;
    }
    const next = this.#skips ? this.#nextTouch(at) : null;
    if (next !== null && next - at > IDLE_MS) {
      this.#set({ skippedTo: next });
      const target = next - BEFORE_TOUCH_MS;
      if (target < loadedTo) this.#show(target);
      else void this.seek(target);
      return;
    }
    this.#set({ at, ...(this.#state.skippedTo !== null && at > this.#state.skippedTo ? { skippedTo: null } : {}) });
    void this.#more();
  };

  #ended(): void {
    this.#set({ phase: 'ended', wants: false, at: this.#span.to, skippedTo: null });
  }

  /** When the visitor next did something; the end of what is known where nothing is known of it. */
  #nextTouch(at: number): number {
    let low = 0;
    let high = this.#touches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#touches[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return this.#touches[low] ?? Math.min(this.#state.loadedTo + BEFORE_TOUCH_MS, this.#span.to + 1);
  }

  /** Fetches what follows, so that a minute of watching is always there. */
  async #more(): Promise<void> {
    const { at, loadedTo, loadedFrom } = this.#state;
    const ahead = WINDOW_MS * Math.max(1, this.#speed);
    if (this.#seeking || this.#fetching || !this.#replayer) return;
    if (loadedTo > this.#span.to || loadedTo - at > ahead) return;
    if (at < loadedTo && performance.now() < this.#againAt) return;
    if (loadedTo - loadedFrom > KEPT_MS) {
      // Much is held already: where it ends, everything begins anew with the snapshot before.
      if (at >= loadedTo - 1) void this.seek(loadedTo);
      return;
    }
    const fetching = new AbortController();
    this.#fetching = fetching;
    this.#came = [];
    const to = Math.min(loadedTo + ahead, this.#span.to + 1);
    try {
      const events = await this.#feed(loadedTo, to, fetching.signal);
      if (fetching.signal.aborted) return;
      for (const event of events)
        if (event.timestamp >= loadedTo) this.#replayer.addEvent(this.#take(event) as eventWithTime);
      this.#fetching = null;
      this.#set({ loadedTo: to });
      if (this.#lacksLate()) return void this.seek(this.#state.at);
      const { phase } = this.#state;
      const waits = phase === 'loading' || phase === 'waiting';
      // The replayer itself stands still where all that it had was drawn.
      const stands = phase === 'playing' && events.length > 0 && this.#replayer.service.state.matches('paused');
      if ((waits && this.#state.wants) || stands) this.#show(this.#state.at);
      else if (phase === 'loading') this.#set({ phase: 'paused' });
      else void this.#more();
    } catch (error) {
      if (fetching.signal.aborted) return;
      this.#fetching = null;
      this.#againAt = performance.now() + AGAIN_MS;
      if (this.#state.phase === 'loading') this.#set({ phase: 'failed', error });
    }
  }
}
