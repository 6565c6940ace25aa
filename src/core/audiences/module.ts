import { defineApp } from '../../kernel/app.ts';
import { registerAudiences } from '../query/environment.ts';
import { registerAudienceNames } from '../query/field-choices.ts';
import { audienceNames, knownAudiences } from './audience.ts';
import { audienceJobs } from './jobs.ts';
import { memberRoutes } from './member-routes.ts';
import { audiencesOfSubject } from './personal-data.ts';
import { audienceRoutes } from './routes.ts';

registerAudiences(knownAudiences);
registerAudienceNames(audienceNames);

export const audiences = defineApp({
  name: 'audiences',
  permissions: {
    'audiences.read': 'See audiences, their sizes and the people in them.',
    'audiences.write': 'Make, change and archive audiences, and put people on lists.',
  },
  routes: [...audienceRoutes, ...memberRoutes],
  jobs: audienceJobs,
  migrations: new URL('./migrations/', import.meta.url),
  personalData: [audiencesOfSubject],
});
