import { late } from '../../kit/late.tsx';
import { SurveyFrame } from './survey-frame.tsx';

const SendParts = late(() => import('./send-parts.tsx').then((part) => part.SendParts));

/** The ways by which a survey comes to customers: link, own links, mail, embedded, API. */
export function SendPage() {
  return <SurveyFrame part="send">{(opened) => <SendParts {...opened} />}</SurveyFrame>;
}
