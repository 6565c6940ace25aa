import type { ColumnType, Generated } from 'kysely';
import type { Filter, Secrets, Settings } from './settings.ts';

type Json<T> = ColumnType<T, string | undefined, string>;

export interface DestinationTables {
  destinations: {
    id: Generated<number>;
    name: string;
    kind: 'webhook' | 'files';
    enabled: Generated<boolean>;
    filter: Json<Filter>;
    condition: string | null;
    purposes: string[];
    settings: Json<Settings>;
    secrets: Json<Secrets>;
    created_at: Generated<Date>;
    notify: string | null;
    stopped: 'failing' | 'gone' | null;
    stopped_at: Date | null;
    failing_since: Date | null;
    last_success_at: Date | null;
    last_error: string | null;
    paused_until: Date | null;
    removed_at: Date | null;
  };
}
