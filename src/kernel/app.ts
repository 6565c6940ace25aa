import type { Hono } from 'hono';
import type { Context } from './context.ts';
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
  /** Folder with the migrations, as a file URL. */
  migrations?: URL;
  /** Work that goes on beside requests while the process has the `jobs` role. Returns how to stop it. */
  start?: (context: Context) => Promise<() => Promise<void>>;
}

export function defineApp(app: App): App {
  return app;
}
