/** The default tenant alone, as the console shows it. */
import { Entities } from '../../../collector/find/entities.ts'
import type { Shown, WebOptions } from '../../../collector/web/server.ts'

export function oneView(
  shown: Pick<Shown, 'store' | 'own' | 'findings' | 'slos'>,
): Pick<WebOptions, 'own' | 'views'> {
  const view = { ...shown, tenant: '', entities: new Entities({ store: shown.store }) }
  return { own: shown.own, views: { of: () => view, all: () => [view] } }
}
