import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Context } from '../../kernel/context.ts';
import { announceImport, type Import, uploadContent } from './imports.ts';
import type { ImportTables } from './tables.ts';

const SOURCE_NAME = 'Sample company';
const FILE_NAME = 'sample-company.csv.gz';
const SAMPLES = new URL('../../../samples/', import.meta.url);
/** When the last order of the sample was placed, London time. */
const LAST_ORDER = Temporal.PlainDateTime.from('2011-12-09T12:50').toZonedDateTime('Europe/London');

/**
 * Loads the sample company: real orders (samples/README.md says whose), moved by whole weeks so that the last one was
 * placed within the week before the first loading. Loaded again it is the same import, also in a later week.
 */
export async function importSample(context: Context): Promise<{ import: Import; repeated: boolean }> {
  const content = await readFile(new URL('company/orders.csv.gz', SAMPLES));
  const fingerprint = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const announced = await announceImport(context, {
    name: FILE_NAME,
    size: content.length,
    fingerprint,
    format: 'csv',
    compression: 'gzip',
    sourceName: SOURCE_NAME,
    mapping: (await earlierMapping(context, fingerprint)) ?? (await mappingFor(Temporal.Now.instant())),
  });
  const { id, state, uploadedBytes } = announced.import;
  if (state !== 'uploading') return announced;
  const rest = content.subarray(uploadedBytes);
  return { ...announced, import: await uploadContent(context, id, uploadedBytes, Readable.from([rest])) };
}

/** The mapping of the orders, with the weeks by which they are moved for a loading at `now`. */
export async function mappingFor(now: Temporal.Instant): Promise<object> {
  const text = await readFile(new URL('online-retail.map.json', SAMPLES), 'utf8');
  return { ...(JSON.parse(text) as object), constants: { weeks: weeksUntil(now) } };
}

/** The most weeks that leave the last order in the past. */
function weeksUntil(now: Temporal.Instant): number {
  const since = LAST_ORDER.until(now.toZonedDateTimeISO('Europe/London'), { largestUnit: 'weeks' });
  return since.weeks;
}

async function earlierMapping(context: Context, fingerprint: string): Promise<unknown> {
  const row = await context.records
    .tables<ImportTables>()
    .selectFrom('imports')
    .select('mapping')
    .where('fingerprint', '=', fingerprint)
    .where('name', '=', FILE_NAME)
    .orderBy('id')
    .executeTakeFirst();
  return row?.mapping;
}
