import { defineApp } from '../../kernel/app.ts';
import { forgetOld, runReplay } from './deliveries.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { deliveriesOfPersons } from './personal.ts';
import { destinationRoutes } from './routes.ts';
import { runRoutes } from './run-routes.ts';
import { beginDue, workOnRun } from './runs.ts';
import { startSender } from './sender.ts';

export const destinations = defineApp({
  name: 'destinations',
  permissions: {
    'destinations.read': 'See where events go to, and whether they arrive.',
    'destinations.write': 'Make and change destinations, see their secrets, and send events again.',
    'deliveries.content': 'See what was sent to a destination about customers, and what it answered.',
  },
  routes: [...destinationRoutes, ...deliveryRoutes, ...runRoutes],
  jobs: {
    'destinations.replay': {
      run: (context, payload, { signal }) => runReplay(context, (payload as { id: number }).id, signal),
    },
    'destinations.schedule': { every: '* * * * *', attempts: 1, run: (context) => beginDue(context) },
    'destinations.run': {
      run: (context, payload, info) => workOnRun(context, (payload as { id: number }).id, info),
    },
    'destinations.forget': {
      every: '17 3 * * *',
      run: async (context, _, { signal }) => void (await forgetOld(context, signal)),
    },
  },
  start: startSender,
  personalData: [deliveriesOfPersons],
  migrations: new URL('./migrations/', import.meta.url),
});
