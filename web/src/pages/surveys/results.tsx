import { late } from '../../kit/late.tsx';
import { SurveyFrame } from './survey-frame.tsx';

const SurveyAnswers = late(() => import('./results-parts.tsx').then((part) => part.SurveyAnswers));

/** What was answered: question by question, and response by response. */
export function SurveyResultsPage() {
  return <SurveyFrame part="results">{(opened) => <SurveyAnswers {...opened} />}</SurveyFrame>;
}
