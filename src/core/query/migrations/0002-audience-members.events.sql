-- Who is in which audience: the newest word on each person. Written by core/audiences, read by every report.
CREATE TABLE IF NOT EXISTS audience_members (
  audience_id UInt32,
  person_id UInt64 CODEC(Delta, ZSTD(1)),
  inside UInt8,
  -- Since when the person is in it, or out of it.
  since DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  version UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (audience_id, person_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 1024;
