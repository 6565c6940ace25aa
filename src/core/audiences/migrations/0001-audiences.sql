CREATE TABLE audiences (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  definition jsonb NOT NULL,
  -- Of the definition: 1 for the first.
  version integer NOT NULL DEFAULT 1,
  owner_id text NOT NULL,
  owner_name text NOT NULL,
  -- Whether who enters and leaves is told of on the timelines.
  tells boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  archived_at timestamptz,
  -- What stands below is of the latest computing; null before the first.
  size bigint,
  computed_at timestamptz,
  computed_version integer,
  -- What it was computed from, so that the next time only what is new needs to be looked at: see inputs.ts.
  basis jsonb,
  took_ms integer,
  error text,
  -- When its members changed last.
  members_changed_at timestamptz,
  -- Orders what the events store is told of its members: microseconds since 1970, or one more than before.
  word bigint NOT NULL DEFAULT 0,
  -- False while the events store may know less of the members than the records.
  told boolean NOT NULL DEFAULT true
);

CREATE TABLE audiences_versions (
  audience_id integer NOT NULL REFERENCES audiences (id) ON DELETE CASCADE,
  version integer NOT NULL,
  definition jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  by_name text NOT NULL,
  PRIMARY KEY (audience_id, version)
);

-- Who was put on the list of a static audience, as first met.
CREATE TABLE audiences_listed (
  audience_id integer NOT NULL REFERENCES audiences (id) ON DELETE CASCADE,
  person_id bigint NOT NULL,
  PRIMARY KEY (audience_id, person_id)
);
CREATE INDEX audiences_listed_person ON audiences_listed (person_id);

-- The size at the end of each day, and what changed on it.
CREATE TABLE audiences_sizes (
  audience_id integer NOT NULL REFERENCES audiences (id) ON DELETE CASCADE,
  day date NOT NULL,
  size bigint NOT NULL,
  entered bigint NOT NULL,
  "left" bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (audience_id, day)
);

-- Which audiences a person is in: one row a person, so that the question is one look-up. The same stands in the events
-- store, in audience_members, for reports.
CREATE TABLE audiences_members (
  person_id bigint PRIMARY KEY,
  -- { audience: since when, in milliseconds since 1970 }
  "of" jsonb NOT NULL
) WITH (fillfactor = 80);
