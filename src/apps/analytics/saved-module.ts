import { actionNoun, actionUsesRoute } from './actions.ts';
import { annotationRoutes } from './annotations.ts';
import { dashboardNoun } from './dashboards.ts';
import { dashboardRoutes } from './dashboards-routes.ts';
import { reportNoun } from './reports.ts';
import { savedRoutes } from './saved-routes.ts';

/** Endpoints of saved reports, dashboards, actions and annotations. */
export const savedThings = [
  ...savedRoutes(reportNoun),
  ...savedRoutes(dashboardNoun),
  ...dashboardRoutes,
  ...savedRoutes(actionNoun),
  actionUsesRoute,
  ...annotationRoutes,
];
