/** Every kind that tells nothing of its own but what its process shows. */
import type { RuntimeKind } from '../../catalog/runtime-kind.ts'
import { beam } from './beam.ts'
import { dotnet } from './dotnet.ts'
import { envoy } from './envoy.ts'
import { go } from './go.ts'
import type { PlainKind } from './kind.ts'
import { nativeImage } from './native-image.ts'
import { nginx } from './nginx.ts'
import { nodejs } from './nodejs.ts'
import { phpFpm } from './php-fpm.ts'
import { postgresql } from './postgresql.ts'
import { python } from './python.ts'
import { ruby } from './ruby.ts'

export const plainKinds: Readonly<Partial<Record<RuntimeKind, PlainKind>>> = {
  'native-image': nativeImage,
  go,
  nodejs,
  dotnet,
  python,
  beam,
  nginx,
  envoy,
  postgresql,
  'php-fpm': phpFpm,
  ruby,
}
