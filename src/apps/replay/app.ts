import { registerPart } from '../../core/system/parts.ts';
import { defineApp } from '../../kernel/app.ts';
import { compactFinished } from './compact.ts';
import { mountReplayIntake } from './intake.ts';
import { listRoutes } from './list-routes.ts';
import { noteRoutes, notesMentioning } from './notes.ts';
import { pagePictureRoutes } from './page-picture.ts';
import { recordingsOfSubject } from './personal-data.ts';
import { expireRecordings, sweepRecordings } from './retention.ts';
import { pausedReason } from './room.ts';
import { recordingRoutes } from './routes.ts';
import './sdk-config.ts';
import { shareRoutes } from './shares-routes.ts';

registerPart('recordings', {
  paused: pausedReason,
  remedy:
    'Free some space where the files are, see that their store can be reached, or allow recordings more in the settings of replay.',
});

/** What visitors saw and did: recordings of their visits, the player, and heatmaps of pages. */
export const replay = defineApp({
  name: 'replay',
  needs: ['sources', 'people', 'privacy', 'audiences', 'sdk', 'system'],
  permissions: {
    'replay.read': 'Watch recordings and heatmaps.',
    'replay.write': 'Decide what is recorded, and for how long; write notes, share and delete recordings.',
  },
  routes: [...listRoutes, ...recordingRoutes, ...noteRoutes, ...shareRoutes, ...pagePictureRoutes],
  mount: (hono, context) => mountReplayIntake(hono, context),
  jobs: {
    'replay.compact': {
      every: '*/5 * * * *',
      attempts: 1,
      run: (context, _, { signal }) => compactFinished(context, signal),
    },
    'replay.expire': {
      every: '20 * * * *',
      attempts: 1,
      run: (context, _, { signal }) => expireRecordings(context, signal),
    },
    'replay.sweep': {
      every: '10 4 * * 0',
      attempts: 1,
      run: (context, _, { signal }) => sweepRecordings(context, signal),
    },
  },
  personalData: [recordingsOfSubject, notesMentioning],
  migrations: new URL('./migrations/', import.meta.url),
});
