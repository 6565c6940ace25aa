import { Presets, SingleBar } from 'cli-progress';
import { type Client, CommandError, type Connection } from './client.ts';
import { bytesText, durationText, print, printJson } from './terminal.ts';

/** An import as the server tells of it; see /api/docs. */
export interface Import {
  id: string;
  name: string;
  state: 'uploading' | 'running' | 'done' | 'failed';
  uploadedBytes: number;
  size: number;
  linesRead: number;
  linesTotal: number | null;
  eventsAccepted: number;
  refused: number;
  progress: number;
  ratePerSecond: number;
  error: string | null;
  startedAt: string;
  endedAt: string | null;
  /** How often the whole file has been gone through. */
  runs: number;
  repeated: boolean;
}

const LOOK_MILLISECONDS = 300;
/** A server that is away for this many looks, about ten seconds, is not waited for any longer. */
const LOOKS_TRIED = 33;
const WIDTH = 10_000;

/** A bar for the part from 0 to 1 of some work, and a word on how fast it goes; nothing where nobody would see it. */
export function progressBar(
  title: string,
  options: Connection,
): { show(part: number, say: string): void; end(): void } {
  if (options.json || !process.stderr.isTTY) return { show: () => {}, end: () => {} };
  const bar = new SingleBar(
    { format: `${title} {bar} {percentage}%  {say}`, stream: process.stderr, hideCursor: true, barsize: 30 },
    Presets.shades_classic,
  );
  bar.start(WIDTH, 0, { say: '' });
  return {
    show: (part, say) => bar.update(Math.min(WIDTH, Math.round(part * WIDTH)), { say }),
    end: () => bar.stop(),
  };
}

/** Follows an import whose file has arrived until it is done; throws a CommandError with the reason where it fails. */
export async function follow(client: Client, started: Import, options: Connection): Promise<Import> {
  const bar = progressBar('Importing', options);
  let now = started;
  let failures = 0;
  try {
    while (now.state === 'running') {
      const lines = `${count(now.linesRead)}${now.linesTotal === null ? '' : ` of ${count(now.linesTotal)}`} lines`;
      const waiting = now.progress >= 1 ? ', waiting for the stream' : `, ${count(now.ratePerSecond)} lines/s`;
      bar.show(now.progress, lines + waiting);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
      try {
        now = await client.ask<Import>('GET', `/api/imports/${started.id}`);
        failures = 0;
      } catch (error) {
        if (!isPassing(error) || ++failures >= LOOKS_TRIED) throw error;
      }
    }
    if (now.state === 'done') bar.show(1, `${count(now.linesRead)} lines`);
  } finally {
    bar.end();
  }
  if (now.state === 'failed') throw new CommandError(now.error ?? 'The import failed.');
  if (now.state !== 'done') throw new CommandError(`The import is ${now.state} again: somebody else began it anew.`);
  return now;
}

/** What came of an import, in words or as JSON. */
export function report(done: Import, options: Connection): void {
  if (options.json) {
    printJson(done);
    return;
  }
  const seconds = (Date.parse(done.endedAt ?? '') - Date.parse(done.startedAt)) / 1000;
  const what = `${count(done.linesRead)} lines, ${count(done.eventsAccepted)} events`;
  if (done.repeated) {
    print(`This file was imported with this mapping before, at ${done.endedAt}: ${what}. Nothing was added.`);
  } else print(`${what}, ${bytesText(done.size)}, in ${durationText(seconds)}.`);
  if (done.runs > 1) print('It was imported before: what was there already counts once.');
  if (done.refused > 0) print(`${count(done.refused)} refused: the reasons are in the quarantine.`);
}

/** On Ctrl-C says that nothing is lost, and ends. */
export function sayHowToGoOn(): void {
  process.once('SIGINT', () => {
    process.stderr.write('\x1b[?25h\nStopped. The same command goes on where this stopped.\n');
    process.exit(130);
  });
}

const count = (number: number) => number.toLocaleString('en');

/** A server that is away or busy, or another upload of the same file that is just ending. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof CommandError)) return false;
  return error.status === undefined || error.status === 409 || error.status === 429 || error.status >= 500;
}
