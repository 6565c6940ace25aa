import { defineApp } from '../../kernel/app.ts';
import { sourcesRoutes } from './routes.ts';
import { testEventRoutes } from './test-event-routes.ts';

export const sources = defineApp({
  name: 'sources',
  permissions: {
    'sources.read': 'See the sources, without their write keys.',
    'sources.write': 'Create and change sources, give them new write keys, send test events.',
  },
  routes: [...sourcesRoutes, ...testEventRoutes],
  migrations: new URL('./migrations/', import.meta.url),
});
