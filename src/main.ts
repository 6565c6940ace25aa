import { rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import packageFile from '../package.json' with { type: 'json' };
import { apps } from './apps/index.ts';
import { core } from './core/index.ts';
import { createAuthenticate } from './core/staff/authenticate.ts';
import { setUpHint } from './core/staff/set-up-token.ts';
import { startStream } from './core/stream/start.ts';
import { type Config, parseConfig } from './kernel/config.ts';
import type { Context } from './kernel/context.ts';
import { faultText } from './kernel/fault-text.ts';
import { buildHttp } from './kernel/http.ts';
import { migrateJobs, startJobs } from './kernel/jobs.ts';
import { listen } from './kernel/listen.ts';
import { lockFolder } from './kernel/lock.ts';
import { mail } from './kernel/mail.ts';
import { migrate } from './kernel/migrate.ts';
import { isRecordsAway } from './kernel/records.ts';
import { openStores, type Stores } from './kernel/stores.ts';

const all = [mail, ...core, ...apps];
const STORE_RETRY_MS = 2000;
/** A stop that takes longer than all its parts may take together is cut off. */
const STOP_MS = 60_000;

type Stop = () => Promise<void>;

/** Aborted by a signal, at whatever moment: what is begun is finished, and then all that was opened is closed. */
const asked = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (asked.signal.aborted) return;
    console.log(`${signal}: finishing what is under way …`);
    cutOffLater();
    asked.abort();
  });
}

process.exit((await serve(asked.signal)) ? 0 : 1);

/** Runs the server until it is asked to stop, and closes what was opened, also of a start that fails. True if all went well. */
async function serve(stop: AbortSignal): Promise<boolean> {
  const stops: Stop[] = [];
  let well = true;
  try {
    await start(parseConfig(process.env, process.argv.slice(2)), stop, stops);
    if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  } catch (error) {
    if (!stop.aborted) {
      console.error(error instanceof Error ? error.message : error);
      cutOffLater();
      well = false;
    }
  }
  try {
    for (const close of stops.reverse()) await close();
  } catch (error) {
    console.error(
      'The stop did not go well; what was accepted is on disk and will be processed at the next start.',
      error,
    );
    well = false;
  }
  return well;
}

function cutOffLater(): void {
  setTimeout(() => {
    console.error('The stop took too long and is cut off; what was accepted is on disk.');
    process.exit(1);
  }, STOP_MS).unref();
}

/** Starts part after part; `stops` gets how to close each. Throws once a stop is asked for. */
async function start(config: Config, stop: AbortSignal, stops: Stop[]): Promise<void> {
  stops.push(await lockFolder(config.dataDir));
  const stores = await openStores(config);
  stops.push(() => stores.close());
  await migrateWhenReachable(config, stores, stop);
  let port = config.port;
  const url = () => config.publicUrl ?? `http://localhost:${port}`;
  const context: Context = { config, ...stores, url };

  if (config.roles.has('stream')) {
    stops.push(
      startStream(context, stores.recordsUrl, (reason) => {
        console.error('The stream failed; the server stops so that it can be started again.', faultText(reason));
        process.exit(1);
      }),
    );
  }
  for (const app of config.roles.has('jobs') ? all : []) {
    stop.throwIfAborted();
    if (app.start) stops.push(await app.start(context));
  }
  stop.throwIfAborted();
  if (config.roles.has('jobs')) stops.push(await startJobs(context, all));

  const hono = buildHttp(context, all, createAuthenticate(context, all));
  const server = await listen(hono, config.port, config.host);
  const note = join(config.dataDir, 'server.json');
  stops.push(async () => {
    rmSync(note, { force: true });
    await server.close();
  });
  port = server.port;
  const state = {
    url: `http://127.0.0.1:${port}`,
    pid: process.pid,
    startedAt: new Date().toISOString(),
    version: packageFile.version,
  };
  stop.throwIfAborted();
  writeFileSync(note, `${JSON.stringify(state)}\n`);
  console.log([greeting(config, url(), port), await setUpHint(context)].filter(Boolean).join('\n'));
}

/** A store that is a server may come up after us: wait for it, and say so. */
async function migrateWhenReachable(config: Config, stores: Stores, stop: AbortSignal): Promise<void> {
  const folders = all.flatMap((app) => (app.migrations ? [{ app: app.name, dir: fileURLToPath(app.migrations) }] : []));
  for (let told = false; ; ) {
    stop.throwIfAborted();
    try {
      await migrate(stores.records, stores.events, folders);
      return await migrateJobs(stores.records.pool);
    } catch (error) {
      const away = (config.recordsUrl && isRecordsAway(error)) || (config.eventsUrl && isUnreachable(error));
      if (!away) throw error;
      if (!told)
        console.error(
          `A store cannot be reached yet; trying again every ${STORE_RETRY_MS / 1000} s: ${(error as Error).message}`,
        );
      told = true;
      await sleep(STORE_RETRY_MS, undefined, { signal: stop });
    }
  }
}

function isUnreachable(error: unknown): boolean {
  return /ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|socket hang up|Timeout/i.test(String((error as Error).message));
}

function greeting(config: Config, url: string, port: number): string {
  const stores = [
    config.eventsUrl ? 'ClickHouse server' : 'ClickHouse embedded',
    config.recordsUrl ? 'PostgreSQL server' : 'PostgreSQL embedded',
    config.logUrl ? 'NATS JetStream' : 'LMDB log',
  ];
  const lan = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;
  return [
    `Throughline ${packageFile.version} is ready at ${url}`,
    lan && config.host === '0.0.0.0' ? `  on this network: http://${lan}:${port}` : null,
    `  data: ${config.dataDir} (${stores.join(', ')})`,
  ]
    .filter((line) => line !== null)
    .join('\n');
}
