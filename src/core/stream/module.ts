import { defineApp } from '../../kernel/app.ts';
import { startOutbox } from './outbox.ts';
import { pruneQuarantine } from './quarantine-deletions.ts';
import { runResend } from './quarantine-resends.ts';
import { quarantineRoutes } from './quarantine-routes.ts';

export const stream = defineApp({
  name: 'stream',
  permissions: {
    'quarantine.read': 'See events that could not be used, with their reasons.',
    'quarantine.write': 'Mend events in quarantine, send them again, throw them away.',
  },
  routes: quarantineRoutes,
  jobs: {
    'stream.resend': { run: runResend },
    'stream.prune': { every: '40 * * * *', run: (context) => pruneQuarantine(context) },
  },
  start: startOutbox,
  migrations: new URL('./migrations/', import.meta.url),
});
