-- Notebooks of SQL: cells of queries and notes, private to their owner or shared with colleagues.
CREATE TABLE analytics_notebooks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  -- [{id, kind, text, chart}]
  cells jsonb NOT NULL,
  -- `staff:<id>`, or the key that made it
  owner text NOT NULL,
  owner_name text NOT NULL,
  shared boolean NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_by text NOT NULL,
  -- Set while the deletion can still be taken back.
  deleted_at timestamptz
);
CREATE INDEX analytics_notebooks_changed ON analytics_notebooks (changed_at DESC, id DESC) WHERE deleted_at IS NULL;

-- What a notebook was: each version, the present one among them.
CREATE TABLE analytics_notebook_versions (
  notebook_id bigint NOT NULL REFERENCES analytics_notebooks (id) ON DELETE CASCADE,
  version integer NOT NULL,
  name text NOT NULL,
  cells jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  by_name text NOT NULL,
  PRIMARY KEY (notebook_id, version)
);
