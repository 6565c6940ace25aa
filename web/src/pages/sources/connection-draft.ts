import type { Connection, ConnectionDraft, ConnectionKind } from './connection-calls.ts';

/** The fields of the forms, as they are typed. */
export type Fields = {
  url: string;
  user: string;
  password: string;
  topics: string;
  version: '4' | '5';
  format: 'auto' | 'json' | 'text' | 'binary';
  verify: boolean;
  aliases: string;
  database: string;
  schema: string;
  table: string;
  cursor: string;
  key: string;
  event: string;
  identifierKind: string;
  identifierColumn: string;
  time: string;
  everyMinutes: string;
};

const EMPTY: Fields = {
  url: '',
  user: '',
  password: '',
  topics: '',
  version: '4',
  format: 'auto',
  verify: true,
  aliases: '',
  database: '',
  schema: 'public',
  table: '',
  cursor: '',
  key: '',
  event: '',
  identifierKind: 'email',
  identifierColumn: '',
  time: '',
  everyMinutes: '5',
};

const text = (value: unknown) => (typeof value === 'string' ? value : '');
const lines = (value: unknown) => (Array.isArray(value) ? value.join('\n') : '');

/** The fields as the kept settings fill them; secrets stay empty, since they are not shown. */
export function fieldsOf(connection: Connection | null): Fields {
  const settings = connection?.settings;
  if (!settings) return EMPTY;
  const fields = (settings.fields ?? {}) as {
    event?: unknown;
    time?: unknown;
    identifiers?: { kind: string; column: string }[];
  };
  return {
    ...EMPTY,
    url: text(settings.url),
    user: text(settings.user),
    topics: lines(settings.topics),
    version: settings.version === 5 ? '5' : '4',
    format: (text(settings.format) || 'auto') as Fields['format'],
    verify: settings.verifyCertificate !== false,
    aliases: lines(settings.aliases),
    schema: text(settings.schema) || 'public',
    table: text(settings.table),
    cursor: text(settings.cursor),
    key: Array.isArray(settings.key) ? settings.key.join(', ') : '',
    event: text(fields.event),
    identifierKind: fields.identifiers?.[0]?.kind ?? 'email',
    identifierColumn: fields.identifiers?.[0]?.column ?? '',
    time: text(fields.time),
    everyMinutes: String(settings.everyMinutes ?? 5),
  };
}

const words = (value: string, between: RegExp) =>
  value
    .split(between)
    .map((word) => word.trim())
    .filter(Boolean);

/** What is sent of the fields; what the form does not show of kept settings stays as it was. */
export function draftOf(kind: ConnectionKind, fields: Fields, kept: Connection | null): ConnectionDraft {
  const before = kept?.settings ?? {};
  if (kind === 'mail') return { kind, settings: { aliases: words(fields.aliases, /[\n,;]+/) }, secrets: {} };
  if (kind === 'mqtt') {
    return {
      kind,
      settings: {
        ...before,
        url: fields.url.trim(),
        user: fields.user.trim() || undefined,
        topics: words(fields.topics, /\n/),
        version: Number(fields.version),
        format: fields.format,
        verifyCertificate: fields.verify,
      },
      secrets: fields.password ? { password: fields.password } : {},
    };
  }
  const { identifiers } = (before.fields ?? {}) as { identifiers?: object[] };
  return {
    kind,
    settings: {
      ...before,
      schema: fields.schema,
      table: fields.table,
      cursor: fields.cursor,
      key: words(fields.key, /,/),
      everyMinutes: Number(fields.everyMinutes) || 5,
      fields: {
        ...(before.fields as object | undefined),
        event: fields.event.trim(),
        time: fields.time || null,
        identifiers: [
          { kind: fields.identifierKind, column: fields.identifierColumn },
          ...(identifiers ?? []).slice(1),
        ],
      },
    },
    secrets: fields.database.trim() ? { url: fields.database.trim() } : {},
  };
}
