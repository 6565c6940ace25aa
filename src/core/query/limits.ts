/** What one report may take. Beyond any of it the engine stops it, and the server goes on. */
export const REPORT_SECONDS = 60;
export const REPORT_MEMORY = 2 * 1024 * 1024 * 1024;
export const REPORT_ROWS = 200_000;
/** Statements of reports that run side by side; the others wait, so that timelines and lists stay quick. */
export const STATEMENTS_AT_ONCE = 2;
/** Reports that wait for their turn before further ones are refused. */
export const WAITING_LIMIT = 200;
/** How much later reports' statements may run than everything else: the operating system's niceness. */
export const NICE = 10;
/** Events of one answer that is walked: 8 bytes each. More are read in slices of the people. */
export const EVENTS_A_SLICE = 12_000_000;
/** Subjects of one answer: never more than its events. */
export const SUBJECTS_A_SLICE = 20_000_000;
/** Answers remembered, and their JSON text in all. */
export const REMEMBERED_ANSWERS = 500;
export const REMEMBERED_BYTES = 64 * 1024 * 1024;
/** An answer that its reader takes although there are newer events lacks at most this share of all events. */
export const NEWER_SHARE = 0.01;
