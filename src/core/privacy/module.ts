import { z } from 'zod';
import { defineApp } from '../../kernel/app.ts';
import { ERASURE_ATTEMPTS, runErasure } from './erasure.ts';
import { expireExports, makeExport } from './exports.ts';
import { personPrivacyRoutes } from './person-routes.ts';
import { applyRetention } from './retention.ts';
import { privacyRoutes } from './routes.ts';
import { startPrivacy } from './start.ts';

const Payload = z.object({ id: z.uuid() });

export const privacy = defineApp({
  name: 'privacy',
  permissions: {
    'privacy.read': 'See purposes, consent texts, rules of retention, the suppression list and the log of erasures.',
    'privacy.act': 'Record for a person what they consent or object to, and restrict the use of their data.',
    'privacy.write': 'Change purposes, texts and how long events are kept.',
    'privacy.export': 'Make and download an archive of everything about a person.',
    'privacy.erase': 'Erase a person from every store, and change the suppression list.',
  },
  routes: [...privacyRoutes, ...personPrivacyRoutes],
  start: startPrivacy,
  jobs: {
    'privacy.erase': {
      attempts: ERASURE_ATTEMPTS,
      run: (context, payload, info) => runErasure(context, info.apps, Payload.parse(payload).id, info),
    },
    'privacy.export': {
      attempts: 5,
      run: (context, payload, info) => makeExport(context, info.apps, Payload.parse(payload).id, info),
    },
    'privacy.expire': { every: '17 * * * *', run: (context) => expireExports(context) },
    'privacy.retain': {
      every: '40 2 * * *',
      run: async (context) => {
        await applyRetention(context);
      },
    },
  },
  migrations: new URL('./migrations/', import.meta.url),
});
