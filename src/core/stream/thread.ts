import { join } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Config } from '../../kernel/config.ts';
import { remoteEvents } from '../../kernel/events-remote.ts';
import { openLog } from '../../kernel/log-open.ts';
import { openRecords } from '../../kernel/records.ts';
import { publishOverrides } from '../people/merge.ts';
import { openGeo } from './enrich/geo.ts';
import { RESTORE_SESSIONS_SQL, type SessionRow } from './enrich/sessions.ts';
import { Lead } from './lead.ts';
import { liveChannel, liveMessage } from './live-feed.ts';
import { type Batch, Pipeline } from './pipeline.ts';
import { StreamRunner } from './runner.ts';

/** What the stream's thread is given, and the messages it exchanges with the thread that started it. */
export interface StreamThreadData {
  config: Config;
  recordsUrl: string;
  /** To the thread that holds the embedded events engine; absent where the events store is a server. */
  eventsPort?: MessagePort;
}

const METRICS_MS = 1000;

const { config, recordsUrl, eventsPort } = workerData as StreamThreadData;
const events = eventsPort
  ? remoteEvents(eventsPort)
  : (await import('../../kernel/events-server.ts')).openEventsServer(config.eventsUrl!);
const records = openRecords(recordsUrl, { connections: 5 });
const log = await openLog(config);
const geo = config.geoFile ? await openGeo(config.geoFile) : null;
const live = new BroadcastChannel(liveChannel(join(config.dataDir)));
const pipeline = new Pipeline({ records, events, config, geo });

const lead = new Lead(records);
const react = async (batch: Batch) => {
  live.postMessage(liveMessage(batch));
  if (batch.merged) await publishOverrides({ records, events });
};
const runner = new StreamRunner(log, pipeline, react, () => lead.hold());
const tell = () =>
  parentPort!.postMessage({ steps: pipeline.counts.list(), trouble: runner.trouble, ready: runner.ready });
const metrics = setInterval(tell, METRICS_MS);

let stopping = false;
// A stop may come before it begins: then it never does, as the stores are closed under it.
const begun = begin();

parentPort!.on('message', async (message: unknown) => {
  if (message !== 'stop') return;
  stopping = true;
  clearInterval(metrics);
  lead.stopWaiting();
  await begun;
  await runner.stop();
  await lead.end();
  live.close();
  await log.close();
  await records.close();
  await events.close();
  parentPort!.postMessage('stopped');
  parentPort!.close();
});

async function begin(): Promise<void> {
  // Without them the sessions under way are counted in two parts; that must not keep the stream from starting.
  const sessions = await events.query<SessionRow>(RESTORE_SESSIONS_SQL).catch(() => []);
  if (stopping) return;
  pipeline.sessions.restore(sessions);
  runner.start();
}
