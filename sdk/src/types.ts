import type { Properties } from './properties.ts';

/** What can be captured without a call of the page's own. `rage` and `dead` are clicks out of anger and into the void. */
export type CaptureKind =
  | 'pages'
  | 'clicks'
  | 'forms'
  | 'downloads'
  | 'outbound'
  | 'errors'
  | 'rage'
  | 'dead'
  | 'vitals';

/** Settings; on the script tag each is a `data-` attribute of the same name (`data-write-key`, `data-consent` …). */
export interface Options {
  /** The key of a source of the kind "browser". Without it nothing leaves the page. */
  writeKey?: string;
  /** Address of the server, without a slash at the end; by default where the script came from. */
  host?: string;
  /** `required`: nothing is stored or sent until `consent({ analytics: true })`; up to 100 events wait in memory. */
  consent?: 'required' | '';
  /** Where the visitor's ID is kept; `none` is cookieless: no storage at all, and an ID for the life of the page. */
  storage?: 'cookie' | 'localStorage' | 'none';
  /** Kinds with spaces or commas between them, or a list; `off` for none. All by default. */
  autocapture?: string | readonly CaptureKind[];
  /** A change of the URL's hash is a page view too. */
  hash?: true | '';
  /** `globalPrivacyControl`, `doNotTrack` or both with a space: nothing is captured where the browser says so, unless consent was given. */
  respect?: string;
}

export type { CallOptions, Properties } from './properties.ts';
export type Purposes = Record<string, boolean>;

export type MessageType = 'track' | 'identify' | 'page' | 'group' | 'alias';

/** An event as it is sent, in the format of Segment's tracking protocol. */
export interface Message {
  type: MessageType;
  /** A UUID that grows with time. */
  messageId: string;
  timestamp: string;
  anonymousId: string;
  userId?: string;
  event?: string;
  name?: string;
  category?: string;
  properties?: Properties;
  traits?: Properties;
  groupId?: string;
  previousId?: string;
  context: Properties;
  integrations?: Properties;
}

/** The calls take what Segment's analytics.js takes: `track(name, properties?, options?, callback?)` and all its shorter forms. */
export type Call = (...args: unknown[]) => Promise<Message | undefined>;

/** Who is known. Traits go to the server and are not kept in the browser, where other scripts could read them. */
export interface User {
  id(): string | undefined;
  anonymousId(): string;
}

/** What a part that is loaded on demand gets besides the calls. */
export interface Inside {
  /** With the address of the server as `host`. */
  options: Options;
  /** The last 100 messages, the oldest first. */
  past: readonly Message[];
  /** Describes an element without its values and without what opted out. */
  describe(element: object): Properties;
  /** Whether events may be stored and sent: 1 yes, -1 no more. A part stops when it becomes -1. */
  gate(): number;
  /** Who the visitor is, and when the session began (milliseconds since 1970; 0 or nothing before its first event). */
  session(): { anonymousId: string; userId?: string | undefined; sessionStart?: number | undefined };
  /** What the company set for this part, from /v1/sdk/config; nothing where a page loads the part by itself. */
  config?: unknown;
}

/** What the core hands to the loader of parts; `read` gives the visitor's state under its short names (identity.ts). */
export type FromCore = Pick<Inside, 'options' | 'past' | 'describe'> & {
  read(): { a?: string; u?: string; s?: number; c?: Purposes };
};

export type StartPart = (sdk: Throughline, inside: Inside) => unknown;

export interface Throughline {
  identify: Call;
  track: Call;
  page: Call;
  group: Call;
  alias: Call;
  /** Forgets who it was: a new visitor, a new session. */
  reset(): void;
  /** What the visitor agreed to, for each purpose; `analytics` opens and closes this SDK. */
  consent(purposes: Purposes, details?: { textVersion?: string; language?: string }): void;
  /** Sends what waits; resolves when it was answered, or could not be sent now. */
  flush(): Promise<void>;
  ready(callback?: () => void): Promise<void>;
  user(): User;
  anonymousId(): string;
  setAnonymousId(id?: string): string;
  /** `message` (or only `track`, `identify` …) with each message, `sent` with the IDs that were answered, `drop` with a reason and an ID. */
  on(event: string, listener: (...args: never[]) => void): Throughline;
  /** Loads a part (`debug`) from the server; resolves with what it gives. */
  load(part: string): Promise<unknown>;
  /** Set by the loader of parts (parts.ts): fetches one, and starts it. */
  part?(name: string, core: FromCore): Promise<unknown>;
  /** How a part makes itself known to the loader. */
  register?(name: string, start: StartPart): void;
  /** Begins; the script tag with `data-write-key` does so by itself. A second call does nothing. */
  init(writeKey: string, options?: Options): Throughline;
  /** A queued call, as the snippet's array takes it. */
  push(call: readonly [string, ...unknown[]]): void;
}
