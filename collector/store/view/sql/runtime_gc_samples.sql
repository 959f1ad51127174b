-- Printed from the catalogue by `npm run generate`; do not edit.
-- Samples of the table runtime_gc: one a collector of a JVM a pass, with the labels of the runtime.
CREATE OR REPLACE VIEW candor.runtime_gc_samples
(
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.',
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.',
    instance String COMMENT 'Attribute host.name; empty where it is not known.',
    pid String COMMENT 'Attribute process.pid; empty where it is not known.',
    id String COMMENT 'Attribute candor.cgroup.path; empty where it is not known.',
    name String COMMENT 'Attribute container.name; empty where it is not known.',
    gc LowCardinality(String) COMMENT 'Attribute jvm.gc.name of the point.',
    collections Nullable(Float64) COMMENT 'Collections, as the collector counts them. Unit {collection}, counter.',
    seconds Nullable(Float64) COMMENT 'Time that the collector reports: pauses for Serial, Parallel, G1 and ZGC; pauses and concurrent phases for Shenandoah. Concurrent work of ZGC is not in it. Unit s, counter.'
)
AS SELECT s.ts AS ts, s.tenant AS tenant, s.entity AS entity,
    e.instance AS instance, e.pid AS pid, e.id AS id, e.name AS name,
    s.gc AS gc, s.collections AS collections, s.seconds AS seconds
FROM candor.runtime_gc AS s FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance, attributes['process.pid'] AS pid, attributes['candor.cgroup.path'] AS id, attributes['container.name'] AS name
    FROM candor.entity FINAL
    WHERE kind = 'runtime'
) AS e ON s.tenant = e.tenant AND s.entity = e.entity
