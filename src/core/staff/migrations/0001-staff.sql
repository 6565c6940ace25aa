-- The tables of the sign-in library (better-auth), under names of ours; see auth.ts for which field is which column.
CREATE TABLE staff_users (
  id text PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  email_verified boolean NOT NULL DEFAULT false,
  image text,
  role text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE staff_sessions (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES staff_users (id) ON DELETE CASCADE,
  token text NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL,
  ip_address text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX staff_sessions_user ON staff_sessions (user_id);

-- How a member of staff can sign in: for now one row each, with the hash of the password.
CREATE TABLE staff_logins (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES staff_users (id) ON DELETE CASCADE,
  account_id text NOT NULL,
  provider_id text NOT NULL,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX staff_logins_user ON staff_logins (user_id);

CREATE TABLE staff_verifications (
  id text PRIMARY KEY,
  identifier text NOT NULL,
  value text NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX staff_verifications_identifier ON staff_verifications (identifier);

-- Requests to the sign-in endpoints by client address, shared by all processes.
CREATE TABLE staff_rate_limits (
  id text PRIMARY KEY,
  key text NOT NULL UNIQUE,
  count integer NOT NULL,
  last_request bigint NOT NULL
);

-- One row, written by the first-run set-up in the transaction that makes the owner.
CREATE TABLE staff_company (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  name text NOT NULL,
  owner_id text NOT NULL REFERENCES staff_users (id),
  set_up_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE staff_api_keys (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text,
  role text NOT NULL,
  -- The first characters, to tell keys apart in a list.
  prefix text NOT NULL,
  -- SHA-256 of the key; the key itself is shown once and kept nowhere.
  hash text NOT NULL UNIQUE,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);
