-- Looks that go on over several calls, so that the log keeps each once an hour. Gone when they are over.
CREATE TABLE audit_looks (
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  -- Empty where none is known.
  address text NOT NULL,
  look text NOT NULL,
  -- Of the call that was kept last.
  subjects text[] NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (actor_kind, actor_id, address, look)
);
