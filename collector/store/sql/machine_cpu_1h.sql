-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of machine_cpu by an hour. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS machine_cpu_1h
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    cpu LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    user_seconds__increase Nullable(Float32) COMMENT 'What was counted of user_seconds.' CODEC(ZSTD(1)),
    nice_seconds__increase Nullable(Float32) COMMENT 'What was counted of nice_seconds.' CODEC(ZSTD(1)),
    system_seconds__increase Nullable(Float32) COMMENT 'What was counted of system_seconds.' CODEC(ZSTD(1)),
    idle_seconds__increase Nullable(Float32) COMMENT 'What was counted of idle_seconds.' CODEC(ZSTD(1)),
    iowait_seconds__increase Nullable(Float32) COMMENT 'What was counted of iowait_seconds.' CODEC(ZSTD(1)),
    irq_seconds__increase Nullable(Float32) COMMENT 'What was counted of irq_seconds.' CODEC(ZSTD(1)),
    softirq_seconds__increase Nullable(Float32) COMMENT 'What was counted of softirq_seconds.' CODEC(ZSTD(1)),
    steal_seconds__increase Nullable(Float32) COMMENT 'What was counted of steal_seconds.' CODEC(ZSTD(1)),
    guest_user_seconds__increase Nullable(Float32) COMMENT 'What was counted of guest_user_seconds.' CODEC(ZSTD(1)),
    guest_nice_seconds__increase Nullable(Float32) COMMENT 'What was counted of guest_nice_seconds.' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (tenant, entity, cpu, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
