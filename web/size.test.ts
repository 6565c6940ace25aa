import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';

const LIMIT_BYTES = 250_000;
const config = fileURLToPath(new URL('./vite.config.ts', import.meta.url));

type Chunk = Rolldown.OutputChunk;

let chunks: Map<string, Chunk>;
let entry: Chunk;

/** The chunks that the browser fetches for these: themselves and all that they import at once. */
function closure(...roots: Chunk[]): Set<Chunk> {
  const seen = new Set<Chunk>();
  const visit = (chunk: Chunk | undefined) => {
    if (!chunk || seen.has(chunk)) return;
    seen.add(chunk);
    for (const name of chunk.imports) visit(chunks.get(name));
  };
  for (const root of roots) visit(root);
  return seen;
}

const gzipped = (of: Iterable<Chunk>) => [...of].reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0);
const holding = (module: string) =>
  [...chunks.values()].find((chunk) => chunk.moduleIds.some((id) => id.endsWith(module)))!;
const has = (of: Iterable<Chunk>, part: string) =>
  [...of].some((chunk) => chunk.moduleIds.some((id) => id.includes(part)));

const list = readFileSync(new URL('./src/pages.tsx', import.meta.url), 'utf8');
const pages = [...list.matchAll(/path: '([^']+)'[\s\S]*?areas: \[([^\]]*)\][\s\S]*?import\('\.([^']+)'\)/g)];

describe('what the browser fetches', () => {
  before(async () => {
    const built = (await build({
      configFile: config,
      logLevel: 'error',
      build: { write: false },
    })) as Rolldown.RolldownOutput;
    chunks = new Map(built.output.flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one] as const] : [])));
    entry = [...chunks.values()].find((chunk) => chunk.isEntry)!;
  });

  it('starts without a page and without a language', () => {
    const initial = closure(entry);
    assert.equal(has(initial, '/web/src/pages/'), false, 'no page');
    assert.equal(has(initial, '/web/src/messages/en'), false, 'no messages');
    assert.equal(has(initial, '/shell/find.tsx'), false, 'no palette');
  });

  for (const [, path, areas = '', module = ''] of pages) {
    it(`is at most ${LIMIT_BYTES / 1000} kB of JavaScript, gzipped, to show the page "${path}"`, (test) => {
      const messages = [...areas.matchAll(/'(\w+)'/g)].map((match) => holding(`/messages/ru/${match[1]}.json`));
      const shown = closure(entry, holding('/messages/ru.ts'), holding(`/web/src${module}`), ...messages);
      const bytes = gzipped(shown);
      test.diagnostic(`${path}: ${(bytes / 1000).toFixed(0)} kB in ${shown.size} files`);
      assert.ok(bytes <= LIMIT_BYTES, `${bytes} bytes`);
    });
  }
});
