/** Columns of the grid; how tall a row is and how far tiles stand apart, in pixels. */
export const COLUMNS = 12;
export const ROW = 56;
export const GAP = 12;
/** No tile is smaller: nothing could be read on it. */
const SMALLEST = { w: 2, h: 2 };
const TALLEST = 40;

/** Where a tile stands, in columns and rows. */
export interface Placed {
  id: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

const touch = (a: Placed, b: Placed) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
const inOrder = <T extends Placed>(tiles: readonly T[]) => tiles.toSorted((a, b) => a.y - b.y || a.x - b.x);

/** The tiles in reading order, each moved up as far as there is room: none overlaps another, and no row is empty. */
export function settled<T extends Placed>(tiles: readonly T[]): T[] {
  return settle(inOrder(tiles));
}

function settle<T extends Placed>(ordered: readonly T[]): T[] {
  const placed: T[] = [];
  for (const tile of ordered) {
    const free = (y: number) => !placed.some((other) => touch(other, { ...tile, y }));
    let y = tile.y;
    while (!free(y)) y++;
    while (y > 0 && free(y - 1)) y--;
    placed.push({ ...tile, y });
  }
  return inOrder(placed);
}

const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));

/** One tile put to another place; the others make room. Going down it stands behind those that it has reached. */
export function movedTo<T extends Placed>(tiles: readonly T[], id: string, to: { x: number; y: number }): T[] {
  const tile = tiles.find((one) => one.id === id);
  if (!tile) return [...tiles];
  const x = clamp(to.x, 0, COLUMNS - tile.w);
  const y = Math.max(0, to.y);
  const down = y > tile.y;
  const others = inOrder(tiles.filter((one) => one.id !== id));
  const before = others.filter((one) => (down ? one.y <= y : one.y < y || (one.y === y && one.x < x)));
  return settle([...before, { ...tile, x, y }, ...others.filter((one) => !before.includes(one))]);
}

/** One tile made wider or taller; the others make room. */
export function resizedTo<T extends Placed>(tiles: readonly T[], id: string, to: { w: number; h: number }): T[] {
  return settled(
    tiles.map((tile) =>
      tile.id === id
        ? {
            ...tile,
            w: clamp(to.w, Math.min(SMALLEST.w, COLUMNS - tile.x), COLUMNS - tile.x),
            h: clamp(to.h, SMALLEST.h, TALLEST),
          }
        : tile,
    ),
  );
}

/** By keys: a step to a side, or up and down by as much as makes a difference. */
export function nudged<T extends Placed>(tiles: readonly T[], id: string, dx: number, dy: number): T[] {
  const tile = tiles.find((one) => one.id === id);
  if (!tile) return [...tiles];
  for (let step = 1; step <= TALLEST; step++) {
    const next = movedTo(tiles, id, { x: tile.x + dx, y: tile.y + dy * step });
    const now = next.find((one) => one.id === id)!;
    if (now.x !== tile.x || now.y !== tile.y) return next;
    if (dy === 0 || tile.y + dy * step < 0) break;
  }
  return [...tiles];
}

/** A place for a new tile: below all others, at the start of the line. */
export function placeFor(tiles: readonly Placed[], size: { w: number; h: number }): Omit<Placed, 'id'> {
  return { x: 0, y: Math.max(0, ...tiles.map((tile) => tile.y + tile.h)), w: size.w, h: size.h };
}
