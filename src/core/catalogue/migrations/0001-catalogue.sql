-- What was seen and what is planned. An event stands under its type and name; one without a name of its own
-- (identify, group, a nameless page) under its type's word.
CREATE TABLE catalogue_events (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type text NOT NULL,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  owner_id text REFERENCES staff_users (id) ON DELETE SET NULL,
  hidden boolean NOT NULL DEFAULT false,
  status text NOT NULL DEFAULT 'seen' CHECK (status IN ('seen', 'planned', 'deprecated')),
  -- Version of its schema that counts now; null where it has none.
  version integer,
  -- Events looked at for their properties, and when, by our clock; what the events store counts is exact, this is not.
  observed bigint NOT NULL DEFAULT 0,
  first_seen timestamptz,
  last_seen timestamptz,
  -- Values of properties past the limit on names, seen but not told apart.
  others bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (type, name)
);

-- Properties (of identify and group: traits). A path is a name, `name.inner`, or `name[].inner` for lists of objects.
CREATE TABLE catalogue_properties (
  event_id integer NOT NULL REFERENCES catalogue_events (id) ON DELETE CASCADE,
  path text NOT NULL,
  description text NOT NULL DEFAULT '',
  hidden boolean NOT NULL DEFAULT false,
  -- Null: guessed by its name.
  personal boolean,
  first_seen timestamptz NOT NULL,
  last_seen timestamptz NOT NULL,
  strings bigint NOT NULL DEFAULT 0,
  integers bigint NOT NULL DEFAULT 0,
  numbers bigint NOT NULL DEFAULT 0,
  booleans bigint NOT NULL DEFAULT 0,
  arrays bigint NOT NULL DEFAULT 0,
  objects bigint NOT NULL DEFAULT 0,
  nulls bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (event_id, path)
);

-- Every version of an event's schema and rules, with who made it.
CREATE TABLE catalogue_versions (
  event_id integer NOT NULL REFERENCES catalogue_events (id) ON DELETE CASCADE,
  version integer NOT NULL,
  schema jsonb NOT NULL,
  -- Rules other than the plan's own: {kind: action}.
  rules jsonb NOT NULL DEFAULT '{}',
  note text NOT NULL DEFAULT '',
  at timestamptz NOT NULL DEFAULT now(),
  by_id text NOT NULL,
  by_name text NOT NULL,
  PRIMARY KEY (event_id, version)
);

-- What an event of another name counts as.
CREATE TABLE catalogue_names (
  type text NOT NULL,
  name text NOT NULL,
  canonical text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  by_id text NOT NULL,
  by_name text NOT NULL,
  PRIMARY KEY (type, name)
);

CREATE TABLE catalogue_plan (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  rules jsonb NOT NULL DEFAULT '{"unplanned_event":"allow","unplanned_property":"allow","missing_property":"flag","wrong_value":"flag"}',
  -- Sources whose events are checked; null for all.
  sources integer[],
  -- Grows with each change that the stream must learn of.
  revision bigint NOT NULL DEFAULT 0,
  -- Events whose names are past the limit on names.
  other_events bigint NOT NULL DEFAULT 0
);
INSERT INTO catalogue_plan DEFAULT VALUES;

-- What broke the plan, counted; no values, one message to look at.
CREATE TABLE catalogue_violations (
  day date NOT NULL,
  type text NOT NULL,
  name text NOT NULL,
  rule text NOT NULL,
  property text NOT NULL,
  source_id integer NOT NULL,
  count bigint NOT NULL,
  last_at timestamptz NOT NULL,
  message_id text NOT NULL,
  PRIMARY KEY (type, name, day, rule, property, source_id)
);
CREATE INDEX catalogue_violations_day ON catalogue_violations (day);
