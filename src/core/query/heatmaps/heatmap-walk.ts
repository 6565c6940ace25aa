import { type Block, wholes } from '../walk/native.ts';
import type { RowWalk, RowWalker } from '../walk/walk.ts';
import { COLUMNS, cellHeight, Grid, middle } from './grid.ts';
import { DEAD, type Points, RAGE, readPoints, WIDTH_UNITS } from './points.ts';
import type { HeatmapPart, MAPS } from './schema.ts';

/** Elements of one event, characters of one, and elements that are told apart at all: more count as none. */
const ELEMENTS_AN_EVENT = 500;
const ELEMENT_CHARACTERS = 500;
const ELEMENTS_APART = 50_000;
/** Elements that a result has, those with most. */
export const ELEMENTS_SHOWN = 200;
/** The curve of scrolling has a point for each so many hundredths. */
export const SCROLL_STEP = 5;
const BANDS = 10;
/** Of one event: nobody looks at a part of a page for longer without it being sent. */
const LONGEST_MS = 3_600_000;
const WIDEST_PIXELS = 20_000;

export interface HeatmapOptions {
  map: (typeof MAPS)[number];
  /** Collects people in place of counting, those after the given one. */
  collect?: { part: HeatmapPart; after: number; limit: number };
}

export interface HeatmapElement {
  /** A CSS selector that finds it on the page. */
  selector: string;
  /** What it is and says. */
  label: string;
  clicks: number;
  rage: number;
  dead: number;
  people: number;
  /** Where its clicks lie on the mean: share of the width, pixels of the height. */
  x: number;
  y: number;
}

export interface HeatmapCounts {
  views: number;
  people: number;
  /** Pixels, each the middle of the views: of the viewport and of the page. */
  width: number;
  viewportHeight: number;
  pageHeight: number;
  cellHeight: number;
  /** Points on the map, and its cells: column in hundredths of the width, row in cells, how many. */
  points: number;
  cells: [number, number, number][];
  cellsLeft: number;
  elements: HeatmapElement[];
  /** Clicks on elements of the map's kind, those not shown too. */
  elementClicks: number;
  elementsLeft: number;
  /** Views that were scrolled at least so far, for 0, 5, … 100 hundredths. */
  scrolled: number[];
  /** Milliseconds that each tenth of the page was looked at, over all views. */
  attention: number[];
  /** Events whose points made no sense from some place on. */
  unreadable: number;
  collected: number[];
}

export const heatmapWalk: RowWalk<HeatmapOptions, HeatmapCounts> = { begin: (options) => new HeatmapWalker(options) };

interface Kept extends Omit<HeatmapElement, 'x' | 'y'> {
  sumX: number;
  sumY: number;
  /** The last person who clicked it: a person's rows come together. */
  last: number;
}

class HeatmapWalker implements RowWalker<HeatmapCounts>, Points {
  readonly #options: HeatmapOptions;
  readonly #flag: number;
  readonly #grid: Grid | null;
  readonly #elements = new Map<string, Kept>();
  readonly #widths = new Map<number, number>();
  readonly #viewportHeights = new Map<number, number>();
  readonly #pageHeights = new Map<number, number>();
  readonly #scrolled: number[] = Array(100 / SCROLL_STEP + 1).fill(0);
  readonly #attention: number[] = Array(BANDS).fill(0);
  readonly #collected: number[] = [];
  #views = 0;
  #people = 0;
  #unreadable = 0;
  #elementClicks = 0;
  /** The view whose rows are being looked at. */
  #person = -1;
  #view = -1;
  #width = 0;
  #viewportHeight = 0;
  #pageHeight = 0;
  #scroll = 0;
  /** The elements of the event, read when the first of them is clicked. */
  #text = '';
  #lines: (Kept | null)[] | null = null;
  #hit = false;

  constructor(options: HeatmapOptions) {
    this.#options = options;
    const { map } = options;
    this.#flag = map === 'rage' ? RAGE : map === 'dead' ? DEAD : 0;
    this.#grid = map === 'scroll' || map === 'attention' ? null : new Grid();
  }

  block({ rows, columns }: Block): void {
    const numbers = (name: string) => {
      const column = columns.get(name);
      if (column?.is !== 'numbers') throw new Error(`There is no ${name}.`);
      return column.values instanceof BigUint64Array ? wholes(column.values) : column.values;
    };
    const texts = (name: string) => {
      const column = columns.get(name);
      if (column?.is !== 'texts') throw new Error(`There is no ${name}.`);
      return column.values;
    };
    const [ids, views, widths] = [numbers('id'), numbers('view'), numbers('width')];
    const [viewportHeights, pageHeights, scrolls] = [numbers('viewport'), numbers('height'), numbers('scroll')];
    const [points, elements, attention] = [texts('points'), texts('elements'), texts('attention')];
    for (let row = 0; row < rows; row++) {
      if (views[row] !== this.#view || ids[row] !== this.#person) this.#begin(ids[row]!, views[row]!);
      this.#width = Math.max(this.#width, pixels(widths[row]!, WIDEST_PIXELS));
      this.#viewportHeight = Math.max(this.#viewportHeight, pixels(viewportHeights[row]!, WIDEST_PIXELS));
      this.#pageHeight = Math.max(this.#pageHeight, pixels(pageHeights[row]!, 1 << 18));
      this.#scroll = Math.max(this.#scroll, pixels(scrolls[row]!, 1000));
      this.#attend(attention[row]!);
      this.#text = elements[row]!;
      this.#lines = null;
      if (readPoints(points[row]!, this) > 0) this.#unreadable++;
    }
  }

  #begin(person: number, view: number): void {
    this.#end();
    if (person !== this.#person) {
      this.#endPerson();
      this.#people++;
    }
    this.#views++;
    this.#person = person;
    this.#view = view;
    this.#width = this.#viewportHeight = this.#pageHeight = this.#scroll = 0;
  }

