import type {
  ColumnsReply,
  ConnectionReply,
  PresetsReply,
  TablesReply,
} from '../../../../src/core/connections/routes.ts';
import type { ConnectionKind } from '../../../../src/core/connections/settings.ts';
import type { TryReply } from '../../../../src/core/connections/try.ts';
import { ask } from '../../api.ts';
import type { SourceKind } from '../../wire.ts';

export type { ConnectionKind };
export type Connection = ConnectionReply;
export type Trial = TryReply;
export type Column = ColumnsReply['columns'][number];
export type Preset = PresetsReply['presets'][number];

/** What is sent to set a connection up. */
export type ConnectionDraft = { kind: ConnectionKind; settings: object; secrets: { password?: string; url?: string } };

export const isConnectionKind = (kind: SourceKind): kind is ConnectionKind =>
  kind === 'mqtt' || kind === 'mail' || kind === 'postgres';

const of = (sourceId: string) => `/api/sources/${encodeURIComponent(sourceId)}/connection`;
type Database = { sourceId: string | null; url?: string };

export const calls = {
  create: (input: { name: string; mapping: string | null; connection: ConnectionDraft }) =>
    ask<{ sourceId: string }>('POST', '/api/connections', input),
  read: (sourceId: string) => ask<Connection>('GET', of(sourceId)),
  save: (sourceId: string, draft: ConnectionDraft) => ask<Connection>('PUT', of(sourceId), draft),
  restart: (sourceId: string) => ask<Connection>('POST', `${of(sourceId)}/restart`, {}),
  tryIt: (input: { sourceId: string | null; mapping: string | null; connection: ConnectionDraft }) =>
    ask<Trial>('POST', '/api/connections/try', input),
  tables: (database: Database) => ask<TablesReply>('POST', '/api/connections/tables', database),
  columns: (database: Database & { schema: string; table: string }) =>
    ask<ColumnsReply>('POST', '/api/connections/columns', database),
  presets: () => ask<PresetsReply>('GET', '/api/connections/presets'),
};
