import { join } from 'node:path';
import { startServer } from '../test/server.ts';
import { details, mb, ms, options, root, say, scale } from './figures.ts';
import { measureHeatmap } from './heatmap.ts';
import { measurePlayer } from './player.ts';
import { recorderBytes, timeRecorder } from './recorder.ts';
import { measureRecorders } from './replay-intake.ts';
import { measureStorage } from './replay-storage.ts';
import { sdkBytes, timeSdk } from './sdk.ts';
import { measureSurveyScore } from './survey-score.ts';

export async function sdk(): Promise<void> {
  const bytes = sdkBytes();
  const server = await startServer();
  const { writeKey } = await server.api<{ writeKey: string }>('POST', '/api/sources', {
    name: 'site',
    kind: 'browser',
  });
  const time = await timeSdk(server, writeKey, options.quick ? 3 : 11);
  await server.remove();
  details.sdk = { bytes, ...time };
  say({
    what: 'browser SDK with automatic capture and vitals, gzip -9',
    measured: `${bytes} bytes`,
    reach: '≤ 5 kB (5,120 bytes)',
    beside: 'OpenPanel 1.7, Plausible 2.7, Segment 31.3, PostHog 122 kB',
  });
  say({
    what: 'its main-thread time on a page of 5,000 elements: load, 3 clicks, 100 events (median)',
    measured: `${ms(time.total)}, longest piece ${ms(time.longest)}`,
    reach: 'no piece over 20 ms',
  });
}

export async function recorder(): Promise<void> {
  const bytes = recorderBytes();
  const result = await timeRecorder(options.quick ? 5 : 15, options.quick ? 1 : 3);
  details.recorder = { bytes, ...result };
  const { without, ours, rrweb } = result;
  const share = (recorded: typeof ours) => `${((recorded.msPerSecond - without.msPerSecond) / 10).toFixed(1)}%`;
  say({
    what: 'session recorder, gzip -9',
    measured: `${bytes} bytes`,
    reach: '≤ 30 kB',
    beside: 'rrweb’s recorder alone 23.6, Sentry’s 36, PostHog’s 72.4 kB',
  });
  say({
    what: 'its main-thread time on a page of 5,000 nodes that changes 200 nodes a second',
    measured: `${share(ours)} of a second; longest task ${ms(ours.longestTask)}, of the page alone ${ms(without.longestTask)}`,
    reach: '≤ 5%, no task over 50 ms after the first snapshot',
    beside: `rrweb as it comes, not masked nor sent: ${share(rrweb)}, longest task ${ms(rrweb.longestTask)}`,
  });
  say({
    what: 'task of the first snapshot of that page; what a minute of it sends, packed',
    measured: `${ms(result.snapshot)}; ${Math.round(result.bytesPerMinute / 1000)} kB`,
    reach: 'printed',
    beside: `rrweb as it comes: ${ms(result.rrwebSnapshot)}`,
  });
}

export async function replayStorage(): Promise<void> {
  const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
  const result = await measureStorage(join(root, '../shared/data/rrweb'));
  details.replayStorage = result;
  for (const { session, minutes, ours, first, gzip, zstd, dictionary } of result) {
    say({
      what: `a minute of replay stored: ${session} (${(minutes * 60).toFixed(0)} s)`,
      measured: `${kb(ours)}, ${Math.round((100 * ours) / gzip)}% of gzip; as the first of its site ${kb(first)}`,
      reach: '≤ 40% of gzip',
      beside: `gzip ${kb(gzip)}, zstd -19 ${kb(zstd)}; shared by the site ${kb(dictionary)} in all`,
    });
  }
}

export async function replayIntake(): Promise<void> {
  const server = await startServer();
  const recorders = 200;
  const result = await measureRecorders(server, { recorders, seconds: Math.max(20, 60 * scale) });
  await server.remove();
  details.replayIntake = result;
  if (result.refused > 0 || result.lost > 0) throw new Error(`${result.refused} refused, ${result.lost} lost.`);
  say({
    what: `${recorders} recorders at once, ${result.calls.toLocaleString('en')} chunks (${mb(result.bytes)} packed)`,
    measured: `all accepted, none lost; p50 ${ms(result.p50)}, p99 ${ms(result.p99)}`,
    reach: 'p99 ≤ 100 ms',
  });
}

export async function player(): Promise<void> {
  const server = await startServer();
  const result = await measurePlayer(server, { seeks: options.quick ? 10 : 40, minutes: 60 });
  await server.remove();
  details.player = result;
  say({ what: 'first frame in the player, 20-minute recording', measured: ms(result.firstFrame), reach: '≤ 1 s' });
  say({
    what: `seek anywhere in an hour's recording (${result.events.toLocaleString('en')} events)`,
    measured: `median ${ms(result.seek.median)}, p95 ${ms(result.seek.p95)}, most ${ms(result.seek.most)}`,
    reach: '≤ 500 ms',
  });
}

export async function heatmap(): Promise<void> {
  const times = await measureHeatmap(1_000_000 * scale);
  details.heatmap = times;
  const interactions = times.interactions.toLocaleString('en');
  say({
    what: `heatmap over ${interactions} interactions among ${times.events.toLocaleString('en')} events, with elements, scroll and attention`,
    measured: `clicks ${ms(times.clicks)}, moves ${ms(times.moves)}, scroll ${ms(times.scroll)}`,
    reach: '≤ 500 ms',
    beside: `PostHog’s table, a row an interaction, coordinates alone: clicks ${ms(times.rowsClicks)}, moves ${ms(times.rowsMoves)}`,
  });
}

export async function surveyScore(): Promise<void> {
  const server = await startServer();
  const result = await measureSurveyScore(server, options.quick ? 20 : 100);
  await server.remove();
  details.surveyScore = result;
  say({
    what: `survey answer to score, ${result.answers} answers`,
    measured: `p50 ${ms(result.p50)}, p95 ${ms(result.p95)}, most ${ms(result.longest)}`,
    reach: '≤ 2 s',
  });
}
