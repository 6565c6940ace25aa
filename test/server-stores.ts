import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyMade } from '../src/kernel/testing-template.ts';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** Fills a data folder with a copy of the stores as a server leaves them that has only just migrated them. */
export async function copyServerStores(dataDir: string): Promise<void> {
  const folders = globSync(`${SRC}{core,apps}/*/migrations`)
    .sort()
    .map((dir) => ({ app: `server ${basename(dirname(dir))}`, dir }));
  await copyMade(dataDir, folders, [fileURLToPath(import.meta.url)]);
}

if (import.meta.main) {
  // Only here: those who copy need not load the whole server.
  const { makeStores } = await import('../src/kernel/testing-stores.ts');
  const { core } = await import('../src/core/index.ts');
  const { apps } = await import('../src/apps/index.ts');
  const folders = [...core, ...apps].flatMap((app) =>
    app.migrations ? [{ app: app.name, dir: fileURLToPath(app.migrations) }] : [],
  );
  await makeStores(process.argv[2]!, folders);
}
