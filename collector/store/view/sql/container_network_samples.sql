-- Printed from the catalogue by `npm run generate`; do not edit.
-- Samples of the table container_network: one an interface a pass, with the labels of the container.
CREATE OR REPLACE VIEW candor.container_network_samples
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
    interface LowCardinality(String) COMMENT 'Attribute network.interface.name of the point.',
    receive_bytes Nullable(Float64) COMMENT 'Bytes, received. Unit By, counter.',
    receive_packets Nullable(Float64) COMMENT 'Packets, received. Unit {packet}, counter.',
    receive_errors Nullable(Float64) COMMENT 'Errors, received. Unit {error}, counter.',
    receive_packets_dropped Nullable(Float64) COMMENT 'Packets dropped, received. Unit {packet}, counter.',
    transmit_bytes Nullable(Float64) COMMENT 'Bytes, sent. Unit By, counter.',
    transmit_packets Nullable(Float64) COMMENT 'Packets, sent. Unit {packet}, counter.',
    transmit_errors Nullable(Float64) COMMENT 'Errors, sent. Unit {error}, counter.',
    transmit_packets_dropped Nullable(Float64) COMMENT 'Packets dropped, sent. Unit {packet}, counter.'
)
AS SELECT s.ts AS ts, s.tenant AS tenant, s.entity AS entity,
    e.instance AS instance, e.id AS id, e.name AS name, e.image AS image, e.namespace AS namespace, e.pod AS pod, e.container AS container,
    s.interface AS interface, s.receive_bytes AS receive_bytes, s.receive_packets AS receive_packets, s.receive_errors AS receive_errors, s.receive_packets_dropped AS receive_packets_dropped, s.transmit_bytes AS transmit_bytes, s.transmit_packets AS transmit_packets, s.transmit_errors AS transmit_errors, s.transmit_packets_dropped AS transmit_packets_dropped
FROM candor.container_network AS s FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance, attributes['candor.cgroup.path'] AS id, attributes['container.name'] AS name, attributes['container.image.name'] AS image, attributes['k8s.namespace.name'] AS namespace, attributes['k8s.pod.name'] AS pod, attributes['k8s.container.name'] AS container
    FROM candor.entity FINAL
    WHERE kind = 'container'
) AS e ON s.tenant = e.tenant AND s.entity = e.entity
