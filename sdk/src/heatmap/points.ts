/** The server reads this in src/core/query/heatmaps/points.ts, where it is described. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_';

/** A whole number from 0 in so many digits; what is beyond them is the largest that they can say. */
function digits(value: number, count: number): string {
  let left = Math.min(64 ** count - 1, Math.max(0, Math.floor(value) || 0));
  let text = '';
  while (count--) {
    text = DIGITS[left % 64] + text;
    left = Math.floor(left / 64);
  }
  return text;
}

/** `x` as a share of the viewport's width, `y` in pixels of the page. */
const place = (x: number, y: number) => digits(x * 4096, 2) + digits(y, 3);

export const move = (x: number, y: number): string => `m${place(x, y)}`;

/** `element` is its line from 1, `u` and `v` where in it, as shares; flags: 1 out of anger, 2 without effect. */
export const click = (x: number, y: number, element: number, u: number, v: number, flags: number): string =>
  `c${digits(flags, 1)}${place(x, y)}${digits(element, 2)}${digits(u * 64, 1)}${digits(v * 64, 1)}`;
