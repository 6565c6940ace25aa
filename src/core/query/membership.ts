import { type FactsState, personOfOrigin } from '../people/facts-sql.ts';

/**
 * Whether a person is in an audience now. The members stand in the events store, as origins: `audience_members` has the
 * newest word on each, and a merge puts a person into the audiences of all its parts until they are counted again.
 */
export function inAudienceSql(person: string, audience: string, { overrides }: FactsState): string {
  return `${person} IN (SELECT ${personOfOrigin(overrides, 'person_id')} FROM audience_members FINAL WHERE audience_id = ${audience} AND inside = 1)`;
}
