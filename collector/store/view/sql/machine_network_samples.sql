-- Printed from the catalogue by `npm run generate`; do not edit.
-- Samples of the table machine_network: one a network device a pass, with the labels of the machine.
CREATE OR REPLACE VIEW candor.machine_network_samples
(
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.',
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.',
    instance String COMMENT 'Attribute host.name; empty where it is not known.',
    device LowCardinality(String) COMMENT 'Attribute network.interface.name of the point.',
    receive_bytes Nullable(Float64) COMMENT 'Bytes, received. Unit By, counter.',
    receive_packets Nullable(Float64) COMMENT 'Packets, received. Unit {packet}, counter.',
    receive_errs Nullable(Float64) COMMENT 'Errors, received. Unit {error}, counter.',
    receive_drop Nullable(Float64) COMMENT 'Packets dropped, received. Unit {packet}, counter.',
    receive_fifo Nullable(Float64) COMMENT 'FIFO overruns, received. Unit {error}, counter.',
    receive_frame Nullable(Float64) COMMENT 'Framing errors, received. Unit {error}, counter.',
    receive_compressed Nullable(Float64) COMMENT 'Compressed packets, received. Unit {packet}, counter.',
    receive_multicast Nullable(Float64) COMMENT 'Multicast packets, received. Unit {packet}, counter.',
    transmit_bytes Nullable(Float64) COMMENT 'Bytes, sent. Unit By, counter.',
    transmit_packets Nullable(Float64) COMMENT 'Packets, sent. Unit {packet}, counter.',
    transmit_errs Nullable(Float64) COMMENT 'Errors, sent. Unit {error}, counter.',
    transmit_drop Nullable(Float64) COMMENT 'Packets dropped, sent. Unit {packet}, counter.',
    transmit_fifo Nullable(Float64) COMMENT 'FIFO overruns, sent. Unit {error}, counter.',
    transmit_colls Nullable(Float64) COMMENT 'Collisions, sent. Unit {collision}, counter.',
    transmit_carrier Nullable(Float64) COMMENT 'Carrier losses, sent. Unit {error}, counter.',
    transmit_compressed Nullable(Float64) COMMENT 'Compressed packets, sent. Unit {packet}, counter.'
)
AS SELECT s.ts AS ts, s.tenant AS tenant, s.entity AS entity,
    e.instance AS instance,
    s.device AS device, s.receive_bytes AS receive_bytes, s.receive_packets AS receive_packets, s.receive_errs AS receive_errs, s.receive_drop AS receive_drop, s.receive_fifo AS receive_fifo, s.receive_frame AS receive_frame, s.receive_compressed AS receive_compressed, s.receive_multicast AS receive_multicast, s.transmit_bytes AS transmit_bytes, s.transmit_packets AS transmit_packets, s.transmit_errs AS transmit_errs, s.transmit_drop AS transmit_drop, s.transmit_fifo AS transmit_fifo, s.transmit_colls AS transmit_colls, s.transmit_carrier AS transmit_carrier, s.transmit_compressed AS transmit_compressed
FROM candor.machine_network AS s FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance
    FROM candor.entity FINAL
    WHERE kind = 'machine'
) AS e ON s.tenant = e.tenant AND s.entity = e.entity
