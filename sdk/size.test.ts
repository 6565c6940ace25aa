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

  it('is at most 30 kB gzipped where visits are recorded', () => {
    const loader = built('parts.js').toString();
    const files = ['replay', 'recorder'].map((part) => new RegExp(`\\b${part}\\.[0-9a-f]{12}\\.js`).exec(loader)![0]);
    const bytes = files.reduce((sum, file) => sum + gzipSync(built(file), { level: 9 }).length, 0);
    assert.ok(bytes <= 30_000, `${files} are ${bytes} bytes gzipped`);
  });

  it('is at most 15 kB gzipped where surveys are shown, with all kinds of questions and their logic', () => {
    const [file] = /\bsurveys\.[0-9a-f]{12}\.js/.exec(built('parts.js').toString())!;
    const bytes = gzipSync(built(file), { level: 9 }).length;
    assert.ok(bytes <= 15 * 1024, `${file} is ${bytes} bytes gzipped`);
    assert.doesNotMatch(built(file).toString(), /\beval\b|new Function|innerHTML|document\.write/);
  });

  it('is at most 4 kB gzipped where clicks, moves, scrolling and forms are measured', () => {
    const [file] = /\bheatmap\.[0-9a-f]{12}\.js/.exec(built('parts.js').toString())!;
    const bytes = gzipSync(built(file), { level: 9 }).length;
    assert.ok(bytes <= 4 * 1024, `${file} is ${bytes} bytes gzipped`);
    assert.doesNotMatch(built(file).toString(), /\beval\b|new Function|innerHTML|document\.write/);
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
