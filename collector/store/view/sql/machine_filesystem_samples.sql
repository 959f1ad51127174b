-- Printed from the catalogue by `npm run generate`; do not edit.
-- Samples of the table machine_filesystem: one a mount a pass, with the labels of the machine.
CREATE OR REPLACE VIEW candor.machine_filesystem_samples
(
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.',
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.',
    instance String COMMENT 'Attribute host.name; empty where it is not known.',
    device LowCardinality(String) COMMENT 'Attribute system.device of the point.',
    mountpoint LowCardinality(String) COMMENT 'Attribute system.filesystem.mountpoint of the point.',
    fstype LowCardinality(String) COMMENT 'Attribute system.filesystem.type of the point.',
    device_error LowCardinality(String) COMMENT 'Attribute candor.filesystem.error of the point.',
    size_bytes Nullable(Float64) COMMENT 'Size. Unit By, gauge.',
    free_bytes Nullable(Float64) COMMENT 'Free, with what is kept for root. Unit By, gauge.',
    avail_bytes Nullable(Float64) COMMENT 'Free for users other than root. Unit By, gauge.',
    files Nullable(Float64) COMMENT 'Inodes; 0 where the file system makes them as it needs them. Unit {inode}, gauge.',
    files_free Nullable(Float64) COMMENT 'Free inodes. Unit {inode}, gauge.',
    readonly Nullable(Float64) COMMENT '1 when mount or file system is read-only. Unit 1, gauge.',
    failed Nullable(Float64) COMMENT '1 when the figures cannot be had: the label device_error says why. Unit 1, gauge.'
)
AS SELECT s.ts AS ts, s.tenant AS tenant, s.entity AS entity,
    e.instance AS instance,
    s.device AS device, s.mountpoint AS mountpoint, s.fstype AS fstype, s.device_error AS device_error, s.size_bytes AS size_bytes, s.free_bytes AS free_bytes, s.avail_bytes AS avail_bytes, s.files AS files, s.files_free AS files_free, s.readonly AS readonly, s.failed AS failed
FROM candor.machine_filesystem AS s FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance
    FROM candor.entity FINAL
    WHERE kind = 'machine'
) AS e ON s.tenant = e.tenant AND s.entity = e.entity
