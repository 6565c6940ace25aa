import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Unpacked size of the files; set IMPORT_TEST_MEGABYTES for a larger one, by hand. */
const SMALL = 8;
const LARGE = Number(process.env.IMPORT_TEST_MEGABYTES ?? 40);
/** What the larger file may take more than the smaller one. A spill file in memory is what comes to most. */
const MORE_MEGABYTES = 120;
/** The heap is small, so that what would grow with the file could not be mistaken for garbage not yet collected. */
const HEAP_MEGABYTES = 160;

const dir = mkdtempSync(join(tmpdir(), 'throughline-memory-'));
after(() => rmSync(dir, { recursive: true }));

interface Measured {
  residentMegabytes: number;
  lines: number;
  events: number;
  seconds: number;
}

/** Imports a made-up file in a process of its own, as the import's thread does, and watches what it takes. */
async function measure(megabytes: number, grouped: boolean): Promise<Measured> {
  const child = spawn(
    process.execPath,
    [
      `--max-old-space-size=${HEAP_MEGABYTES}`,
      fileURLToPath(new URL('memory.testing.ts', import.meta.url)),
      dir,
      String(megabytes),
      String(grouped),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return JSON.parse(output) as Measured;
}

for (const grouped of [false, true]) {
  test(`memory does not grow with the file, ${grouped ? 'with' : 'without'} groups`, async (t) => {
    const small = await measure(SMALL, grouped);
    const large = await measure(LARGE, grouped);
    const size = statSync(join(dir, 'file.csv.gz')).size;
    t.diagnostic(`${JSON.stringify({ small, large })} packed ${size} bytes`);
    assert.ok(large.lines > (small.lines * LARGE) / SMALL / 2);
    assert.equal(large.events, grouped ? Math.ceil(large.lines / 10) : large.lines);
    assert.ok(large.residentMegabytes - small.residentMegabytes < MORE_MEGABYTES, JSON.stringify({ small, large }));
  });
}
