import { defineApp } from '../../kernel/app.ts';
import { viewsRoutes } from './routes.ts';
import { forgetDeletedViews, MAY_SHARE } from './views.ts';

export const views = defineApp({
  name: 'views',
  permissions: { [MAY_SHARE]: 'Share views of lists with everybody, and change or delete shared ones.' },
  routes: viewsRoutes,
  jobs: { 'views.forget': { every: '20 3 * * *', run: (context) => forgetDeletedViews(context) } },
  migrations: new URL('./migrations/', import.meta.url),
});
