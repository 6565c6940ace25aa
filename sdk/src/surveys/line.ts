import type { Answers } from './model.ts';

const RETRY_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
const ANSWER_MS = 20_000;
/** A browser sends at most 64 kB after a page is gone. */
const LAST_CHARACTERS = 20_000;

/** A response as the server knows it; the secret lets this visitor, and nobody else, go on with it. */
export interface Response {
  responseId: string;
  secret: string;
}

/** What the server knows of a response as it begins, or goes on elsewhere. */
export interface Begun extends Response {
  version: number;
  traits?: Record<string, unknown>;
  fields?: Record<string, string>;
  answers?: Answers;
}

/** Answers for one call; with `complete` the last. */
export interface Body {
  answers: Answers;
  complete: boolean;
}

/** What the line asks and tells: the answers, and what became of them. */
export interface LineEnds {
  /** Path and body of the call that begins the response. */
  begin(): [path: string, body: object];
  /** What was not taken yet, for one call: not more than it may hold. */
  body(): Body;
  begun(response: Begun): void;
  /** The server took it. Says whether there is more. */
  taken(body: Body, told: { ending?: string | null; closed?: boolean }): boolean;
  /** It could not be sent; it is tried again. */
  failed(): void;
  /** The server takes no (more) answers. */
  refused(status: number): void;
}

export interface Line {
  /** Begins the response where that was not done; rejects where the server says no, or cannot be reached. */
  begin(): Promise<void>;
  /** Begins, and tries again by itself. */
  start(): void;
  /** The answers have changed. */
  push(): void;
  /** The page goes: what was not sent goes with a beacon. */
  leave(): void;
  dismiss(): void;
  upload(question: string, file: File): Promise<{ id: string; name: string }>;
  stop(): void;
}

/** Carries a response to the server: in order, again after a failure with growing pauses, and once more as the page goes. */
export function openLine(host: string, ends: LineEnds, known?: Response): Line {
  let response = known;
  let beginning: Promise<void> | undefined;
  let changed = false;
  let dismissed = false;
  let busy = false;
  let stopped = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** As text, about which a browser need not ask the server first. */
  async function post(path: string, body: string | File, type?: string): Promise<Record<string, unknown>> {
    const answer = await fetch(host + path, {
      ...{ method: 'POST', body, credentials: 'omit' },
      ...(type && { headers: { 'content-type': type } }),
      signal: typeof body === 'string' && AbortSignal.timeout ? AbortSignal.timeout(ANSWER_MS) : null,
    });
    if (!answer.ok) {
      const { status, headers } = answer;
      throw Object.assign(new Error(path), { status, wait: Number(headers.get('retry-after')) });
    }
    return answer.status === 204 ? {} : answer.json();
  }

  const pathOf = (what: string) => `/v1/surveys/responses/${response!.responseId}/${what}`;
  const signed = (body: object) => JSON.stringify({ secret: response!.secret, ...body });

  async function begin(): Promise<void> {
    if (response) return;
    const [path, body] = ends.begin();
    const told = (await post(path, JSON.stringify(body))) as never as Begun;
    response = told;
    ends.begun(told);
  }
  const begun = () => {
    beginning = beginning || begin();
    beginning.catch(() => {
      beginning = undefined;
    });
    return beginning;
  };

  async function work(): Promise<void> {
    if (busy || stopped) return;
    busy = true;
    clearTimeout(timer);
    try {
      await begun();
      while (changed && !stopped) {
        changed = false;
        const body = ends.body();
        if (ends.taken(body, await post(pathOf('answers'), signed(body)))) changed = true;
      }
      if (dismissed && !stopped) await post(pathOf('dismissed'), signed({}));
      dismissed = false;
      failures = 0;
    } catch (error) {
      changed = true;
      const { status = 0, wait = 0 } = error as { status?: number; wait?: number };
      if (status >= 400 && status < 500 && status !== 429 && status !== 408) {
        stopped = true;
        ends.refused(status);
      } else {
        ends.failed();
        const pause = Math.max(wait * 1000, RETRY_MS * 2 ** failures++ * (1 + Math.random()));
        timer = setTimeout(work, Math.min(LONGEST_WAIT_MS, pause));
      }
    }
    busy = false;
    // What came while it was under way.
    if (changed && !failures) work();
  }

  return {
    begin: begun,
    start: work,
    push() {
      changed = true;
      work();
    },
    leave() {
      if (stopped || !response) return;
      const body = signed(ends.body());
      if (body.length < LAST_CHARACTERS) navigator.sendBeacon(host + pathOf('answers'), body);
      if (dismissed) navigator.sendBeacon(host + pathOf('dismissed'), signed({}));
    },
    dismiss() {
      dismissed = true;
      work();
    },
    async upload(question, file) {
      await begun();
      const query = new URLSearchParams({ secret: response!.secret, question, name: file.name });
      const { id, name } = await post(`${pathOf('files')}?${query}`, file, file.type || 'application/octet-stream');
      return { id: id as string, name: name as string };
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
