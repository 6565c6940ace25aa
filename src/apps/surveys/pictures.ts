import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { sniff } from './file-types.ts';

/** Pictures of all surveys together that are kept, and their bytes; those that no survey names go by sweep.ts. */
export const PICTURES = { files: 2000, bytes: 1_000_000_000 };
export const PICTURE_BYTES = 2_000_000;
const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
/** Whoever counts them holds it, so that the last place is given once. */
const COUNT_LOCK = 7_406_002;

export const PICTURES_FOLDER = 'surveys/pictures';
export const pictureBlob = (id: string) => `${PICTURES_FOLDER}/${id}`;
/** What a definition names a picture by. */
export const pictureAddress = (id: string) => `/s/pictures/${id}`;

/**
 * Keeps a picture that a definition may name. Returns its address. Refuses with 400 what is no picture, with 409 more than
 * PICTURES.
 */
export async function storePicture({ records, blobs }: Context, content: Uint8Array): Promise<string> {
  if (!PICTURE_TYPES.includes(sniff(content)?.type ?? ''))
    throw refuse.invalid('Send a picture: PNG, JPEG, GIF or WebP.');
  const id = crypto.randomUUID();
  await records.transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [COUNT_LOCK]);
    let [files, bytes] = [1, content.byteLength];
    for await (const { size } of blobs.list(PICTURES_FOLDER)) {
      files += 1;
      bytes += size;
    }
    if (files > PICTURES.files || bytes > PICTURES.bytes)
      throw refuse.conflict(
        `Surveys hold ${PICTURES.files.toLocaleString('en')} pictures and ${PICTURES.bytes / 1e6} MB of them at most. Give an https address of your site in its place, or delete surveys that are not needed: pictures that no survey names are removed a day later.`,
      );
    await blobs.put(pictureBlob(id), content);
  });
  return pictureAddress(id);
}
