import { defineApp } from '../../kernel/app.ts';
import { preferencesRoutes } from './routes.ts';

export const preferences = defineApp({
  name: 'preferences',
  routes: preferencesRoutes,
  migrations: new URL('./migrations/', import.meta.url),
});
