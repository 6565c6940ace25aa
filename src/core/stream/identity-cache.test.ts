import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdentityCache } from './identity-cache.ts';

test('what a batch decided is known to the end of the batch, however much it decides', () => {
  const cache = new IdentityCache();
  const many = 450_000;
  for (let i = 1; i <= many; i++) cache.set(`8:${i}`, { origin: i, root: i });
  assert.deepEqual(cache.get('8:1'), { origin: 1, root: 1 });
  for (let i = 1; i <= 500_002; i++) cache.merge(i, i + 1);
  assert.equal(cache.rootOf(1), 500_003);
});

test('between batches the older half is forgotten, what was used since is not', () => {
  const cache = new IdentityCache();
  for (let i = 1; i <= 200_000; i++) cache.set(`8:${i}`, { origin: i, root: i });
  cache.makeRoom();
  assert.ok(cache.get('8:1'));
  for (let i = 200_001; i <= 400_000; i++) cache.set(`8:${i}`, { origin: i, root: i });
  cache.makeRoom();
  assert.ok(cache.get('8:1'));
  assert.equal(cache.get('8:2'), undefined);
  for (let i = 1; i <= 500_002; i++) cache.merge(i, i + 1);
  cache.makeRoom();
  assert.equal(cache.rootOf(1), 1);
});
