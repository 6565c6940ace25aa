import { defineApp } from '../../kernel/app.ts';
import { requestJobs } from './jobs.ts';
import { requestsData } from './personal-data.ts';
import { mountPublicPages } from './public.ts';
import { requestRoutes } from './routes.ts';

export const requests = defineApp({
  name: 'requests',
  needs: ['privacy', 'staff'],
  permissions: {
    'requests.read': 'See what people ask about their data, and how far each request is.',
    'requests.write': 'Answer such requests: prove whose they are, hand on, extend, fulfil or refuse.',
  },
  routes: requestRoutes,
  mount: (hono, context) => mountPublicPages(hono, context),
  jobs: requestJobs,
  personalData: [requestsData],
  migrations: new URL('./migrations/', import.meta.url),
});
