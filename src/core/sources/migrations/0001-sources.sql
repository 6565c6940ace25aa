CREATE TABLE sources (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  kind text NOT NULL,
  write_key text NOT NULL UNIQUE,
  enabled boolean NOT NULL DEFAULT true,
  mapping text,
  created_at timestamptz NOT NULL DEFAULT now()
);
