import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Blobs, checkBlobName } from './blobs.ts';
import { inParts, PART_BYTES, type S3Client } from './s3.ts';

/** Between a blob's name and the offset of one of its pieces. No name may hold it. */
const PIECE = '~';
const OFFSET_DIGITS = 15;

/**
 * Blobs as objects of a bucket. An object cannot be appended to, so what is appended lies in pieces beside one another,
 * each named after its offset, and is read as one. `spool` is a folder for copies that readers need as files.
 */
export function openS3Blobs(client: S3Client, prefix: string, spool: string): Blobs {
  const keyOf = (name: string) => {
    checkBlobName(name);
    return prefix === '' ? name : `${prefix}/${name}`;
  };
  const pieceKey = (name: string, offset: number) =>
    `${keyOf(name)}${PIECE}${String(offset).padStart(OFFSET_DIGITS, '0')}`;

  /** The objects that a blob is made of, in their order; none where there is no such blob. */
  async function piecesOf(name: string): Promise<{ key: string; offset: number; size: number }[]> {
    const whole = await client.size(keyOf(name));
    if (whole !== null) return [{ key: keyOf(name), offset: 0, size: whole }];
    const pieces: { key: string; offset: number; size: number }[] = [];
    let end = 0;
    const from = `${keyOf(name)}${PIECE}`;
    for await (const { key, size } of client.list(from)) {
      const offset = Number(key.slice(from.length));
      // A piece that does not follow on what is before it was left by an upload that was begun anew.
      if (offset !== end) break;
      pieces.push({ key, offset, size });
      end += size;
    }
    return pieces;
  }

  async function removePieces(name: string, from: number): Promise<void> {
    const start = `${keyOf(name)}${PIECE}`;
    const old: string[] = [];
    for await (const { key } of client.list(start)) if (Number(key.slice(start.length)) >= from) old.push(key);
    for (const key of old) await client.remove(key);
  }

  async function* bytesOf(name: string, start: number, end: number): AsyncGenerator<Buffer> {
    const pieces = await piecesOf(name);
    if (pieces.length === 0) throw Object.assign(new Error(`There is no blob "${name}".`), { code: 'ENOENT' });
    for (const piece of pieces) {
      const last = Math.min(end, piece.offset + piece.size - 1);
      for (let at = Math.max(start, piece.offset); at <= last; at += PART_BYTES) {
        const until = Math.min(last, at + PART_BYTES - 1);
        const bytes = await client.get(piece.key, at - piece.offset, until - piece.offset);
        if (bytes?.byteLength !== until - at + 1) throw new Error(`The blob "${name}" changed while it was read.`);
        yield bytes;
      }
    }
  }

  const blobs: Blobs = {
    async put(name, content) {
      const size = await client.putStream(
        keyOf(name),
        content instanceof Uint8Array ? Readable.from([content]) : content,
      );
      await removePieces(name, 0);
      return size;
    },
    async append(name, offset, content) {
      const pieces = await piecesOf(name);
      const kept = pieces.filter((piece) => piece.offset + piece.size <= offset);
      const stored = kept.reduce((sum, piece) => sum + piece.size, 0);
      if (stored !== offset || (pieces[0] && !pieces[0].key.includes(PIECE))) {
        throw new Error(`"${name}" cannot be appended to at ${offset}: it has ${stored} bytes there.`);
      }
      await removePieces(name, offset);
      let at = offset;
      try {
        for await (const { bytes } of inParts(tolerant(content))) {
          if (bytes.byteLength === 0) continue;
          await client.put(pieceKey(name, at), bytes);
          at += bytes.byteLength;
        }
      } finally {
        await removePieces(name, at);
      }
      if (broken.has(content)) throw broken.get(content);
      return at;
    },
    read: (name, range) =>
      Readable.from(bytesOf(name, range?.start ?? 0, range?.end ?? Number.MAX_SAFE_INTEGER), { objectMode: false }),
    async size(name) {
      const pieces = await piecesOf(name);
      return pieces.length === 0 ? null : pieces.reduce((sum, piece) => sum + piece.size, 0);
    },
    async remove(name) {
      await client.remove(keyOf(name));
      await removePieces(name, 0);
    },
    async removeAll(folder) {
      const keys: string[] = [];
      for await (const { key } of client.list(`${keyOf(folder)}/`)) keys.push(key);
      for (const key of keys) await client.remove(key);
    },
    async rename(from, to) {
      const pieces = await piecesOf(from);
      if (pieces.length === 0) throw Object.assign(new Error(`There is no blob "${from}".`), { code: 'ENOENT' });
      await blobs.remove(to);
      for (const piece of pieces) {
        await client.copy(piece.key, piece.key.includes(PIECE) ? pieceKey(to, piece.offset) : keyOf(to));
      }
      await blobs.remove(from);
    },
    async *list(folder) {
      const strip = prefix === '' ? 0 : prefix.length + 1;
      const found: { name: string; size: number; changedAt: Date }[] = [];
      for await (const { key, size, changedAt } of client.list(`${keyOf(folder)}/`)) {
        const name = key.slice(strip).split(PIECE)[0]!;
        const before = found.at(-1);
        if (before?.name === name) {
          before.size += size;
          if (changedAt > before.changedAt) before.changedAt = changedAt;
        } else {
          yield* found.splice(0);
          found.push({ name, size, changedAt });
        }
      }
      yield* found;
    },
    async file(name) {
      await mkdir(spool, { recursive: true });
      const path = join(spool, crypto.randomUUID());
      const release = () => rm(path, { force: true });
      try {
        await pipeline(blobs.read(name), createWriteStream(path));
      } catch (error) {
        await release();
        throw error;
      }
      return { path, release };
    },
  };
  return blobs;
}

/** What content broke off, so that the pieces before that are kept and the error is told all the same. */
const broken = new WeakMap<AsyncIterable<Uint8Array>, unknown>();

async function* tolerant(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    broken.set(content, error);
  }
}
