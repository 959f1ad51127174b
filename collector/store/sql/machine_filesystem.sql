-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a mount a pass
CREATE TABLE IF NOT EXISTS machine_filesystem
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.' CODEC(DoubleDelta, ZSTD(1)),
    device LowCardinality(String) COMMENT 'Attribute system.device of the point.',
    mountpoint LowCardinality(String) COMMENT 'Attribute system.filesystem.mountpoint of the point.',
    fstype LowCardinality(String) COMMENT 'Attribute system.filesystem.type of the point.',
    device_error LowCardinality(String) COMMENT 'Attribute candor.filesystem.error of the point.',
    size_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Size. Unit By, gauge.' CODEC(ZSTD(1)),
    free_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Free, with what is kept for root. Unit By, gauge.' CODEC(ZSTD(1)),
    avail_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Free for users other than root. Unit By, gauge.' CODEC(ZSTD(1)),
    files SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Inodes; 0 where the file system makes them as it needs them. Unit {inode}, gauge.' CODEC(ZSTD(1)),
    files_free SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Free inodes. Unit {inode}, gauge.' CODEC(ZSTD(1)),
    readonly SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT '1 when mount or file system is read-only. Unit 1, gauge.' CODEC(ZSTD(1)),
    failed SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT '1 when the figures cannot be had: the label device_error says why. Unit 1, gauge.' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, device, mountpoint, fstype, device_error, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
