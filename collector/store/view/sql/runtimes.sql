-- Printed from the catalogue by `npm run generate`; do not edit.
-- Each runtime that reports, with its newest figures.
CREATE OR REPLACE VIEW candor.runtimes
(
    tenant LowCardinality(String) COMMENT 'Whose it is, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id, as in the table entity.',
    instance String COMMENT 'Attribute host.name; empty where it is not known.',
    pid String COMMENT 'Attribute process.pid; empty where it is not known.',
    id String COMMENT 'Attribute candor.cgroup.path; empty where it is not known.',
    name String COMMENT 'Attribute container.name; empty where it is not known.',
    runtime String COMMENT 'Attribute process.runtime.name; empty where it is not known.',
    runtime_version String COMMENT 'Attribute process.runtime.version; empty where it is not known.',
    program String COMMENT 'Attribute candor.runtime.name; empty where it is not known.',
    jvm_collector String COMMENT 'Attribute candor.jvm.collector; empty where it is not known.',
    started String COMMENT 'Attribute process.creation.time; empty where it is not known.',
    first_seen DateTime64(3, 'UTC') COMMENT 'Time of its first sample.',
    ts DateTime64(3, 'UTC') COMMENT 'Time of these figures.',
    cpu_used_cores Nullable(Float64) COMMENT 'CPUs used, over the last five minutes. Unit {cpu}.',
    os_threads Nullable(Float64) COMMENT 'Threads of the process, those of the virtual machine included. Unit {thread}.',
    affinity_cpus Nullable(Float64) COMMENT 'CPUs that the process may run on. Unit {cpu}.',
    believed_cpus Nullable(Float64) COMMENT 'CPUs that the runtime takes itself to have; absent where that can only be guessed. Unit {cpu}.',
    believed_memory_bytes Nullable(Float64) COMMENT 'Most memory that the runtime takes itself to be allowed for what it manages; absent where that can only be guessed. Unit By.',
    rss_anon_bytes Nullable(Float64) COMMENT 'Memory in RAM that it has mapped: its own (anon), pages of files (file), shared memory, such as a heap of ZGC (shmem). Unit By.',
    rss_file_bytes Nullable(Float64) COMMENT 'Memory in RAM that it has mapped: its own (anon), pages of files (file), shared memory, such as a heap of ZGC (shmem). Unit By.',
    swap_bytes Nullable(Float64) COMMENT 'Memory of its own that is in swap. Unit By.',
    heap_used_bytes Nullable(Float64) COMMENT 'Heap in use; for most collectors as of the last collection. Unit By.',
    heap_committed_bytes Nullable(Float64) COMMENT 'Heap that the JVM has taken from the system. Unit By.',
    heap_max_bytes Nullable(Float64) COMMENT 'Largest heap that the JVM believes it may use. Unit By.',
    heap_live_bytes Nullable(Float64) COMMENT 'Old generation, or the whole heap where it is not divided, right after the newest collection of all of it that was seen. Unit By.'
)
AS SELECT n.tenant AS tenant, n.entity AS entity,
    e.instance AS instance, e.pid AS pid, e.id AS id, e.name AS name, e.runtime AS runtime, e.runtime_version AS runtime_version, e.program AS program, e.jvm_collector AS jvm_collector, e.started AS started,
    e.first_seen AS first_seen, n.newest AS ts,
    n.cpu_used_cores AS cpu_used_cores,
    n.figures.1 AS os_threads, n.figures.2 AS affinity_cpus, n.figures.3 AS believed_cpus, n.figures.4 AS believed_memory_bytes, n.figures.5 AS rss_anon_bytes, n.figures.6 AS rss_file_bytes, n.figures.7 AS swap_bytes, n.figures.8 AS heap_used_bytes, n.figures.9 AS heap_committed_bytes, n.figures.10 AS heap_max_bytes, n.figures.11 AS heap_live_bytes
FROM
(
    SELECT tenant, entity, max(ts) AS newest,
        (max(process_cpu_seconds) - min(process_cpu_seconds)) / nullIf(dateDiff('millisecond', min(ts), max(ts)) / 1000, 0) AS cpu_used_cores,
        argMax(tuple(os_threads, affinity_cpus, believed_cpus, believed_memory_bytes, rss_anon_bytes, rss_file_bytes, swap_bytes, heap_used_bytes, heap_committed_bytes, heap_max_bytes, heap_live_bytes), ts) AS figures
    FROM candor.runtime FINAL
    WHERE ts > (SELECT least(max(last_seen), now64(3)) FROM candor.entity) - INTERVAL 5 MINUTE
    GROUP BY tenant, entity
) AS n
INNER JOIN
(
    SELECT tenant, entity, first_seen, attributes['host.name'] AS instance, attributes['process.pid'] AS pid, attributes['candor.cgroup.path'] AS id, attributes['container.name'] AS name, attributes['process.runtime.name'] AS runtime, attributes['process.runtime.version'] AS runtime_version, attributes['candor.runtime.name'] AS program, attributes['candor.jvm.collector'] AS jvm_collector, attributes['process.creation.time'] AS started
    FROM candor.entity FINAL
    WHERE kind = 'runtime' AND isNull(ended_ms)
) AS e ON n.tenant = e.tenant AND n.entity = e.entity
