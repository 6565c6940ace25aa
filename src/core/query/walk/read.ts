import { type Block, type Column, readNative, wholes } from './native.ts';
import type { Reading } from './sequences.ts';
import type { Sequence, Walker } from './walk.ts';

/** Lists up to this long are sorted by insertion: most have a few events, and few of those are out of place. */
const SHORT = 48;

/** Walks all subjects in the bytes of one answer. */
export function walkBytes(bytes: Uint8Array, reading: Reading, walker: Walker<unknown>): void {
  const current = new Current();
  for (const block of readNative(bytes)) walkBlock(block, reading, walker, current);
}

class Current implements Sequence {
  id = 0;
  idText = '';
  person = 0;
  length = 0;
  times = new Float64Array(64);
  codes = new Uint32Array(64);
  extras: Record<string, Float64Array> = {};
  once: Record<string, number> = {};

  make(room: number): void {
    if (this.times.length >= room) return;
    const size = 2 ** Math.ceil(Math.log2(room));
    this.times = new Float64Array(size);
    this.codes = new Uint32Array(size);
  }
}

function walkBlock({ rows, columns }: Block, reading: Reading, walker: Walker<unknown>, current: Current): void {
  const { codes } = reading;
  const ids = columns.get('id');
  const persons = columns.get('person');
  const at = columns.get('at');
  if (ids?.is !== 'numbers' || at?.is !== 'lists' || !(at.values instanceof Float64Array))
    throw new Error('These are not sequences.');
  const { values, ends } = at;
  // Of a power of two the inverse is exact, and multiplying is quicker than dividing.
  const inverse = 1 / codes;
  const exact = Number.isInteger(Math.log2(codes));
  const extras = reading.extras.map((name) => ({ name, values: floats(columns.get(`x_${name}`), 'lists', name) }));
  const once = reading.once.map((name) => ({ name, values: floats(columns.get(`o_${name}`), 'numbers', name) }));
  const idOf = ids.values instanceof BigUint64Array ? wholes(ids.values) : ids.values;
  const personOf =
    persons?.is !== 'numbers'
      ? null
      : persons.values instanceof BigUint64Array
        ? wholes(persons.values)
        : persons.values;
  const lists = extras.map((extra) => extra.values);
  let from = 0;
  for (let row = 0; row < rows; row++) {
    const to = ends[row]!;
    sort(values, lists, from, to);
    current.make(to - from);
    const { times, codes: codesOf } = current;
    for (let index = from; index < to; index++) {
      const both = values[index]!;
      const time = Math.floor(exact ? both * inverse : both / codes);
      times[index - from] = time;
      codesOf[index - from] = both - time * codes;
    }
    for (const { name, values: list } of extras) current.extras[name] = list.subarray(from, to);
    for (const { name, values: list } of once) current.once[name] = list[row]!;
    current.length = to - from;
    current.id = idOf[row]!;
    const small = current.id <= Number.MAX_SAFE_INTEGER;
    current.idText = small ? '' : String(ids.values[row]);
    current.person = personOf ? personOf[row]! : current.id;
    walker.subject(current);
    from = to;
  }
}

function floats(column: Column | undefined, is: 'lists' | 'numbers', name: string): Float64Array {
  if (column?.is !== is || !(column.values instanceof Float64Array)) throw new Error(`There is no ${name}.`);
  return column.values;
}

/** Sorts part of a list, and moves what stands beside it along. */
function sort(list: Float64Array, beside: readonly Float64Array[], from: number, to: number): void {
  let index = from + 1;
  while (index < to && list[index]! >= list[index - 1]!) index++;
  if (index >= to) return;
  if (to - from > SHORT) sortLong(list, beside, from, to);
  else if (beside.length === 0) mergeRuns(list, from, index, to);
  else insertionSort(list, beside, from, index, to);
}

const run = new Float64Array(SHORT);

/** The list is a few sorted runs, of one name or part of the table each. `sorted` is where the second begins. */
function mergeRuns(list: Float64Array, from: number, sorted: number, to: number): void {
  let begins = sorted;
  while (begins < to) {
    let ends = begins + 1;
    while (ends < to && list[ends]! >= list[ends - 1]!) ends++;
    let left = ends - begins;
    for (let index = 0; index < left; index++) run[index] = list[begins + index]!;
    let before = begins - 1;
    for (let place = ends - 1; left > 0; place--) {
      if (before >= from && list[before]! > run[left - 1]!) list[place] = list[before--]!;
      else list[place] = run[--left]!;
    }
    begins = ends;
  }
}

/** `sorted` is where the first lies that is out of place. */
function insertionSort(
  list: Float64Array,
  beside: readonly Float64Array[],
  from: number,
  sorted: number,
  to: number,
): void {
  for (let index = sorted; index < to; index++) {
    const value = list[index]!;
    let place = index;
    while (place > from && list[place - 1]! > value) {
      list[place] = list[place - 1]!;
      place--;
    }
    if (place === index) continue;
    list[place] = value;
    for (const other of beside) {
      const moved = other[index]!;
      other.copyWithin(place + 1, place, index);
      other[place] = moved;
    }
  }
}

function sortLong(list: Float64Array, beside: readonly Float64Array[], from: number, to: number): void {
  if (beside.length === 0) {
    list.subarray(from, to).sort();
    return;
  }
  const keys = list.slice(from, to);
  const order = Uint32Array.from(keys, (_, index) => index).sort((a, b) => keys[a]! - keys[b]! || a - b);
  for (const values of [list, ...beside]) {
    const before = values.slice(from, to);
    for (let index = 0; index < order.length; index++) values[from + index] = before[order[index]!]!;
  }
}
