/** What other apps may use of surveys. */
export { registerQuiet } from './quiet.ts';
export { SAMPLE_SURVEYS } from './sample/surveys.ts';
