/** What other apps may use of recordings. */
export { safeEvents } from './safe-event.ts';
