import type { Blobs } from './blobs.ts';
import type { Config } from './config.ts';
import type { Events } from './events.ts';
import type { Log } from './log.ts';
import type { Records } from './records.ts';

/** What every function that does something is given first: the stores and the settings of this process. */
export interface Context {
  config: Config;
  records: Records;
  events: Events;
  log: Log;
  blobs: Blobs;
  /** The address under which this server is reached, without a slash at the end. */
  url: () => string;
}
