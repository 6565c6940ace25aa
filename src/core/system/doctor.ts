import { existsSync } from 'node:fs';
import { readFile, stat, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../kernel/context.ts';
import { CONSOLE_DIR } from './console-files.ts';
import { type Health, health } from './health.ts';
import { partNames, remedyOf } from './parts.ts';
import { type StoreReports, storeReports } from './stores.ts';
import { VERSION } from './version.ts';

export interface Check {
  name: string;
  state: 'ok' | 'warning' | 'failing';
  /** How it is, in a sentence. */
  detail: string;
  /** What to do about it; null where nothing need be done. */
  remedy: string | null;
}

export interface Report {
  version: string;
  node: string;
  uptimeSeconds: number;
  checks: Check[];
  stores: StoreReports;
  memory: { residentBytes: number; heapBytes: number; machineBytes: number };
}

/** The stream is behind when an event has waited for this long. */
const LAG_WARNING_SECONDS = 30;
/** Free space below which stores begin to be in danger, and below which they fail soon. */
const DISK_WARNING_BYTES = 2 * 1024 ** 3;
const DISK_FAILING_BYTES = 256 * 1024 ** 2;

const ok = (name: string, detail: string): Check => ({ name, state: 'ok', detail, remedy: null });
const warning = (name: string, detail: string, remedy: string): Check => ({ name, state: 'warning', detail, remedy });
const failing = (name: string, detail: string, remedy: string): Check => ({ name, state: 'failing', detail, remedy });

/** Looks at everything that can be wrong with an installation, and says what to do about it. */
export async function examine(context: Context): Promise<Report> {
  const state = await health(context);
  const stores = await storeReports(context, state);
  const checks = await Promise.all([
    ...storeChecks(state, stores),
    intakeCheck(state),
    streamCheck(state),
    ...partChecks(state),
    state.stores.records.up ? quarantineCheck(context) : null,
    state.stores.records.up ? sourcesCheck(context) : null,
    diskCheck(context.config.dataDir),
    secretsCheck(context.config.dataDir),
    consoleCheck(context),
  ]);
  const memory = process.memoryUsage();
  return {
    version: VERSION,
    node: process.version,
    uptimeSeconds: Math.round(process.uptime()),
    checks: checks.filter((check) => check !== null),
    stores,
    memory: { residentBytes: memory.rss, heapBytes: memory.heapUsed, machineBytes: await machineBytes() },
  };
}

function storeChecks(state: Health, stores: StoreReports): Check[] {
  const named = [
    ['Events store', 'ClickHouse', stores.events, 'THROUGHLINE_EVENTS_URL'],
    ['Records store', 'PostgreSQL', stores.records, 'THROUGHLINE_RECORDS_URL'],
    ['Log', 'the log', stores.log, 'THROUGHLINE_LOG_URL'],
  ] as const;
  return named.map(([name, engine, store, setting]) => {
    if (store.up) return ok(name, `${store.kind === 'embedded' ? 'Embedded' : 'A server'}, at ${store.where}.`);
    const waits = state.intake.accepting && name !== 'Log' ? ' Events are accepted and wait in the log.' : '';
    return failing(
      name,
      `It does not answer.${waits}`,
      store.kind === 'embedded'
        ? `Restart Throughline; if ${engine} still does not start, its output says why.`
        : `See that ${engine} at ${store.where} runs and can be reached from here, and that ${setting} is right.`,
    );
  });
}

function intakeCheck({ intake }: Health): Check {
  if (intake.accepting) return ok('Intake', 'Events are accepted.');
  return failing(
    'Intake',
    `Events are refused with 503: ${intake.reason}.`,
    'Find out what holds the stream up (see the stores), or give the log more room with THROUGHLINE_LOG_MEGABYTES.',
  );
}

function streamCheck({ stream }: Health): Check {
  const events = stream.partitions.reduce((sum, partition) => sum + partition.lagEvents, 0);
  const seconds = Math.max(0, ...stream.partitions.map((partition) => partition.lagSeconds));
  const behind =
    events === 0
      ? 'Nothing is waiting.'
      : `${events.toLocaleString('en')} events are waiting, the oldest for ${seconds.toFixed(1)} s.`;
  if (stream.trouble) {
    const trouble = stream.trouble.replace(/[.!]?$/, '.');
    return failing(
      'Stream',
      `${trouble} ${behind}`,
      'See to the store that it names; the stream then goes on by itself.',
    );
  }
  if (seconds <= LAG_WARNING_SECONDS) return ok('Stream', behind);
  if (stream.ready === null) {
    return warning('Stream', behind, 'This process runs no stream; see that one with the role "stream" runs.');
  }
  return warning(
    'Stream',
    behind,
    'It catches up when less comes in; if it never does, this machine is too small for what is sent.',
  );
}

const partChecks = ({ paused }: Health): Check[] =>
  partNames().map((name) => {
    const title = `${name[0]!.toUpperCase()}${name.slice(1)}`;
    const reason = paused[name];
    return reason ? failing(title, `Pauses: ${reason}.`, remedyOf(name)) : ok(title, 'Works.');
  });

async function quarantineCheck(context: Context): Promise<Check> {
  const { rows } = await context.records.pool.query<{ waiting: number; today: number }>(
    `SELECT count(*)::int AS waiting, count(*) FILTER (WHERE at > now() - interval '1 day')::int AS today
     FROM (SELECT at FROM quarantine WHERE resent_at IS NULL AND deleted_at IS NULL ORDER BY id DESC LIMIT 10000) AS newest`,
  );
  const { waiting, today } = rows[0] ?? { waiting: 0, today: 0 };
  if (waiting === 0) return ok('Quarantine', 'No event is in quarantine.');
  const many = `${waiting === 10_000 ? '10,000 or more' : waiting.toLocaleString('en')} events are in quarantine`;
  if (today === 0) return ok('Quarantine', `${many}, none since yesterday.`);
  return warning(
    'Quarantine',
    `${many}, ${today.toLocaleString('en')} of them since yesterday.`,
    'Look at their reasons in the console under Quarantine; mend the sender, and send them again from there.',
  );
}

async function sourcesCheck(context: Context): Promise<Check> {
  const { rows } = await context.records.pool.query<{ on: number; off: number }>(
    'SELECT count(*) FILTER (WHERE enabled)::int AS on, count(*) FILTER (WHERE NOT enabled)::int AS off FROM sources',
  );
  const { on, off } = rows[0] ?? { on: 0, off: 0 };
  if (on > 0) return ok('Sources', `${on} switched on, ${off} switched off.`);
  return warning(
    'Sources',
    'No source is switched on.',
    'Make one: bin/throughline source create <name> --kind browser',
  );
}

async function diskCheck(dataDir: string): Promise<Check> {
  try {
    const disk = await statfs(dataDir);
    const free = disk.bavail * disk.bsize;
    const detail = `${(free / 1024 ** 3).toFixed(1)} GB are free where ${dataDir} is.`;
    const remedy = 'Free some space, or move the data folder to a larger disk.';
    if (free < DISK_FAILING_BYTES) return failing('Disk', detail, remedy);
    return free < DISK_WARNING_BYTES ? warning('Disk', detail, remedy) : ok('Disk', detail);
  } catch (error) {
    return warning(
      'Disk',
      `The free space cannot be read: ${(error as Error).message}.`,
      'See that the folder exists.',
    );
  }
}

async function secretsCheck(dataDir: string): Promise<Check> {
  const folder = join(dataDir, 'secrets');
  const open: string[] = [];
  for (const name of ['auth', 'local', 'records-password']) {
    const file = await stat(join(folder, name)).catch(() => null);
    if (file && (file.mode & 0o077) !== 0) open.push(name);
  }
  if (open.length === 0) return ok('Secrets', 'Only the owner of the data folder can read them.');
  return failing(
    'Secrets',
    `Other users of this machine can read ${open.join(', ')}.`,
    `Run: chmod 600 ${open.map((name) => join(folder, name)).join(' ')}`,
  );
}

function consoleCheck(context: Context): Check {
  if (!context.config.roles.has('console')) return ok('Console', 'This process does not serve it.');
  if (existsSync(new URL('index.html', CONSOLE_DIR))) return ok('Console', `At ${context.url()}.`);
  return warning('Console', 'It is not built.', 'Run: npm run build');
}

/** What this machine, or the container on it, has. */
async function machineBytes(): Promise<number> {
  const limit = Number(await readFile('/sys/fs/cgroup/memory.max', 'utf8').catch(() => 'max'));
  return Number.isFinite(limit) ? Math.min(limit, totalmem()) : totalmem();
}
