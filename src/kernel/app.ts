import type { Hono } from 'hono';
import type { RecordAudit } from './audit.ts';
import type { Context } from './context.ts';
import type { Job } from './jobs.ts';
import type { Route } from './route.ts';

/** A part of the program that owns tables, endpoints and jobs: the modules of the core and each app. */
export interface App {
  name: string;
  /** Names of the apps whose `public.ts` this one imports. */
  needs?: readonly string[];
  /** Each permission its routes name, with what it allows, as a sentence. */
  permissions?: Record<string, string>;
  routes?: readonly Route[];
  /** Endpoints that speak another's protocol and so cannot be routes. `apps` are all that this process serves. */
  mount?: (hono: Hono, context: Context, apps: readonly App[]) => void;
  /** Work that is queued (`addJob`) or done on a schedule, by name: `<module>.<verb>`. */
  jobs?: Record<string, Job>;
  /** Folder with the migrations, as a file URL. */
  migrations?: URL;
  /** Work that goes on beside requests while the process has the `jobs` role. Returns how to stop it. */
  start?: (context: Context) => Promise<() => Promise<void>>;
  /** Keeps who did and saw what; one app does this. */
  audit?: RecordAudit;
  /** Every place of its own where it keeps data of customers, so that a person's export and erasure miss none. */
  personalData?: readonly PersonalData[];
}

/** A customer as the stores know them: what an export gathers and an erasure removes. */
export interface Subject {
  /** IDs of all persons, as first met, that count as this one; the root is among them. */
  origins: number[];
  /** In their normal form. */
  identifiers: { kind: string; value: string }[];
}

/** A place with data of customers. */
export interface PersonalData {
  /** Names the place in an export and in the log of an erasure, for example "quarantine". */
  name: string;
  /** What the place holds of the person: batches of rows, each for the file (a plain word, no ending) they belong to. */
  export(context: Context, subject: Subject): AsyncIterable<{ file: string; rows: object[] }>;
  /** Removes it. May be cut off and called again; an erasure ends only after each place has resolved. */
  erase(context: Context, subject: Subject): Promise<void>;
}

export function defineApp(app: App): App {
  return app;
}
