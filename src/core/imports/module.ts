import { defineApp } from '../../kernel/app.ts';
import { importsRoutes } from './routes.ts';
import { startRunner } from './runner.ts';

export const imports = defineApp({
  name: 'imports',
  needs: ['sources', 'intake'],
  permissions: {
    'imports.read': 'See the imports of files and how far they are.',
    'imports.write': 'Import files and load the sample company.',
  },
  routes: importsRoutes,
  migrations: new URL('./migrations/', import.meta.url),
  start: startRunner,
});
