-- Links that show a report or dashboard to whoever has them.
CREATE TABLE analytics_shares (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- SHA-256 of the token in the link
  hash text NOT NULL UNIQUE,
  saved_id bigint NOT NULL REFERENCES analytics_saved (id) ON DELETE CASCADE,
  -- What it is for, in its maker's words.
  name text NOT NULL,
  -- scrypt, with its salt; null without a password
  password text,
  -- Sites that may show it in a frame.
  origins text[] NOT NULL,
  owner text NOT NULL,
  owner_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  uses bigint NOT NULL DEFAULT 0,
  last_used_at timestamptz
);
CREATE INDEX analytics_shares_saved ON analytics_shares (saved_id, id DESC);

-- Reports and dashboards that are mailed at times of a zone.
CREATE TABLE analytics_schedules (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  saved_id bigint NOT NULL REFERENCES analytics_saved (id) ON DELETE CASCADE,
  -- {every, weekday, day, time, zone}
  timing jsonb NOT NULL,
  -- [{member} | {email, language}]
  recipients jsonb NOT NULL,
  owner text NOT NULL,
  owner_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  next_at timestamptz,
  last_sent_at timestamptz,
  -- Why it does not go out, in words; null while it does.
  paused text
);
CREATE INDEX analytics_schedules_next ON analytics_schedules (next_at) WHERE paused IS NULL;
CREATE INDEX analytics_schedules_saved ON analytics_schedules (saved_id);

-- Rules over a number of a report, looked at again and again.
CREATE TABLE analytics_alerts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  -- The saved report that is watched, or null where `report` is one of its own.
  saved_id bigint REFERENCES analytics_saved (id) ON DELETE CASCADE,
  report jsonb,
  -- Which number of it, and when it is one to tell.
  watched jsonb NOT NULL,
  rule jsonb NOT NULL,
  -- [{member} | {email, language}]
  recipients jsonb NOT NULL,
  owner text NOT NULL,
  owner_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  enabled boolean NOT NULL DEFAULT true,
  muted_until timestamptz,
  state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'ok', 'firing', 'resolved', 'nodata', 'broken')),
  -- What the state says, in words, where it needs some.
  said text NOT NULL DEFAULT '',
  -- The start of the newest bucket that was judged.
  judged text,
  next_at timestamptz NOT NULL DEFAULT now(),
  evaluated_at timestamptz
);
CREATE INDEX analytics_alerts_next ON analytics_alerts (next_at) WHERE enabled;

-- What was found each time; the last are kept.
CREATE TABLE analytics_alert_evaluations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  alert_id bigint NOT NULL REFERENCES analytics_alerts (id) ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  state text NOT NULL,
  bucket text,
  value double precision,
  low double precision,
  high double precision,
  said text NOT NULL DEFAULT ''
);
CREATE INDEX analytics_alert_evaluations_alert ON analytics_alert_evaluations (alert_id, id DESC);
