/**
 * The versions of the schema, each with what brings a store of the version before to it. Forward only;
 * what was released is never edited.
 *
 * Only what cannot be told from a look at the store stands here. Tables and columns that are missing,
 * and codecs and comments of typed tables, follow from the catalogue at every start and need no number.
 * A statement may run twice, since a process can end between it and the note that it was made; and it
 * changes no row that is there: no mutation, whatever the engine offers.
 */
export interface Migration {
  readonly version: number
  readonly what: string
  readonly statements: readonly string[]
  /** More of them, which follow from the columns that the store has. */
  readonly forColumns?: (columns: readonly OldColumn[]) => readonly string[]
}

export interface OldColumn {
  readonly table: string
  readonly name: string
}

/** What a store has that was made before versions were kept. */
export const FIRST_VERSION = 1

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 2,
    what: 'the end of an entity; comments of columns that the catalogue does not have',
    statements: [
      `ALTER TABLE entity ADD COLUMN IF NOT EXISTS
        ended_ms SimpleAggregateFunction(max, Nullable(Float64)) AFTER last_seen`,
      `ALTER TABLE entity
        COMMENT COLUMN tenant 'Whose rows these are, as a token says; empty by default.',
        COMMENT COLUMN kind 'machine, container or runtime.',
        COMMENT COLUMN entity 'Id, made of the identity attributes.',
        COMMENT COLUMN attributes 'What is said of it, under OpenTelemetry names.',
        COMMENT COLUMN first_seen 'Time of its first sample.',
        COMMENT COLUMN last_seen 'Time of its newest sample, behind by less than a minute.',
        COMMENT COLUMN ended_ms 'Unix ms at which its agent said that it ended; NULL while it lives.'`,
      `ALTER TABLE series
        COMMENT COLUMN tenant 'Whose rows these are, as a token says; empty by default.',
        COMMENT COLUMN series 'Id, made of name and labels.',
        COMMENT COLUMN name 'Prometheus name of the metric.',
        COMMENT COLUMN kind 'counter, gauge or untyped; histogram where its values are in histogram.',
        COMMENT COLUMN labels 'Labels without the name.',
        COMMENT COLUMN first_seen 'Time of its first point.',
        COMMENT COLUMN last_seen 'Time of its newest point, behind by less than 15 minutes.'`,
      `ALTER TABLE fact
        COMMENT COLUMN tenant 'Whose rows these are, as a token says; empty by default.',
        COMMENT COLUMN workload 'Name that outlives the entity.',
        COMMENT COLUMN name 'Attribute.',
        COMMENT COLUMN entity 'Id of the container or runtime.',
        COMMENT COLUMN since 'From when on it was said.',
        COMMENT COLUMN kind 'container or runtime.',
        COMMENT COLUMN value 'Value of the attribute.'`,
      `ALTER TABLE point
        COMMENT COLUMN tenant 'Whose rows these are, as a token says; empty by default.',
        COMMENT COLUMN series 'Id, as in the table series.',
        COMMENT COLUMN ts 'When it was read.',
        COMMENT COLUMN value 'In the unit that the name says; NaN where the series ended, or of bits 0x7ff8000000000001 where it was measured.'`,
      // Most series come with many others, at the same times: differences come again byte by byte.
      `ALTER TABLE point MODIFY COLUMN ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))`,
      `ALTER TABLE slice
        COMMENT COLUMN tenant 'Whose rows these are, as a token says; empty by default.',
        COMMENT COLUMN service 'Service of the SLO.',
        COMMENT COLUMN slo 'Name of the SLO.',
        COMMENT COLUMN definition 'Print of the indicator.',
        COMMENT COLUMN start 'Start of the slice.',
        COMMENT COLUMN good 'Good events, or seconds.',
        COMMENT COLUMN total 'All events, or seconds.'`,
    ],
  },
  {
    version: 3,
    what: 'windows have a mean: in those that are there it is made of their sum and count',
    statements: [],
    forColumns: (columns) =>
      columns.flatMap(({ table, name }) => {
        const column = /^(.+)__sum$/.exec(name)?.[1]
        if (column === undefined || !/_1[mh]$/.test(table)) return []
        return [
          `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${column}__avg Nullable(Float32)
            DEFAULT if(${column}__count > 0, ${column}__sum / ${column}__count, NULL)
            CODEC(Delta(4), ZSTD(1)) AFTER ${column}__max`,
        ]
      }),
  },
  {
    version: 4,
    what: 'views for people who ask in SQL; these follow from the catalogue',
    statements: [
      `ALTER TABLE entity
        COMMENT COLUMN last_seen 'Time of its newest sample, behind by less than five minutes.'`,
    ],
  },
]

/** The version of this program. */
export const SCHEMA_VERSION = MIGRATIONS.at(-1)?.version ?? FIRST_VERSION
