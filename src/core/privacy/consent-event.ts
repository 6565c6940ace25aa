import type pg from 'pg';
import type { StreamEvent } from '../stream/event.ts';

/** The event by which the SDK tells a choice, with the version and language of the text that was shown. */
const CONSENT_EVENT = 'Consent Updated';
const TEXT_LIMIT = 200;
const URL_LIMIT = 2000;

/** What an event says about consent. */
export interface ConsentTold {
  purposes: Record<string, unknown>;
  textVersion: string | null;
  language: string | null;
}

/** A statement about consent, as the history keeps it. */
export interface ConsentStatement {
  personId: number;
  purpose: string;
  granted: boolean;
  /** Milliseconds since 1970. */
  at: number;
  how: 'event' | 'staff' | 'request';
  sourceId: number | null;
  textVersion: string | null;
  language: string | null;
  url: string | null;
  country: string | null;
  /** The message ID of the event, or who entered it. */
  proof: string;
}

/** Segment's `context.consent.categoryPreferences`, or the properties of a "Consent Updated" event; undefined without either. */
export function consentOf(event: StreamEvent): ConsentTold | undefined {
  if (event.type === 'track' && event.name === CONSENT_EVENT) {
    const { purposes, textVersion, language } = event.properties;
    const told = objectOf(purposes);
    if (told)
      return { purposes: told, textVersion: short(textVersion), language: short(language) ?? (event.locale || null) };
  }
  const told = objectOf(objectOf(event.context.consent)?.categoryPreferences);
  return told && { purposes: told, textVersion: null, language: event.locale || null };
}

export function statementOf(
  event: StreamEvent,
  purpose: string,
  granted: boolean,
  told: ConsentTold,
): ConsentStatement {
  return {
    personId: event.originId,
    purpose,
    granted,
    at: event.timestamp,
    how: 'event',
    sourceId: event.sourceId,
    textVersion: told.textVersion,
    language: told.language,
    url: event.url.slice(0, URL_LIMIT) || null,
    country: event.country || null,
    proof: event.messageId || event.eventId,
  };
}

/** Adds to the history, in the caller's transaction; what is there already (the same proof) stays. */
export async function writeConsents(client: pg.ClientBase, statements: readonly ConsentStatement[]): Promise<void> {
  if (statements.length === 0) return;
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('privacy_consents') IS NOT NULL AS there",
  );
  // Without the module of privacy there is no history, only what holds now.
  if (!rows[0]!.there) return;
  await client.query(
    `INSERT INTO privacy_consents (person_id, purpose, granted, at, how, source_id, text_version, language, url, country, proof)
     SELECT person, purpose, granted, to_timestamp(at / 1000.0), how, source, version, language, url, country, proof
     FROM unnest($1::bigint[], $2::text[], $3::boolean[], $4::float8[], $5::text[], $6::int[], $7::text[], $8::text[],
       $9::text[], $10::text[], $11::text[]) AS s (person, purpose, granted, at, how, source, version, language, url, country, proof)
     ON CONFLICT DO NOTHING`,
    [
      statements.map((s) => s.personId),
      statements.map((s) => s.purpose),
      statements.map((s) => s.granted),
      statements.map((s) => s.at),
      statements.map((s) => s.how),
      statements.map((s) => s.sourceId),
      statements.map((s) => s.textVersion),
      statements.map((s) => s.language),
      statements.map((s) => s.url),
      statements.map((s) => s.country),
      statements.map((s) => s.proof),
    ],
  );
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

const short = (value: unknown): string | null =>
  typeof value === 'string' && value !== ''
    ? value.slice(0, TEXT_LIMIT)
    : typeof value === 'number'
      ? String(value)
      : null;
