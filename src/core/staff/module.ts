import { defineApp } from '../../kernel/app.ts';
import { mountAuth } from './auth-endpoints.ts';
import { staffRoutes } from './routes.ts';

export const staff = defineApp({
  name: 'staff',
  permissions: {
    'keys.read': 'See which API keys there are, with their roles.',
    'keys.write': 'Create and revoke API keys.',
  },
  routes: staffRoutes,
  mount: mountAuth,
  migrations: new URL('./migrations/', import.meta.url),
});
