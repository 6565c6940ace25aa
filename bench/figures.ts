import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What the line of a call to `npm run bench` asks for. */
export const { values: options } = parseArgs({
  options: {
    /** A tenth of everything, to see that it runs. */
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rate: { type: 'string', default: '32000' },
    seconds: { type: 'string' },
  },
});
export const scale = options.quick ? 0.1 : 1;
export const root = fileURLToPath(new URL('..', import.meta.url));

export interface Line {
  what: string;
  measured: string;
  reach: string;
  beside?: string;
}
export const lines: Line[] = [];
/** All that was measured, by its part, for the file in bench/out. */
export const details: Record<string, unknown> = {};

export const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
export const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
export const perSecond = (value: number) => `${Math.round(value).toLocaleString('en')}/s`;

export function say(line: Line): void {
  lines.push(line);
  console.log(`${line.what}: ${line.measured} (reach ${line.reach})${line.beside ? `; ${line.beside}` : ''}`);
}
