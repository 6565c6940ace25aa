import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Records } from '../../kernel/records.ts';

/** Held by the one stream that works, in whatever process. */
const LEAD_LOCK = 7_401_003;
const ASK_AGAIN_MS = 1000;

/** Another stream has worked meanwhile: what this one remembers is old, so it has to start anew. */
export class LeadLost extends Error {}

/**
 * One stream works at a time; others stand by and take over when it ends. The lead is a lock of a connection to the records
 * store, and a term that grows with each new lead, so that a stream whose connection broke sees whether another led since.
 */
export class Lead {
  readonly #records: Records;
  #client: pg.PoolClient | null = null;
  #term: number | null = null;
  #ended = false;

  constructor(records: Records) {
    this.#records = records;
  }

  /** Waits until this stream leads; at once where it does already. Throws LeadLost where another led in between. */
  async hold(): Promise<void> {
    while (!this.#client) {
      if (this.#ended) throw new Error('The stream is stopping.');
      const client = await this.#records.pool.connect();
      try {
        const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [LEAD_LOCK]);
        if (rows[0]!.got) await this.#take(client);
      } catch (error) {
        // With the connection goes the lock, should it have been got.
        client.release(true);
        throw error;
      }
      if (this.#client) return;
      client.release();
      await sleep(ASK_AGAIN_MS);
    }
  }

  /** Ends the wait of a stream that stands by. */
  stopWaiting(): void {
    this.#ended = true;
  }

  /** Lets another stream lead. */
  async end(): Promise<void> {
    this.#ended = true;
    const client = this.#client;
    this.#client = null;
    if (!client) return;
    client.removeListener('error', this.#lost);
    await client.query('SELECT pg_advisory_unlock($1)', [LEAD_LOCK]).catch(() => {});
    client.release();
  }

  /** The connection broke, and the lock is gone with it. */
  readonly #lost = () => {
    const client = this.#client;
    this.#client = null;
    client?.release(true);
  };

  async #take(client: pg.PoolClient): Promise<void> {
    if (this.#term === null) {
      const { rows } = await client.query<{ term: number }>('UPDATE stream_term SET term = term + 1 RETURNING term');
      this.#term = rows[0]!.term;
    } else {
      const { rows } = await client.query<{ term: number }>('SELECT term FROM stream_term');
      if (rows[0]!.term !== this.#term) {
        throw new LeadLost('Another stream took over while the records store could not be reached.');
      }
    }
    client.once('error', this.#lost);
    this.#client = client;
  }
}
