-- What is known of people and accounts, so that reports can filter and break down by it without leaving this store. Kept in
-- line by facts-follow.ts. Rows name the person as first met; whom they count for now: see facts-sql.ts.

-- Each value that a trait had, the present one among them. Reading one trait reads only its rows.
CREATE TABLE IF NOT EXISTS person_traits (
  name LowCardinality(String),
  origin_id UInt64 CODEC(Delta, ZSTD(1)),
  at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  -- Texts, numbers and booleans as text; lists and objects as JSON; empty for null.
  value String CODEC(ZSTD(1)),
  -- string, number, boolean, list, object or null.
  type LowCardinality(String),
  -- 0 for a value that was replaced: of two with the same time the one that stayed wins.
  version UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (name, origin_id, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The present values alone: most questions are about these, and histories may be long.
CREATE TABLE IF NOT EXISTS person_traits_now (
  name LowCardinality(String),
  origin_id UInt64 CODEC(Delta, ZSTD(1)),
  at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  value String CODEC(ZSTD(1)),
  type LowCardinality(String),
  version UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (name, origin_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS person_traits_now_view TO person_traits_now AS
SELECT name, origin_id, at, value, type, version FROM person_traits WHERE version > 0;

-- Everybody who was ever met, also those without any event.
CREATE TABLE IF NOT EXISTS people_known (
  origin_id UInt64 CODEC(Delta, ZSTD(1)),
  first_seen DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  source_id UInt32 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY origin_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- People left out of reports: those whose data may only be kept, and those who object to analytics. Few.
CREATE TABLE IF NOT EXISTS people_restricted (
  origin_id UInt64,
  version UInt64,
  is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY origin_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Merged persons, and the roots they belong to, whose overrides were folded into the events: facts keep their origin for
-- ever, so this stays. Who was parted again is linked to itself.
CREATE TABLE IF NOT EXISTS person_links (
  origin_id UInt64,
  person_id UInt64,
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY origin_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE DICTIONARY IF NOT EXISTS person_links_map (origin_id UInt64, person_id UInt64)
PRIMARY KEY origin_id
SOURCE(CLICKHOUSE(QUERY 'SELECT origin_id, person_id FROM person_links FINAL'))
LAYOUT(HASHED())
LIFETIME(0);

CREATE TABLE IF NOT EXISTS accounts_known (
  account_id UInt64 CODEC(Delta, ZSTD(1)),
  key String CODEC(ZSTD(1)),
  created_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY account_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Accounts' traits as they are now; what they were before is not kept anywhere.
CREATE TABLE IF NOT EXISTS account_traits (
  name LowCardinality(String),
  account_id UInt64 CODEC(Delta, ZSTD(1)),
  value String CODEC(ZSTD(1)),
  type LowCardinality(String),
  version UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (name, account_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS account_members (
  account_id UInt64 CODEC(Delta, ZSTD(1)),
  origin_id UInt64 CODEC(Delta, ZSTD(1)),
  since DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (account_id, origin_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
