-- Printed from the catalogue by `npm run generate`; do not edit.
-- Samples of the table container_disk: one a block device that it used a pass, with the labels of the container.
CREATE OR REPLACE VIEW candor.container_disk_samples
(
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.',
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.',
    instance String COMMENT 'Attribute host.name; empty where it is not known.',
    id String COMMENT 'Attribute candor.cgroup.path; empty where it is not known.',
    name String COMMENT 'Attribute container.name; empty where it is not known.',
    image String COMMENT 'Attribute container.image.name; empty where it is not known.',
    namespace String COMMENT 'Attribute k8s.namespace.name; empty where it is not known.',
    pod String COMMENT 'Attribute k8s.pod.name; empty where it is not known.',
    container String COMMENT 'Attribute k8s.container.name; empty where it is not known.',
    device LowCardinality(String) COMMENT 'Attribute system.device of the point.',
    read_bytes Nullable(Float64) COMMENT 'Bytes read. On v1 since Linux 6.9 only of disks that BFQ schedules or that have a limit for the cgroup. Unit By, counter.',
    written_bytes Nullable(Float64) COMMENT 'Bytes written. On v1 without those that the kernel wrote later on, out of the page cache. Unit By, counter.',
    reads Nullable(Float64) COMMENT 'Reads. On v1 at times one pass old. Unit {operation}, counter.',
    writes Nullable(Float64) COMMENT 'Writes. On v1 at times one pass old. Unit {operation}, counter.',
    discarded_bytes Nullable(Float64) COMMENT 'Bytes discarded. Unit By, counter.',
    discards Nullable(Float64) COMMENT 'Discards. Unit {operation}, counter.',
    reads_merged Nullable(Float64) COMMENT 'Reads that were merged with a neighbour; once a minute. Unit {operation}, counter.',
    writes_merged Nullable(Float64) COMMENT 'Writes that were merged with a neighbour; once a minute. Unit {operation}, counter.',
    read_seconds Nullable(Float64) COMMENT 'Time from dispatch to completion of all reads, summed; once a minute. Unit s, counter.',
    write_seconds Nullable(Float64) COMMENT 'Time from dispatch to completion of all writes, summed; once a minute. Unit s, counter.',
    io_seconds Nullable(Float64) COMMENT 'Time from dispatch to completion, summed; once a minute. Unit s, counter.',
    io_now Nullable(Float64) COMMENT 'Operations that wait or are in flight; once a minute. Unit {operation}, gauge.',
    cost_usage_seconds Nullable(Float64) COMMENT 'Device time used, by the cost model. Unit s, counter.',
    cost_wait_seconds Nullable(Float64) COMMENT 'Time that operations waited for their share. Unit s, counter.',
    cost_indebt_seconds Nullable(Float64) COMMENT 'Time in which the cgroup was in debt. Unit s, counter.',
    cost_indelay_seconds Nullable(Float64) COMMENT 'Time in which its processes were delayed to pay a debt. Unit s, counter.'
)
AS SELECT s.ts AS ts, s.tenant AS tenant, s.entity AS entity,
    e.instance AS instance, e.id AS id, e.name AS name, e.image AS image, e.namespace AS namespace, e.pod AS pod, e.container AS container,
    s.device AS device, s.read_bytes AS read_bytes, s.written_bytes AS written_bytes, s.reads AS reads, s.writes AS writes, s.discarded_bytes AS discarded_bytes, s.discards AS discards, s.reads_merged AS reads_merged, s.writes_merged AS writes_merged, s.read_seconds AS read_seconds, s.write_seconds AS write_seconds, s.io_seconds AS io_seconds, s.io_now AS io_now, s.cost_usage_seconds AS cost_usage_seconds, s.cost_wait_seconds AS cost_wait_seconds, s.cost_indebt_seconds AS cost_indebt_seconds, s.cost_indelay_seconds AS cost_indelay_seconds
FROM candor.container_disk AS s FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance, attributes['candor.cgroup.path'] AS id, attributes['container.name'] AS name, attributes['container.image.name'] AS image, attributes['k8s.namespace.name'] AS namespace, attributes['k8s.pod.name'] AS pod, attributes['k8s.container.name'] AS container
    FROM candor.entity FINAL
    WHERE kind = 'container'
) AS e ON s.tenant = e.tenant AND s.entity = e.entity
