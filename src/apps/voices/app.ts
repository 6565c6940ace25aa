import { defineApp } from '../../kernel/app.ts';
import { registerQuiet } from '../surveys/public.ts';
import { hasOpenCase } from './cases/cases.ts';
import { openCasesByRules } from './cases/opening.ts';
import { mountCasePage } from './cases/page.ts';
import { casesData } from './cases/personal-data.ts';
import { caseRoutes } from './cases/routes.ts';
import { openSampleCases } from './cases/sample.ts';
import { mountFeedback } from './feedback.ts';
import { saidByCustomers } from './hide.ts';
import { voicesOfSubject } from './personal-data.ts';
import { forgetPictures } from './pictures.ts';
import { voiceRoutes } from './routes.ts';
import { settingsRoutes } from './settings-routes.ts';
import { startVoices } from './start.ts';
import { topicRoutes } from './topics/routes.ts';
import { sortJob } from './topics/sort.ts';
import { findSuggestions } from './topics/suggestions.ts';

openSampleCases();
openCasesByRules();
saidByCustomers();
registerQuiet('voices', hasOpenCase);

/** What customers say, wherever they say it: understood, sorted by topic, and answered. */
export const voices = defineApp({
  name: 'voices',
  needs: ['replay', 'surveys'],
  permissions: {
    'voices.read': 'Read what customers say, and the cases that came of it.',
    'voices.write': 'Sort what customers say by topic, write rules, answer customers and work on cases.',
    'voiceSettings.write':
      'Decide which events are voices, what the feedback widget asks, and which service reads along.',
  },
  // Those with an id in their path come last: it would take every other word for one.
  routes: [...topicRoutes, ...settingsRoutes, ...caseRoutes, ...voiceRoutes],
  mount: (hono, context) => {
    mountFeedback(hono, context);
    mountCasePage(hono, context);
  },
  start: startVoices,
  jobs: {
    'voices.sort': { attempts: 5, run: (context, _, { signal }) => sortJob(context, signal) },
    'voices.suggest': {
      every: '20 4 * * *',
      attempts: 2,
      run: (context, _, { signal }) => findSuggestions(context, signal),
    },
    'voices.forget-pictures': {
      every: '35 3 * * *',
      run: (context, _, { signal }) => forgetPictures(context, signal),
    },
  },
  personalData: [casesData, voicesOfSubject],
  migrations: new URL('./migrations/', import.meta.url),
});
