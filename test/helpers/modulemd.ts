import type { PackageSpec } from './repository.ts'

/** One modulemd document of a stream. */
export interface ModuleSpec {
  name: string
  stream: string
  version: number
  /** Default `c0ffee00`. */
  context?: string
  /** Full NEVRAs, with their epochs. */
  artifacts: string[]
}

/** A modules file in libmodulemd's form, version 2; `more` are further documents. */
export function modulesYaml(modules: readonly ModuleSpec[], ...more: string[]): string {
  return [...more, ...modules.map(documentOf)].map((document) => `---\n${document}...\n`).join('')
}

function documentOf({ name, stream, version, context = 'c0ffee00', artifacts }: ModuleSpec): string {
  const head = `document: modulemd\nversion: 2\ndata:\n  name: ${name}\n  stream: "${stream}"\n  version: ${version}\n  context: ${context}\n`
  const about = `  arch: x86_64\n  summary: The ${name} module\n  description: >-\n    What ${name} does.\n  license:\n    module:\n    - MIT\n`
  const profiles = `  profiles:\n    default:\n      rpms:\n      - ${name}\n`
  const list = artifacts.map((artifact) => `    - ${artifact}\n`).join('')
  return `${head}${about}${profiles}${list === '' ? '' : `  artifacts:\n    rpms:\n${list}`}`
}

/** The default stream of a module, with its profile. */
export function defaultStream(module: string, stream: string): string {
  return `document: modulemd-defaults\nversion: 1\ndata:\n  module: ${module}\n  stream: "${stream}"\n  profiles:\n    "${stream}": [default]\n`
}

/** The NEVRA of a package as modulemd writes it. */
export function artifactOf({
  name,
  epoch = '0',
  version = '1.0',
  release = '1',
  arch = 'x86_64',
}: PackageSpec): string {
  return `${name}-${epoch}:${version}-${release}.${arch}`
}
