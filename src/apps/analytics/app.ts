import { defineApp } from '../../kernel/app.ts';
import { evaluateAlerts } from './alerts-job.ts';
import { alertRoutes } from './alerts-routes.ts';
import { notebookRoutes } from './notebook-routes.ts';
import { forgetDeletedNotebooks } from './notebooks.ts';
import { analyticsPersonalData } from './personal-data.ts';
import { forgetDeletedSaved } from './saved.ts';
import { savedThings } from './saved-module.ts';
import { sendScheduled } from './schedules.ts';
import { scheduleRoutes } from './schedules-routes.ts';
import { forgetShares } from './shares.ts';
import { mountShares } from './shares-page.ts';
import { shareRoutes } from './shares-routes.ts';
import { MAY_SQL, sqlRoutes } from './sql/routes.ts';
import './uses.ts';

/** What is made of reports: saved ones, dashboards, notebooks and whatever else understands what people do. */
export const analytics = defineApp({
  name: 'analytics',
  permissions: {
    [MAY_SQL]: 'Write and run SQL that reads events and people, and keep it in notebooks.',
  },
  routes: [...savedThings, ...sqlRoutes, ...notebookRoutes, ...shareRoutes, ...alertRoutes, ...scheduleRoutes],
  mount: mountShares,
  jobs: {
    'analytics.send-scheduled': {
      every: '*/5 * * * *',
      attempts: 1,
      run: (context, _, { signal }) => sendScheduled(context, signal),
    },
    'analytics.evaluate-alerts': {
      every: '*/5 * * * *',
      attempts: 1,
      run: (context, _, info) => evaluateAlerts(context, info),
    },
    'analytics.forget-shares': { every: '55 3 * * *', run: (context) => forgetShares(context) },
    'analytics.forget-saved': { every: '50 3 * * *', run: (context) => forgetDeletedSaved(context) },
    'analytics.forget-notebooks': { every: '40 3 * * *', run: (context) => forgetDeletedNotebooks(context) },
  },
  personalData: analyticsPersonalData,
  migrations: new URL('./migrations/', import.meta.url),
});
