import type { Context } from '../../kernel/context.ts';

/** A blob, or a part of it (both ends included), as one piece. An error with the code ENOENT where there is none. */
export async function bytesOf(
  { blobs }: Pick<Context, 'blobs'>,
  name: string,
  range?: { start: number; end: number },
): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of blobs.read(name, range)) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
