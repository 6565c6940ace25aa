import { Command } from 'commander';
import { CommandError, type Connection, connect, withConnection } from './client.ts';
import { examineStopped } from './doctor-stopped.ts';
import { bytesText, durationText, paint, print, printJson, type Style } from './terminal.ts';
import type { Check, Report } from './wire.ts';

const MARKS: Record<Check['state'], { mark: string; style: Style }> = {
  ok: { mark: '✓', style: 'green' },
  warning: { mark: '!', style: 'yellow' },
  failing: { mark: '✗', style: 'red' },
};
const ROWS: Record<string, string> = { events: 'events', records: 'persons', log: 'events waiting' };

/** Ends with 1 where something fails, also where the server does not run; with 0 where all is well or only a warning. */
export const doctorCommand = withConnection(
  new Command('doctor').description('what is running, where, how far behind, and what is wrong with it'),
).action(async (options: Connection) => {
  const { report, url, trouble } = await ask(options);
  const checks = report?.checks ?? (await examineStopped(trouble));
  if (options.json) printJson({ running: report !== null, url, ...report, checks });
  else if (report) print([...serverLines(report, url!), '', ...checkLines(checks)].join('\n'));
  else print([paint('bold', 'Throughline is not running here'), '', ...checkLines(checks)].join('\n'));
  if (checks.some((check) => check.state === 'failing')) process.exitCode = 1;
});

async function ask(options: Connection): Promise<{ report: Report | null; url: string | null; trouble: string }> {
  let url: string | null = options.url ?? null;
  try {
    const client = connect(options);
    url = client.url;
    return { report: await client.ask<Report>('GET', '/api/doctor'), url, trouble: '' };
  } catch (error) {
    // A server elsewhere cannot be examined from here, and one that answers is running.
    if (!(error instanceof CommandError) || options.url !== undefined || error.status !== undefined) throw error;
    return { report: null, url, trouble: error.message };
  }
}

function serverLines(report: Report, url: string): string[] {
  const { residentBytes, machineBytes } = report.memory;
  const lines = [
    `${paint('bold', `Throughline ${report.version}`)} at ${url}`,
    `Node ${report.node}, up ${durationText(report.uptimeSeconds)}, ${bytesText(residentBytes)} of ${bytesText(machineBytes)} memory in this process`,
    '',
  ];
  for (const [name, store] of Object.entries(report.stores)) {
    const holds = [
      store.rows === null ? '' : `${store.rows.toLocaleString('en')} ${ROWS[name] ?? 'rows'}`,
      store.bytes === null ? '' : bytesText(store.bytes),
    ].filter((part) => part !== '');
    const state = store.up ? '' : paint('red', '  does not answer');
    lines.push(
      `  ${name.padEnd(9)}${store.kind.padEnd(10)}${store.where}${paint('dim', `  ${holds.join(', ')}`)}${state}`,
    );
  }
  return lines;
}

function checkLines(checks: readonly Check[]): string[] {
  const width = Math.max(...checks.map((check) => check.name.length));
  return checks.flatMap(({ name, state, detail, remedy }) => {
    const { mark, style } = MARKS[state];
    const line = `${paint(style, mark)} ${name.padEnd(width)}  ${detail}`;
    return remedy === null ? [line] : [line, `${' '.repeat(width + 4)}${paint('bold', remedy)}`];
  });
}
