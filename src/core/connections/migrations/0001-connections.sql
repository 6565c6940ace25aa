-- How a source that is listened to or pulled from is reached, and how that goes.
CREATE TABLE connections (
  source_id integer PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
  settings jsonb NOT NULL,
  -- Passwords and connection URLs, sealed (kernel/seal.ts); never in a reply.
  secrets text,
  version integer NOT NULL DEFAULT 1,
  changed_at timestamptz NOT NULL DEFAULT now(),
  -- What the runner wrote down for its next start.
  progress jsonb NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'off' CHECK (state IN ('off', 'connecting', 'connected', 'waiting')),
  state_at timestamptz NOT NULL DEFAULT now(),
  error text,
  error_at timestamptz,
  retry_at timestamptz,
  last_at timestamptz,
  received bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0
);

-- Which packets of an MQTT broker were given to the log together: one that the broker sends again is known by its number.
CREATE TABLE connection_batches (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source_id integer NOT NULL REFERENCES connections (source_id) ON DELETE CASCADE,
  nonce text NOT NULL,
  packets integer[] NOT NULL
);
CREATE INDEX connection_batches_source ON connection_batches (source_id, id);

-- Addresses beside <write key>@…, each of one source; in lower case.
CREATE TABLE connection_addresses (
  address text PRIMARY KEY,
  source_id integer NOT NULL REFERENCES sources (id) ON DELETE CASCADE
);

CREATE FUNCTION connections_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('connections', '');
  RETURN NULL;
END $$;
CREATE TRIGGER connections_changed AFTER INSERT OR DELETE OR UPDATE OF version ON connections
  FOR EACH STATEMENT EXECUTE FUNCTION connections_changed();
CREATE TRIGGER sources_changed AFTER UPDATE OF enabled, mapping, write_key OR DELETE ON sources
  FOR EACH STATEMENT EXECUTE FUNCTION connections_changed();
CREATE INDEX sources_write_key_lower ON sources (lower(write_key)) WHERE kind = 'mail';
