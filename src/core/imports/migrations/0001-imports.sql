-- A file that was announced, its upload, and how far its lines have gone into the log.
CREATE TABLE imports (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source_id integer NOT NULL,
  name text NOT NULL,
  size bigint NOT NULL,
  -- Says which content it is: sha256:<hex>, checked against what arrives, or a word of the sender's own.
  fingerprint text NOT NULL,
  -- The mapping file as it was sent, and its SHA-256.
  mapping jsonb NOT NULL,
  mapping_hash text NOT NULL,
  -- null: found out from the name and the first bytes.
  format text,
  compression text,
  state text NOT NULL DEFAULT 'uploading' CHECK (state IN ('uploading', 'running', 'done', 'failed')),
  uploaded_bytes bigint NOT NULL DEFAULT 0,
  -- Where the work stands: what of it has been acknowledged by the log. See checkpoint.ts.
  checkpoint jsonb NOT NULL DEFAULT '{}',
  lines_read bigint NOT NULL DEFAULT 0,
  lines_total bigint,
  events_accepted bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  -- From 0 to 1, over all passes.
  progress double precision NOT NULL DEFAULT 0,
  rate_per_second double precision NOT NULL DEFAULT 0,
  error text,
  -- How often the whole file has been gone through, further times because somebody asked for it.
  runs integer NOT NULL DEFAULT 1,
  announced_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  UNIQUE (fingerprint, mapping_hash, source_id)
);
CREATE INDEX imports_to_run ON imports (id) WHERE state = 'running';
