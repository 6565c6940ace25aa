import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { seal, unseal } from './seal.ts';

const dir = mkdtempSync(join(tmpdir(), 'throughline-seal-'));
const other = mkdtempSync(join(tmpdir(), 'throughline-seal-'));
after(() => {
  rmSync(dir, { recursive: true });
  rmSync(other, { recursive: true });
});

test('any secret comes back as it was, and never looks the same twice', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (secret, place) => {
      const text = secret.toWellFormed();
      const sealed = seal(dir, place, text);
      assert.equal(unseal(dir, place, sealed), text);
      assert.notEqual(seal(dir, place, text), sealed);
      assert.ok(text.length < 4 || !sealed.includes(text));
    }),
    { numRuns: 200 },
  );
});

test('a sealed secret opens neither with another key, nor in another place, nor altered', () => {
  const sealed = seal(dir, 'connections/1', 'postgres://shop:hunter2@db/shop');
  assert.throws(() => unseal(other, 'connections/1', sealed), /Enter it again/);
  assert.throws(() => unseal(dir, 'connections/2', sealed), /Enter it again/);
  for (let at = 3; at < sealed.length; at += 7) {
    const letter = sealed[at] === 'A' ? 'B' : 'A';
    assert.throws(() => unseal(dir, 'connections/1', sealed.slice(0, at) + letter + sealed.slice(at + 1)));
  }
  for (const broken of ['', 'v1.', 'v1.AAAA', 'v2.AAAA', sealed.slice(0, 20)]) {
    assert.throws(() => unseal(dir, 'connections/1', broken), /Enter it again/);
  }
});
