import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parse } from 'acorn';

const served = new URL('./dist/served/', import.meta.url);
const built = (file: string) => readFileSync(new URL(file, served));

describe('what a page loads', () => {
  it('is at most 5 kB gzipped, with every kind of capture and the vitals', () => {
    const bytes = gzipSync(built('sdk.js'), { level: 9 }).length;
    assert.ok(bytes <= 5 * 1024, `sdk.js is ${bytes} bytes gzipped`);
  });

  it('is ES2018 throughout, its parts too', () => {
    const loader = built('parts.js').toString();
    const files = ['sdk.js', 'parts.js', ...loader.matchAll(/[\w-]+\.[0-9a-f]{12}\.js/g)].map(String);
    assert.ok(files.length > 2, 'there is a part');
    for (const file of files) parse(built(file).toString(), { ecmaVersion: 2018, sourceType: 'script' });
  });

  it('holds nothing that a strict Content Security Policy forbids', () => {
    assert.doesNotMatch(built('sdk.js').toString(), /\beval\b|new Function|innerHTML|document\.write/);
  });
});
