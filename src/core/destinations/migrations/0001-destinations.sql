-- Where events go to: an address that is called, or files that are written.
CREATE TABLE destinations (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('webhook', 'files')),
  enabled boolean NOT NULL DEFAULT true,
  -- { names, types, channels, sources }: lists of what leaves; what is absent leaves whatever it is.
  filter jsonb NOT NULL DEFAULT '{}',
  -- JSONata over the event; only where it is true does the event leave.
  condition text,
  -- What the receiver uses the data for; each needs the person's consent unless its legal basis does not.
  purposes text[] NOT NULL DEFAULT '{}',
  settings jsonb NOT NULL,
  -- What is never shown in a list: { keys: [{ secret, until }] } of a webhook, { secretAccessKey } of a bucket.
  secrets jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Who wanted it, for the note that it was switched off.
  notify text,
  -- Why it was switched off by itself: failing, gone.
  stopped text,
  stopped_at timestamptz,
  -- Since when nothing has succeeded.
  failing_since timestamptz,
  last_success_at timestamptz,
  last_error text,
  -- The receiver asked to be left alone until then.
  paused_until timestamptz,
  -- It stays on record whom it got events of.
  removed_at timestamptz
);

-- What leaves by webhooks: each matched event once for each destination, written in the transaction of the stream's batch.
-- No payload is kept: it is made from the events store when it is sent.
CREATE TABLE destinations_deliveries (
  destination_id integer NOT NULL REFERENCES destinations (id),
  event_id uuid NOT NULL,
  kind text NOT NULL DEFAULT 'event' CHECK (kind IN ('event', 'test', 'erased')),
  name text NOT NULL,
  -- Where the event lies in the events store: its person as first met, and its time in milliseconds since 1970.
  origin_id bigint NOT NULL DEFAULT 0,
  event_at bigint NOT NULL DEFAULT 0,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'failed', 'held', 'left')),
  -- Why it is held back or was left out.
  reason text,
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  -- Attempts: [{ at, status, ms, error, response }].
  log jsonb NOT NULL DEFAULT '[]',
  -- IDs of erased persons, for 'erased'.
  persons bigint[],
  PRIMARY KEY (destination_id, event_id)
) WITH (fillfactor = 80);
CREATE INDEX destinations_deliveries_due ON destinations_deliveries (destination_id, due_at) WHERE status = 'waiting';
CREATE INDEX destinations_deliveries_log ON destinations_deliveries (destination_id, created_at DESC, event_id);
CREATE INDEX destinations_deliveries_person ON destinations_deliveries (origin_id);
-- A queue is emptied as fast as it fills: clean it up often.
ALTER TABLE destinations_deliveries SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);

CREATE TABLE destinations_counts (
  destination_id integer NOT NULL REFERENCES destinations (id),
  day date NOT NULL,
  -- delivered, failed, held, left
  outcome text NOT NULL,
  -- Of what is held back: the purpose without consent, or 'restricted'.
  purpose text NOT NULL DEFAULT '',
  count bigint NOT NULL,
  PRIMARY KEY (destination_id, day, outcome, purpose)
);

-- Whose events a destination got, for whoever has to tell the person or the receiver.
CREATE TABLE destinations_reached (
  destination_id integer NOT NULL REFERENCES destinations (id),
  origin_id bigint NOT NULL,
  events bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (origin_id, destination_id)
);

-- A period written to files.
CREATE TABLE destinations_runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  destination_id integer NOT NULL REFERENCES destinations (id),
  -- From, before: by the time events were received.
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  -- schedule, again (asked for), late (events of the period came after it was written)
  cause text NOT NULL DEFAULT 'schedule',
  -- Parts of the period, one a file; what is written already is not written again after a crash.
  plan jsonb,
  rows bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  -- Events that the period had, whatever the filter; tells whether some came late.
  events bigint,
  held jsonb NOT NULL DEFAULT '{}',
  error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  -- A younger run of the same period has taken its place.
  replaced_by bigint
);
CREATE INDEX destinations_runs_log ON destinations_runs (destination_id, id DESC);
CREATE INDEX destinations_runs_period ON destinations_runs (destination_id, starts_at, id DESC);

CREATE TABLE destinations_files (
  run_id bigint NOT NULL REFERENCES destinations_runs (id),
  part integer NOT NULL,
  path text NOT NULL,
  rows bigint NOT NULL,
  bytes bigint NOT NULL,
  sha256 text NOT NULL,
  -- By the time events were received, in milliseconds since 1970: from, before.
  from_ms bigint NOT NULL,
  to_ms bigint NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now(),
  -- When rows of erased people were taken out of it.
  rewritten_at timestamptz,
  PRIMARY KEY (run_id, part)
);

-- Work over the past, a piece at a time: sending all events of a time again.
CREATE TABLE destinations_replays (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  destination_id integer NOT NULL REFERENCES destinations (id),
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  -- Milliseconds since 1970 up to which events are queued.
  done_to bigint NOT NULL,
  queued bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
