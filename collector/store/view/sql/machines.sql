-- Printed from the catalogue by `npm run generate`; do not edit.
-- Each machine that reports, with its newest figures.
CREATE OR REPLACE VIEW candor.machines
(
    tenant LowCardinality(String) COMMENT 'Whose it is, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id, as in the table entity.',
    instance String COMMENT 'Attribute host.name; empty where it is not known.',
    host_id String COMMENT 'Attribute host.id; empty where it is not known.',
    arch String COMMENT 'Attribute host.arch; empty where it is not known.',
    kernel String COMMENT 'Attribute os.version; empty where it is not known.',
    boot_id String COMMENT 'Attribute candor.boot.id; empty where it is not known.',
    cgroup_mode String COMMENT 'Attribute candor.cgroup.mode; empty where it is not known.',
    agent_version String COMMENT 'Attribute candor.agent.version; empty where it is not known.',
    first_seen DateTime64(3, 'UTC') COMMENT 'Time of its first sample.',
    ts DateTime64(3, 'UTC') COMMENT 'Time of these figures.',
    pressure_cpu_waiting_ratio Nullable(Float64) COMMENT 'Share of the last five minutes in which at least one task waited for the CPU.',
    cpu_cores Nullable(Float64) COMMENT 'CPUs that are online; threads, not cores, where SMT is on. Unit {cpu}.',
    load1 Nullable(Float64) COMMENT 'Load average over 1 min: tasks that run, wait for a CPU or for I/O. Unit {thread}.',
    load5 Nullable(Float64) COMMENT 'Load average over 5 min: tasks that run, wait for a CPU or for I/O. Unit {thread}.',
    load15 Nullable(Float64) COMMENT 'Load average over 15 min: tasks that run, wait for a CPU or for I/O. Unit {thread}.',
    procs_running Nullable(Float64) COMMENT 'Tasks that run or wait for a CPU. Unit {task}.',
    uptime_seconds Nullable(Float64) COMMENT 'Time since the kernel booted, suspend included. Unit s.',
    memory_mem_total_bytes Nullable(Float64) COMMENT 'Memory that the kernel can use. Unit By.',
    memory_mem_available_bytes Nullable(Float64) COMMENT 'Estimate of what can be allocated without swapping. Unit By.',
    memory_swap_total_bytes Nullable(Float64) COMMENT 'Swap space. Unit By.',
    memory_swap_free_bytes Nullable(Float64) COMMENT 'Swap space that is free. Unit By.'
)
AS SELECT n.tenant AS tenant, n.entity AS entity,
    e.instance AS instance, e.host_id AS host_id, e.arch AS arch, e.kernel AS kernel, e.boot_id AS boot_id, e.cgroup_mode AS cgroup_mode, e.agent_version AS agent_version,
    e.first_seen AS first_seen, n.newest AS ts,
    n.pressure_cpu_waiting_ratio AS pressure_cpu_waiting_ratio,
    n.figures.1 AS cpu_cores, n.figures.2 AS load1, n.figures.3 AS load5, n.figures.4 AS load15, n.figures.5 AS procs_running, n.figures.6 AS uptime_seconds, n.figures.7 AS memory_mem_total_bytes, n.figures.8 AS memory_mem_available_bytes, n.figures.9 AS memory_swap_total_bytes, n.figures.10 AS memory_swap_free_bytes
FROM
(
    SELECT tenant, entity, max(ts) AS newest,
        (max(pressure_cpu_waiting_seconds) - min(pressure_cpu_waiting_seconds)) / nullIf(dateDiff('millisecond', min(ts), max(ts)) / 1000, 0) AS pressure_cpu_waiting_ratio,
        argMax(tuple(cpu_cores, load1, load5, load15, procs_running, uptime_seconds, memory_mem_total_bytes, memory_mem_available_bytes, memory_swap_total_bytes, memory_swap_free_bytes), ts) AS figures
    FROM candor.machine FINAL
    WHERE ts > (SELECT least(max(last_seen), now64(3)) FROM candor.entity) - INTERVAL 5 MINUTE
    GROUP BY tenant, entity
) AS n
INNER JOIN
(
    SELECT tenant, entity, first_seen, attributes['host.name'] AS instance, attributes['host.id'] AS host_id, attributes['host.arch'] AS arch, attributes['os.version'] AS kernel, attributes['candor.boot.id'] AS boot_id, attributes['candor.cgroup.mode'] AS cgroup_mode, attributes['candor.agent.version'] AS agent_version
    FROM candor.entity FINAL
    WHERE kind = 'machine' AND isNull(ended_ms)
) AS e ON n.tenant = e.tenant AND n.entity = e.entity
