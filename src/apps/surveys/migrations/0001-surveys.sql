-- Surveys: what is asked. The draft is what is edited; what customers see is the published version.
CREATE TABLE surveys_surveys (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'running', 'paused', 'ended')),
  -- A whole definition (definition.ts).
  draft jsonb NOT NULL,
  -- Grows with each saving, so that two who edit it at once do not overwrite one another.
  revision integer NOT NULL DEFAULT 1,
  -- The version that is shown; null before the first publication.
  version integer,
  -- The revision that was published last.
  published_revision integer,
  -- Of the link that anybody may open.
  open_token text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX surveys_surveys_changed ON surveys_surveys (changed_at DESC, id);

-- What was published, each as it was: who answers keeps what they saw.
CREATE TABLE surveys_versions (
  survey_id uuid NOT NULL REFERENCES surveys_surveys (id) ON DELETE CASCADE,
  version integer NOT NULL,
  definition jsonb NOT NULL,
  published_at timestamptz NOT NULL DEFAULT now(),
  published_by text NOT NULL,
  PRIMARY KEY (survey_id, version)
);

-- Mails about a survey: to whom, and how far it is.
CREATE TABLE surveys_sendings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  survey_id uuid NOT NULL REFERENCES surveys_surveys (id) ON DELETE CASCADE,
  -- { audience } | { people: [id] } | { event: { name, where }, hours }
  "to" jsonb NOT NULL,
  -- { subject, intro: texts by language, expiresInDays, perHour }
  mail jsonb NOT NULL,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'stopped', 'done')),
  -- Of an audience: the last person that was looked at; of an event: how far the events were read.
  position jsonb NOT NULL DEFAULT '{}',
  -- How many were left out, by reason.
  skipped jsonb NOT NULL DEFAULT '{}',
  error text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE INDEX surveys_sendings_survey ON surveys_sendings (survey_id, id DESC);
CREATE INDEX surveys_sendings_running ON surveys_sendings (id) WHERE state = 'running';

-- Links of a person's own, made by hand or with a mail.
CREATE TABLE surveys_invitations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  survey_id uuid NOT NULL REFERENCES surveys_surveys (id) ON DELETE CASCADE,
  sending_id bigint REFERENCES surveys_sendings (id) ON DELETE SET NULL,
  -- Null for a link that was made for nobody in particular.
  person_id bigint,
  -- SHA-256 of the token, in hexadecimal. Null until its mail is made.
  token_hash text UNIQUE,
  single_use boolean NOT NULL DEFAULT true,
  expires_at timestamptz NOT NULL,
  fields jsonb NOT NULL DEFAULT '{}',
  language text,
  -- When its mail is to leave; null for links made by hand.
  send_at timestamptz,
  -- waiting: its mail has not left; sent: it has, or there is none; skipped: it will not.
  state text NOT NULL DEFAULT 'sent' CHECK (state IN ('waiting', 'sent', 'skipped')),
  -- The event that it follows, so that one event sends one mail.
  event_id uuid,
  sent_at timestamptz,
  opened_at timestamptz,
  answered_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (sending_id, event_id)
);
CREATE INDEX surveys_invitations_survey ON surveys_invitations (survey_id, id DESC);
CREATE INDEX surveys_invitations_person ON surveys_invitations (person_id);
CREATE INDEX surveys_invitations_waiting ON surveys_invitations (send_at) WHERE state = 'waiting';
-- One mail a person of a sending, but for those that follow events.
CREATE UNIQUE INDEX surveys_invitations_sending ON surveys_invitations (sending_id, person_id) WHERE event_id IS NULL;

-- Responses: begun when the survey is shown. Of an anonymous survey they name nobody, and their times are days.
CREATE TABLE surveys_responses (
  id uuid PRIMARY KEY,
  survey_id uuid NOT NULL REFERENCES surveys_surveys (id) ON DELETE CASCADE,
  -- What they saw.
  version integer NOT NULL,
  -- SHA-256 of the secret that whoever began it has, in hexadecimal.
  secret_hash text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('popover', 'link', 'embed', 'mail', 'api')),
  person_id bigint,
  anonymous_id text,
  user_id text,
  source_id integer,
  invitation_id bigint REFERENCES surveys_invitations (id) ON DELETE SET NULL,
  -- Of an anonymous response by a personal link: SHA-256 of the token with the response's id. Only who has the token, which
  -- is stored nowhere, can tell which link it was.
  link_hash text,
  language text NOT NULL,
  page text,
  -- Hidden fields and traits as they were when it began: conditions and pipes look at them.
  fields jsonb NOT NULL DEFAULT '{}',
  traits jsonb NOT NULL DEFAULT '{}',
  -- { question: answer }: those that count.
  answers jsonb NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'started' CHECK (state IN ('started', 'answered', 'complete', 'screened', 'quota')),
  ending text,
  started_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  completed_at timestamptz,
  dismissed_at timestamptz
);
CREATE INDEX surveys_responses_survey ON surveys_responses (survey_id, started_at DESC, id);
CREATE INDEX surveys_responses_person ON surveys_responses (person_id);
CREATE INDEX surveys_responses_anonymous ON surveys_responses (anonymous_id);
CREATE INDEX surveys_responses_invitation ON surveys_responses (invitation_id);

-- How many complete responses fall under each quota; `` is all of them. Locked by whoever completes one.
CREATE TABLE surveys_counts (
  survey_id uuid NOT NULL REFERENCES surveys_surveys (id) ON DELETE CASCADE,
  quota text NOT NULL,
  completed integer NOT NULL DEFAULT 0,
  PRIMARY KEY (survey_id, quota)
);

-- Files that customers handed in with an answer; their bytes are blobs under surveys/files/<response>/<file>.
CREATE TABLE surveys_files (
  id uuid PRIMARY KEY,
  response_id uuid NOT NULL REFERENCES surveys_responses (id) ON DELETE CASCADE,
  question_id text NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  bytes integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX surveys_files_response ON surveys_files (response_id);

-- When somebody was last asked: `p:<person>` or `a:<anonymous ID>`. Of anonymous surveys only the day.
CREATE TABLE surveys_seen (
  who text COLLATE "C" NOT NULL,
  survey_id uuid NOT NULL REFERENCES surveys_surveys (id) ON DELETE CASCADE,
  shown_at timestamptz NOT NULL,
  times integer NOT NULL DEFAULT 1,
  answered_at timestamptz,
  PRIMARY KEY (who, survey_id)
);
CREATE INDEX surveys_seen_survey ON surveys_seen (survey_id);

-- Who wants no mails about surveys any more.
CREATE TABLE surveys_unsubscribed (
  person_id bigint PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE surveys_settings (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  -- Nobody is asked anything twice within so many days; 0: no limit.
  quiet_days integer NOT NULL DEFAULT 14 CHECK (quiet_days BETWEEN 0 AND 365)
);
INSERT INTO surveys_settings DEFAULT VALUES;
