export type Properties = Record<string, unknown>;

/** Segment's options of a call; names other than these go to the context. */
export interface CallOptions extends Properties {
  context?: Properties;
  integrations?: Properties;
  anonymousId?: string;
  userId?: string;
  timestamp?: Date | string | number;
}
