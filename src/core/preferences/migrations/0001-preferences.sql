-- How a member of staff likes the console: only what they have chosen.
CREATE TABLE preferences (
  -- `staff:<id>`, or the key that asks
  owner text PRIMARY KEY,
  chosen jsonb NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
