import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../test/server.ts';
import { basic, drained, type LoadResult, load } from './intake.ts';
import { benchReports } from './query-reports.ts';
import { seed } from './seed.ts';
import { makeTraffic } from './traffic.ts';

export interface BesideResult {
  intake: LoadResult;
  alone: LoadResult;
  reports: number;
  /** Milliseconds. */
  reportP50: number;
  /** Events that were acknowledged and are not stored: must be 0. */
  missing: number;
}

const RATE = 5000;

/** Intake at 5,000 events a second while two people ask reports one after another, each computed anew. */
export async function intakeBeside(options: {
  events: number;
  people: number;
  until: Date;
  seconds: number;
}): Promise<BesideResult> {
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  await seed(dataDir, { ...options, shop: options.until });
  const server = await startServer({ dataDir });
  try {
    const key = await server.writeKey('bench beside');
    const traffic = makeTraffic({ seed: 5, people: 20_000, events: RATE * options.seconds * 3, size: 10 });
    const paced = () =>
      load(server, '/v1/batch', basic(key), traffic, {
        connections: 16,
        eventsPerSecond: RATE,
        seconds: options.seconds,
      });
    const alone = await paced();
    const times: number[] = [];
    let asking = true;
    const reports = Object.values(benchReports(options.until));
    const askers = [0, 1].map(async (first) => {
      for (let at = first; asking; at++) {
        const started = performance.now();
        await server.api('POST', '/api/query', { report: reports[at % reports.length], fresh: true });
        times.push(performance.now() - started);
      }
    });
    const intake = await paced();
    asking = false;
    await Promise.all(askers);
    traffic.remove();
    await drained(server);
    const sources = await server.api<{ items: { name: string; eventCount: number }[] }>('GET', '/api/sources');
    const stored = sources.items.find((source) => source.name === 'bench beside')!.eventCount;
    times.sort((a, b) => a - b);
    return {
      intake,
      alone,
      reports: times.length,
      reportP50: times[times.length >> 1] ?? Number.NaN,
      missing: alone.events + intake.events - stored,
    };
  } finally {
    await server.remove();
  }
}
