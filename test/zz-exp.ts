import { openLmdbLog } from '../src/kernel/log-lmdb.ts';
import { unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
process.on('unhandledRejection', (e) => console.log('UNHANDLED', String(e), (e as any)?.commitError));
process.on('uncaughtException', (e) => console.log('UNCAUGHT', String(e), (e as any)?.commitError));
writeFileSync('/tmp/mt/ballast', Buffer.alloc(3e6));
const log = openLmdbLog({ dir: '/tmp/mt/log', partitions: 2, bytes: 64e6 });
let ok = 0;
for (let i = 0; i < 100; i++) {
  try {
    await log.append([{ partition: 0, events: 1, value: Buffer.alloc(200_000, i) }, { partition: 1, events: 1, value: Buffer.alloc(2_000, i) }]);
    ok++;
  } catch (e) { console.log(i, 'failed', ok, (e as any).constructor.name, String(e), (e as any).commitError, log.full()); if (i > 30) break; }
}
const all = { events: 1e6, bytes: 1e9 };
console.log('read', (await log.read(0, 0, all)).length, await log.state());
const some = (await log.read(0, 0, all))[3]!;
await log.commit(0, some.position).then(() => console.log('commit ok'), (e) => console.log('commit failed', String(e), e.commitError));
unlinkSync('/tmp/mt/ballast');
await sleep(1500);
for (let i = 0; i < 5; i++)
  await log.append([{ partition: 0, events: 1, value: Buffer.alloc(200_000, i) }]).then(() => ok++, (e) => console.log('after', String(e), e.commitError));
console.log('ok', ok, (await log.read(0, 0, all)).length, (await log.read(1, 0, all)).length, await log.state());
await log.commit(0, some.position).then(() => console.log('commit ok'), (e) => console.log('commit failed', String(e), e.commitError));
await log.close();
