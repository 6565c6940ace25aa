-- What colleagues wrote at a moment of a recording; the moment is in milliseconds by the visitor's clock.
CREATE TABLE replay_notes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recording_id uuid NOT NULL REFERENCES replay_recordings (id) ON DELETE CASCADE,
  at_ms bigint NOT NULL,
  text text NOT NULL,
  owner text NOT NULL,
  owner_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX replay_notes_recording ON replay_notes (recording_id, at_ms, id);

-- Links that show one recording to whoever has them; what opens them was shown once.
CREATE TABLE replay_shares (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recording_id uuid NOT NULL REFERENCES replay_recordings (id) ON DELETE CASCADE,
  hash text NOT NULL UNIQUE,
  -- Where it begins; null for the start.
  at_ms bigint,
  owner text NOT NULL,
  owner_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  looks integer NOT NULL DEFAULT 0,
  last_look_at timestamptz
);
CREATE INDEX replay_shares_recording ON replay_shares (recording_id, id);
