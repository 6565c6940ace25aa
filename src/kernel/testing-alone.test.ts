import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { alone } from './testing-alone.ts';

const WORK_MS = 30;
/** As this file is run by its own test: notes when its work begins and ends, or stays in it. */
const [, , note, name, stays] = process.argv;

async function workAlone(): Promise<void> {
  await alone(name!, async () => {
    appendFileSync(note!, 'begins\n');
    if (stays) await new Promise(() => setInterval(() => {}, 1000));
    await sleep(WORK_MS);
    appendFileSync(note!, 'ends\n');
  });
}

if (note && name) await workAlone();
else
  describe('what one process at a time should do', { skip: process.platform !== 'linux' }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'throughline-alone-'));
    const run = (...words: string[]) =>
      spawn(process.execPath, [fileURLToPath(import.meta.url), ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
    const ended = (child: ReturnType<typeof run>) => new Promise((resolve) => child.once('exit', resolve));
    const noted = (file: string) => readFileSync(file, { encoding: 'utf8', flag: 'a+' }).split('\n').slice(0, -1);

    it('is done by one after the other', async () => {
      const file = join(folder, 'several');
      const codes = await Promise.all(Array.from({ length: 4 }, () => ended(run(file, `one-${process.pid}`))));
      assert.deepEqual(codes, [0, 0, 0, 0]);
      assert.deepEqual(noted(file), Array.from({ length: 4 }, () => ['begins', 'ends']).flat());
    });

    it('is free again when the process that does it is killed', async () => {
      const file = join(folder, 'killed');
      const holder = run(file, `killed-${process.pid}`, 'stays');
      while (noted(file).length === 0) await sleep(10);
      const next = run(file, `killed-${process.pid}`);
      const gone = ended(holder);
      holder.kill('SIGKILL');
      await gone;
      assert.equal(await ended(next), 0);
      assert.deepEqual(noted(file), ['begins', 'begins', 'ends']);
      rmSync(folder, { recursive: true });
    });

    it('gives back what the work gives, and is free after work that failed', async () => {
      const failing = alone(`failing-${process.pid}`, () => Promise.reject(new Error('no')));
      await assert.rejects(failing, /^Error: no$/);
      assert.equal(await alone(`failing-${process.pid}`, async () => 5), 5);
    });
  });
