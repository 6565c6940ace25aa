import { registerSaid } from '../../core/catalogue/said.ts';
import { ANSWERED } from '../../core/query/scores/answers.ts';
import { registerSdkConfig } from '../../core/sdk/config.ts';
import { defineApp } from '../../kernel/app.ts';
import { answerRoutes } from './answers-routes.ts';
import { overviewRoutes } from './overview-routes.ts';
import { mountSurveyPages } from './page.ts';
import { surveysPersonalData } from './personal-data.ts';
import { mountSurveyApi } from './public-api.ts';
import { surveyRoutes } from './routes.ts';
import { plantSample } from './sample/plant.ts';
import { sendDue } from './sendings.ts';
import { sendingRoutes } from './sendings-routes.ts';
import { sweepFiles, sweepPictures } from './sweep.ts';
import { popoversFor } from './targeting.ts';
import { testMailRoutes } from './test-mail-routes.ts';

registerSdkConfig('surveys', popoversFor);
registerSaid(async () => [{ event: ANSWERED, path: 'text' }]);
plantSample();

/** Asking customers: surveys in the page, by link, in mail and by API, and what they answer. */
export const surveys = defineApp({
  name: 'surveys',
  permissions: {
    'surveys.read': 'See surveys, their answers and scores.',
    'surveys.write': 'Make surveys, decide who is asked, and send them.',
  },
  routes: [...overviewRoutes, ...answerRoutes, ...sendingRoutes, ...testMailRoutes, ...surveyRoutes],
  mount: (hono, context) => {
    mountSurveyApi(hono, context);
    mountSurveyPages(hono, context);
  },
  jobs: {
    'surveys.send': {
      every: '* * * * *',
      attempts: 1,
      run: (context, _, { signal }) => sendDue(context, signal),
    },
    'surveys.sweep': {
      every: '25 4 * * *',
      attempts: 1,
      run: async (context, _, { signal }) => {
        await sweepFiles(context, signal);
        await sweepPictures(context, signal);
      },
    },
  },
  personalData: surveysPersonalData,
  migrations: new URL('./migrations/', import.meta.url),
});
