-- Printed from the catalogue by `npm run generate`; do not edit.
-- Samples of the table container_hugetlb: one a size of huge pages a pass, with the labels of the container.
CREATE OR REPLACE VIEW candor.container_hugetlb_samples
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
    pagesize LowCardinality(String) COMMENT 'Attribute candor.hugetlb.pagesize of the point.',
    usage_bytes Nullable(Float64) COMMENT 'Huge pages used. Unit By, gauge.',
    max_usage_bytes Nullable(Float64) COMMENT 'Most huge pages that were ever used; absent on v2. Unit By, gauge.',
    failcnt Nullable(Float64) COMMENT 'Times that the limit was met. Unit {event}, counter.',
    limit_bytes Nullable(Float64) COMMENT 'Limit of huge pages; absent when unlimited. Unit By, gauge.',
    reserved_bytes Nullable(Float64) COMMENT 'Huge pages reserved by mappings, used or not. Unit By, gauge.'
)
AS SELECT s.ts AS ts, s.tenant AS tenant, s.entity AS entity,
    e.instance AS instance, e.id AS id, e.name AS name, e.image AS image, e.namespace AS namespace, e.pod AS pod, e.container AS container,
    s.pagesize AS pagesize, s.usage_bytes AS usage_bytes, s.max_usage_bytes AS max_usage_bytes, s.failcnt AS failcnt, s.limit_bytes AS limit_bytes, s.reserved_bytes AS reserved_bytes
FROM candor.container_hugetlb AS s FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance, attributes['candor.cgroup.path'] AS id, attributes['container.name'] AS name, attributes['container.image.name'] AS image, attributes['k8s.namespace.name'] AS namespace, attributes['k8s.pod.name'] AS pod, attributes['k8s.container.name'] AS container
    FROM candor.entity FINAL
    WHERE kind = 'container'
) AS e ON s.tenant = e.tenant AND s.entity = e.entity
