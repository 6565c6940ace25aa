import { mentioning } from '../../core/privacy/places.ts';
import type { PersonalData } from '../../kernel/app.ts';

/**
 * What members of staff typed may name a customer: a filter, an SQL text, an annotation. An erasure removes what does, with
 * all its versions; versions have no number of their own, so their place in the table names them.
 */
export const analyticsPersonalData: readonly PersonalData[] = [
  mentioning(
    'analytics_saved_versions',
    'analytics_saved_versions',
    'ctid',
    "(name || ' ' || description || ' ' || content::text)",
    'saved_id, version, name, description, content',
  ),
  mentioning(
    'analytics_saved',
    'analytics_saved',
    'id',
    "(name || ' ' || description || ' ' || content::text)",
    'id, kind, name, description, content',
  ),
  mentioning(
    'analytics_notebook_versions',
    'analytics_notebook_versions',
    'ctid',
    "(name || ' ' || cells::text)",
    'notebook_id, version, name, cells',
  ),
  mentioning('analytics_notebooks', 'analytics_notebooks', 'id', "(name || ' ' || cells::text)", 'id, name, cells'),
  mentioning('analytics_annotations', 'analytics_annotations', 'id', 'text', 'id, at, text'),
  mentioning('analytics_shares', 'analytics_shares', 'id', 'name', 'id, name'),
];
