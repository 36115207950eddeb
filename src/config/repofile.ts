import { readIni, type Section } from './ini.ts'
import type { Layer } from './layers.ts'
import type { Mistakes } from './mistakes.ts'
import { repoSchema } from './schema.ts'
import { shaped } from './shape.ts'
import { nearest } from './suggest.ts'
import { mapValue, scalarText, type Tree } from './tree.ts'
import { clientOnly, unbuilt } from './unbuilt.ts'
import { listItems, yesNo } from './units.ts'

/** A section of a .repo file in shape. */
export type RepoSection = Layer & { id: string }

/** dnf's options of a repository that mean something to a mirror, besides those that are refused. */
const understood = listItems(
  `name baseurl metalink mirrorlist enabled includepkgs excludepkgs max_parallel_downloads retries timeout minrate
  user_agent fastestmirror max_downloads_per_mirror skip_if_unavailable gpgcheck pkg_gpgcheck repo_gpgcheck gpgkey
  username password sslverify sslcacert sslclientcert sslclientkey ip_resolve throttle proxy
  proxy_username proxy_password proxy_auth_method proxy_sslverify proxy_sslcacert proxy_sslclientcert proxy_sslclientkey`,
)

/** The enabled repositories of a .repo file. What dnf itself would pass over is a warning, not a mistake. */
export function readRepoFile(text: string, file: string, mistakes: Mistakes): RepoSection[] {
  const sections: RepoSection[] = []
  for (const section of readIni(text, file, mistakes)) {
    if (section.id === 'main') mistakes.warn(section.place, '[main] is not read: it holds the options of dnf itself')
    else if (isEnabled(section)) sections.push(shapedSection(section, mistakes))
  }
  return sections
}

function isEnabled({ keys }: Section): boolean {
  return yesNo.read(scalarText(keys.get('enabled'))) !== false
}

function shapedSection({ id, place, keys }: Section, mistakes: Mistakes): RepoSection {
  const within = new Map<string, Tree>()
  for (const [written, tree] of keys) {
    const key = written === 'exclude' ? 'excludepkgs' : written
    const hasMeaning = understood.includes(key) || key in unbuilt
    // An empty proxy is none, whatever has been said before (dnf.conf(5)).
    if (key === 'proxy' && tree.value === '') within.set(key, { ...tree, value: '_none_' })
    else if (hasMeaning && tree.value !== '') within.set(key, key === 'baseurl' ? urls(tree) : tree)
    if (!hasMeaning && !clientOnly.has(key)) warnUnknown(id, written, tree, mistakes)
  }
  const tree = { value: mapValue(within), place, keyPlace: place, within }
  return { id, label: id, keys: shaped(repoSchema, tree, { mistakes, name: [id], assign: '=' }), tree }
}

/** Several URLs may stand in one value, as in every list of dnf. */
function urls(tree: Tree): Tree {
  return { ...tree, value: listItems(scalarText(tree)) }
}

function warnUnknown(id: string, key: string, { keyPlace }: Tree, mistakes: Mistakes): void {
  const meant = nearest(key, [...understood, ...Object.keys(unbuilt), ...clientOnly])
  mistakes.warn(
    keyPlace,
    `${id}.${key}: unknown key, passed over${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  )
}
