import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Session } from 'chdb';
import { lastingPort } from './ports.ts';

/**
 * As much of ClickHouse's HTTP interface as @clickhouse/client uses, over the real engine: queries in the body or the
 * URL, data of inserts in the body, parameters (param_x), settings in the URL, gzip both ways, a user and password, and
 * errors with their code in a header. For tests of the adapter only; it knows no sessions, formats of its own or
 * progress. It runs in a process of its own, since the engine has one folder a process:
 *
 *     node test/clickhouse-http.ts <folder> <port>
 */
export interface ClickHouseServer {
  /** http://user:password@127.0.0.1:port */
  url: string;
  port: number;
  stop(): Promise<void>;
}

const USER = 'default';
const PASSWORD = 'secret';

/** Starts one for the folder, and resolves when it listens; on the port that it had before, where that is given. */
export async function startClickHouse(dir: string, before?: number): Promise<ClickHouseServer> {
  const port = before ?? (await lastingPort());
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), dir, String(port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Each query holds a thread; one that ends others must find one too.
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
  });
  const listening = await new Promise<number>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(Number(line.toString())));
    child.once('exit', (code) => reject(new Error(`the ClickHouse server for tests ended with ${code}`)));
  });
  return {
    url: `http://${USER}:${PASSWORD}@127.0.0.1:${listening}`,
    port: listening,
    stop: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** Parameters of the URL that are no settings. */
const NO_SETTINGS = new Set([
  'query',
  'query_id',
  'database',
  'session_id',
  'role',
  'user',
  'password',
  'compress',
  'wait_end_of_query',
]);

async function answer(dir: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const body = await bodyOf(request);
  if (url.pathname === '/ping') return void response.end('Ok.\n');
  if (!isAllowed(request, url))
    return fail(response, 403, 516, 'default: Authentication failed. (AUTHENTICATION_FAILED)');
  const inUrl = url.searchParams.get('query');
  const statement = inUrl === null ? body.toString() : body.length > 0 ? `${inUrl}\n${body}` : inUrl;
  const session = new Session(dir);
  try {
    for (const [name, value] of url.searchParams) {
      if (!NO_SETTINGS.has(name)) await session.queryAsync(`SET ${name} = ${quoted(value)}`);
    }
    const result = Buffer.from((await session.queryAsync(statement, { format: 'TabSeparated' })).bytes());
    const zip =
      url.searchParams.get('enable_http_compression') === '1' &&
      /gzip/.test(String(request.headers['accept-encoding']));
    response.setHeader('X-ClickHouse-Query-Id', url.searchParams.get('query_id') ?? crypto.randomUUID());
    response.setHeader('X-ClickHouse-Summary', '{"read_rows":"0","read_bytes":"0"}');
    if (zip) response.setHeader('Content-Encoding', 'gzip');
    response.end(zip ? gzipSync(result) : result);
  } catch (error) {
    const { clickhouseCode = 1002, message } = error as { clickhouseCode?: number; message: string };
    fail(response, clickhouseCode === 60 || clickhouseCode === 81 ? 404 : 400, clickhouseCode, message);
  } finally {
    session.close();
  }
}

function fail(response: ServerResponse, status: number, code: number, message: string): void {
  response.statusCode = status;
  response.setHeader('X-ClickHouse-Exception-Code', String(code));
  response.end(message.startsWith('Code:') ? message : `Code: ${code}. DB::Exception: ${message}`);
}

function isAllowed(request: IncomingMessage, url: URL): boolean {
  const basic = Buffer.from(String(request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
  const header = `${request.headers['x-clickhouse-user'] ?? ''}:${request.headers['x-clickhouse-key'] ?? ''}`;
  const given = `${url.searchParams.get('user') ?? ''}:${url.searchParams.get('password') ?? ''}`;
  return [basic, header, given].includes(`${USER}:${PASSWORD}`);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const whole = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole;
}

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , dir = '', port] = process.argv;
  // The engine is held open for as long as the server runs; each request has a session with its own settings.
  const held = new Session(dir);
  const server = createServer((request, response) => {
    answer(dir, request, response).catch((error: Error) => fail(response, 500, 1002, error.message));
  });
  server.listen(Number(port), '127.0.0.1', () => {
    process.stdout.write(`${(server.address() as { port: number }).port}\n`);
  });
  // The test that started it is gone.
  process.stdin.on('end', () => process.exit(0)).resume();
  process.once('exit', () => held.close());
}
