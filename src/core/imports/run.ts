import { createHash } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import { refuse } from '../../kernel/refusal.ts';
import { parseMapping } from '../intake/mapping/expression.ts';
import { type Batch, Batcher, type Checkpoint, START } from './batch.ts';
import { type Compression, openText, type TextFile } from './decode.ts';
import { eventMapper, messageIdOf, Unmappable } from './events.ts';
import { finishedGrouping, GROUP_CHARACTERS, GROUP_ROWS, Grouping } from './groups.ts';
import { type FileMapping, isName, parseFileMapping } from './mapping-file.ts';
import { type Line, noColumn, type Row, rowOf, rowsOf } from './rows.ts';
import type { Segment } from './spill.ts';

/** All that the work on one file needs; it can be handed to a thread. */
export interface ImportJob {
  path: string;
  /** A folder of its own, for what does not fit into memory. */
  workDir: string;
  name: string;
  size: number;
  fingerprint: string;
  format: FileMapping['format'] | null;
  compression: Compression | null;
  mapping: unknown;
  sourceId: number;
  partitions: number;
  checkpoint: Partial<Checkpoint>;
}

/** Refused lines that end an import when they are more than half of all, since the mapping is then not for this file. */
const HOPELESS_REFUSED = 1000;
/** How much larger text is than what gzip makes of it, about. */
const GZIP_RATIO = 10;
const SIGN_OF_LIFE_MILLISECONDS = 500;
/** Share of an import with groups that reading takes. */
const READING_SHARE = 0.25;

/** What reading found out, kept with the groups. */
interface ReadingFacts {
  lines: number;
  refused: number;
  columns: readonly string[] | null;
}

/**
 * Does the work on one file: reads it, groups its rows where the mapping says so, maps them, and gives the events in
 * batches to `send`, which resolves when the next one is wanted. Begins behind `job.checkpoint`. Nothing of a file has
 * to fit into memory but one line, one group (GROUP_ROWS) and one spill file (24 MB).
 *
 * Refuses what cannot be imported at all, with a sentence on what to do. A line that cannot be used goes into
 * quarantine with its reason, and the others go on.
 */
export async function runImport(job: ImportJob, send: (batch: Batch) => Promise<void>): Promise<Checkpoint> {
  const work = new Work(job, send);
  await work.checkContent();
  if (work.mapping.groupBy === undefined) await work.mapLines();
  else {
    await work.groupLines(work.mapping.groupBy);
    await work.mapGroups();
  }
  rmSync(job.workDir, { recursive: true, force: true });
  return work.checkpoint;
}

class Work {
  readonly checkpoint: Checkpoint;
  readonly mapping: FileMapping;
  readonly #job: ImportJob;
  readonly #send: (batch: Batch) => Promise<void>;
  readonly #batcher: Batcher;
  readonly #toEvents: ReturnType<typeof eventMapper>;
  #linesTotal: number | null = null;
  #progress: () => number = () => 0;
  #flushedAt = performance.now();

  constructor(job: ImportJob, send: (batch: Batch) => Promise<void>) {
    this.#job = job;
    this.#send = send;
    this.checkpoint = { ...START, ...job.checkpoint };
    const mapping = parseFileMapping(job.mapping);
    this.mapping = { ...mapping, format: job.format ?? mapping.format };
    this.#batcher = new Batcher(job.sourceId, job.partitions);
    this.#toEvents = eventMapper(this.mapping.expression);
  }

