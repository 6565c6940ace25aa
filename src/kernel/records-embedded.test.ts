import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { openRecords } from './records.ts';
import { startEmbeddedRecords } from './records-embedded.ts';
import { copyPreparedStores } from './testing-template.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'throughline-records-'));
// PostgreSQL runs as another user where the tests run as root.
chmodSync(dataDir, 0o711);
const taken = createServer();
const takenPort = () => (taken.address() as AddressInfo).port;

before(async () => {
  await copyPreparedStores(dataDir, []);
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
});
after(() => {
  taken.close();
  rmSync(dataDir, { recursive: true, force: true });
});

it('a start goes on to another port where somebody takes the one that was free before PostgreSQL has it', async () => {
  const another = createServer();
  await new Promise<void>((resolve) => another.listen(0, '127.0.0.1', resolve));
  const { port: free } = another.address() as AddressInfo;
  await new Promise((resolve) => another.close(resolve));
  const ports = [takenPort(), takenPort(), free];
  const postgres = await startEmbeddedRecords(dataDir, { choosePort: async () => ports.shift()! });
  try {
    assert.equal(new URL(postgres.url).port, String(free));
    const records = openRecords(postgres.url);
    assert.equal((await records.pool.query<{ one: number }>('SELECT 1 AS one')).rows[0]?.one, 1);
    await records.close();
  } finally {
    await postgres.stop();
  }
});

it('gives up after five ports, or at once on the one that was asked for, and says why', async () => {
  let tried = 0;
  const choosePort = async () => {
    tried++;
    return takenPort();
  };
  await assert.rejects(startEmbeddedRecords(dataDir, { choosePort }), /could not start.*Address already in use/s);
  assert.equal(tried, 5);
  await assert.rejects(startEmbeddedRecords(dataDir, { port: takenPort() }), /Address already in use/);
});
