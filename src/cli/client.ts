import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

/** How a command reaches the server, and how it answers. */
export interface Connection {
  url?: string;
  key?: string;
  json?: boolean;
}

/** An error for whoever typed the command: one sentence, shown without more, and exit code 1. */
export class CommandError extends Error {
  /** The HTTP status, where the server answered. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** The running server, as the commands use it. */
export interface Client {
  /** Without a slash at the end. */
  url: string;
  /** Asks the REST API and reads its JSON. Throws a CommandError with the server's sentence where it refuses. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** A request as it is, with the credential; for uploads and streams. Throws where the server cannot be reached. */
  request(path: string, init?: RequestInit): Promise<Response>;
}

/** Gives a command the options that all have. */
export function withConnection(command: Command): Command {
  return command
    .option('--url <url>', 'address of the server; found in the data folder on its own machine')
    .option('--key <key>', 'API key; not needed on the machine of the server')
    .option('--json', 'answer in JSON');
}

/** The client for what the options say, or for the server of the data folder. Throws a CommandError. */
export function connect(options: Connection): Client {
  const here = options.url ? null : runningServer();
  const url = (here ? here.url : checkedUrl(options.url!)).replace(/\/+$/, '');
  const credential = options.key ?? (here ? localCredential(here.folder) : localCredentialFor(url));
  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${credential}`);
    try {
      return await fetch(url + path, { ...init, headers });
    } catch (error) {
      throw new CommandError(`No server answers at ${url}: ${causeOf(error)}. Is it running?`);
    }
  };
  return {
    url,
    request,
    async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await request(path, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      return (await readAnswer(response)) as T;
    },
  };
}

/** The JSON of an answer; throws a CommandError with the server's own sentence for a refusal. */
export async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text();
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new CommandError(`What answers at ${new URL(response.url).origin} is not Throughline.`, response.status);
  }
  if (response.ok) return answer;
  const { error } = answer as { error?: { message?: string } };
  throw new CommandError(error?.message ?? `The server answered with status ${response.status}.`, response.status);
}

/** What the running server writes into its data folder. */
export interface ServerNote {
  url: string;
  pid: number;
  startedAt: string;
  version: string;
}

/** The data folder: as THROUGHLINE_DATA says, or ./data, or that of the program's own folder. */
export function dataFolders(): string[] {
  const given = process.env.THROUGHLINE_DATA;
  if (given) return [resolve(given)];
  return [...new Set([resolve('data'), fileURLToPath(new URL('../../data', import.meta.url))])];
}

/** The server that runs with the data folder; throws a CommandError where there is none. */
function runningServer(): ServerNote & { folder: string } {
  for (const folder of dataFolders()) {
    const text = readIfThere(join(folder, 'server.json'));
    if (text !== null) return { ...(JSON.parse(text) as ServerNote), folder };
  }
  throw new CommandError(
    `No server runs with the data folder ${dataFolders()[0]}: start it with npm start, or say where it is with --url and --key.`,
  );
}

function localCredential(folder: string): string {
  const secret = readIfThere(join(folder, 'secrets', 'local'));
  if (secret !== null) return `local_${secret.trim()}`;
  throw new CommandError(`The data folder ${folder} has no local credential: use --url and --key.`);
}

/** With --url and without --key: the credential of a data folder, if the address is of this machine. */
function localCredentialFor(url: string): string {
  const { hostname } = new URL(url);
  const local = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  const folder = dataFolders().find((one) => local && readIfThere(join(one, 'secrets', 'local')) !== null);
  if (folder) return localCredential(folder);
  throw new CommandError(`Say with --key by which API key to talk to ${url}.`);
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new CommandError(`You may not read ${file}: run this as the user of the server, or use --url and --key.`);
    }
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}.`);
  }
}

function checkedUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new CommandError(`"${text}" is not an address such as http://localhost:3000.`);
}

function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? (error as Error).message;
}
