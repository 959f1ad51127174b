-- Printed from the catalogue by `npm run generate`; do not edit.
-- Each container that reports, with its newest figures.
CREATE OR REPLACE VIEW candor.containers
(
    tenant LowCardinality(String) COMMENT 'Whose it is, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id, as in the table entity.',
    instance String COMMENT 'Attribute host.name; empty where it is not known.',
    id String COMMENT 'Attribute candor.cgroup.path; empty where it is not known.',
    name String COMMENT 'Attribute container.name; empty where it is not known.',
    image String COMMENT 'Attribute container.image.name; empty where it is not known.',
    namespace String COMMENT 'Attribute k8s.namespace.name; empty where it is not known.',
    pod String COMMENT 'Attribute k8s.pod.name; empty where it is not known.',
    container String COMMENT 'Attribute k8s.container.name; empty where it is not known.',
    unit String COMMENT 'Attribute candor.cgroup.name; empty where it is not known.',
    level String COMMENT 'Attribute candor.cgroup.level; empty where it is not known.',
    runtime String COMMENT 'Attribute container.runtime.name; empty where it is not known.',
    container_id String COMMENT 'Attribute container.id; empty where it is not known.',
    qos String COMMENT 'Attribute candor.k8s.qos; empty where it is not known.',
    first_seen DateTime64(3, 'UTC') COMMENT 'Time of its first sample.',
    ts DateTime64(3, 'UTC') COMMENT 'Time of these figures.',
    cpu_used_cores Nullable(Float64) COMMENT 'CPUs used, over the last five minutes. Unit {cpu}.',
    cpu_throttled_ratio Nullable(Float64) COMMENT 'Share of the periods of the last five minutes in which the quota ran out; NULL without a quota.',
    cpu_limit_effective_cores Nullable(Float64) COMMENT 'Tightest CPU quota of this cgroup and its ancestors, in cores; absent when none is limited. Unit {cpu}.',
    cpu_shares Nullable(Float64) COMMENT 'Relative weight as shares. On v2 computed from the weight by that of the two formulas in use which gives a usual value; candor_container_cpu_weight is what the kernel has. Unit {share}.',
    memory_usage_bytes Nullable(Float64) COMMENT 'Memory charged, page cache included. Unit By.',
    memory_working_set_bytes Nullable(Float64) COMMENT 'Memory charged less inactive page cache; not below 0. Unit By.',
    memory_rss_bytes Nullable(Float64) COMMENT 'Anonymous memory. Unit By.',
    memory_limit_bytes Nullable(Float64) COMMENT 'Memory limit of this cgroup; absent when unlimited. Unit By.',
    memory_limit_effective_bytes Nullable(Float64) COMMENT 'Tightest memory limit of this cgroup and its ancestors; absent when none is limited. Unit By.',
    oom_kills Nullable(Float64) COMMENT 'Processes killed by the memory limit, descendants included on v2. Unit {process}.',
    threads Nullable(Float64) COMMENT 'Tasks, threads included. Unit {thread}.',
    threads_limit_effective Nullable(Float64) COMMENT 'Tightest limit of tasks of this cgroup and its ancestors; absent when none is limited. Unit {thread}.',
    start_time_seconds Nullable(Float64) COMMENT 'Unix time at which the cgroup was made. Unit s.'
)
AS SELECT n.tenant AS tenant, n.entity AS entity,
    e.instance AS instance, e.id AS id, e.name AS name, e.image AS image, e.namespace AS namespace, e.pod AS pod, e.container AS container, e.unit AS unit, e.level AS level, e.runtime AS runtime, e.container_id AS container_id, e.qos AS qos,
    e.first_seen AS first_seen, n.newest AS ts,
    n.cpu_used_cores AS cpu_used_cores, n.cpu_throttled_ratio AS cpu_throttled_ratio,
    n.figures.1 AS cpu_limit_effective_cores, n.figures.2 AS cpu_shares, n.figures.3 AS memory_usage_bytes, n.figures.4 AS memory_working_set_bytes, n.figures.5 AS memory_rss_bytes, n.figures.6 AS memory_limit_bytes, n.figures.7 AS memory_limit_effective_bytes, n.figures.8 AS oom_kills, n.figures.9 AS threads, n.figures.10 AS threads_limit_effective, n.figures.11 AS start_time_seconds
FROM
(
    SELECT tenant, entity, max(ts) AS newest,
        (max(cpu_usage_seconds) - min(cpu_usage_seconds)) / nullIf(dateDiff('millisecond', min(ts), max(ts)) / 1000, 0) AS cpu_used_cores,
        (max(cpu_throttled_periods) - min(cpu_throttled_periods)) / nullIf(max(cpu_periods) - min(cpu_periods), 0) AS cpu_throttled_ratio,
        argMax(tuple(cpu_limit_effective_cores, cpu_shares, memory_usage_bytes, memory_working_set_bytes, memory_rss_bytes, memory_limit_bytes, memory_limit_effective_bytes, oom_kills, threads, threads_limit_effective, start_time_seconds), ts) AS figures
    FROM candor.container FINAL
    WHERE ts > (SELECT least(max(last_seen), now64(3)) FROM candor.entity) - INTERVAL 5 MINUTE
    GROUP BY tenant, entity
) AS n
INNER JOIN
(
    SELECT tenant, entity, first_seen, attributes['host.name'] AS instance, attributes['candor.cgroup.path'] AS id, attributes['container.name'] AS name, attributes['container.image.name'] AS image, attributes['k8s.namespace.name'] AS namespace, attributes['k8s.pod.name'] AS pod, attributes['k8s.container.name'] AS container, attributes['candor.cgroup.name'] AS unit, attributes['candor.cgroup.level'] AS level, attributes['container.runtime.name'] AS runtime, attributes['container.id'] AS container_id, attributes['candor.k8s.qos'] AS qos
    FROM candor.entity FINAL
    WHERE kind = 'container' AND isNull(ended_ms)
) AS e ON n.tenant = e.tenant AND n.entity = e.entity
