import { defineApp } from '../../kernel/app.ts';
import { catchUp } from './catch-up.ts';
import { publishNames } from './names.ts';
import { catalogueRoutes } from './routes.ts';
import { pruneViolations } from './violations.ts';

export const catalogue = defineApp({
  name: 'catalogue',
  permissions: {
    'catalogue.read': 'See which events and properties come in, and the tracking plan.',
    'catalogue.write': 'Describe events and properties, rename them, and change the tracking plan.',
  },
  routes: catalogueRoutes,
  jobs: {
    'catalogue.prune': { every: '10 3 * * *', run: (context) => pruneViolations(context.records.pool) },
  },
  start: async (context) => {
    await publishNames(context);
    const stopping = new AbortController();
    const catching = catchUp(context, stopping.signal).catch((error: unknown) =>
      console.error('The catalogue could not look at the events stored before:', (error as Error).message),
    );
    return async () => {
      stopping.abort();
      await catching;
    };
  },
  migrations: new URL('./migrations/', import.meta.url),
});
