-- People who leave can be removed, also the one who set the installation up.
ALTER TABLE staff_company ALTER COLUMN owner_id DROP NOT NULL;
ALTER TABLE staff_company DROP CONSTRAINT staff_company_owner_id_fkey;
ALTER TABLE staff_company ADD FOREIGN KEY (owner_id) REFERENCES staff_users (id) ON DELETE SET NULL;
-- Whether everybody who signs in with a password must have a second factor.
ALTER TABLE staff_company ADD COLUMN second_factor_required boolean NOT NULL DEFAULT false;

ALTER TABLE staff_users
  ADD COLUMN two_factor_enabled boolean NOT NULL DEFAULT false,
  ADD COLUMN disabled_at timestamptz,
  ADD COLUMN last_signed_in_at timestamptz,
  -- Of those whom a directory manages over SCIM: its name and ID for them, and the group roles come from there.
  ADD COLUMN scim_user_name text,
  ADD COLUMN scim_external_id text,
  -- givenName and familyName, as the directory has them.
  ADD COLUMN scim_name jsonb,
  ADD COLUMN scim_managed boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX staff_users_scim_name ON staff_users (lower(scim_user_name));

ALTER TABLE staff_sessions
  -- password, second-factor, passkey, sso, invitation
  ADD COLUMN method text NOT NULL DEFAULT 'password',
  ADD COLUMN last_active_at timestamptz NOT NULL DEFAULT now();

-- Where somebody else's sign-in says who it is, one login of it is one person.
CREATE UNIQUE INDEX staff_logins_account ON staff_logins (provider_id, account_id);

CREATE TABLE staff_two_factors (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES staff_users (id) ON DELETE CASCADE,
  -- Both encrypted by the sign-in library.
  secret text NOT NULL,
  backup_codes text NOT NULL,
  verified boolean DEFAULT true,
  failed_verification_count integer DEFAULT 0,
  locked_until timestamptz
);
CREATE UNIQUE INDEX staff_two_factors_user ON staff_two_factors (user_id);

CREATE TABLE staff_passkeys (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES staff_users (id) ON DELETE CASCADE,
  name text NOT NULL,
  -- The authenticator's own ID for it, base64url.
  credential_id text NOT NULL UNIQUE,
  public_key bytea NOT NULL,
  counter bigint NOT NULL,
  transports text[] NOT NULL,
  backed_up boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);
CREATE INDEX staff_passkeys_user ON staff_passkeys (user_id);

-- What works once and was used: codes, answers of passkeys and of other sign-ins; kept until it is too old anyway.
CREATE TABLE staff_used (
  -- SHA-256 of the thing.
  hash text PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX staff_used_expiry ON staff_used (expires_at);

-- Tries to sign in that did not succeed, by address, account and device; see attempts.ts.
CREATE TABLE staff_attempts (
  key text PRIMARY KEY,
  failures integer NOT NULL,
  last_at timestamptz NOT NULL,
  next_at timestamptz NOT NULL
);
CREATE INDEX staff_attempts_last ON staff_attempts (last_at);

CREATE TABLE staff_roles (
  id text PRIMARY KEY,
  name text NOT NULL,
  description text NOT NULL,
  permissions text[] NOT NULL,
  hides_personal_data boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX staff_roles_name ON staff_roles (lower(name));

CREATE TABLE staff_invitations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL,
  role text NOT NULL,
  language text NOT NULL,
  -- SHA-256 of the link's secret; a new one each time it is sent.
  hash text NOT NULL UNIQUE,
  invited_by text NOT NULL,
  invited_by_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  accepted_user_id text
);
CREATE UNIQUE INDEX staff_invitations_open ON staff_invitations (email) WHERE accepted_at IS NULL;

CREATE TABLE staff_password_resets (
  hash text PRIMARY KEY,
  user_id text NOT NULL REFERENCES staff_users (id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL
);

ALTER TABLE staff_api_keys
  -- What of its role's permissions it has; NULL is all of them.
  ADD COLUMN permissions text[],
  ADD COLUMN expires_at timestamptz;

CREATE TABLE staff_sso_providers (
  id text PRIMARY KEY,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('oidc', 'saml')),
  -- Addresses at these domains may sign in by it, and no others.
  domains text[] NOT NULL,
  default_role text NOT NULL,
  -- Whether people who are not known yet are let in, with the default role.
  creates_users boolean NOT NULL,
  -- Whether people of the domains may sign in only by it; owners always have their password too.
  required boolean NOT NULL,
  enabled boolean NOT NULL,
  settings jsonb NOT NULL,
  -- The client's secret, encrypted with the key of the data folder.
  secret text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE staff_scim_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  prefix text NOT NULL,
  hash text NOT NULL UNIQUE,
  -- Of people it makes who are in no group with a role.
  default_role text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);

CREATE TABLE staff_scim_groups (
  id text PRIMARY KEY,
  display_name text NOT NULL,
  external_id text,
  -- What its members may do; NULL until somebody here says so.
  role text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX staff_scim_groups_name ON staff_scim_groups (lower(display_name));
CREATE TABLE staff_scim_members (
  group_id text NOT NULL REFERENCES staff_scim_groups (id) ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES staff_users (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, user_id)
);
CREATE INDEX staff_scim_members_user ON staff_scim_members (user_id);
