-- What customers said, one row for each event that had words of theirs (or a picture with a score).
CREATE TABLE voices_voices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id uuid NOT NULL UNIQUE,
  -- The person as first met; whom that counts for now is looked up when it is read.
  origin_id bigint NOT NULL,
  source_id integer NOT NULL,
  -- Name of the event, for example "Feedback Given".
  of text NOT NULL,
  channel text NOT NULL,
  said_at timestamptz NOT NULL,
  arrived_at timestamptz NOT NULL DEFAULT now(),
  text text NOT NULL,
  -- What the customer gave beside it, and the most that could be given; kind: nps, csat, ces, rating …
  score double precision,
  scale double precision,
  score_kind text,
  path text NOT NULL DEFAULT '',
  element text NOT NULL DEFAULT '',
  -- Where it was said: a survey, a site of reviews.
  place text NOT NULL DEFAULT '',
  author text NOT NULL DEFAULT '',
  url text NOT NULL DEFAULT '',
  contact text NOT NULL DEFAULT '',
  -- Language of the page or the browser, as told.
  hint text NOT NULL DEFAULT '',
  session_start timestamptz,
  survey_id text,
  response_id text,
  -- Answers with the same key replace one another; only the one said last counts.
  answer_key text,
  superseded boolean NOT NULL DEFAULT false,
  picture_id uuid,

  language text NOT NULL DEFAULT '',
  -- -1 to 1: of the text, of the score, and of what counts in the end; basis says which.
  text_sentiment real,
  rating_sentiment real,
  sentiment real,
  mood text,
  basis text,
  -- 0 to 1: how much effort it tells of.
  effort real,
  -- What a person corrected counts from then on.
  mood_by text,
  topics_by text,
  understood_at timestamptz,
  -- Something that counts came to it later, such as a score of the same survey.
  stale boolean NOT NULL DEFAULT false,
  -- Which generation of topics it was sorted by.
  sorted integer NOT NULL DEFAULT 0,
  claimed_until timestamptz,
  attempts smallint NOT NULL DEFAULT 0,

  read_at timestamptz,
  read_by text,
  assigned_to text,
  note text NOT NULL DEFAULT '',
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX voices_voices_said ON voices_voices (said_at DESC, id DESC);
CREATE INDEX voices_voices_origin ON voices_voices (origin_id);
CREATE INDEX voices_voices_answer ON voices_voices (answer_key) WHERE answer_key IS NOT NULL;
CREATE INDEX voices_voices_response ON voices_voices (response_id) WHERE response_id IS NOT NULL;
CREATE INDEX voices_voices_waiting ON voices_voices (id) WHERE understood_at IS NULL OR stale;
CREATE INDEX voices_voices_sorted ON voices_voices (sorted, id DESC);

-- A tree; a topic without a parent stands at the top.
CREATE TABLE voices_topics (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  parent_id integer REFERENCES voices_topics (id),
  name text NOT NULL,
  -- Its name in other languages, as far as they were given.
  names jsonb NOT NULL DEFAULT '{}',
  -- Words and phrases by language; "any" holds those of every language.
  words jsonb NOT NULL DEFAULT '{}',
  archived_at timestamptz,
  -- Into which topic it was merged.
  merged_into integer REFERENCES voices_topics (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  by_name text NOT NULL DEFAULT ''
);
CREATE INDEX voices_topics_parent ON voices_topics (parent_id);

CREATE TABLE voices_voice_topics (
  voice_id bigint NOT NULL REFERENCES voices_voices (id) ON DELETE CASCADE,
  topic_id integer NOT NULL REFERENCES voices_topics (id),
  PRIMARY KEY (voice_id, topic_id)
);
CREATE INDEX voices_voice_topics_topic ON voices_voice_topics (topic_id, voice_id);

-- What the program proposes as topics, from what is said.
CREATE TABLE voices_suggestions (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  language text NOT NULL,
  name text NOT NULL,
  words text[] NOT NULL,
  voices integer NOT NULL,
  negative integer NOT NULL,
  -- How much more often it is said by the unhappy than by the others.
  lift real NOT NULL,
  state text NOT NULL DEFAULT 'open',
  found_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (language, name)
);

-- One row: what is followed, how far, and how voices are understood.
CREATE TABLE voices_state (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  settings jsonb NOT NULL DEFAULT '{}',
  -- The key of the service, sealed.
  service_key text,
  -- Block of the events store up to which everything was looked at; null before the first time.
  block bigint,
  -- Where the round under way is: up to which block, and the last event of it that was looked at.
  round_block bigint,
  round_after uuid,
  -- What was said before anybody followed: looked at backwards from here on, until null.
  backfill_before timestamptz,
  backfill_after uuid,
  backfill_from timestamptz,
  backfilled integer NOT NULL DEFAULT 0,
  -- Goes up when topics or their words change; voices sorted by an older one are sorted anew.
  topics_generation integer NOT NULL DEFAULT 1,
  -- Whether the topics to start with were planted: once, whatever became of them.
  planted boolean NOT NULL DEFAULT false,
  service_day date,
  service_tokens bigint NOT NULL DEFAULT 0,
  -- The last trouble with the service, for the settings page.
  service_trouble text,
  service_rest_until timestamptz
);
INSERT INTO voices_state DEFAULT VALUES;

-- Pictures of pages, as the feedback widget took them; they come before the voice they belong to.
CREATE TABLE voices_pictures (
  id uuid PRIMARY KEY,
  source_id integer NOT NULL,
  anonymous_id text NOT NULL DEFAULT '',
  user_id text NOT NULL DEFAULT '',
  bytes integer NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX voices_pictures_at ON voices_pictures (at);
