import type { Context } from '../../../kernel/context.ts';

/** What an app adds to the sample company. */
export interface SamplePart {
  /**
   * A module whose `tell` (a `Tell`) makes events of what customers think, in the sample's own thread, and what it needs to
   * know for it, as structured clones carry it.
   */
  teller?: { module: URL; facts: () => unknown };
  /** Puts in place what the app's pages show, before the events come. Called again where a loading failed. */
  plant: (context: Context, kept: readonly unknown[]) => Promise<void>;
}

const parts = new Map<string, SamplePart>();

/** Lets an app add to the sample company. */
export const registerSamplePart = (name: string, part: SamplePart): void => void parts.set(name, part);

export const sampleParts = (): ReadonlyMap<string, SamplePart> => parts;
