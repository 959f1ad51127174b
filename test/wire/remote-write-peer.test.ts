/** Remote write 2.0 as protobufjs encodes it by the schema of Prometheus: another's idea of the wire. */
import protobuf from 'protobufjs'
import { expect, test } from 'vitest'
import { recordWrite } from './write-recorder.ts'

/** After prompb/io/prometheus/write/v2/types.proto, as far as it is of use. */
const PROTO = `
  syntax = "proto3";
  message Request { repeated string symbols = 4; repeated TimeSeries timeseries = 5; }
  message TimeSeries {
    repeated uint32 labels_refs = 1;
    repeated Sample samples = 2;
    repeated Histogram histograms = 3;
    repeated Exemplar exemplars = 4;
    Metadata metadata = 5;
    int64 created_timestamp = 6;
  }
  message Exemplar { repeated uint32 labels_refs = 1; double value = 2; int64 timestamp = 3; }
  message Sample { double value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }
  message Metadata { int32 type = 1; uint32 help_ref = 3; uint32 unit_ref = 4; }
  message Histogram {
    oneof count { uint64 count_int = 1; double count_float = 2; }
    double sum = 3;
    sint32 schema = 4;
    double zero_threshold = 5;
    oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
    repeated Span negative_spans = 8;
    repeated sint64 negative_deltas = 9;
    repeated double negative_counts = 10;
    repeated Span positive_spans = 11;
    repeated sint64 positive_deltas = 12;
    repeated double positive_counts = 13;
    int32 reset_hint = 14;
    int64 timestamp = 15;
    repeated double custom_values = 16;
  }
  message Span { sint32 offset = 1; uint32 length = 2; }`

const request = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('Request')
const encode = (message: object) =>
  Buffer.from(request.encode(request.fromObject(message)).finish())

const now = Date.UTC(2026, 5, 1)

test('a request is read as it was meant', () => {
  const symbols = ['', '__name__', 'took', 'job', 'shop', 'help of it', 's', 'up']
  const { series, rejected } = recordWrite(
    2,
    encode({
      symbols,
      timeseries: [
        {
          labels_refs: [1, 7, 3, 4],
          samples: [
            { value: 0, timestamp: now },
            { value: -1.5, timestamp: now + 1, start_timestamp: now - 1 },
          ],
          exemplars: [{ labels_refs: [3, 4], value: 1, timestamp: now }],
          metadata: { type: 2, help_ref: 5, unit_ref: 6 },
        },
        {
          labels_refs: [1, 2, 3, 4],
          created_timestamp: now - 5_000,
          metadata: { type: 3 },
          histograms: [
            {
              count_int: 12,
              sum: -2.5,
              schema: -2,
              zero_threshold: 0.5,
              zero_count_int: 2,
              negative_spans: [{ offset: -3, length: 2 }],
              negative_deltas: [4, -3],
              positive_spans: [
                { offset: 1, length: 1 },
                { offset: 2, length: 1 },
              ],
              positive_deltas: [3, -1],
              timestamp: now,
            },
            {
              count_float: 1.5,
              schema: 0,
              zero_count_float: 0.5,
              positive_spans: [{ length: 1 }],
              positive_counts: [1],
              reset_hint: 3,
              timestamp: now + 1,
            },
            {
              count_int: 3,
              schema: -53,
              positive_spans: [{ offset: 1, length: 1 }],
              positive_deltas: [3],
              custom_values: [0.1, 1],
              timestamp: now + 2,
            },
          ],
        },
      ],
    }),
  )
  expect(rejected).toEqual({ 'exemplars exemplars': 1 })
  expect(series.map(({ of, type }) => [of.name, of.labels, type])).toEqual([
    ['up', [['job', 'shop']], 'gauge'],
    ['took', [['job', 'shop']], 'histogram'],
  ])
  expect(series[0]!.items).toEqual([
    [now, 0],
    [now + 1, -1.5],
  ])
  expect(series[1]!.items).toEqual([
    [
      now,
      {
        form: 'exponential',
        count: 12,
        sum: -2.5,
        scale: -2,
        zeroThreshold: 0.5,
        zeroCount: 2,
        positive: { indexes: [0, 3], counts: [3, 2] },
        negative: { indexes: [-4, -3], counts: [4, 1] },
        isGauge: false,
      },
    ],
    [
      now + 1,
      {
        form: 'exponential',
        count: 1.5,
        sum: 0,
        scale: 0,
        zeroThreshold: 0,
        zeroCount: 0.5,
        positive: { indexes: [-1], counts: [1] },
        negative: { indexes: [], counts: [] },
        isGauge: true,
      },
    ],
    [
      now + 2,
      { form: 'explicit', count: 3, sum: 0, bounds: [0.1, 1], counts: [0, 3, 0], isGauge: false },
    ],
  ])
})
