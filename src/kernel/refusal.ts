/**
 * An error meant for whoever asked: it says what was wrong and what to do. `status` is the HTTP status it answers with,
 * `code` a word that programs can rely on. Anything that is not a Refusal is a fault of ours and answers 500.
 */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { details?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export const refuse = {
  invalid: (message: string, details?: unknown) => new Refusal(400, 'invalid', message, { details }),
  unauthenticated: (message: string) => new Refusal(401, 'unauthenticated', message),
  forbidden: (message: string) => new Refusal(403, 'forbidden', message),
  notFound: (message: string) => new Refusal(404, 'not_found', message),
  conflict: (message: string, details?: unknown) => new Refusal(409, 'conflict', message, { details }),
  tooLarge: (message: string) => new Refusal(413, 'too_large', message),
  tooMany: (message: string, retryAfterSeconds: number) => new Refusal(429, 'too_many', message, { retryAfterSeconds }),
  unavailable: (message: string, retryAfterSeconds = 5) =>
    new Refusal(503, 'unavailable', message, { retryAfterSeconds }),
};
