-- What customers' data is used for, and by what right (Article 6 of the GDPR). Only a purpose whose basis is consent needs the person's.
CREATE TABLE privacy_purposes (
  key text PRIMARY KEY,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  legal_basis text NOT NULL
    CHECK (legal_basis IN ('consent', 'contract', 'legal_obligation', 'vital', 'public_task', 'legitimate_interest')),
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO privacy_purposes (key, name, description, legal_basis) VALUES
  ('service', 'Service', 'Fulfil orders, answer questions, send what was asked for.', 'contract'),
  ('analytics', 'Analytics', 'Understand how our pages, apps and shops are used.', 'consent'),
  ('personalisation', 'Personalisation', 'Show what suits each person.', 'consent'),
  ('marketing', 'Marketing', 'Send offers and news, and show advertisements.', 'consent');

-- The wordings to which people agreed. A version is never changed once it is published; a new wording is a new version.
CREATE TABLE privacy_texts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  purpose text NOT NULL REFERENCES privacy_purposes (key),
  version text NOT NULL,
  language text NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (purpose, version, language)
);

-- Each statement about consent, as it was made; never changed, only removed with the person. What holds now is persons.consent.
CREATE TABLE privacy_consents (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id bigint NOT NULL,
  purpose text NOT NULL,
  granted boolean NOT NULL,
  at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  -- event: told by a source; staff: entered by a colleague; request: asked for by the person at the request desk.
  how text NOT NULL CHECK (how IN ('event', 'staff', 'request')),
  source_id integer,
  text_version text,
  language text,
  -- Where it was said: the address of the page, and the country if it is known.
  url text,
  country text,
  -- What proves it: the message ID of the event, or who entered it.
  proof text NOT NULL,
  UNIQUE (person_id, purpose, proof)
);

-- Persons (roots or origins, as they were when it was said) whose data is kept but not used, and what they object to.
CREATE TABLE privacy_restrictions (
  person_id bigint NOT NULL,
  -- Empty: everything; otherwise the purpose objected to.
  purpose text NOT NULL DEFAULT '',
  reason text NOT NULL DEFAULT '',
  by_name text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (person_id, purpose)
);

-- Identifiers of erased people as keyed hashes: whoever reads the list learns no identifier from it.
CREATE TABLE privacy_suppressed (
  hash bytea PRIMARY KEY,
  kind text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  by_name text NOT NULL,
  -- The erasure it came with; null where it was added by hand.
  erasure_id uuid
);
CREATE INDEX privacy_suppressed_at ON privacy_suppressed (at DESC, hash);
CREATE INDEX privacy_suppressed_erasure ON privacy_suppressed (erasure_id);
-- Grows with each change of the list, so that the stream reads it again.
CREATE TABLE privacy_suppression_version (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  version bigint NOT NULL,
  -- Hash of a fixed text: shows whether a process has the key that the list was made with.
  key_check bytea
);
INSERT INTO privacy_suppression_version (version) VALUES (1);

-- Erasures, done and under way: the person's ID and no identifiers.
CREATE TABLE privacy_erasures (
  id uuid PRIMARY KEY,
  person_id bigint NOT NULL,
  origins bigint[] NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  -- The steps that are done, with when and how much each removed: { step: { at, removed } }.
  steps jsonb NOT NULL DEFAULT '{}',
  error text,
  by_name text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE INDEX privacy_erasures_at ON privacy_erasures (at DESC, id);
CREATE UNIQUE INDEX privacy_erasures_open ON privacy_erasures (person_id) WHERE state <> 'done';

-- Archives of a person's data, made on request; the file is removed when it expires.
CREATE TABLE privacy_exports (
  id uuid PRIMARY KEY,
  person_id bigint NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'expired')),
  language text NOT NULL,
  bytes bigint,
  error text,
  by_name text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  expires_at timestamptz
);
CREATE INDEX privacy_exports_person ON privacy_exports (person_id, at DESC);
CREATE INDEX privacy_exports_expiring ON privacy_exports (expires_at) WHERE state = 'done';

-- How long events are kept; what no rule names is kept for ever.
CREATE TABLE privacy_retention (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Null: any name; any source.
  event_name text,
  source_id integer,
  days integer NOT NULL CHECK (days BETWEEN 1 AND 36500),
  created_at timestamptz NOT NULL DEFAULT now(),
  ran_at timestamptz,
  removed bigint NOT NULL DEFAULT 0,
  UNIQUE NULLS NOT DISTINCT (event_name, source_id)
);
