-- Whose data is not to be used is told to the events store too (src/core/people/facts-follow.ts), so that reports leave
-- these people out.
CREATE FUNCTION note_restrictions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_facts('restriction', ARRAY(SELECT DISTINCT person_id FROM changed_rows));
  RETURN NULL;
END $$;
CREATE TRIGGER privacy_restrictions_inserted AFTER INSERT ON privacy_restrictions
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION note_restrictions();
CREATE TRIGGER privacy_restrictions_deleted AFTER DELETE ON privacy_restrictions
  REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION note_restrictions();

SELECT note_facts('restriction', ARRAY(SELECT DISTINCT person_id FROM privacy_restrictions));
