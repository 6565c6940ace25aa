-- A recording of what a visitor saw: what is known of it, from the chunks that came.
CREATE TABLE replay_recordings (
  -- Made by the browser.
  id uuid PRIMARY KEY,
  source_id integer NOT NULL,
  anonymous_id text NOT NULL,
  user_id text,
  -- The session that the browser told; the events of the session carry the same.
  session_start timestamptz,
  -- By this server's clock, as far as the browser told its own.
  started_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL,
  -- Times of the first and the last event by the browser's clock, in milliseconds since 1970: the times in its chunks.
  from_ms bigint NOT NULL,
  to_ms bigint NOT NULL,
  -- The lowest chunk that came: what the page and the device are is told by it.
  first_n integer NOT NULL,
  url text NOT NULL,
  path text NOT NULL,
  title text NOT NULL,
  width integer NOT NULL,
  height integer NOT NULL,
  browser text NOT NULL,
  os text NOT NULL,
  device text NOT NULL,
  country text NOT NULL DEFAULT '',
  -- 'inputs' or 'text': what the browser masked.
  masked text NOT NULL,
  chunks integer NOT NULL DEFAULT 0,
  events integer NOT NULL DEFAULT 0,
  snapshots integer NOT NULL DEFAULT 0,
  pages integer NOT NULL DEFAULT 0,
  clicks integer NOT NULL DEFAULT 0,
  inputs integer NOT NULL DEFAULT 0,
  errors integer NOT NULL DEFAULT 0,
  rages integer NOT NULL DEFAULT 0,
  deads integer NOT NULL DEFAULT 0,
  -- What the recorder left out and said so.
  dropped integer NOT NULL DEFAULT 0,
  active_ms bigint NOT NULL DEFAULT 0,
  -- Unpacked, packed as it came, and what it takes in blobs now.
  raw_bytes bigint NOT NULL DEFAULT 0,
  sent_bytes bigint NOT NULL DEFAULT 0,
  stored_bytes bigint NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'finished', 'broken')),
  -- Why no more is taken of it, where a limit was reached: 'bytes', 'hours' or 'chunks'.
  stopped text,
  last_chunk_at timestamptz NOT NULL DEFAULT now(),
  -- The blob that holds the packed chunks, its frames and the dictionary that they were packed with.
  packed text,
  frames jsonb,
  dictionary_id bigint,
  expires_at timestamptz NOT NULL
);
CREATE INDEX replay_recordings_started ON replay_recordings (started_at DESC, id);
CREATE INDEX replay_recordings_anonymous ON replay_recordings (anonymous_id);
CREATE INDEX replay_recordings_user ON replay_recordings (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX replay_recordings_open ON replay_recordings (last_chunk_at) WHERE state = 'live';
CREATE INDEX replay_recordings_expires ON replay_recordings (expires_at);
CREATE INDEX replay_recordings_path ON replay_recordings (path, device, started_at DESC);

CREATE TABLE replay_chunks (
  recording_id uuid NOT NULL REFERENCES replay_recordings (id) ON DELETE CASCADE,
  n integer NOT NULL,
  -- SHA-256 of the unpacked body.
  hash bytea NOT NULL,
  from_ms bigint NOT NULL,
  to_ms bigint NOT NULL,
  events integer NOT NULL,
  raw_bytes integer NOT NULL,
  sent_bytes integer NOT NULL,
  -- { pages: [[ms, url, title]], snapshots: [ms], clicks: [[ms, x, y]], errors: [[ms, text]], dropped: [[ms, reason, count]] }
  marks jsonb NOT NULL,
  -- The frame of the packed blob, and where in it; null while the chunk is a blob of its own.
  frame integer,
  frame_offset integer,
  PRIMARY KEY (recording_id, n)
);

-- Recordings that are gone: what still comes of them is refused. They hold nothing but the id.
CREATE TABLE replay_gone (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now()
);

-- Stylesheets, pictures and fonts of recorded pages, by their SHA-256.
CREATE TABLE replay_assets (
  sha256 text PRIMARY KEY,
  type text NOT NULL,
  bytes integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- When a recorder last asked whether it is known: one that will be used in a moment is not taken away.
  asked_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE replay_asset_uses (
  recording_id uuid NOT NULL REFERENCES replay_recordings (id) ON DELETE CASCADE,
  url text NOT NULL,
  sha256 text NOT NULL,
  PRIMARY KEY (recording_id, url)
);
CREATE INDEX replay_asset_uses_asset ON replay_asset_uses (sha256);

-- What pages of a source share in their structure and styles; see docs/decisions/0022.
CREATE TABLE replay_dictionaries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source_id integer NOT NULL,
  blob text NOT NULL,
  bytes integer NOT NULL,
  visitors integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX replay_dictionaries_source ON replay_dictionaries (source_id, id DESC);

-- One row: what is recorded, and how.
CREATE TABLE replay_settings (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  settings jsonb NOT NULL,
  version integer NOT NULL DEFAULT 1,
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_by text NOT NULL
);
