import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Colours a text where the output is a terminal that shows colours. */
export const paint = (style: Style, text: string) => styleText(style, text, { stream: process.stdout });

/** What others wrote, without what would steer the terminal: control characters and changes of direction. */
export const plain = (text: string) => text.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]+/gu, ' ');

/** Cuts a text to a number of characters. */
export const shorten = (text: string, length: number) => {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, Math.max(0, length - 1)).join('')}…`;
};

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** Columns under headings; each as wide as its widest cell. Cells are made plain. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(plain));
  const widths = headings.map((heading, i) => Math.max(heading.length, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return [paint('dim', line(headings)), ...cells.map(line)].join('\n');
}

/** Bytes for people: 12 MB, 1.4 GB. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Seconds for people: 45 s, 12 min, 3 h, 5 days. */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 60 * 60) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** Money from the currency's smallest unit. */
export function moneyText(money: { currency: string; amountMinor: number }): string {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency: money.currency });
    const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    return format.format(money.amountMinor / 10 ** digits);
  } catch {
    // Not a currency that is known here.
    return `${(money.amountMinor / 100).toFixed(2)} ${money.currency}`;
  }
}
