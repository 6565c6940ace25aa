import type { Generated } from 'kysely';
import type { Content } from './content.ts';

/** A trial of a content: what was tried, when, and how it went. */
export interface Trial {
  hash: string;
  at: string;
  events: number;
  failed: number;
}

export interface TransformationTables {
  transformations: {
    id: Generated<number>;
    source_id: number;
    name: string;
    position: number;
    enabled: Generated<boolean>;
    published: number | null;
    draft: Content | null;
    tried: Trial | null;
    paused_at: Date | null;
    paused_reason: string | null;
    created_at: Generated<Date>;
    changed_at: Generated<Date>;
  };
  transformation_versions: {
    transformation_id: number;
    version: number;
    content: Content;
    published_at: Generated<Date>;
    published_by: string;
    tried: Trial | null;
    restored_from: number | null;
  };
}
