import { multiple, picture, single } from './choices.ts';
import { consent, date, email, file, longText, phone, shortText, statement } from './fields.ts';
import type { Draw } from './kit.ts';
import { matrix } from './matrix.ts';
import type { Question } from './model.ts';
import { ranking } from './ranking.ts';
import { nps, rated } from './scales.ts';

/** How each kind of question is drawn. */
export const KINDS: { [K in Question['kind']]: Draw<K> } = {
  ...{ nps, csat: rated, ces: rated, rating: rated },
  ...{ single, multiple, picture, ranking, matrix },
  ...{ shortText, longText, email, phone, date, consent, file, statement },
};
