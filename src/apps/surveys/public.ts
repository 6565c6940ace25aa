/** What other apps may use of surveys. */
export { type Quiet, registerQuiet } from './quiet.ts';
