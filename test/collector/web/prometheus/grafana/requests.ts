/**
 * What Grafana's Prometheus data source sends, as it was recorded: its own front end (@grafana/prometheus 13.2.3
 * on @grafana/runtime 13.2.2) ran in Node and was asked for what people do with it. Between it and a collector stood what Grafana's backend does with a request.
 * Source: grafana/grafana-prometheus-datasource, pkg/promlib: client/client.go (d9d5f80), resource/resource.go
 * (66c1916), querydata/request.go and middleware/forward_alert_headers.go (4bbdd87), models/query.go (e7dc2f3),
 * healthcheck.go (654bec8), heuristics.go (bf252dc), middleware/forward_headers.go (0842d33),
 * middleware/custom_query_params.go (5ef89d8); grafana/grafana, public/app/core/utils/fetch.ts (03d9862) and
 * public/app/features/alerting/unified/api/prometheusApi.ts (04e4a74).
 */

/** What all times in the requests are about. */
export const RECORDED_MS = 1_795_296_410_000

export interface GrafanaRequest {
  readonly method: 'GET' | 'POST'
  /** Path and query. */
  readonly address: string
  readonly form?: string
  /** Beside those of the method. */
  readonly headers: Readonly<Record<string, string>>
}

type Headers = GrafanaRequest['headers']
const get = (address: string, headers: Headers = {}): GrafanaRequest => ({
  method: 'GET',
  address,
  headers,
})
const post = (address: string, form: string, headers: Headers = {}): GrafanaRequest => ({
  method: 'POST',
  address,
  form,
  headers,
})

const EDITOR: Headers = { 'x-datasource-uid': 'candor' }
const PANEL: Headers = {
  ...EDITOR,
  'x-dashboard-uid': 'candor-machine',
  'x-dashboard-title': 'Machine',
  'x-panel-id': '7',
  'x-panel-title': 'CPU',
  'x-panel-plugin-id': 'timeseries',
  'x-query-group-id': 'g1',
}
const ALERT: Headers = {
  fromalert: 'true',
  'x-rule-uid': 'r1',
  'x-rule-name': 'Load',
  'x-rule-folder': 'Machines',
  'x-grafana-org-id': '1',
}

