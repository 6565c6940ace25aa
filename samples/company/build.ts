/**
 * Makes orders.csv.gz from the whole of UCI Online Retail: the complete history of some customers, and some guests.
 *
 *     node samples/company/build.ts online_retail.csv.gz
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { constants, gunzipSync, gzipSync } from 'node:zlib';

/** One customer of so many is in the sample, by the remainder of the number; those named always are. */
const CUSTOMERS = 5;
const ALWAYS = new Set(['17850', '12748', '12347', '13089']);
/** One guest's invoice of so many is in the sample. */
const GUESTS = 8;

const [, , input] = process.argv;
if (!input) throw new Error('Say where online_retail.csv.gz is.');
const [header, ...lines] = gunzipSync(readFileSync(input)).toString('utf8').split('\n');
const kept = lines.filter((line) => {
  const customer = /,(\d*)(?:\.0)?,[^,]*$/.exec(line)?.[1];
  const invoice = line.slice(0, line.indexOf(','));
  if (customer) return ALWAYS.has(customer) || Number(customer) % CUSTOMERS === 0;
  // Movements of stock and of bad debt are no customer's.
  return /^5\d+$/.test(invoice) && Number(invoice) % GUESTS === 0 && !/,0\.0,,/.test(line);
});
const packed = gzipSync(`${[header, ...kept].join('\n')}\n`, { level: constants.Z_BEST_COMPRESSION });
writeFileSync(new URL('orders.csv.gz', import.meta.url), packed);
console.log(`${kept.length} lines, ${packed.length} bytes`);
