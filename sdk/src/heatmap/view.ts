import { isIgnored } from '../describe.ts';
import type { Inside, Properties, Throughline } from '../types.ts';
import { uuid } from '../uuid.ts';
import { lineOf, meantBy } from './elements.ts';
import { click, move } from './points.ts';

/** Characters of points and elements in one event, and events of one page view with moves, and at all. */
const EVENT_CHARACTERS = 7000;
const EVENTS_WITH_MOVES = 15;
const EVENTS_A_VIEW = 40;
/** Milliseconds between two moves of the pointer that are kept. */
const MOVE_MS = 200;
/** A click on a label's field so soon after that on the label is the browser's own. */
const ECHO_MS = 50;
/** Who does nothing for so long does not look any more. */
const ACTIVE_MS = 15_000;
/** How often it is looked which part of the page is shown; a longer pause was no looking. */
export const LOOK_MS = 1000;
const LONGEST_LOOK_MS = 2000;
const BANDS = 10;
const [RAGE, DEAD] = [1, 2];

/** The page as events name it, taken when its view begins: a later event may be sent when another page is shown. */
const pageNow = () => ({ path: location.pathname, url: location.href, title: document.title });
export type Page = ReturnType<typeof pageNow>;

const heightNow = () => Math.max(document.documentElement.scrollHeight, document.body ? document.body.scrollHeight : 0);

interface Click {
  line: string;
  x: number;
  y: number;
  u: number;
  v: number;
  flags: number;
}

/** What somebody does on one page, gathered into events. */
export class View {
  readonly page: Page = pageNow();
  readonly #sdk: Throughline;
  readonly #describe: Inside['describe'];
  readonly #id = uuid();
  #sent = 0;
  #points = '';
  /** The last click, which may yet turn out to be dead. */
  #click: Click | undefined;
  #clickAt = 0;
  /** The field whose label was clicked last. */
  #labelled: Element | null = null;
  #moveAt = 0;
  #activeAt = performance.now();
  #lookedAt = performance.now();
  #lines: string[] = [];
  #lineCharacters = 0;
  #height = heightNow();
  #deepest = 0;
  #attention: number[] = [];
  #flags = 0;

  constructor(sdk: Throughline, describe: Inside['describe']) {
    this.#sdk = sdk;
    this.#describe = describe;
    this.scrolled();
  }

  active(): void {
    this.#activeAt = performance.now();
  }

  scrolled(): void {
    this.#deepest = Math.max(this.#deepest, scrollY + innerHeight);
  }

  /** The next click, which is being looked at by others first, is one out of anger. */
  angry(): void {
    this.#flags = RAGE;
  }

  /** The last click had no effect. */
  dead(): void {
    if (this.#click) this.#click.flags |= DEAD;
  }

  clicked({ target, clientX, clientY, detail, timeStamp }: MouseEvent): void {
    const flags = this.#flags;
    this.#flags = 0;
    const at = target as Element;
    if (!at.closest || isIgnored(at) || this.#sent >= EVENTS_A_VIEW) return;
    if (at === this.#labelled && timeStamp - this.#clickAt < ECHO_MS) return;
    const label = at.closest('label');
    this.#labelled = label?.control ?? null;
    this.#clickAt = timeStamp;
    const element = meantBy(at);
    const { left, top, width, height } = element.getBoundingClientRect();
    // The keyboard's clicks have no place: they are in the middle.
    const x = detail || clientX ? clientX : left + width / 2;
    const y = detail || clientY ? clientY : top + height / 2;
    this.#commit();
    this.#click = {
      line: lineOf(element, this.#describe),
      x: x / innerWidth,
      y: y + scrollY,
      u: width && (x - left) / width,
      v: height && (y - top) / height,
      flags,
    };
  }

  /** Writes the last click down: nothing more is said of it. */
  #commit(): void {
    if (!this.#click) return;
    const { line, x, y, u, v, flags } = this.#click;
    this.#click = undefined;
    this.#room(line.length);
    let place = this.#lines.indexOf(line);
    if (place < 0) {
      place = this.#lines.push(line) - 1;
      this.#lineCharacters += line.length + 1;
    }
    this.#points += click(x, y, place + 1, u, v, flags);
  }

  moved({ target, pointerType, clientX, clientY, timeStamp }: PointerEvent): void {
    // A finger that moves scrolls.
    if (pointerType !== 'mouse' || timeStamp - this.#moveAt < MOVE_MS || this.#sent >= EVENTS_WITH_MOVES) return;
    this.#moveAt = timeStamp;
    if ((target as Element).closest && isIgnored(target as Element)) return;
    this.#points += move(clientX / innerWidth, clientY + scrollY);
    this.#room(0);
  }

  /** Notes which tenths of the page are shown, if somebody looks. */
  look(): void {
    const now = performance.now();
    const time = Math.min(LONGEST_LOOK_MS, now - this.#lookedAt);
    this.#lookedAt = now;
    if (document.hidden || now - this.#activeAt > ACTIVE_MS) return;
    this.#height = heightNow();
    this.scrolled();
    const band = this.#height / BANDS;
    for (let index = 0; index < BANDS; index++) {
      const shown = Math.min(scrollY + innerHeight, (index + 1) * band) - Math.max(scrollY, index * band);
      if (shown > 0) this.#attention[index] = (this.#attention[index] || 0) + (time * shown) / band;
    }
  }

  /** Sends what there is where so many characters more would be too much. */
  #room(more: number): void {
    if (this.#points.length + this.#lineCharacters + more > EVENT_CHARACTERS) this.send();
  }

  /** Sends what was gathered since the last time; `last` where nothing comes after, not even of the last click. */
  send(last?: boolean): void {
    const { length } = this.#attention;
    if (last) this.#commit();
    if (this.#sent && !this.#points && !length) return;
    if (this.#sent++ >= EVENTS_A_VIEW) return;
    const properties: Properties = {
      view: this.#id,
      path: this.page.path,
      viewportWidth: innerWidth,
      viewportHeight: innerHeight,
      pageHeight: this.#height,
      maxScroll: Math.min(1000, Math.round((1000 * this.#deepest) / (this.#height || 1))),
      attention: Array.from({ length: BANDS }, (_, band) => Math.round(this.#attention[band] || 0)).join(),
      elements: this.#lines.join('\n'),
      points: this.#points,
    };
    this.#sdk.track('Page Interacted', properties, { context: { page: this.page } });
    this.#points = '';
    this.#lines = [];
    this.#lineCharacters = 0;
    this.#attention = [];
  }
}
