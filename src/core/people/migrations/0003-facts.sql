-- What the events store has yet to be told of people and accounts (facts-follow.ts). Filled by triggers, one row for up to
-- a thousand ids, so that a batch of the stream pays for a row or two. Its own queue: the search index empties the other.
CREATE TABLE people_facts_changed (
  -- person: met, with its traits; traits: changed; account; member: memberships of a person; restriction.
  kind text NOT NULL,
  ids bigint[] NOT NULL
);
-- Replaced values on their way there, since the history may be too long to be read again for each new one.
CREATE TABLE people_facts_replaced (
  person_id bigint NOT NULL,
  name text NOT NULL,
  value jsonb NOT NULL,
  at timestamptz NOT NULL
);
ALTER TABLE people_facts_changed SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
ALTER TABLE people_facts_replaced SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Orders what is written; whoever writes holds its row. Microseconds since 1970 or one more than before: it also grows past
-- what the events store knows when these records come from an older backup.
CREATE TABLE people_facts_version (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  version bigint NOT NULL
);
INSERT INTO people_facts_version (version) VALUES (0);

-- How far what was known before this migration has been told; a row goes when it is done.
CREATE TABLE people_facts_backfill (
  what text PRIMARY KEY CHECK (what IN ('accounts', 'persons')),
  position bigint NOT NULL DEFAULT 0
);
INSERT INTO people_facts_backfill (what) VALUES ('accounts'), ('persons');

CREATE FUNCTION note_facts(kind text, changed bigint[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO people_facts_changed
  SELECT kind, changed[n : n + 999] FROM generate_series(1, cardinality(changed), 1000) AS n;
$$;

CREATE OR REPLACE FUNCTION note_new_persons() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO people_changed SELECT id FROM new_rows WHERE traits <> '{}';
  PERFORM note_facts('person', ARRAY(SELECT id FROM new_rows));
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION note_changed_persons() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO people_changed
  SELECT id FROM new_rows
  UNION
  -- Who lost a part of what it was made of.
  SELECT o.root_id FROM old_rows o JOIN new_rows n ON n.id = o.id WHERE o.root_id <> n.root_id;
  PERFORM note_facts('traits', ARRAY(SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.traits <> o.traits));
  RETURN NULL;
END $$;

CREATE FUNCTION note_replaced_traits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO people_facts_replaced SELECT person_id, name, value, at FROM new_rows;
  RETURN NULL;
END $$;
CREATE TRIGGER trait_history_inserted AFTER INSERT ON trait_history
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_replaced_traits();

CREATE FUNCTION note_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_facts('account', ARRAY(SELECT id FROM new_rows));
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_inserted AFTER INSERT ON accounts
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_accounts();
CREATE TRIGGER accounts_updated AFTER UPDATE ON accounts
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_accounts();

CREATE FUNCTION note_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_facts('member', ARRAY(SELECT DISTINCT person_id FROM new_rows));
  RETURN NULL;
END $$;
CREATE TRIGGER memberships_inserted AFTER INSERT ON memberships
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_members();
