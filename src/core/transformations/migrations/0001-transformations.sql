-- What a source's events go through before they are stored, in order of position.
CREATE TABLE transformations (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source_id integer NOT NULL REFERENCES sources ON DELETE CASCADE,
  name text NOT NULL,
  position integer NOT NULL,
  enabled boolean NOT NULL DEFAULT false,
  -- The version that is in use when it is switched on.
  published integer,
  -- What is being worked on; null where nothing was changed since the last version.
  draft jsonb,
  -- The last trial of the draft: its content's hash, when, how many events, how many of them failed.
  tried jsonb,
  -- Taken out of use by itself: it ran out of time again and again. Its events go into quarantine until it is switched on.
  paused_at timestamptz,
  paused_reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX transformations_of_source ON transformations (source_id, position);

-- Every version that was ever in use, with who published it and when.
CREATE TABLE transformation_versions (
  transformation_id integer NOT NULL REFERENCES transformations ON DELETE CASCADE,
  version integer NOT NULL,
  content jsonb NOT NULL,
  published_at timestamptz NOT NULL DEFAULT now(),
  published_by text NOT NULL,
  -- The trial before it was published; null where it was published without one.
  tried jsonb,
  -- The earlier version that it brings back.
  restored_from integer,
  PRIMARY KEY (transformation_id, version)
);

-- What each did, by day (UTC). A few seconds may be missing after a crash.
CREATE TABLE transformation_counts (
  transformation_id integer NOT NULL REFERENCES transformations ON DELETE CASCADE,
  day date NOT NULL,
  events bigint NOT NULL,
  dropped bigint NOT NULL,
  failed bigint NOT NULL,
  slow bigint NOT NULL,
  micros bigint NOT NULL,
  PRIMARY KEY (transformation_id, day)
);

-- The last few events of each source as they came in, to try transformations with. They are forgotten after a day.
CREATE TABLE transformation_samples (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source_id integer NOT NULL REFERENCES sources ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  event text NOT NULL
);
CREATE INDEX transformation_samples_of_source ON transformation_samples (source_id, id);
