import { route } from '../../../kernel/route.ts';
import { shownTo } from '../personal.ts';
import { WebNow, webNow } from './now.ts';

export const visitRoutes = [
  route({
    method: 'GET',
    path: '/api/web/now',
    summary: 'Who is on the site at this moment: people, by the minute, and on which pages. Shared for three seconds.',
    permission: 'reports.read',
    reply: WebNow,
    run: async ({ context, caller }) => shownTo(caller, await webNow(context)),
  }),
];
