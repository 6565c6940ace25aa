import type { Context } from '../../kernel/context.ts';
import { type LiveEvent, type LiveMessage, liveChannel } from '../stream/live-feed.ts';
import { PersonNames } from './person-names.ts';

/** Events and drops kept for whoever opens the screen next. */
export const RECENT_LIMIT = 200;

/** How often followers are sent what happened, and how much of it: more than that nobody can read. */
const TICK_MS = 250;
const SHOWN_A_TICK = 25;

/** Ticks in a second, over which rates are counted. */
const TICKS_A_SECOND = 1000 / TICK_MS;

export type LiveDrop = LiveMessage['drops'][number];
export type NamedEvent = LiveEvent & { personName: string | null };
export type LiveItem = NamedEvent | LiveDrop;

export interface LiveRate {
  eventsPerSecond: number;
  dropsPerSecond: number;
  /** Events accepted and not yet processed. */
  lagEvents: number;
}

/** Someone who watches: is told events and drops, a few times a second, and the rate once a second. */
interface Follower {
  event: (event: NamedEvent) => void;
  drop: (drop: LiveDrop) => void;
  rate: (rate: LiveRate) => void;
}

type Kept = { event: LiveEvent } | { drop: LiveDrop };

/** What the stream of this process does now, for the live screens. */
class LiveFeed {
  readonly #context: Context;
  readonly #channel: BroadcastChannel;
  readonly #names: PersonNames;
  readonly #followers = new Set<Follower>();
  readonly #recent: Kept[] = [];
  #fresh: Kept[] = [];
  #accepted = 0;
  #dropped = 0;
  #ticks = 0;
  #timer: NodeJS.Timeout | null = null;
  /** Grows whenever the stream tells that it processed something. */
  activity = 0;

  constructor(context: Context) {
    this.#context = context;
    this.#names = new PersonNames(context.records);
    this.#channel = new BroadcastChannel(liveChannel(context.config.dataDir));
    this.#channel.onmessage = ({ data }: { data: unknown }) => this.#take(data as LiveMessage);
    (this.#channel as unknown as { unref(): void }).unref();
  }

  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    this.#timer ??= setInterval(() => void this.#tick(), TICK_MS);
    return () => {
      this.#followers.delete(follower);
      if (this.#followers.size > 0 || !this.#timer) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  }

  /** The last events and drops of this process, newest first. */
  async recent(limit: number): Promise<LiveItem[]> {
    return this.#named(this.#recent.slice(-limit).reverse());
  }

  names(events: readonly LiveEvent[]): Promise<NamedEvent[]> {
    return this.#names.add(events);
  }

  /** Forgets what it would still show of persons, as first met, that were erased. */
  forget(origins: ReadonlySet<string>): void {
    const left = (kept: Kept[]) => kept.filter((item) => !('event' in item && origins.has(item.event.originId)));
    this.#recent.splice(0, this.#recent.length, ...left(this.#recent));
    this.#fresh = left(this.#fresh);
    this.#names.forget();
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#channel.close();
  }

  #take(message: LiveMessage): void {
    this.activity++;
    const kept: Kept[] = [...message.drops.map((drop) => ({ drop })), ...message.events.map((event) => ({ event }))];
    this.#recent.push(...kept);
    this.#recent.splice(0, this.#recent.length - RECENT_LIMIT);
    if (this.#followers.size === 0) return;
    this.#accepted += message.accepted;
    this.#dropped += message.dropped;
    this.#fresh.push(...kept);
    this.#fresh.splice(0, this.#fresh.length - RECENT_LIMIT);
  }

  async #tick(): Promise<void> {
    const fresh = this.#fresh.slice(-SHOWN_A_TICK);
    this.#fresh = [];
    try {
      if (fresh.length > 0) {
        for (const item of await this.#named(fresh)) {
          for (const follower of this.#followers) {
            if ('step' in item) follower.drop(item);
            else follower.event(item);
          }
        }
      }
      if (++this.#ticks % TICKS_A_SECOND === 0) await this.#tellRate();
    } catch {
      // A store is away: the health page says so, and the screens go on when it is back.
    }
  }

  async #tellRate(): Promise<void> {
    const [eventsPerSecond, dropsPerSecond] = [this.#accepted, this.#dropped];
    this.#accepted = 0;
    this.#dropped = 0;
    const lagEvents = (await this.#context.log.state()).reduce((sum, partition) => sum + partition.lagEvents, 0);
    for (const follower of this.#followers) follower.rate({ eventsPerSecond, dropsPerSecond, lagEvents });
  }

  async #named(kept: readonly Kept[]): Promise<LiveItem[]> {
    const named = await this.#names.add(kept.flatMap((item) => ('event' in item ? [item.event] : [])));
    let next = 0;
    return kept.map((item) => ('event' in item ? named[next++]! : item.drop));
  }
}

const feeds = new WeakMap<Context['log'], LiveFeed>();

/** The feed of this process, made when it is first asked for. */
export function feedOf(context: Context): LiveFeed {
  const known = feeds.get(context.log);
  if (known) return known;
  const feed = new LiveFeed(context);
  feeds.set(context.log, feed);
  return feed;
}

export function closeFeed(context: Context): void {
  feeds.get(context.log)?.close();
  feeds.delete(context.log);
}
