-- Printed from the catalogue by `npm run generate`; do not edit.
-- Samples of the table runtime: one a runtime a pass, with the labels of the runtime.
CREATE OR REPLACE VIEW candor.runtime_samples
(
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.',
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.',
    instance String COMMENT 'Attribute host.name; empty where it is not known.',
    pid String COMMENT 'Attribute process.pid; empty where it is not known.',
    id String COMMENT 'Attribute candor.cgroup.path; empty where it is not known.',
    name String COMMENT 'Attribute container.name; empty where it is not known.',
    os_threads Nullable(Float64) COMMENT 'Threads of the process, those of the virtual machine included. Unit {thread}, gauge.',
    process_cpu_seconds Nullable(Float64) COMMENT 'CPU time of the process, in user space and in the kernel. Unit s, counter.',
    gc_cpu_seconds Nullable(Float64) COMMENT 'CPU time of the threads that collect garbage; of the collector Serial, of the VM thread. Unit s, counter.',
    jit_cpu_seconds Nullable(Float64) COMMENT 'CPU time of the threads that compile. Unit s, counter.',
    rss_anon_bytes Nullable(Float64) COMMENT 'Memory in RAM that it has mapped: its own (anon), pages of files (file), shared memory, such as a heap of ZGC (shmem). Unit By, gauge.',
    rss_file_bytes Nullable(Float64) COMMENT 'Memory in RAM that it has mapped: its own (anon), pages of files (file), shared memory, such as a heap of ZGC (shmem). Unit By, gauge.',
    rss_shmem_bytes Nullable(Float64) COMMENT 'Memory in RAM that it has mapped: its own (anon), pages of files (file), shared memory, such as a heap of ZGC (shmem). Unit By, gauge.',
    swap_bytes Nullable(Float64) COMMENT 'Memory of its own that is in swap. Unit By, gauge.',
    affinity_cpus Nullable(Float64) COMMENT 'CPUs that the process may run on. Unit {cpu}, gauge.',
    believed_cpus Nullable(Float64) COMMENT 'CPUs that the runtime takes itself to have; absent where that can only be guessed. Unit {cpu}, gauge.',
    believed_memory_bytes Nullable(Float64) COMMENT 'Most memory that the runtime takes itself to be allowed for what it manages; absent where that can only be guessed. Unit By, gauge.',
    workers Nullable(Float64) COMMENT 'Processes of the same program that work side by side, with their master, on the row of that master. Unit {process}, gauge.',
    pool_threads Nullable(Float64) COMMENT 'Largest group of threads that share a name but for its number. Unit {thread}, gauge.',
    malloc_arenas Nullable(Float64) COMMENT 'Anonymous mappings that look like an arena of the malloc of glibc. Unit {arena}, gauge.',
    heap_used_bytes Nullable(Float64) COMMENT 'Heap in use; for most collectors as of the last collection. Unit By, gauge.',
    heap_committed_bytes Nullable(Float64) COMMENT 'Heap that the JVM has taken from the system. Unit By, gauge.',
    heap_max_bytes Nullable(Float64) COMMENT 'Largest heap that the JVM believes it may use. Unit By, gauge.',
    metaspace_used_bytes Nullable(Float64) COMMENT 'Class metadata in use, as of the last collection. Unit By, gauge.',
    metaspace_committed_bytes Nullable(Float64) COMMENT 'Memory taken for class metadata, as of the last collection. Unit By, gauge.',
    threads Nullable(Float64) COMMENT 'Live platform threads of Java; virtual threads are not counted. Unit {thread}, gauge.',
    classes Nullable(Float64) COMMENT 'Loaded classes, shared ones included. Unit {class}, gauge.',
    safepoints Nullable(Float64) COMMENT 'Times that all Java threads were stopped, for whatever cause. Unit {safepoint}, counter.',
    safepoint_seconds Nullable(Float64) COMMENT 'Time that all Java threads stood still, for whatever cause. Unit s, counter.',
    safepoint_sync_seconds Nullable(Float64) COMMENT 'Time that it took to bring all Java threads to a stop. Unit s, counter.',
    heap_live_bytes Nullable(Float64) COMMENT 'Old generation, or the whole heap where it is not divided, right after the newest collection of all of it that was seen. Unit By, gauge.',
    full_collections Nullable(Float64) COMMENT 'Collections of the whole heap. Unit {collection}, counter.',
    allocation_stalls Nullable(Float64) COMMENT 'Passes since the agent knows the process in which the newest collection was one that threads had to wait for. Unit {event}, counter.',
    explicit_collections Nullable(Float64) COMMENT 'Passes since the agent knows the process in which the newest collection was one that the program had asked for. Unit {event}, counter.',
    stop_seconds Nullable(Float64) COMMENT 'Time that all Java threads stood still for collections; for ZGC and Shenandoah, whatever the cause. Unit s, counter.',
    compile_seconds Nullable(Float64) COMMENT 'Time that compilations took, by the clock on the wall. Unit s, counter.',
    gc_cpu_reported_seconds Nullable(Float64) COMMENT 'CPU time of the collector as a JVM of version 22 or later counts it itself; absent where it leaves it at 0. Unit s, counter.',
    gc_threads Nullable(Float64) COMMENT 'Workers of the collector that were seen; it may be allowed more. Unit {thread}, gauge.',
    compiler_threads Nullable(Float64) COMMENT 'Compiler threads that the JVM may make, by the CPUs that it believed in at its start. Unit {thread}, gauge.',
    code_resident_bytes Nullable(Float64) COMMENT 'Memory of compiled code that is touched. Unit By, gauge.'
)
AS SELECT s.ts AS ts, s.tenant AS tenant, s.entity AS entity,
    e.instance AS instance, e.pid AS pid, e.id AS id, e.name AS name,
    s.os_threads AS os_threads, s.process_cpu_seconds AS process_cpu_seconds, s.gc_cpu_seconds AS gc_cpu_seconds, s.jit_cpu_seconds AS jit_cpu_seconds, s.rss_anon_bytes AS rss_anon_bytes, s.rss_file_bytes AS rss_file_bytes, s.rss_shmem_bytes AS rss_shmem_bytes, s.swap_bytes AS swap_bytes, s.affinity_cpus AS affinity_cpus, s.believed_cpus AS believed_cpus, s.believed_memory_bytes AS believed_memory_bytes, s.workers AS workers, s.pool_threads AS pool_threads, s.malloc_arenas AS malloc_arenas, s.heap_used_bytes AS heap_used_bytes, s.heap_committed_bytes AS heap_committed_bytes, s.heap_max_bytes AS heap_max_bytes, s.metaspace_used_bytes AS metaspace_used_bytes, s.metaspace_committed_bytes AS metaspace_committed_bytes, s.threads AS threads, s.classes AS classes, s.safepoints AS safepoints, s.safepoint_seconds AS safepoint_seconds, s.safepoint_sync_seconds AS safepoint_sync_seconds, s.heap_live_bytes AS heap_live_bytes, s.full_collections AS full_collections, s.allocation_stalls AS allocation_stalls, s.explicit_collections AS explicit_collections, s.stop_seconds AS stop_seconds, s.compile_seconds AS compile_seconds, s.gc_cpu_reported_seconds AS gc_cpu_reported_seconds, s.gc_threads AS gc_threads, s.compiler_threads AS compiler_threads, s.code_resident_bytes AS code_resident_bytes
FROM candor.runtime AS s FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance, attributes['process.pid'] AS pid, attributes['candor.cgroup.path'] AS id, attributes['container.name'] AS name
    FROM candor.entity FINAL
    WHERE kind = 'runtime'
) AS e ON s.tenant = e.tenant AND s.entity = e.entity
