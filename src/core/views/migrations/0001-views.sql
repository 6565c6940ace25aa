-- A list as somebody wants to see it again: its filters, order and columns, as the console's address has them.
CREATE TABLE views (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  list text NOT NULL,
  name text NOT NULL,
  query text NOT NULL,
  -- `staff:<id>`, or the key that made it
  owner text NOT NULL,
  owner_name text NOT NULL,
  shared boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Set while the deletion can still be taken back.
  deleted_at timestamptz
);
CREATE INDEX views_list ON views (list, id) WHERE deleted_at IS NULL;
CREATE INDEX views_deleted ON views (deleted_at) WHERE deleted_at IS NOT NULL;

-- The view with which a list opens for somebody.
CREATE TABLE views_defaults (
  owner text NOT NULL,
  list text NOT NULL,
  view_id bigint NOT NULL REFERENCES views (id) ON DELETE CASCADE,
  PRIMARY KEY (owner, list)
);
CREATE INDEX views_defaults_view ON views_defaults (view_id);
