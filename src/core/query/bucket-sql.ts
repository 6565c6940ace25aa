import { literal } from './bindings.ts';
import type { Bucket } from './period.ts';

/**
 * SQL of the start (milliseconds since 1970, Int64) of the bucket that an event lies in. The starts are the calendar's, so
 * days of daylight saving, weeks and months need no arithmetic of the engine's.
 */
export function bucketStartSql(buckets: readonly Bucket[], timestamp = 'e.timestamp'): string {
  const starts = buckets.map((bucket) => literal(bucket.from)).join(', ');
  return `roundDown(toUnixTimestamp64Milli(${timestamp}), [${starts}])`;
}

/** Where each start stands among the buckets. */
export const bucketIndex = (buckets: readonly Bucket[]): ReadonlyMap<number, number> =>
  new Map(buckets.map((bucket, index) => [bucket.from, index]));
