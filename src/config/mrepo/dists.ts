import type { Option, Section } from './configParser.ts'
import type { Notes } from './notes.ts'
import type { Read } from './read.ts'

/** A repository of a distribution, its URLs with their variables replaced. */
export type MrepoRepo = { name: string; urls: string[]; option: Option }

/** A distribution for one arch. `nick` is its folder's name: `centos5-i386`. */
export type Dist = { nick: string; name: string; arch: string; enabled: boolean; repos: MrepoRepo[]; section: Section }

/** The arches that the name of a section may end with (mrepo, `archs`). */
const archs = ['alpha', 'i386', 'ia64', 'ppc', 'ppc64', 'x86_64', 'sparc64', 'sparc64v', 's390', 's390x']

/** Options of a distribution that are no repository (mrepo, `Config.update`), and why they come to nothing here, if so. */
const own: Record<string, string | undefined> = {
  name: undefined,
  release: undefined,
  arch: undefined,
  disabled: undefined,
  metadata: undefined,
  dist: 'mrepo itself passes over it',
  repo: 'mrepo itself makes nothing of it',
  iso: 'images are not read here: mount them and name the folder in local:, or take the tree from an upstream with kickstart: yes',
  rhnrelease: 'RHN is not spoken here, and was switched off',
  systemid: 'RHN is not spoken here, and was switched off',
  promoteepoch: "records are upstream's own, epochs among them",
  fuseiso: 'images are not mounted here',
  unionfs: 'images are not mounted here',
}

const disable: ReadonlySet<string> = new Set(['no', 'off', 'false', '0'])

/** The value of a switch: mrepo takes for yes whatever is not one of four words. */
export function isOn(value: string): boolean {
  return !disable.has(value)
}

/** Every distribution for each of its arches, the disabled ones too. */
export function distsOf({ dists, main, variables }: Read, notes: Notes): Dist[] {
  return dists.flatMap((section) => {
    for (const [key, why] of Object.entries(own)) {
      const option = section.options.get(key)
      if (option !== undefined && why !== undefined && option.value !== '')
        notes.add(option, `[${section.name}] ${key}`, why)
    }
    const suffix = archs.find((arch) => section.name.endsWith(`-${arch}`))
    const listed = section.options.get('arch') ?? main.get('arch')
    if (suffix !== undefined && section.options.has('arch'))
      notes.add(
        section.options.get('arch') as Option,
        `[${section.name}] arch`,
        `the section's name says ${suffix}, which counts`,
      )
    const arches = suffix === undefined ? (listed?.value ?? 'i386').split(/\s+/).filter(Boolean) : [suffix]
    const base = suffix === undefined ? section.name : (section.name.split(`-${suffix}`)[0] as string)
    return arches.map((arch) => distOf(base, arch, section, variables))
  })
}

function distOf(dist: string, arch: string, section: Section, variables: Map<string, string>): Dist {
  const text = (key: string) => section.options.get(key)?.value
  const nick = arch === 'none' ? dist : `${dist}-${arch}`
  const all = new Map(variables)
  const known = { arch, nick, dist, release: text('release'), rhnrelease: text('rhnrelease') }
  for (const [key, value] of Object.entries(known)) if (value !== undefined) all.set(key, value)
  const repos = [...section.options.values()]
    .filter(({ name }) => !(name in own))
    .map((option) => {
      const urls = substituted(option.value, new Map([...all, ['repo', option.name]]))
        .split(/\s+/)
        .filter(Boolean)
      return { name: option.name, urls, option }
    })
  const enabled = !isOn(text('disabled') ?? 'no')
  return { nick, name: substituted(text('name') ?? dist, all), arch, enabled, repos, section }
}

/** `$name` and `${name}` replaced, in what comes in for them too; what is no variable stays (mrepo, `substitute`). */
function substituted(text: string, variables: ReadonlyMap<string, string>, depth = 0): string {
  return text.replaceAll(/\$\{?(\w+)\}?/g, (whole, name: string) => {
    const value = variables.get(name)
    return value === undefined || depth > 10 ? whole : substituted(value, variables, depth + 1)
  })
}
