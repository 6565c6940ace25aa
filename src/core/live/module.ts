import { defineApp } from '../../kernel/app.ts';
import { closeFeed, feedOf } from './feed.ts';
import { liveRoutes } from './routes.ts';

export const live = defineApp({
  name: 'live',
  permissions: { 'events.read': 'See events as they arrive and those that were dropped.' },
  routes: liveRoutes,
  start: async (context) => {
    feedOf(context);
    return async () => closeFeed(context);
  },
});
