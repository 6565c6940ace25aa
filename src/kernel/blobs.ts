import type { Readable } from 'node:stream';

/** Files: imports, recordings, attachments. A name is a path of plain words with slashes. */
export interface Blobs {
  /** Stores the whole content under a name, in place of what was there. Whoever reads meanwhile sees the old or the new. */
  put(name: string, content: AsyncIterable<Uint8Array> | Uint8Array): Promise<number>;
  /**
   * Appends to a blob from `offset` on; bytes after it are replaced. Returns the size afterwards. What came before the
   * content broke off is kept, as far as `size` says.
   */
  append(name: string, offset: number, content: AsyncIterable<Uint8Array>): Promise<number>;
  /** The bytes from `start` to `end`, both included. Ends with an error where there is no such blob. */
  read(name: string, range?: { start?: number; end?: number }): Readable;
  size(name: string): Promise<number | null>;
  remove(name: string): Promise<void>;
  /** Removes every blob whose name begins with `folder` and a slash. */
  removeAll(folder: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Names that begin with `folder` and a slash, in their order, and when each was written last. */
  list(folder: string): AsyncIterable<{ name: string; size: number; changedAt: Date }>;
  /** The blob as a file of this machine, for readers that need one: a copy where blobs are elsewhere, until `release`. */
  file(name: string): Promise<{ path: string; release(): Promise<void> }>;
}

/** Refuses a name that could mean something outside the store, or nothing. */
export function checkBlobName(name: string): void {
  const words = name.split('/');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (words.some((word) => word === '' || word === '.' || word === '..' || /[\u0000-\u001f\\~]/.test(word))) {
    throw new Error(`"${name}" is not a name of a blob`);
  }
}
