/** Transformations of one source. */
export const TRANSFORMATIONS_OF_SOURCE = 20;
/** Characters of a transformation's code. */
export const CODE_CHARACTERS = 64 * 1024;
/** Steps of a transformation without code. */
export const STEPS_LIMIT = 50;

/** CPU time of one event in one transformation, above which it counts as slow; also what each event earns it on average. */
export const SOFT_MS = 5;
/** CPU time of one event in one transformation, after which it is stopped. */
export const HARD_MS = 50;
/** CPU time for what stands outside the function, once a batch. */
export const STARTUP_MS = 100;
/** An event that the interrupt does not stop is inside one endless operation of the engine: its thread is ended. */
export const HANG_MS = 1000;
/** Memory of a transformation: the interpreter's heap, and the whole of its WebAssembly memory. */
export const HEAP_BYTES = 32 * 1024 * 1024;
export const WASM_PAGES = 1024;
/** Stack of the interpreter. */
export const STACK_BYTES = 256 * 1024;

/** Events that may come out for one that went in. */
export const OUTPUT_EVENTS = 10;
/** Characters of JSON that may come out for one event that went in. */
export const OUTPUT_CHARACTERS = 1024 * 1024;

/** After as many time-outs in a row a transformation is paused; an event that hung counts as several. */
export const TIMEOUTS_IN_A_ROW = 5;
export const HANG_COUNTS_AS = 3;
/** CPU time that a transformation may have saved up, at SOFT_MS an event; without any left it is paused. */
export const SAVED_MS = 2000;

/** What `console.log` keeps while a transformation is tried. */
export const LOG_LINES = 100;
export const LOG_CHARACTERS = 1000;

/** Recorded events of one source, and how long they are kept. */
export const RECORDED_EVENTS = 50;
export const RECORDED_HOURS = 24;
/** Recorded events a second and source. */
export const RECORDED_A_SECOND = 3;
/** A longer event is not recorded. */
export const RECORDED_CHARACTERS = 64 * 1024;

/** Events of one's own that can be tried at once. */
export const TRIED_EVENTS = 50;
