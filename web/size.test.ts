import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';

const LIMIT_BYTES = 250_000;
/** The engine of the charts with what draws by it: fetched once, after the page, when the first chart is shown. */
const CHARTS_LIMIT_BYTES = 250_000;
/** What a chart of the world needs beside it: outlines, fetched when the first such chart is shown. */
const WORLD_LIMIT_BYTES = 60_000;
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

  const chartsOf = (from: Set<Chunk>, ...modules: string[]) => {
    const late = closure(...modules.map(holding));
    return new Set([...late].filter((chunk) => !from.has(chunk)));
  };

  it('has no chart engine in what any page fetches at once', () => {
    for (const [, path = '', , module = ''] of pages) {
      assert.equal(has(closure(entry, holding(`/web/src${module}`)), '/zrender/'), false, path);
    }
  });

  it(`is at most ${CHARTS_LIMIT_BYTES / 1000} kB more, gzipped, once a chart is shown, and its file of any kind`, (test) => {
    const late = chartsOf(closure(entry), '/kit/chart/chart-late.tsx', '/kit/chart/save-late.ts');
    const bytes = gzipped(late);
    test.diagnostic(`charts: ${(bytes / 1000).toFixed(0)} kB in ${late.size} files`);
    assert.ok(has(late, '/zrender/'));
    assert.ok(bytes <= CHARTS_LIMIT_BYTES, `${bytes} bytes`);
  });

  it(`is at most ${WORLD_LIMIT_BYTES / 1000} kB more for a chart of the world`, (test) => {
    const charts = closure(entry, holding('/kit/chart/chart-late.tsx'));
    const bytes = gzipped(chartsOf(charts, '/kernel/chart/world.ts'));
    test.diagnostic(`the world: ${(bytes / 1000).toFixed(0)} kB`);
    assert.ok(bytes > 0 && bytes <= WORLD_LIMIT_BYTES, `${bytes} bytes`);
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
