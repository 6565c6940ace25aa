import { Allowance } from '../../kernel/allowance.ts';

/** One chunk, as it comes and unpacked. */
export const CHUNK_PACKED_BYTES = 1024 * 1024;
export const CHUNK_BYTES = 8 * 1024 * 1024;
export const CHUNK_EVENTS = 50_000;
/** Levels of nesting in a chunk's JSON: about three for each level of the page's own tree. */
export const CHUNK_DEPTH = 1500;

/** One recording: unpacked bytes, chunks, and from its first event to its last. */
export const RECORDING_BYTES = 500 * 1024 * 1024;
export const RECORDING_CHUNKS = 10_000;
export const RECORDING_MS = 24 * 60 * 60_000;

/**
 * A recording to which nothing was added for so long is over, until more comes. Recorders send nothing of a page where
 * nobody did anything for as long.
 */
export const LIVE_MS = 5 * 60_000;
/** After so long it is packed: visitors who come back later begin another session, and another recording. */
export const QUIET_MS = 30 * 60_000;

export const ASSET_BYTES = 1024 * 1024;
export const ASSETS_ASKED = 500;
/** Files that one chunk may name. */
export const CHUNK_ASSETS = 1000;
/** Files that one recording may name: whoever watches it has them all looked up. */
export const RECORDING_ASSETS = 5000;
/** Chunks that one answer tells of to somebody who watches a recording grow. */
export const GROWTH_CHUNKS = 500;
/** Characters of marks that an index tells: an hour's recording has some thousands. */
export const INDEX_CHARACTERS = 8_000_000;

/** Longest texts that are kept of a chunk's envelope. */
export const ID_LENGTH = 512;
export const URL_LENGTH = 2000;
export const TITLE_LENGTH = 500;

/** Marks of each kind kept of one chunk: more say nothing on a timeline. */
export const MARKS = 300;

/** Calls a minute. A recorder sends one every few seconds, and a company behind one address has many visitors. */
const CALLS_OF_SOURCE = 60_000;
const CALLS_OF_NETWORK = 12_000;
/** Recordings that one network begins in a minute. */
const BEGUN_OF_NETWORK = 1000;

/** What one process counts; all may be set for a test. */
export class IntakeLimits {
  readonly source: Allowance;
  readonly network: Allowance;
  readonly begun: Allowance;

  constructor(calls: { ofSource?: number; ofNetwork?: number; begun?: number } = {}) {
    this.source = new Allowance(calls.ofSource ?? CALLS_OF_SOURCE, 60);
    this.network = new Allowance(calls.ofNetwork ?? CALLS_OF_NETWORK, 60);
    this.begun = new Allowance(calls.begun ?? BEGUN_OF_NETWORK, 60);
  }
}
