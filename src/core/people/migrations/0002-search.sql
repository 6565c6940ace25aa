-- Persons whose traits, addresses or merges changed, until the search index has followed. Filled by triggers, so that no
-- one who writes people can forget it.
CREATE TABLE people_changed (person_id bigint NOT NULL);

CREATE FUNCTION note_new_persons() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO people_changed SELECT id FROM new_rows WHERE traits <> '{}';
  RETURN NULL;
END $$;
CREATE FUNCTION note_changed_persons() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO people_changed
  SELECT id FROM new_rows
  UNION
  -- Who lost a part of what it was made of.
  SELECT o.root_id FROM old_rows o JOIN new_rows n ON n.id = o.id WHERE o.root_id <> n.root_id;
  RETURN NULL;
END $$;
CREATE FUNCTION note_new_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO people_changed
  SELECT person_id FROM new_rows WHERE kind_id IN (SELECT id FROM identifier_kinds WHERE normalise = 'email');
  RETURN NULL;
END $$;
CREATE TRIGGER persons_inserted AFTER INSERT ON persons
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_new_persons();
CREATE TRIGGER persons_updated AFTER UPDATE ON persons
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_changed_persons();
CREATE TRIGGER identifiers_inserted AFTER INSERT ON identifiers
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_new_addresses();

-- The words by which each person can be found, as 32-bit codes; persons without any have no row.
CREATE TABLE people_search (
  person_id bigint PRIMARY KEY,
  words integer[] NOT NULL
);
ALTER TABLE people_search ALTER COLUMN words SET STATISTICS 1000;
CREATE INDEX people_search_words ON people_search USING gin (words) WITH (gin_pending_list_limit = 512);

-- All words that anybody has or had, to find those that begin with or resemble what was typed.
CREATE TABLE search_words (word text COLLATE "C" PRIMARY KEY);

-- The queue is short and all of it is replaced again and again: clean it up often, so that it stays short on the disk too.
ALTER TABLE people_changed SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
