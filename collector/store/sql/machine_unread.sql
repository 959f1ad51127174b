-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a kind of entity and a reason, none where all was read a pass
CREATE TABLE IF NOT EXISTS machine_unread
(
    tenant LowCardinality(String),
    entity UInt64 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    kind LowCardinality(String),
    reason LowCardinality(String),
    entities Nullable(Float64) CODEC(ZSTD(1))
)
ENGINE = CoalescingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, kind, reason, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
