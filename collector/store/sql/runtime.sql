-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a runtime a pass
CREATE TABLE IF NOT EXISTS runtime
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.' CODEC(DoubleDelta, ZSTD(1)),
    os_threads SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Threads of the process, those of the virtual machine included. Unit {thread}, gauge.' CODEC(ZSTD(1)),
    process_cpu_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'CPU time of the process, in user space and in the kernel. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    gc_cpu_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'CPU time of the threads that collect garbage; of the collector Serial, of the VM thread. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    jit_cpu_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'CPU time of the threads that compile. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    rss_anon_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Memory in RAM that it has mapped: its own (anon), pages of files (file), shared memory, such as a heap of ZGC (shmem). Unit By, gauge.' CODEC(ZSTD(1)),
    rss_file_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Memory in RAM that it has mapped: its own (anon), pages of files (file), shared memory, such as a heap of ZGC (shmem). Unit By, gauge.' CODEC(ZSTD(1)),
    rss_shmem_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Memory in RAM that it has mapped: its own (anon), pages of files (file), shared memory, such as a heap of ZGC (shmem). Unit By, gauge.' CODEC(ZSTD(1)),
    swap_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Memory of its own that is in swap. Unit By, gauge.' CODEC(ZSTD(1)),
    affinity_cpus SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'CPUs that the process may run on. Unit {cpu}, gauge.' CODEC(ZSTD(1)),
    believed_cpus SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'CPUs that the runtime takes itself to have; absent where that can only be guessed. Unit {cpu}, gauge.' CODEC(ZSTD(1)),
    believed_memory_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Most memory that the runtime takes itself to be allowed for what it manages; absent where that can only be guessed. Unit By, gauge.' CODEC(ZSTD(1)),
    workers SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Processes of the same program that work side by side, with their master, on the row of that master. Unit {process}, gauge.' CODEC(ZSTD(1)),
    pool_threads SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Largest group of threads that share a name but for its number. Unit {thread}, gauge.' CODEC(ZSTD(1)),
    malloc_arenas SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Anonymous mappings that look like an arena of the malloc of glibc. Unit {arena}, gauge.' CODEC(ZSTD(1)),
    heap_used_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Heap in use; for most collectors as of the last collection. Unit By, gauge.' CODEC(ZSTD(1)),
    heap_committed_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Heap that the JVM has taken from the system. Unit By, gauge.' CODEC(ZSTD(1)),
    heap_max_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Largest heap that the JVM believes it may use. Unit By, gauge.' CODEC(ZSTD(1)),
    metaspace_used_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Class metadata in use, as of the last collection. Unit By, gauge.' CODEC(ZSTD(1)),
    metaspace_committed_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Memory taken for class metadata, as of the last collection. Unit By, gauge.' CODEC(ZSTD(1)),
    threads SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Live platform threads of Java; virtual threads are not counted. Unit {thread}, gauge.' CODEC(ZSTD(1)),
    classes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Loaded classes, shared ones included. Unit {class}, gauge.' CODEC(ZSTD(1)),
    safepoints SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Times that all Java threads were stopped, for whatever cause. Unit {safepoint}, counter.' CODEC(Delta(8), ZSTD(1)),
    safepoint_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that all Java threads stood still, for whatever cause. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    safepoint_sync_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that it took to bring all Java threads to a stop. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    heap_live_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Old generation, or the whole heap where it is not divided, right after the newest collection of all of it that was seen. Unit By, gauge.' CODEC(ZSTD(1)),
    full_collections SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Collections of the whole heap. Unit {collection}, counter.' CODEC(Delta(8), ZSTD(1)),
    allocation_stalls SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Passes since the agent knows the process in which the newest collection was one that threads had to wait for. Unit {event}, counter.' CODEC(Delta(8), ZSTD(1)),
    explicit_collections SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Passes since the agent knows the process in which the newest collection was one that the program had asked for. Unit {event}, counter.' CODEC(Delta(8), ZSTD(1)),
    stop_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that all Java threads stood still for collections; for ZGC and Shenandoah, whatever the cause. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    compile_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that compilations took, by the clock on the wall. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    gc_cpu_reported_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'CPU time of the collector as a JVM of version 22 or later counts it itself; absent where it leaves it at 0. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    gc_threads SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Workers of the collector that were seen; it may be allowed more. Unit {thread}, gauge.' CODEC(ZSTD(1)),
    compiler_threads SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Compiler threads that the JVM may make, by the CPUs that it believed in at its start. Unit {thread}, gauge.' CODEC(ZSTD(1)),
    code_resident_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Memory of compiled code that is touched. Unit By, gauge.' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
