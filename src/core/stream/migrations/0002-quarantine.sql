-- Quarantine in groups: what an event is called, which rule it broke, and its reason without the values in it.
ALTER TABLE quarantine
  ADD COLUMN event_type text NOT NULL DEFAULT '',
  ADD COLUMN event_name text NOT NULL DEFAULT '',
  ADD COLUMN rule text NOT NULL DEFAULT '',
  ADD COLUMN property text NOT NULL DEFAULT '',
  -- Thrown away; kept for a day so that it can be undone.
  ADD COLUMN deleted_at timestamptz,
  ADD COLUMN deletion_id bigint,
  ADD COLUMN reason_group text GENERATED ALWAYS AS (
    CASE WHEN step = 'plan' THEN left(reason, 300)
         ELSE left(regexp_replace(reason, '"[^"]*"', '"…"', 'g'), 300) END) STORED;

UPDATE quarantine SET
  event_type = left(coalesce(event::json ->> 'type', ''), 200),
  event_name = left(coalesce(event::json ->> 'event', event::json ->> 'name', ''), 200)
WHERE event IS JSON OBJECT AND event NOT LIKE '%\\u%';

CREATE INDEX quarantine_groups ON quarantine (step, reason_group, event_name, source_id, at) INCLUDE (resent_at, deleted_at);
CREATE INDEX quarantine_message ON quarantine (message_id);
CREATE INDEX quarantine_at ON quarantine (at);

CREATE TABLE quarantine_settings (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  keep_days integer NOT NULL DEFAULT 30
);
INSERT INTO quarantine_settings DEFAULT VALUES;

-- Sending many again: what, how far, how it ended.
CREATE TABLE quarantine_resends (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  by_name text NOT NULL,
  filter jsonb NOT NULL,
  -- Entries up to this one: what comes back is a new entry and is not sent round and round.
  last_id bigint NOT NULL,
  -- How far it has come.
  position bigint NOT NULL DEFAULT 0,
  total integer NOT NULL,
  sent integer NOT NULL DEFAULT 0,
  -- Those that cannot be an event as they are.
  failed integer NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'stopped', 'failed')),
  trouble text,
  ended_at timestamptz
);

CREATE TABLE quarantine_deletions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  by_name text NOT NULL,
  count integer NOT NULL,
  undone_at timestamptz
);
