CREATE TABLE IF NOT EXISTS events (
  -- The message ID where it is a UUID, otherwise a hash of it.
  event_id UUID,
  -- The person the event's identifier first belonged to. Never changes, so the order of the table never does.
  origin_id UInt64 CODEC(Delta, ZSTD(1)),
  -- Whom the event counts for, as far as merges have been folded in; see person_overrides.
  person_id UInt64 CODEC(Delta, ZSTD(1)),
  account_id UInt64 CODEC(ZSTD(1)),
  source_id UInt32 CODEC(ZSTD(1)),
  type LowCardinality(String),
  name LowCardinality(String),
  channel LowCardinality(String),
  contact LowCardinality(String),
  timestamp DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  -- Start of the session of its device; the beginning of 1970 where the event belongs to none.
  session_start DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  -- Empty where event_id is the message ID.
  message_id String CODEC(ZSTD(1)),
  user_id String CODEC(ZSTD(1)),
  anonymous_id String CODEC(ZSTD(1)),
  url String CODEC(ZSTD(1)),
  path String CODEC(ZSTD(1)),
  title String CODEC(ZSTD(1)),
  referrer String CODEC(ZSTD(1)),
  channel_group LowCardinality(String),
  campaign_source LowCardinality(String),
  campaign_medium LowCardinality(String),
  campaign_name LowCardinality(String),
  browser LowCardinality(String),
  os LowCardinality(String),
  device LowCardinality(String),
  country LowCardinality(String),
  locale LowCardinality(String),
  revenue_minor Int64 CODEC(ZSTD(1)),
  currency LowCardinality(String),
  properties JSON CODEC(ZSTD(1)),
  context String CODEC(ZSTD(1)),
  INDEX event_id_filter event_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(timestamp)
ORDER BY (origin_id, timestamp)
-- merge_selector_base: more parts are merged at once, so each row is rewritten half as often as with the default of 5.
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 10000, merge_selector_base = 10,
  -- One person's events are a few rows among millions: small granules and blocks, so that little is read beside them.
  index_granularity = 1024, min_compress_block_size = 4096;

CREATE TABLE IF NOT EXISTS person_overrides (
  origin_id UInt64,
  person_id UInt64,
  version UInt64,
  is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY origin_id
SETTINGS fsync_after_insert = 1;

-- Whom the events of a merged person count for:
-- dictGetOrDefault('person_overrides_map', 'person_id', origin_id, person_id)
CREATE DICTIONARY IF NOT EXISTS person_overrides_map (origin_id UInt64, person_id UInt64)
PRIMARY KEY origin_id
SOURCE(CLICKHOUSE(QUERY 'SELECT origin_id, person_id FROM person_overrides FINAL'))
LAYOUT(HASHED())
LIFETIME(0);
