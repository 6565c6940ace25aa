import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Context } from '../../kernel/context.ts';
import { announceImport, type Import, importById, uploadContent } from './imports.ts';
import { sampleContent } from './sample/content.ts';
import { sampleParts } from './sample/parts.ts';
import type { ImportTables } from './tables.ts';

const SOURCE_NAME = 'Sample company';
const FILE_NAME = 'sample-company.ndjson.gz';
/** The sample's file when it had orders only. */
const EARLIER_FILE_NAME = 'sample-company.csv.gz';
const ORDERS = new URL('../../../samples/company/orders.csv.gz', import.meta.url);
const ORDERS_MAPPING = new URL('../../../samples/online-retail.map.json', import.meta.url);
/** When the last order of the sample was placed, London time. */
const LAST_ORDER = Temporal.PlainDateTime.from('2011-12-09T12:50').toZonedDateTime('Europe/London');

const loading = new WeakMap<Context, Promise<{ import: Import; repeated: boolean }>>();

/**
 * Loads the sample company: real orders (samples/README.md says whose) and web traffic made up around them, moved by
 * whole weeks so that the last order was placed within the week before the first loading. Loaded again it is the same
 * import, also in a later week; where the orders alone were loaded before, they stay and what is around them is added.
 * Apps add what they know to it (`sample/parts.ts`): what customers answered, what became of complaints.
 */
export async function importSample(context: Context): Promise<{ import: Import; repeated: boolean }> {
  const underway = loading.get(context);
  if (underway) return { ...(await underway), repeated: true };
  const load = loadSample(context);
  loading.set(context, load);
  try {
    return await load;
  } finally {
    loading.delete(context);
  }
}

async function loadSample(context: Context): Promise<{ import: Import; repeated: boolean }> {
  const before = await earlier(context, FILE_NAME);
  if (before && (before.state === 'done' || before.state === 'running'))
    return { import: await importById(context, before.id), repeated: true };
  const ordersOnly = await earlier(context, EARLIER_FILE_NAME);
  const mapping = before?.mapping ?? (await mappingFor(Temporal.Now.instant(), ordersOnly && weeksOf(ordersOnly)));
  const { content, kept } = await sampleContent({
    orders: ORDERS.href,
    mapping: ORDERS_MAPPING.href,
    weeks: weeksOf({ mapping }),
    ordersOf: String(ordersOnly?.source_id ?? SOURCE_NAME),
    tellers: [...sampleParts()].flatMap(([name, { teller }]) =>
      teller ? [{ name, module: teller.module.href, facts: teller.facts() }] : [],
    ),
  });
  const announced = await announceImport(context, {
    name: FILE_NAME,
    size: content.length,
    fingerprint: `sha256:${createHash('sha256').update(content).digest('hex')}`,
    format: 'ndjson',
    compression: 'gzip',
    sourceName: SOURCE_NAME,
    mapping,
  });
  const { id, state, uploadedBytes } = announced.import;
  if (state !== 'uploading') return announced;
  for (const [name, { plant }] of sampleParts()) await plant(context, kept[name] ?? []);
  const rest = content.subarray(uploadedBytes);
  return { ...announced, import: await uploadContent(context, id, uploadedBytes, Readable.from([rest])) };
}

interface Mapping {
  constants: { weeks: number };
}

const weeksOf = ({ mapping }: { mapping: unknown }) => (mapping as Mapping).constants.weeks;

/** The mapping of the sample's lines, with the weeks by which they are moved: those given, or for a loading at `now`. */
export async function mappingFor(now: Temporal.Instant, weeks?: number): Promise<Mapping & { events: string[] }> {
  const { events } = JSON.parse(await readFile(ORDERS_MAPPING, 'utf8')) as { events: string[] };
  return {
    constants: { weeks: weeks ?? weeksUntil(now) },
    events: ['$exists(events) ? events : $merge([', ...events, ", {'messageId': messageId, 'anonymousId': device}])"],
  };
}

/** The most weeks that leave the last order in the past. */
function weeksUntil(now: Temporal.Instant): number {
  const since = LAST_ORDER.until(now.toZonedDateTimeISO('Europe/London'), { largestUnit: 'weeks' });
  return since.weeks;
}

/** The import of that name that was announced first. */
function earlier(context: Context, name: string) {
  return context.records
    .tables<ImportTables>()
    .selectFrom('imports')
    .select(['id', 'state', 'mapping', 'source_id'])
    .where('name', '=', name)
    .orderBy('id')
    .executeTakeFirst();
}
