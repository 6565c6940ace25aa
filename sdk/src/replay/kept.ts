import type { Inside } from '../types.ts';

/** What a tab remembers of its recording, from page to page. */
export interface Kept {
  /** recordingId. */
  id: string;
  /** The number of the next chunk. */
  n: number;
  anonymousId: string;
  /** 0 where the session begins with what the SDK tells next. */
  sessionStart: number;
  /** When the tab's visit began. */
  from: number;
  /** A trigger happened. */
  on?: boolean;
  /** Something of it was accepted, and 'Recording Started' told. */
  told?: boolean;
  /** The server wants no more of it. */
  over?: boolean;
  /** Addresses of pictures that the page before showed and was left too early to keep. */
  wants?: string[] | undefined;
  /** A page shows: another that finds this is a copy of the tab, or comes after a crash. */
  open?: boolean;
}

/** A chunk that a page left behind: packed, in base64, or as JSON. */
export interface Left {
  id: string;
  n: number;
  packed?: string;
  json?: string;
}

const NAME = 'tl_recording';
const LEFT = 'tl_recording_left';
/** Characters that may be left for the next page: a site has five million for itself. */
const LEFT_CHARACTERS = 1_500_000;

/** sessionStorage, where the site lets it be used and the settings do; memory otherwise. */
export function openKept({ options }: Inside) {
  let memory: Kept | undefined;
  const may = options.storage !== 'none';
  const guarded = <T>(run: () => T): T | undefined => {
    try {
      return may ? run() : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    read: (): Kept | undefined => memory || guarded(() => JSON.parse(sessionStorage[NAME] || 'null')) || undefined,
    write(kept: Kept): void {
      memory = kept;
      guarded(() => sessionStorage.setItem(NAME, JSON.stringify(kept)));
    },
    /** Another page may have gone on while this one was put aside. */
    forgetMemory(): void {
      if (may) memory = undefined;
    },
    forget(): void {
      memory = undefined;
      guarded(() => {
        sessionStorage.removeItem(NAME);
        sessionStorage.removeItem(LEFT);
      });
    },
    /** False where there is no room. */
    leave(chunks: readonly Left[]): boolean {
      const text = JSON.stringify(chunks);
      return (
        text.length <= LEFT_CHARACTERS &&
        !!guarded(() => {
          sessionStorage.setItem(LEFT, text);
          return true;
        })
      );
    },
    takeLeft(): Left[] {
      return (
        guarded(() => {
          const left = JSON.parse(sessionStorage[LEFT] || '[]') as Left[];
          sessionStorage.removeItem(LEFT);
          return left;
        }) || []
      );
    },
  };
}
