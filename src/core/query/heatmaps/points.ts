/**
 * Clicks and moves of a page view as the SDK writes them (sdk/src/heatmap/points.ts), in digits of 64:
 *
 *     c flags x x y y y e e u v   a click: flags 1 = out of anger, 2 = without effect; x as 4096ths of the viewport's
 *                                 width, y in pixels of the page, the element's line from 1 (0 for none), and where in
 *                                 the element, in 64ths of its width and height
 *     m x x y y y                 the pointer came by
 */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_';
export const WIDTH_UNITS = 4096;
export const [RAGE, DEAD] = [1, 2];
const [CLICK, MOVE] = ['c'.charCodeAt(0), 'm'.charCodeAt(0)];
const [CLICK_LENGTH, MOVE_LENGTH] = [11, 6];

/** What is no digit counts as 64 at least, which makes any number that it is in too large. */
const NONE = 1 << 18;
const VALUES = new Int32Array(128).fill(NONE);
for (let index = 0; index < 64; index++) VALUES[DIGITS.charCodeAt(index)] = index;
const digit = (text: string, at: number): number => VALUES[text.charCodeAt(at)] ?? NONE;

/** Gets what is read; `element` is a line from 1, or 0. */
export interface Points {
  click(x: number, y: number, element: number, flags: number): void;
  move(x: number, y: number): void;
}

/** Reads as far as a text makes sense; gives the characters that did not. */
export function readPoints(text: string, points: Points): number {
  const { length } = text;
  let at = 0;
  while (at < length) {
    const kind = text.charCodeAt(at);
    if (kind === MOVE && at + MOVE_LENGTH <= length) {
      const x = (digit(text, at + 1) << 6) | digit(text, at + 2);
      const y = (digit(text, at + 3) << 12) | (digit(text, at + 4) << 6) | digit(text, at + 5);
      if (x >= WIDTH_UNITS || y >= 1 << 18) break;
      points.move(x, y);
      at += MOVE_LENGTH;
    } else if (kind === CLICK && at + CLICK_LENGTH <= length) {
      const flags = digit(text, at + 1);
      const x = (digit(text, at + 2) << 6) | digit(text, at + 3);
      const y = (digit(text, at + 4) << 12) | (digit(text, at + 5) << 6) | digit(text, at + 6);
      const element = (digit(text, at + 7) << 6) | digit(text, at + 8);
      const within = digit(text, at + 9) | digit(text, at + 10);
      if (flags > 3 || x >= WIDTH_UNITS || y >= 1 << 18 || element >= 4096) break;
      if (within > 63) break;
      points.click(x, y, element, flags);
      at += CLICK_LENGTH;
    } else break;
  }
  return length - at;
}
