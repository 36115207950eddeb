import { join } from 'node:path'
import { type Published, publish } from './published.ts'

/** The upstream of `npm start`. */
export const upstream = join(import.meta.dirname, '../../demo/upstream')

/** It mirrored as `whole`, with all archs and its source package, and as `newest`, which is what config/demo.yaml does. */
export function publishDemo(): Promise<Published> {
  return publish({
    whole: { baseurl: upstream, arch: ['x86_64', 'i686', 'aarch64'], source: 'also' },
    newest: { baseurl: upstream, arch: ['x86_64', 'i686'], newest_only: true },
  })
}
