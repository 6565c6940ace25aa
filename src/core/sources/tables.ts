import type { Generated } from 'kysely';
import type { SourceKind } from './sources.ts';

export interface SourceTables {
  sources: {
    id: Generated<number>;
    name: string;
    kind: SourceKind;
    write_key: string;
    enabled: Generated<boolean>;
    mapping: Generated<string | null>;
    created_at: Generated<Date>;
  };
}
