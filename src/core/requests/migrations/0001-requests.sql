-- What people ask about their data, and what became of it.
CREATE TABLE requests (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  -- unproven: nobody has shown yet that the address is theirs; then open, and at the end done, refused or withdrawn.
  state text NOT NULL,
  -- Empty once the person was erased.
  email text NOT NULL,
  name text NOT NULL DEFAULT '',
  message text NOT NULL DEFAULT '',
  language text NOT NULL,
  -- For an objection.
  purpose text,
  received_at timestamptz NOT NULL DEFAULT now(),
  proven_at timestamptz,
  proven_by text,
  due_at timestamptz NOT NULL,
  extended_because text,
  closed_at timestamptz,
  answer text NOT NULL DEFAULT '',
  person_id bigint,
  assignee text,
  -- The archive made for it (an export of the privacy module), or the erasure.
  export_id text,
  erasure_id text,
  -- HMAC of the client's address, to bound how many requests come from one; not the address.
  sender text
);
CREATE INDEX requests_by_due ON requests (due_at, id) WHERE closed_at IS NULL;
CREATE INDEX requests_by_email ON requests (email);
CREATE INDEX requests_by_sender ON requests (sender, received_at);

CREATE TABLE requests_steps (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request_id bigint NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  -- "customer", "system", or who of the staff.
  actor text NOT NULL,
  action text NOT NULL,
  note text NOT NULL DEFAULT ''
);
CREATE INDEX requests_steps_of ON requests_steps (request_id, id);
