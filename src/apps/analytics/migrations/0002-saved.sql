-- What is saved of analytics: reports, dashboards and actions (named sets of events), private to their owner or shared.
CREATE TABLE analytics_saved (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('report', 'dashboard', 'action')),
  name text NOT NULL,
  description text NOT NULL,
  -- As it was saved. It is parsed again when it is read: what a report may say changes with the program.
  content jsonb NOT NULL,
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
CREATE INDEX analytics_saved_changed ON analytics_saved (kind, changed_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX analytics_saved_owner ON analytics_saved (owner, kind) WHERE deleted_at IS NULL;
CREATE INDEX analytics_saved_deleted ON analytics_saved (deleted_at) WHERE deleted_at IS NOT NULL;

-- What each was: its versions, the present one among them.
CREATE TABLE analytics_saved_versions (
  saved_id bigint NOT NULL REFERENCES analytics_saved (id) ON DELETE CASCADE,
  version integer NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  content jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  by_name text NOT NULL,
  PRIMARY KEY (saved_id, version)
);

CREATE TABLE analytics_favourites (
  owner text NOT NULL,
  saved_id bigint NOT NULL REFERENCES analytics_saved (id) ON DELETE CASCADE,
  PRIMARY KEY (owner, saved_id)
);
CREATE INDEX analytics_favourites_saved ON analytics_favourites (saved_id);

-- Words at a moment, shown in charts over time: of everything, or of one report or dashboard.
CREATE TABLE analytics_annotations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  text text NOT NULL,
  saved_id bigint REFERENCES analytics_saved (id) ON DELETE CASCADE,
  owner text NOT NULL,
  owner_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE INDEX analytics_annotations_at ON analytics_annotations (at, id) WHERE deleted_at IS NULL;
CREATE INDEX analytics_annotations_saved ON analytics_annotations (saved_id) WHERE saved_id IS NOT NULL;
