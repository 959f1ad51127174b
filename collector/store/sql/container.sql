-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a cgroup a pass
CREATE TABLE IF NOT EXISTS container
(
    tenant LowCardinality(String),
    entity UInt64 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    cpu_usage_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    cpu_periods Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    cpu_throttled_periods Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    cpu_throttled_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    cpu_quota Nullable(Float64) CODEC(ZSTD(1)),
    cpu_period Nullable(Float64) CODEC(ZSTD(1)),
    cpu_shares Nullable(Float64) CODEC(ZSTD(1)),
    cpu_weight Nullable(Float64) CODEC(ZSTD(1)),
    cpu_limit_effective_cores Nullable(Float64) CODEC(ZSTD(1)),
    memory_usage_bytes Nullable(Float64) CODEC(ZSTD(1)),
    memory_working_set_bytes Nullable(Float64) CODEC(ZSTD(1)),
    memory_rss_bytes Nullable(Float64) CODEC(ZSTD(1)),
    memory_cache_bytes Nullable(Float64) CODEC(ZSTD(1)),
    memory_shmem_bytes Nullable(Float64) CODEC(ZSTD(1)),
    memory_active_file_bytes Nullable(Float64) CODEC(ZSTD(1)),
    memory_inactive_file_bytes Nullable(Float64) CODEC(ZSTD(1)),
    memory_mapped_file_bytes Nullable(Float64) CODEC(ZSTD(1)),
    memory_limit_bytes Nullable(Float64) CODEC(ZSTD(1)),
    memory_limit_effective_bytes Nullable(Float64) CODEC(ZSTD(1)),
    oom_kills Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    threads Nullable(Float64) CODEC(ZSTD(1)),
    threads_max Nullable(Float64) CODEC(ZSTD(1)),
    pressure_cpu_waiting_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    pressure_cpu_stalled_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    pressure_memory_waiting_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    pressure_memory_stalled_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    pressure_io_waiting_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    pressure_io_stalled_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1))
)
ENGINE = CoalescingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
