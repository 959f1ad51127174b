-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a runtime a pass
CREATE TABLE IF NOT EXISTS runtime
(
    tenant LowCardinality(String),
    entity UInt64 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    os_threads Nullable(Float64) CODEC(ZSTD(1)),
    process_cpu_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    gc_cpu_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    jit_cpu_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    rss_anon_bytes Nullable(Float64) CODEC(ZSTD(1)),
    rss_file_bytes Nullable(Float64) CODEC(ZSTD(1)),
    rss_shmem_bytes Nullable(Float64) CODEC(ZSTD(1)),
    swap_bytes Nullable(Float64) CODEC(ZSTD(1)),
    affinity_cpus Nullable(Float64) CODEC(ZSTD(1)),
    believed_cpus Nullable(Float64) CODEC(ZSTD(1)),
    believed_memory_bytes Nullable(Float64) CODEC(ZSTD(1)),
    workers Nullable(Float64) CODEC(ZSTD(1)),
    pool_threads Nullable(Float64) CODEC(ZSTD(1)),
    malloc_arenas Nullable(Float64) CODEC(ZSTD(1)),
    heap_used_bytes Nullable(Float64) CODEC(ZSTD(1)),
    heap_committed_bytes Nullable(Float64) CODEC(ZSTD(1)),
    heap_max_bytes Nullable(Float64) CODEC(ZSTD(1)),
    metaspace_used_bytes Nullable(Float64) CODEC(ZSTD(1)),
    metaspace_committed_bytes Nullable(Float64) CODEC(ZSTD(1)),
    threads Nullable(Float64) CODEC(ZSTD(1)),
    classes Nullable(Float64) CODEC(ZSTD(1)),
    safepoints Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    safepoint_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    safepoint_sync_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    heap_live_bytes Nullable(Float64) CODEC(ZSTD(1)),
    full_collections Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    allocation_stalls Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    explicit_collections Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    stop_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    compile_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    gc_cpu_reported_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    gc_threads Nullable(Float64) CODEC(ZSTD(1)),
    compiler_threads Nullable(Float64) CODEC(ZSTD(1)),
    code_resident_bytes Nullable(Float64) CODEC(ZSTD(1))
)
ENGINE = CoalescingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
