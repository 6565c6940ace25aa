import { defineApp } from '../../kernel/app.ts';
import { identityRoutes } from './identity-routes.ts';
import { startPeopleJobs } from './jobs.ts';
import { peopleRoutes } from './routes.ts';

export const people = defineApp({
  name: 'people',
  permissions: {
    'people.read': 'See people, their timelines, accounts and how identities were resolved.',
    'people.write': 'Merge people, undo merges and set the kinds of identifiers.',
  },
  routes: [...peopleRoutes, ...identityRoutes],
  migrations: new URL('./migrations/', import.meta.url),
  start: startPeopleJobs,
});
