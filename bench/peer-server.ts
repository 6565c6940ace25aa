import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

/**
 * What many a company runs instead: a small Node service that puts Segment calls into PostgreSQL. It does less (no
 * identity resolution, no enrichment, no sessions, no quarantine), and it is durable: it answers after the commit.
 */
const pool = new pg.Pool({ connectionString: process.argv[2], max: 8 });
await pool.query(`
  CREATE TABLE IF NOT EXISTS events (
    message_id text PRIMARY KEY, person text NOT NULL, at timestamptz NOT NULL, name text, body jsonb NOT NULL);
  CREATE INDEX IF NOT EXISTS events_person ON events (person, at DESC);
  CREATE TABLE IF NOT EXISTS people (person text PRIMARY KEY, traits jsonb NOT NULL DEFAULT '{}')`);

interface Call {
  messageId: string;
  type: string;
  userId?: string;
  anonymousId?: string;
  timestamp: string;
  event?: string;
  traits?: Record<string, unknown>;
}

async function store(calls: Call[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO events (message_id, person, at, name, body)
       SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::jsonb[]) ON CONFLICT DO NOTHING`,
      [
        calls.map((call) => call.messageId),
        calls.map((call) => call.userId ?? call.anonymousId ?? ''),
        calls.map((call) => call.timestamp),
        calls.map((call) => call.event ?? call.type),
        calls.map((call) => JSON.stringify(call)),
      ],
    );
    const told = new Map(
      calls
        .filter((call) => call.type === 'identify')
        .map((call) => [call.userId ?? call.anonymousId ?? '', call.traits ?? {}]),
    );
    const people = [...told].sort(([a], [b]) => (a < b ? -1 : 1));
    if (people.length > 0) {
      await client.query(
        `INSERT INTO people (person, traits) SELECT * FROM unnest($1::text[], $2::jsonb[])
         ON CONFLICT (person) DO UPDATE SET traits = people.traits || excluded.traits`,
        [people.map(([person]) => person), people.map(([, traits]) => JSON.stringify(traits))],
      );
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const server = createServer(async (request, response) => {
  try {
    if (request.method === 'POST') {
      const body = JSON.parse(await bodyOf(request)) as Call & { batch?: Call[] };
      await store(body.batch ?? [body]);
      response.end('{"success":true}');
      return;
    }
    const person = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
    const { rows } = await pool.query('SELECT body FROM events WHERE person = $1 ORDER BY at DESC LIMIT 50', [person]);
    response.end(JSON.stringify(rows));
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
