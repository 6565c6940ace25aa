import { defineApp } from '../../kernel/app.ts';
import { mountCloudEvents } from './cloudevents.ts';
import { mountPixel } from './pixel.ts';
import { mountSettings } from './settings.ts';
import { mountTracking } from './tracking.ts';
import { mountWebhooks } from './webhooks.ts';

/** Where events come in: the protocols of others, each with its own words. What is taken is on disk, in the log. */
export const intake = defineApp({
  name: 'intake',
  needs: ['sources'],
  mount(hono, context) {
    mountTracking(hono, context);
    mountPixel(hono, context);
    mountSettings(hono, context);
    mountCloudEvents(hono, context);
    mountWebhooks(hono, context);
  },
  migrations: new URL('./migrations/', import.meta.url),
});
