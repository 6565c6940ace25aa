import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { COLUMNS, movedTo, nudged, type Placed, placeFor, resizedTo, settled } from './src/pages/dashboards/layout.ts';

const tile = (id: string, x: number, y: number, w: number, h: number): Placed => ({ id, x, y, w, h });
const at = (tiles: Placed[]) => Object.fromEntries(tiles.map(({ id, x, y }) => [id, [x, y]]));

const tiles = fc
  .array(
    fc
      .record({ x: fc.nat(11), y: fc.nat(30), w: fc.integer({ min: 1, max: 12 }), h: fc.integer({ min: 1, max: 8 }) })
      .map(({ x, w, ...rest }) => ({ ...rest, x: Math.min(x, COLUMNS - w), w })),
    { minLength: 1, maxLength: 12 },
  )
  .map((list) => list.map((one, index) => ({ id: String(index), ...one })));

function assertSound(found: readonly Placed[], of: readonly Placed[]): void {
  assert.deepEqual(found.map(({ id }) => id).sort(), of.map(({ id }) => id).sort());
  const taken = new Set<string>();
  for (const { id, x, y, w, h } of found) {
    assert.ok(x >= 0 && y >= 0 && x + w <= COLUMNS, `${id} stands on the grid`);
    for (let column = x; column < x + w; column++)
      for (let row = y; row < y + h; row++) {
        assert.ok(!taken.has(`${column} ${row}`), `${id} overlaps another`);
        taken.add(`${column} ${row}`);
      }
  }
}

test('tiles never overlap and stand as high as they can, whatever is moved or made larger', () => {
  fc.assert(
    fc.property(tiles, fc.integer({ min: -3, max: 14 }), fc.integer({ min: -3, max: 40 }), (list, x, y) => {
      const start = settled(list);
      assertSound(start, list);
      assert.deepEqual(settled(start), start);
      const { id } = list[0]!;
      const moved = movedTo(start, id, { x, y });
      assertSound(moved, list);
      assert.deepEqual(settled(moved), moved);
      const larger = resizedTo(start, id, { w: x, h: y });
      assertSound(larger, list);
      assertSound(nudged(start, id, x > 0 ? 1 : -1, 0), list);
      assertSound(nudged(start, id, 0, y > 0 ? 1 : -1), list);
    }),
  );
});

test('a tile moved down changes places with the one below, and back again up', () => {
  const start = [tile('a', 0, 0, 6, 4), tile('b', 0, 4, 6, 4), tile('c', 6, 0, 6, 4)];
  const down = nudged(start, 'a', 0, 1);
  assert.deepEqual(at(down), { a: [0, 4], b: [0, 0], c: [6, 0] });
  assert.deepEqual(at(nudged(down, 'a', 0, -1)), at(start));
});

test('a tile that cannot go further stays, and the others with it', () => {
  const start = [tile('a', 0, 0, 6, 4), tile('b', 6, 0, 6, 4)];
  assert.deepEqual(nudged(start, 'a', -1, 0), start);
  assert.deepEqual(nudged(start, 'a', 0, -1), start);
  assert.deepEqual(nudged(start, 'a', 0, 1), start);
  assert.deepEqual(movedTo(start, 'nobody', { x: 1, y: 1 }), start);
});

test('a wider tile pushes its neighbour down', () => {
  const start = [tile('a', 0, 0, 6, 4), tile('b', 6, 0, 6, 4)];
  assert.deepEqual(at(resizedTo(start, 'a', { w: 8, h: 4 })), { a: [0, 0], b: [6, 4] });
});

test('a new tile comes below all others', () => {
  assert.deepEqual(placeFor([tile('a', 0, 0, 6, 4), tile('b', 6, 2, 6, 5)], { w: 6, h: 4 }), {
    x: 0,
    y: 7,
    w: 6,
    h: 4,
  });
  assert.deepEqual(placeFor([tile('a', 0, 0, 6, 4)], tile('new', 3, 0, 6, 4)), { x: 0, y: 4, w: 6, h: 4 });
  assert.deepEqual(placeFor([], { w: 6, h: 4 }), { x: 0, y: 0, w: 6, h: 4 });
});
