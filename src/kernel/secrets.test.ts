import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keptSecret } from './secrets.ts';

test('a secret is the same each time, for its owner only, and never empty', () => {
  const dir = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  try {
    const secret = keptSecret(dir, 'one');
    assert.match(secret, /^[\w-]{43}$/);
    assert.equal(keptSecret(dir, 'one'), secret);
    assert.equal(statSync(join(dir, 'secrets', 'one')).mode & 0o777, 0o600);
    // As a full disk left it.
    mkdirSync(join(dir, 'secrets'), { recursive: true });
    writeFileSync(join(dir, 'secrets', 'two'), '');
    writeFileSync(join(dir, 'secrets', 'two.new'), 'abc', { mode: 0o644 });
    const made = keptSecret(dir, 'two');
    assert.match(made, /^[\w-]{43}$/);
    assert.equal(keptSecret(dir, 'two'), made);
    assert.equal(statSync(join(dir, 'secrets', 'two')).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(dir, 'secrets')).sort(), ['one', 'two']);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
