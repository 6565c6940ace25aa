import type { Generated } from 'kysely';
import type { Checkpoint } from './batch.ts';
import type { Compression } from './decode.ts';
import type { Format } from './mapping-file.ts';

export type ImportState = 'uploading' | 'running' | 'done' | 'failed';

export interface ImportTables {
  imports: {
    id: Generated<number>;
    source_id: number;
    name: string;
    size: number;
    fingerprint: string;
    mapping: unknown;
    mapping_hash: string;
    format: Format | null;
    compression: Compression | null;
    state: Generated<ImportState>;
    uploaded_bytes: Generated<number>;
    checkpoint: Generated<Partial<Checkpoint>>;
    lines_read: Generated<number>;
    lines_total: Generated<number | null>;
    events_accepted: Generated<number>;
    refused: Generated<number>;
    progress: Generated<number>;
    rate_per_second: Generated<number>;
    error: Generated<string | null>;
    runs: Generated<number>;
    announced_at: Generated<Date>;
    started_at: Generated<Date>;
    ended_at: Generated<Date | null>;
  };
}