  /** What is known of a view once all of its rows were there. */
  #end(): void {
    if (this.#views === 0) return;
    const add = (counts: Map<number, number>, value: number) => {
      if (value > 0) counts.set(value, (counts.get(value) ?? 0) + 1);
    };
    add(this.#widths, this.#width);
    add(this.#viewportHeights, this.#viewportHeight);
    add(this.#pageHeights, this.#pageHeight);
    for (let step = 0; step * SCROLL_STEP * 10 <= this.#scroll; step++) this.#scrolled[step]!++;
    const part = this.#options.collect?.part;
    if (part && 'reached' in part && this.#scroll >= part.reached * 10) this.#hit = true;
  }

  #endPerson(): void {
    const { collect } = this.#options;
    if (collect && this.#hit && this.#person > collect.after) this.#collected.push(this.#person);
    this.#hit = false;
  }

  #attend(text: string): void {
    if (text === '') return;
    const parts = text.split(',', BANDS);
    for (let band = 0; band < parts.length; band++) {
      const milliseconds = Number(parts[band]);
      if (milliseconds > 0) this.#attention[band]! += Math.min(LONGEST_MS, milliseconds);
    }
  }

  click(x: number, y: number, element: number, flags: number): void {
    const { map, collect } = this.#options;
    if (map === 'moves' || (flags & this.#flag) !== this.#flag) return;
    this.#point(x, y);
    const kept = element === 0 ? null : this.#elementAt(element - 1);
    if (!kept) return;
    if (collect && 'element' in collect.part && collect.part.element === kept.selector) this.#hit = true;
    this.#elementClicks++;
    kept.clicks++;
    if (flags & RAGE) kept.rage++;
    if (flags & DEAD) kept.dead++;
    kept.sumX += x;
    kept.sumY += y;
    if (kept.last !== this.#person) {
      kept.last = this.#person;
      kept.people++;
    }
  }

  move(x: number, y: number): void {
    if (this.#options.map === 'moves') this.#point(x, y);
  }

  #point(x: number, y: number): void {
    if (!this.#grid) return;
    this.#grid.add(Math.floor((x * COLUMNS) / WIDTH_UNITS), y);
    const part = this.#options.collect?.part;
    if (!part || !('left' in part)) return;
    const share = x / WIDTH_UNITS;
    if (share >= part.left && share < part.right && y >= part.top && y < part.bottom) this.#hit = true;
  }

  #elementAt(index: number): Kept | null {
    this.#lines ??= this.#text.split('\n', ELEMENTS_AN_EVENT).map((line) => this.#keep(line));
    return this.#lines[index] ?? null;
  }

  /** A line is the selector, a tab, and what the element says. The same selector is the same element. */
  #keep(line: string): Kept | null {
    if (line === '' || line.length > ELEMENT_CHARACTERS) return null;
    const tab = line.indexOf('\t');
    const selector = tab < 0 ? line : line.slice(0, tab);
    const known = this.#elements.get(selector);
    if (known) return known;
    if (this.#elements.size >= ELEMENTS_APART || selector === '') return null;
    const label = tab < 0 ? '' : line.slice(tab + 1);
    const kept = { selector, label, clicks: 0, rage: 0, dead: 0, people: 0, sumX: 0, sumY: 0, last: -1 };
    this.#elements.set(selector, kept);
    return kept;
  }

  result(): HeatmapCounts {
    this.#end();
    this.#endPerson();
    const width = middle(this.#widths);
    const height = cellHeight(width);
    const { cells, left } = this.#grid?.cells(height) ?? { cells: [], left: 0 };
    const clicked = [...this.#elements.values()]
      .filter((one) => one.clicks > 0)
      .sort((a, b) => b.clicks - a.clicks || (a.selector < b.selector ? -1 : 1));
    return {
      views: this.#views,
      people: this.#people,
      width,
      viewportHeight: middle(this.#viewportHeights),
      pageHeight: middle(this.#pageHeights),
      cellHeight: height,
      points: this.#grid?.total ?? 0,
      cells,
      cellsLeft: left,
      elements: clicked.slice(0, ELEMENTS_SHOWN).map(({ sumX, sumY, last: _, ...one }) => ({
        ...one,
        x: sumX / one.clicks / WIDTH_UNITS,
        y: sumY / one.clicks,
      })),
      elementClicks: this.#elementClicks,
      elementsLeft: Math.max(0, clicked.length - ELEMENTS_SHOWN),
      scrolled: this.#scrolled,
      attention: this.#attention,
      unreadable: this.#unreadable,
      collected: this.#collected.sort((a, b) => a - b).slice(0, this.#options.collect?.limit ?? 0),
    };
  }
}

/** A whole number from 0 to the largest; 0 for what is none. */
const pixels = (value: number, largest: number): number => (value > 0 ? Math.min(largest, Math.round(value)) : 0);
