import { defineApp } from '../../kernel/app.ts';
import { startOutbox } from './outbox.ts';
import { quarantineRoutes } from './quarantine-routes.ts';

export const stream = defineApp({
  name: 'stream',
  permissions: {
    'quarantine.read': 'See events that could not be used, with their reasons.',
    'quarantine.write': 'Send events from quarantine again, and throw them away.',
  },
  routes: quarantineRoutes,
  start: startOutbox,
  migrations: new URL('./migrations/', import.meta.url),
});
