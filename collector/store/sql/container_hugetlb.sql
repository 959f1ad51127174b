-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a size of huge pages a pass
CREATE TABLE IF NOT EXISTS container_hugetlb
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.' CODEC(DoubleDelta, ZSTD(1)),
    pagesize LowCardinality(String) COMMENT 'Attribute candor.hugetlb.pagesize of the point.',
    usage_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Huge pages used. Unit By, gauge.' CODEC(ZSTD(1)),
    max_usage_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Most huge pages that were ever used; absent on v2. Unit By, gauge.' CODEC(ZSTD(1)),
    failcnt SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Times that the limit was met. Unit {event}, counter.' CODEC(Delta(8), ZSTD(1)),
    limit_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Limit of huge pages; absent when unlimited. Unit By, gauge.' CODEC(ZSTD(1)),
    reserved_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Huge pages reserved by mappings, used or not. Unit By, gauge.' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, pagesize, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
