/** The kinds of runtime that are told apart: values of the attribute `process.runtime.name`. */
export const runtimeKinds = [
  'jvm',
  'native-image',
  'go',
  'nodejs',
  'dotnet',
  'python',
  'beam',
  'nginx',
  'envoy',
  'postgresql',
  'php-fpm',
  'ruby',
] as const

export type RuntimeKind = (typeof runtimeKinds)[number]