/** By what a person or Grafana does, in the order in which they are sent. */
export const recorded: ReadonlyMap<string, readonly GrafanaRequest[]> = new Map([
  ['save and test', [post('/api/v1/query', 'query=1%2B1&time=4'), get('/api/v1/status/buildinfo')]],
  [
    'a data source is opened',
    [
      get('/api/v1/rules', EDITOR),
      post('/api/v1/query_exemplars', 'query=test&start=1795294610000&end=1795296410000', EDITOR),
    ],
  ],
  [
    'the query editor is opened',
    [
      get('/api/v1/label/__name__/values?limit=40000&start=1795295760&end=1795296420', EDITOR),
      get('/api/v1/metadata?limit=40000', EDITOR),
      post('/api/v1/labels', 'limit=40000&start=1795295760&end=1795296420', EDITOR),
    ],
  ],
  [
    'label names of a metric',
    [
      post(
        '/api/v1/labels',
        'limit=40000&start=1795295760&end=1795296420&match%5B%5D=%7B__name__%3D%22node_cpu_seconds_total%22%7D',
        EDITOR,
      ),
    ],
  ],
  [
    'label values of a metric',
    [
      get(
        '/api/v1/label/mode/values?limit=40000&start=1795295760&end=1795296420&match%5B%5D=%7B__name__%3D%22node_cpu_seconds_total%22%7D',
        EDITOR,
      ),
    ],
  ],
  [
    'label values, no more than',
    [get('/api/v1/label/__name__/values?limit=3&start=1795295760&end=1795296420', EDITOR)],
  ],
  [
    'values of a label with a dot',
    [
      get(
        '/api/v1/label/U__http_2e_status:code/values?limit=40000&start=1795295760&end=1795296420&match%5B%5D=%7B%22http.status%3Acode%22%21%3D%22%22%7D',
        EDITOR,
      ),
    ],
  ],
  [
    'completion of a metric name',
    [
      get(
        '/api/v1/label/__name__/values?limit=1000&start=1795295760&end=1795296420&match%5B%5D=%7B__name__%3D%7E%22.*node_load.*%22%7D',
        EDITOR,
      ),
    ],
  ],
  [
    'variable label_names(metric)',
    [
      post(
        '/api/v1/labels',
        'limit=40000&start=1795295760&end=1795296420&match%5B%5D=%7B__name__%3D%7E%22.*node_cpu_seconds.*%22%7D',
        EDITOR,
      ),
    ],
  ],
  [
    'variable metrics(regexp)',
    [
      get(
        '/api/v1/label/__name__/values?limit=40000&start=1795295760&end=1795296420&match%5B%5D=%7B__name__%3D%7E%22node_load.*%22%7D',
        EDITOR,
      ),
    ],
  ],
  [
    'variable query_result(expression)',
    [post('/api/v1/query', 'query=topk%282%2C+node_cpu_seconds_total%29&time=1795296410', EDITOR)],
  ],
  [
    'variable query_result(scalar)',
    [post('/api/v1/query', 'query=scalar%28sum%28up%29%29&time=1795296410', EDITOR)],
  ],
  [
    'variable that is a selector',
    [
      post(
        '/api/v1/series',
        'match%5B%5D=node_load1%7Bjob%3D%22candor%22%7D&start=1795295803&end=1795296410',
        EDITOR,
      ),
    ],
  ],
  [
    'variable job of the dashboards',
    [
      get(
        '/api/v1/label/job/values?limit=40000&start=1795295760&end=1795296420&match%5B%5D=node_boot_time_seconds',
        EDITOR,
      ),
    ],
  ],
  [
    'variable instance of the dashboards, of all jobs',
    [
      get(
        '/api/v1/label/instance/values?limit=40000&start=1795295760&end=1795296420&match%5B%5D=node_boot_time_seconds%7Bjob%3D%7E%22.%2B%22%7D',
        EDITOR,
      ),
    ],
  ],
  [
    'variable instance of the dashboards, of chosen jobs',
    [
      get(
        '/api/v1/label/instance/values?limit=40000&start=1795295760&end=1795296420&match%5B%5D=node_boot_time_seconds%7Bjob%3D%7E%22%28candor%7Ca%5C%5C.b%5C%5C%7Cc%29%22%7D',
        EDITOR,
      ),
    ],
  ],
  [
    'ad hoc filters: names',
    [
      post(
        '/api/v1/labels',
        'limit=40000&start=1795295760&end=1795296420&match%5B%5D=%7B__name__%3D%7E%22node_cpu_seconds_total%7Cnode_load1%22%7D',
        EDITOR,
      ),
    ],
  ],
  [
    'ad hoc filters: values beside others',
    [
      get(
        '/api/v1/label/mode/values?limit=40000&start=1795295760&end=1795296420&match%5B%5D=%7B__name__%3D%7E%22node_cpu_seconds_total%22%2Cinstance%3D%22vm%22%2Ccpu%3D%7E%220%7C1%22%7D',
        EDITOR,
      ),
    ],
  ],
  [
    'suggestions within a scope',
    [
      post(
        '/api/v1/label/mode/values?end=1795296420&match%5B%5D=node_cpu_seconds_total%7Bjob%3D%22candor%22%2Ccpu%3D%220%22%7D&start=1795295760',
        '',
        EDITOR,
      ),
    ],
  ],
  [
    'suggestions of names within a scope',
    [
      post(
        '/api/v1/labels?end=1795296420&match%5B%5D=%7Bjob%3D%22candor%22%7D&start=1795295760',
        '',
        EDITOR,
      ),
    ],
  ],
  [
    'a panel of lines',
    [
      post(
        '/api/v1/query_range',
        'end=1795296405&query=sum+by+%28mode%29+%28rate%28node_cpu_seconds_total%7Bjob%3D%7E%22.%2B%22%2Cinstance%3D%7E%22vm%22%7D%5B1m0s%5D%29%29&start=1795295790&step=15',
        PANEL,
      ),
    ],
  ],
  [
    'a metric and a label whose names have dots',
    [
      post(
        '/api/v1/query_range',
        'end=1795296405&query=sum+by+%28%22http.status%3Acode%22%29+%28%7B%22shop.requests%22%7D%29&start=1795295790&step=15',
        PANEL,
      ),
    ],
  ],
  [
    'a panel with ad hoc filters',
    [
      post(
        '/api/v1/query_range',
        'end=1795296405&query=rate%28node_cpu_seconds_total%7Bmode%3D%7E%22idle%7Cuser%22%2C+cpu%3D%7E%220%7C1%22%7D%5B1m0s%5D%29&start=1795295790&step=15',
        PANEL,
      ),
    ],
  ],
  [
    'a stat',
    [
      post(
        '/api/v1/query',
        'query=time%28%29+-+node_boot_time_seconds%7Bjob%3D%7E%22.%2B%22%2Cinstance%3D%7E%22vm%22%7D&time=1795296409.655',
        PANEL,
      ),
    ],
  ],
  [
    'Explore asks both at once',
    [
      post(
        '/api/v1/query_range',
        'end=1795296405&query=node_load1&start=1795295790&step=15',
        EDITOR,
      ),
      post('/api/v1/query', 'query=node_load1&time=1795296409.655', EDITOR),
    ],
  ],
  [
    'a panel with exemplars',
    [
      post(
        '/api/v1/query_range',
        'end=1795296405&query=histogram_quantile%280.95%2C+sum+by+%28le%29+%28rate%28http_request_duration_seconds_bucket%5B1m0s%5D%29%29%29&start=1795295790&step=15',
        PANEL,
      ),
      post(
        '/api/v1/query_exemplars',
        'end=1795296405&query=histogram_quantile%280.95%2C+sum+by+%28le%29+%28rate%28http_request_duration_seconds_bucket%5B1m0s%5D%29%29%29&start=1795295790',
        PANEL,
      ),
    ],
  ],
  [
    'a heatmap',
    [
      post(
        '/api/v1/query_range',
        'end=1795296405&query=sum+by+%28le%29+%28increase%28http_request_duration_seconds_bucket%5B1m0s%5D%29%29&start=1795295790&step=15',
        PANEL,
      ),
    ],
  ],
  [
    'the whole range in one figure',
    [
      post(
        '/api/v1/query',
        'query=max_over_time%28node_load1%5B607s%5D%29+%2B+0+*+15000+%2B+0+*+607&time=1795296409.655',
        PANEL,
      ),
    ],
  ],
  [
    'a long range, by minutes',
    [
      post(
        '/api/v1/query_range',
        'end=1795296360&query=avg_over_time%28node_load1%5B1m%5D%29&start=1795253160&step=60',
        PANEL,
      ),
    ],
  ],
  [
    'a step of less than a second',
    [
      post(
        '/api/v1/query_range',
        'end=1795296409.8&query=node_load1&start=1795296349.8&step=0.2',
        PANEL,
      ),
    ],
  ],
  [
    'a time zone of 5:45',
    [
      post(
        '/api/v1/query_range',
        'end=1795295700&query=count%28http_requests_total%29&start=1795252500&step=3600',
        PANEL,
      ),
    ],
  ],
  [
    'annotations',
    [
      post(
        '/api/v1/query_range',
        'end=1795296360&query=changes%28node_load1%5B1m%5D%29+%3E+0&start=1795295760&step=60',
      ),
    ],
  ],
  [
    'an alert rule is evaluated',
    [post('/api/v1/query', 'query=node_load1+%3E+0&time=1795296410', ALERT)],
  ],
  [
    'the list of alert rules',
    [
      get('/api/v1/rules?exclude_alerts=true&group_limit=100'),
      get(
        '/api/v1/rules?file=OpenSLO&file%5B%5D=OpenSLO&rule_group=shop&rule_group%5B%5D=shop&rule_name=SLOBurnRate&rule_name%5B%5D=SLOBurnRate',
      ),
      get('/api/v1/alerts'),
    ],
  ],
  [
    'an error of the query',
    [
      post(
        '/api/v1/query_range',
        'end=1795296405&query=rate%28node_load1%29&start=1795295790&step=15',
        PANEL,
      ),
    ],
  ],
  [
    'an empty answer',
    [
      post(
        '/api/v1/query_range',
        'end=1795296405&query=no_such_metric&start=1795295790&step=15',
        PANEL,
      ),
    ],
  ],
  [
    "by GET, with a timeout and parameters of one's own",
    [
      get(
        '/api/v1/query_range?end=1795296405&query=sum%28rate%28node_cpu_seconds_total%5B4m0s%5D%29%29&start=1795295790&step=15&timeout=30s&max_source_resolution=5m&timeout=10s',
        PANEL,
      ),
      get('/api/v1/query?query=1%2B1&time=4&max_source_resolution=5m&timeout=10s'),
      get('/api/v1/status/buildinfo?max_source_resolution=5m&timeout=10s'),
    ],
  ],
  [
    'by GET, label names',
    [
      get(
        '/api/v1/labels?limit=40000&start=1795295760&end=1795296420&match%5B%5D=%7B__name__%3D%7E%22node_load1%7Ca+b%2Bc%26d%25%22%7D&max_source_resolution=5m&timeout=10s&max_source_resolution=5m&timeout=10s',
        EDITOR,
      ),
    ],
  ],
  [
    "by POST, with parameters of one's own",
    [
      post(
        '/api/v1/query_range?dedup=true',
        'end=1795296405&query=node_load1&start=1795295790&step=15',
        PANEL,
      ),
      post(
        '/api/v1/labels?dedup=true',
        'limit=40000&start=1795295760&end=1795296420&match%5B%5D=%7B__name__%3D%22node_load1%22%7D&dedup=true',
        EDITOR,
      ),
    ],
  ],
  [
    'lists out of series',
    [
      post(
        '/api/v1/series',
        'start=1795295803&end=1795296410&match%5B%5D=%7B__name__%3D%22node_cpu_seconds_total%22%7D&limit=40000',
        EDITOR,
      ),
      post(
        '/api/v1/series',
        'start=1795295803&end=1795296410&match%5B%5D=%7B__name__%3D%22node_cpu_seconds_total%22%2Cinstance%3D%22vm%22%2Cmode%21%3D%22%22%7D&limit=40000',
        EDITOR,
      ),
    ],
  ],
  [
    'search, which there is none',
    [
      get(
        '/api/v1/search/label_values?start=1795295760&end=1795296420&limit=10000&match%5B%5D=node_cpu_seconds_total&batch_size=100&label=mode',
      ),
      get(
        '/api/v1/label/mode/values?limit=40000&start=1795295760&end=1795296420&match%5B%5D=node_cpu_seconds_total',
        EDITOR,
      ),
    ],
  ],
])
