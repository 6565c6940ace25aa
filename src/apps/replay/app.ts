import { defineApp } from '../../kernel/app.ts';

/** What visitors saw and did: recordings of their visits, the player, and heatmaps of pages. */
export const replay = defineApp({
  name: 'replay',
  permissions: {
    'replay.read': 'Watch recordings and heatmaps.',
    'replay.write': 'Decide what is recorded, and for how long; write notes, share and delete recordings.',
  },
  migrations: new URL('./migrations/', import.meta.url),
});
