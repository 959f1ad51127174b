-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of machine_cpu by a minute. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS machine_cpu_1m
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    cpu LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    user_seconds__last Nullable(Float64) COMMENT 'Newest sample of user_seconds.' CODEC(Delta(8), ZSTD(1)),
    nice_seconds__last Nullable(Float64) COMMENT 'Newest sample of nice_seconds.' CODEC(Delta(8), ZSTD(1)),
    system_seconds__last Nullable(Float64) COMMENT 'Newest sample of system_seconds.' CODEC(Delta(8), ZSTD(1)),
    idle_seconds__last Nullable(Float64) COMMENT 'Newest sample of idle_seconds.' CODEC(Delta(8), ZSTD(1)),
    iowait_seconds__last Nullable(Float64) COMMENT 'Newest sample of iowait_seconds.' CODEC(Delta(8), ZSTD(1)),
    irq_seconds__last Nullable(Float64) COMMENT 'Newest sample of irq_seconds.' CODEC(Delta(8), ZSTD(1)),
    softirq_seconds__last Nullable(Float64) COMMENT 'Newest sample of softirq_seconds.' CODEC(Delta(8), ZSTD(1)),
    steal_seconds__last Nullable(Float64) COMMENT 'Newest sample of steal_seconds.' CODEC(Delta(8), ZSTD(1)),
    guest_user_seconds__last Nullable(Float64) COMMENT 'Newest sample of guest_user_seconds.' CODEC(Delta(8), ZSTD(1)),
    guest_nice_seconds__last Nullable(Float64) COMMENT 'Newest sample of guest_nice_seconds.' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(ts)
ORDER BY (tenant, entity, cpu, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
