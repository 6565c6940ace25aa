-- How far the records of each log partition have been applied here, in the transaction that applied them.
CREATE TABLE stream_positions (
  partition integer PRIMARY KEY,
  position bigint NOT NULL
);

-- Events that could not be used, with the reason; they can be mended and sent again.
CREATE TABLE quarantine (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  source_id integer NOT NULL,
  step text NOT NULL,
  reason text NOT NULL,
  message_id text,
  -- The event as JSON text: it may hold what jsonb cannot.
  event text NOT NULL,
  resent_at timestamptz
);

-- Events that were dropped on purpose, counted by reason and day.
CREATE TABLE drops (
  day date NOT NULL,
  step text NOT NULL,
  reason text NOT NULL,
  source_id integer NOT NULL,
  count bigint NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (day, step, reason, source_id)
);

-- Events of apps, written in the transaction that did the work and appended to the log afterwards.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  event jsonb NOT NULL
);

-- Grows each time another stream begins to lead.
CREATE TABLE stream_term (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  term bigint NOT NULL
);
INSERT INTO stream_term (term) VALUES (0);
