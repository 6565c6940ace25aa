-- A person as it was first met. A merge sets root_id, and moves nothing: identifiers, traits and events stay with the
-- person they came to, and what is shown of the root is read from all persons that have it. So a merge can be undone.
CREATE TABLE persons (
  id bigint PRIMARY KEY,
  root_id bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  source_id integer NOT NULL,
  -- { name: [value, time in milliseconds since 1970, source] }
  traits jsonb NOT NULL DEFAULT '{}',
  -- { purpose: [granted, time in milliseconds since 1970, source] }
  consent jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 90);
CREATE INDEX persons_merged ON persons (root_id) WHERE root_id <> id;
-- Each value stands for 500 ids, from it on; the stream takes them in blocks.
CREATE SEQUENCE person_ids INCREMENT BY 500;

CREATE TABLE identifier_kinds (
  id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL UNIQUE,
  -- Whether one value belongs to one person only; a kind that is not unique is kept as an event's property, not matched.
  is_unique boolean NOT NULL DEFAULT true,
  max_per_person integer NOT NULL DEFAULT 5,
  -- Lower numbers are kept when a limit is reached.
  priority integer NOT NULL DEFAULT 100,
  normalise text NOT NULL DEFAULT 'none',
  blocked text[] NOT NULL DEFAULT '{}'
);
INSERT INTO identifier_kinds (kind, max_per_person, priority, normalise) VALUES
  ('user_id', 1, 1, 'none'),
  ('customer_id', 1, 2, 'none'),
  ('email', 5, 3, 'email'),
  ('phone', 5, 4, 'phone'),
  ('loyalty_card', 5, 5, 'none'),
  ('rfid', 5, 6, 'none'),
  ('device', 20, 7, 'none'),
  ('anonymous_id', 100, 8, 'none');

CREATE TABLE identifiers (
  kind_id smallint NOT NULL REFERENCES identifier_kinds (id),
  -- Compared by code point, so that the key also finds values by their beginning.
  value text COLLATE "C" NOT NULL,
  person_id bigint NOT NULL,
  first_seen_at timestamptz NOT NULL,
  source_id integer NOT NULL,
  PRIMARY KEY (value, kind_id)
);
CREATE INDEX identifiers_person ON identifiers (person_id);

-- Values of a trait that were replaced, by the person (not the root) they belonged to.
CREATE TABLE trait_history (
  person_id bigint NOT NULL,
  name text NOT NULL,
  value jsonb NOT NULL,
  at timestamptz NOT NULL,
  source_id integer NOT NULL
);
CREATE INDEX trait_history_person ON trait_history (person_id, name);

CREATE TABLE merges (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  into_id bigint NOT NULL,
  from_id bigint NOT NULL,
  -- The two persons, as first met, whose identifiers came together, where they are known and are not the roots above.
  -- Undoing an older merge leaves each newer one with the side that its evidence belongs to.
  into_origin bigint,
  from_origin bigint,
  -- Persons whose root was changed by this merge or by its undoing.
  moved bigint[] NOT NULL,
  cause jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  undone_at timestamptz,
  undone_by text,
  -- Whether the events store knows of this merge or its undoing.
  published boolean NOT NULL DEFAULT false,
  -- Whether the events' person_id was rewritten after this merge or its undoing.
  folded_at timestamptz
);
CREATE INDEX merges_into ON merges (coalesce(into_origin, into_id));
CREATE INDEX merges_from ON merges (coalesce(from_origin, from_id));
CREATE INDEX merges_to_publish ON merges (id) WHERE NOT published;
CREATE INDEX merges_to_fold ON merges (id) WHERE folded_at IS NULL;
-- Orders what is written about overrides in the events store.
CREATE SEQUENCE override_versions;

-- Persons that an undone merge has shown to be different people: they are not merged by an event again.
CREATE TABLE kept_apart (
  one_id bigint NOT NULL,
  other_id bigint NOT NULL,
  PRIMARY KEY (one_id, other_id),
  CHECK (one_id < other_id)
);

CREATE TABLE accounts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,
  traits jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE memberships (
  account_id bigint NOT NULL REFERENCES accounts (id),
  person_id bigint NOT NULL,
  since timestamptz NOT NULL,
  PRIMARY KEY (person_id, account_id)
);
CREATE INDEX memberships_account ON memberships (account_id);

CREATE TABLE identity_reports (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  kind text NOT NULL,
  identifier_kind text NOT NULL,
  identifier_value text NOT NULL,
  person_id bigint,
  reason text NOT NULL,
  message_id text
);

-- Grows with each change of who is who that the stream did not make itself, so that it forgets what it remembers.
CREATE TABLE identity_version (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  version bigint NOT NULL
);
INSERT INTO identity_version (version) VALUES (1);
