import { type Colours, contrast, onColour, type Palettes, type Theme } from './model.ts';

/** Contrasts that WCAG 2 asks of text, and of what one operates. */
const TEXT = 4.5;
const CONTROL = 3;

const partsOf = (colour: string) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
const hex = (parts: number[]) => `#${parts.map((part) => `0${Math.round(part).toString(16)}`.slice(-2)).join('')}`;

function mix(a: string, b: string, share: number): string {
  const to = partsOf(b);
  return hex(partsOf(a).map((part, at) => part + (to[at]! - part) * share));
}

/** The colour, made darker or lighter until it stands out. */
function readable(colour: string, on: string, least: number): string {
  let shown = colour;
  for (let share = 0.1; contrast(shown, on) < least && share <= 1; share += 0.1)
    shown = mix(colour, onColour(on), share);
  return shown;
}

/** The variables that the styles use. What cannot be read on the background is moved away from it. */
function palette({ background, text, accent }: Colours): Record<string, string> {
  const ink = readable(text, background, TEXT);
  const main = readable(accent, background, CONTROL);
  const clear = (colour: string, alpha: number) => `rgba(${partsOf(colour)},${alpha})`;
  return {
    back: background,
    ink,
    dim: readable(mix(ink, background, 0.38), background, TEXT),
    edge: readable(mix(ink, background, 0.55), background, CONTROL),
    line: clear(ink, 0.15),
    soft: clear(ink, 0.05),
    main,
    on: onColour(main),
    tint: clear(main, 0.1),
    bad: readable('#d12c2c', background, TEXT),
  };
}

/** Both looks of a theme. Made on the server for the popover, which so need not carry this. */
export const palettesOf = ({ light, dark }: Theme): Palettes => ({ light: palette(light), dark: palette(dark) });
