-- How many events of a name a source sent on a day: filled by the insert into `events` itself, in the same way on every
-- engine, so it counts exactly what is stored. An event without a name counts under its type's word.
CREATE TABLE IF NOT EXISTS catalogue_days (
  type LowCardinality(String),
  name String,
  source_id UInt32,
  day Date,
  events SimpleAggregateFunction(sum, UInt64),
  first_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  last_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (type, name, source_id, day)
SETTINGS fsync_after_insert = 1, non_replicated_deduplication_window = 10000, index_granularity = 1024;

-- What was stored before this table was there. The view comes last: repeated, this counts nothing twice.
DROP VIEW IF EXISTS catalogue_days_view;

TRUNCATE TABLE catalogue_days;

INSERT INTO catalogue_days
SELECT type, if(name = '', toString(type), toString(name)) AS event, source_id, toDate(timestamp) AS day,
  count() AS events, min(timestamp) AS first_at, max(timestamp) AS last_at
FROM events GROUP BY type, event, source_id, day;

CREATE MATERIALIZED VIEW IF NOT EXISTS catalogue_days_view TO catalogue_days AS
SELECT type, if(name = '', toString(type), toString(name)) AS name, source_id, toDate(timestamp) AS day,
  count() AS events, min(timestamp) AS first_at, max(timestamp) AS last_at
FROM events GROUP BY type, name, source_id, day;

CREATE TABLE IF NOT EXISTS catalogue_names (
  type String,
  name String,
  canonical String,
  version UInt64,
  is_deleted UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (type, name)
SETTINGS fsync_after_insert = 1;

-- What a stored event's name counts as: dictGetOrDefault('catalogue_names_map', 'canonical', (type, name), name)
CREATE DICTIONARY IF NOT EXISTS catalogue_names_map (type String, name String, canonical String)
PRIMARY KEY type, name
SOURCE(CLICKHOUSE(QUERY 'SELECT type, name, canonical FROM catalogue_names FINAL'))
LAYOUT(COMPLEX_KEY_HASHED())
LIFETIME(0);
