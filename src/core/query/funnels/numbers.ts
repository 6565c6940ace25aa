/** The value that would stand at a place if the numbers were sorted. Moves them. Hoare's selection: no sorting. */
function select(numbers: Float64Array, place: number): number {
  let [low, high] = [0, numbers.length - 1];
  while (low < high) {
    // The middle of three as the pivot: sorted and equal numbers are common.
    const [a, b, c] = [numbers[low]!, numbers[(low + high) >>> 1]!, numbers[high]!];
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let [left, right] = [low, high];
    while (left <= right) {
      while (numbers[left]! < pivot) left++;
      while (numbers[right]! > pivot) right--;
      if (left > right) break;
      const kept = numbers[left]!;
      numbers[left++] = numbers[right]!;
      numbers[right--] = kept;
    }
    if (place <= right) high = right;
    else if (place >= left) low = left;
    else break;
  }
  return numbers[place]!;
}

/** The mean of the two in the middle where there are two; null of nothing. Moves the numbers. */
export function median(numbers: Float64Array): number | null {
  const { length } = numbers;
  if (length === 0) return null;
  const upper = select(numbers, length >>> 1);
  return length % 2 === 1 ? upper : (upper + select(numbers, (length >>> 1) - 1)) / 2;
}

export function average(numbers: Float64Array): number | null {
  if (numbers.length === 0) return null;
  let sum = 0;
  for (let index = 0; index < numbers.length; index++) sum += numbers[index]!;
  return sum / numbers.length;
}

/** Rows of numbers that grow. */
export class Rows {
  readonly #width: number;
  #values: Float64Array;
  length = 0;

  constructor(width: number) {
    this.#width = width;
    this.#values = new Float64Array(width * 1024);
  }

  get values(): Float64Array {
    return this.#values;
  }

  /** Where the new row begins in `values`. */
  add(): number {
    const at = this.length++ * this.#width;
    if (at + this.#width > this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    return at;
  }
}
