-- When a case is opened, for whom, and until when it is to be answered; looked at in the order of `place`.
CREATE TABLE voices_rules (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  place integer NOT NULL DEFAULT 0,
  conditions jsonb NOT NULL,
  -- IDs of members of staff, of whom the one with the fewest open cases gets it; none leaves it without an owner.
  owners text[] NOT NULL DEFAULT '{}',
  due_hours integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text NOT NULL DEFAULT ''
);

-- What came of something that a customer said.
CREATE TABLE voices_cases (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The response or the event that it came of: opens one case, however often it is looked at.
  key text NOT NULL UNIQUE,
  rule_id integer REFERENCES voices_rules (id) ON DELETE SET NULL,
  rule_name text NOT NULL DEFAULT '',
  origin_id bigint NOT NULL,
  voice_id bigint REFERENCES voices_voices (id) ON DELETE SET NULL,
  of text NOT NULL DEFAULT '',
  score double precision,
  scale double precision,
  score_kind text,
  language text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'open',
  outcome text,
  owner_id text,
  opened_at timestamptz NOT NULL DEFAULT now(),
  due_at timestamptz NOT NULL,
  answered_at timestamptz,
  closed_at timestamptz,
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX voices_cases_due ON voices_cases (due_at, id) WHERE closed_at IS NULL;
CREATE INDEX voices_cases_opened ON voices_cases (opened_at DESC, id DESC);
CREATE INDEX voices_cases_origin ON voices_cases (origin_id);
CREATE INDEX voices_cases_voice ON voices_cases (voice_id);

-- All that happened to a case: notes, answers, what the customer said to them, and changes.
CREATE TABLE voices_case_steps (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  case_id bigint NOT NULL REFERENCES voices_cases (id) ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  by_name text NOT NULL DEFAULT '',
  kind text NOT NULL,
  text text NOT NULL DEFAULT ''
);
CREATE INDEX voices_case_steps_case ON voices_case_steps (case_id, id);
