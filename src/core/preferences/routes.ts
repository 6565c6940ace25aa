import { route } from '../../kernel/route.ts';
import { choosePreferences, Preferences, preferencesOf } from './preferences.ts';

export const preferencesRoutes = [
  route({
    method: 'GET',
    path: '/api/preferences',
    summary: 'How the caller likes the console: what they have chosen',
    permission: 'signed-in',
    reply: Preferences,
    run: ({ context, caller }) => preferencesOf(context, caller),
  }),
  route({
    method: 'PATCH',
    path: '/api/preferences',
    summary: 'Change how the caller likes the console; what is not sent stays',
    permission: 'signed-in',
    body: Preferences,
    reply: Preferences,
    run: ({ context, caller, body }) => choosePreferences(context, caller, body),
  }),
];
