import { defineApp } from '../../kernel/app.ts';
import { forgetRecorded, recordedEvents } from './recorded.ts';
import { transformationRoutes } from './routes.ts';

export const transformations = defineApp({
  name: 'transformations',
  permissions: {
    'transformations.read': 'See the transformations of sources and their versions.',
    'transformations.write': 'Write transformations, try them on recorded events of customers, switch them on and off.',
  },
  routes: transformationRoutes,
  jobs: { 'transformations.forgetRecorded': { run: forgetRecorded, every: '7 * * * *' } },
  personalData: [recordedEvents],
  migrations: new URL('./migrations/', import.meta.url),
});
