import { defineApp } from '../../kernel/app.ts';
import { fieldRoutes } from './field-routes.ts';
import { queryRoutes } from './routes.ts';
import { forgetAnswers } from './run.ts';
import { visitRoutes } from './visits/routes.ts';

export const query = defineApp({
  name: 'query',
  permissions: {
    'reports.read': 'See reports and dashboards, and the people behind their numbers.',
    'reports.write': 'Save reports and dashboards, and set the zone and week that they count in.',
  },
  // Remembered answers may name a person in a breakdown. They are this process's own, and nothing to export.
  personalData: [{ name: 'answers', async *export() {}, erase: async (context) => forgetAnswers(context) }],
  routes: [...queryRoutes, ...fieldRoutes, ...visitRoutes],
  migrations: new URL('./migrations/', import.meta.url),
});