  /** A fingerprint that is a SHA-256 must be that of the content: an upload may have been resumed with another file. */
  async checkContent(): Promise<void> {
    const told = /^sha256:([0-9a-f]{64})$/i.exec(this.#job.fingerprint)?.[1];
    if (!told || this.checkpoint.lines > 0) return;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(this.#job.path, { highWaterMark: 1024 * 1024 })) {
      hash.update(chunk);
      await this.#flushSoon();
    }
    if (hash.digest('hex') === told.toLowerCase()) return;
    throw refuse.invalid('What arrived is not the file that was announced: its SHA-256 is another. Import it again.');
  }

  async mapLines(): Promise<void> {
    const { file, rows } = this.#open();
    this.#progress = () => file.bytesRead() / this.#job.size;
    const done = this.checkpoint.lines;
    let seen = 0;
    for await (const batch of rows.batches) {
      for (const line of batch) {
        if (++seen <= done) continue;
        const json = line.value === undefined ? line.raw : JSON.stringify(line.value);
        const identity = `${this.#job.sourceId}\nline ${line.number}\n${json}`;
        if (line.value === undefined) this.#refuse(line.number, line.raw, line.reason, identity);
        else await this.#map(line.number, rowOf(line.value, rows.columns()), identity);
        this.checkpoint.lines++;
        if (this.#batcher.full()) await this.#flush();
      }
      await this.#endIfHopeless(this.checkpoint.refused, this.checkpoint.lines);
      await this.#flushSoon();
    }
    this.#linesTotal = seen;
    await this.#flush(1);
  }

  async groupLines(by: string): Promise<void> {
    if (finishedGrouping(this.#job.workDir)) return;
    const { file, rows } = this.#open();
    const packed = this.#job.compression === 'gzip' || this.#job.name.endsWith('.gz');
    const grouping = new Grouping(this.#job.workDir, this.#job.size * (packed ? GZIP_RATIO : 1));
    this.#progress = () => (file.bytesRead() / this.#job.size) * READING_SHARE;
    let keyOf: KeyReader | undefined;
    let lines = 0;
    let refused = 0;
    const refuseLine = (line: number, text: string, reason: string) => {
      if (++refused <= this.checkpoint.refusedReading) return;
      this.checkpoint.refusedReading++;
      this.checkpoint.lines++;
      this.#refuse(line, text, reason, `${this.#job.sourceId}\nline ${line}\n${text}`);
    };
    for await (const batch of rows.batches) {
      keyOf ??= keyReader(by, rows.columns());
      for (const line of batch) {
        lines++;
        if (line.value === undefined) refuseLine(line.number, line.raw, line.reason);
        else {
          const json = JSON.stringify(line.value);
          const key = await keyOf(line, rows.columns());
          if (typeof key === 'string') grouping.add(line.number, key, json);
          else refuseLine(line.number, json, key.reason);
        }
      }
      await this.#endIfHopeless(refused, lines);
      await this.#flushSoon();
    }
    await this.#flush();
    const facts: ReadingFacts = { lines, refused, columns: rows.columns() ?? null };
    for (const _ of grouping.finish(facts)) await this.#flushSoon();
  }

  async mapGroups(): Promise<void> {
    const grouping = finishedGrouping<ReadingFacts>(this.#job.workDir);
    if (!grouping) throw new Error('The groups of an import are gone.');
    const { lines, columns } = grouping.facts;
    this.#linesTotal = lines;
    this.#progress = () => READING_SHARE + (1 - READING_SHARE) * (this.checkpoint.lines / Math.max(1, lines));
    let seen = 0;
    for (const group of grouping.groups()) {
      if (++seen <= this.checkpoint.groups) continue;
      await this.#mapGroup(group, columns ?? undefined);
      this.checkpoint.groups++;
      this.checkpoint.lines += group.count;
      await this.#endIfHopeless(this.checkpoint.refused, this.checkpoint.groups, 'groups');
      if (this.#batcher.full()) await this.#flush();
    }
    await this.#flush(1);
  }

  async #mapGroup({ first, count, key, rows: json }: Segment, columns: readonly string[] | undefined): Promise<void> {
    const identity = `${this.#job.sourceId}\ngroup\n${key}`;
    if (json === '') {
      const limits = `${GROUP_ROWS.toLocaleString('en')} rows and ${GROUP_CHARACTERS.toLocaleString('en')} characters`;
      const reason = `the group "${key.slice(0, 100)}" has ${count.toLocaleString('en')} rows; a group may have ${limits}`;
      this.#refuse(first, key, reason, identity);
      return;
    }
    const rows = (JSON.parse(`[${json}]`) as Parameters<typeof rowOf>[0][]).map((value) => rowOf(value, columns));
    await this.#map(first, { key, rows }, identity);
  }

  async #map(line: number, value: object, identity: string): Promise<void> {
    try {
      for (const event of await this.#toEvents(value, identity)) {
        this.#batcher.add(event);
        this.checkpoint.events++;
      }
    } catch (error) {
      if (!(error instanceof Unmappable)) throw error;
      this.#refuse(line, JSON.stringify(value), error.message, identity);
    }
  }

  #refuse(line: number, text: string, reason: string, identity: string): void {
    this.checkpoint.refused++;
    this.#batcher.refuse(text, `${this.#job.name}, line ${line}: ${reason}`, messageIdOf(identity, 0));
  }

  async #endIfHopeless(refused: number, seen: number, what = 'lines'): Promise<void> {
    if (refused < HOPELESS_REFUSED || refused <= seen / 2) return;
    await this.#flush();
    throw refuse.invalid(
      `${refused.toLocaleString('en')} of the first ${seen.toLocaleString('en')} ${what} were refused, so the import was ended. The reasons are in the quarantine; mend the mapping or the file and import it again.`,
    );
  }

  #open(): { file: TextFile; rows: ReturnType<typeof rowsOf> } {
    const file = openText(this.#job.path, {
      compression: this.#job.compression ?? undefined,
      encoding: this.mapping.encoding,
    });
    return { file, rows: rowsOf(file, this.#job.name, this.mapping) };
  }

  /** Gives a sign of life now and then, also where there is nothing to send. */
  async #flushSoon(): Promise<void> {
    if (this.#batcher.full() || performance.now() - this.#flushedAt > SIGN_OF_LIFE_MILLISECONDS) await this.#flush();
  }

  async #flush(progress = this.#progress()): Promise<void> {
    this.#flushedAt = performance.now();
    await this.#send({
      ...this.#batcher.take(),
      checkpoint: { ...this.checkpoint },
      linesTotal: this.#linesTotal,
      progress,
    });
  }
}

type KeyReader = (line: Line, columns: readonly string[] | undefined) => Promise<string | { reason: string }>;

/** Reads the key of a row's group: a column or a field by its name, otherwise by an expression. */
function keyReader(by: string, columns: readonly string[] | undefined): KeyReader {
  const index = columns?.indexOf(by) ?? -1;
  if (index >= 0) return async ({ value }) => keyText((value as unknown[])[index], by);
  if (isName(by, columns)) {
    if (columns) throw noColumn(by, columns, 'group.by');
    return async ({ value }) => keyText((value as Row)[by], by);
  }
  const expression = parseMapping(by);
  return async ({ value }, names) => {
    try {
      return keyText(await expression.evaluate(rowOf(value!, names)), by);
    } catch (error) {
      return { reason: `group.by failed: ${(error as Error).message}` };
    }
  };
}

function keyText(value: unknown, by: string): string | { reason: string } {
  if (typeof value === 'string' && value !== '' && value.length <= 1000) return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string' && value !== '') return { reason: `${by} is longer than 1,000 characters` };
  return { reason: `${by}, by which rows are grouped, is empty` };
}
