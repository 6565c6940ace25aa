import { defineApp } from '../../kernel/app.ts';
import { fieldRoutes } from './field-routes.ts';
import { queryRoutes } from './routes.ts';
import { visitRoutes } from './visits/routes.ts';

export const query = defineApp({
  name: 'query',
  permissions: {
    'reports.read': 'See reports and dashboards, and the people behind their numbers.',
    'reports.write': 'Save reports and dashboards, and set the zone and week that they count in.',
  },
  routes: [...queryRoutes, ...fieldRoutes, ...visitRoutes],
  migrations: new URL('./migrations/', import.meta.url),
});
