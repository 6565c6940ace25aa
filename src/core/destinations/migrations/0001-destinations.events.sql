-- Files are written by the time events were received: parts and granules that hold none of a period are not read.
ALTER TABLE events ADD INDEX IF NOT EXISTS received_at_range received_at TYPE minmax GRANULARITY 8;

-- Whose events may leave with a part of a run, for the time that the part takes to write.
CREATE TABLE IF NOT EXISTS destinations_people (
  part String,
  origin_id UInt64,
  -- The purpose objected to, or 'restricted'; empty where neither is.
  blocked LowCardinality(String),
  -- Needed purposes to which the person agreed; those refused, and when (milliseconds since 1970).
  granted Array(LowCardinality(String)),
  refused Array(LowCardinality(String)),
  refused_at Array(Int64),
  at DateTime DEFAULT now()
)
ENGINE = MergeTree ORDER BY (part, origin_id) TTL at + INTERVAL 1 DAY;
