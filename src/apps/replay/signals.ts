import { CUSTOM, FULL_SNAPSHOT, IDLE_MS, INCREMENTAL, isClick, isTouch, META, type RecordedEvent } from './chunk.ts';

/** So many clicks near one another within this time are made in anger. */
const RAGE_CLICKS = 3;
const RAGE_MS = 1000;
const RAGE_PIXELS = 30;
/** A click after which nothing changed for so long had no effect. */
const DEAD_MS = 2500;
/** Sources of incremental events that show that something happened: mutation, scroll, size, input, media, styles, canvas. */
const EFFECTS = new Set([0, 3, 4, 5, 7, 8, 9, 10, 11, 13, 14, 15]);

/** What the events of a whole recording, in their order, say of the visit. */
export class Signals {
  rages = 0;
  deads = 0;
  clicks = 0;
  activeMs = 0;
  #pages = 0;
  #metas = 0;
  #href: unknown = null;
  #touched = Number.NEGATIVE_INFINITY;
  #waiting: number[] = [];
  #burst: { ms: number; x: number; y: number }[] = [];

  add(events: readonly RecordedEvent[]): void {
    for (const { type, timestamp: ms, data } of events) this.#look(type, ms, (data ?? {}) as Record<string, unknown>);
  }

  /** As the recorder told; where it told of none, as rrweb's own events of pages do. */
  get pages(): number {
    return this.#pages || this.#metas;
  }

  #look(type: number, ms: number, data: Record<string, unknown>): void {
    this.#forgetDead(ms);
    if (isTouch(type, data)) {
      if (ms - this.#touched <= IDLE_MS) this.activeMs += Math.max(0, Math.round(ms - this.#touched));
      this.#touched = ms;
    }
    if (type === META) {
      if (data.href !== this.#href) this.#metas++;
      this.#href = data.href;
    } else if (type === CUSTOM && data.tag === 'tl-page') this.#pages++;
    if (isEffect(type, data)) this.#waiting = [];
    if (isClick(type, data)) this.#click(ms, Number(data.x) || 0, Number(data.y) || 0);
  }

  #forgetDead(ms: number): void {
    while (this.#waiting.length > 0 && ms - this.#waiting[0]! > DEAD_MS) {
      this.#waiting.shift();
      this.deads++;
    }
  }

  #click(ms: number, x: number, y: number): void {
    this.clicks++;
    this.#waiting.push(ms);
    const near = this.#burst.filter((one) => ms - one.ms <= RAGE_MS && Math.hypot(one.x - x, one.y - y) <= RAGE_PIXELS);
    this.#burst = [...near, { ms, x, y }];
    if (this.#burst.length === RAGE_CLICKS) this.rages++;
  }
}

const isEffect = (type: number, data: Record<string, unknown>) =>
  type === FULL_SNAPSHOT ||
  type === META ||
  (type === INCREMENTAL && EFFECTS.has(data.source as number)) ||
  (type === CUSTOM && (data.tag === 'tl-page' || data.tag === 'tl-network'));
