import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keyUrl } from './gpgkey.ts'
import { type KeyFile, secretFile } from './keyFiles.ts'
import { type Layer, layerWith, listSetting, setting, type Written, written } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { Repo } from './repo.ts'
import type { Substitute } from './substitute.ts'

/** What of a repository says whose signatures count. */
type Trusting = Pick<Repo, 'trust' | 'gpgcheck' | 'repoGpgcheck' | 'gpgkey' | 'fingerprints' | 'sign'>

/** What trust is worked out with. */
type Judging = { layers: readonly Layer[]; substitute: Substitute; mistakes: Mistakes }

/** Whose signatures a repository asks for, what it is signed with here, and the key files of both as they are written. */
export function trustOf(judging: Judging): { trusting: Trusting; keyFiles: KeyFile[] } {
  const { layers } = judging
  const [own] = layers as [Layer]
  const isLocal = own.tree.within.has('local')
  const gpgcheck = gpgcheckOf(judging)
  const repoGpgcheck = repoGpgcheckOf(isLocal, judging)
  const keys = gpgcheck || repoGpgcheck ? keysOf(judging) : []
  const fingerprints = listSetting(layers, 'fingerprints').map(({ value }) => value)
  const { sign, keyFiles } = signOf(judging)
  checkKeys({ gpgcheck, repoGpgcheck, fingerprints }, keys, judging)
  const gpgkey = [...new Set(keys.map(({ value }) => value.href))]
  const files = keys.flatMap(({ value, ...item }): KeyFile[] =>
    value.protocol === 'file:' ? [{ ...item, value: fileURLToPath(value), kind: 'public' }] : [],
  )
  const trust = setting(layers, 'trust') ?? 'any'
  return {
    trusting: { trust, gpgcheck, repoGpgcheck, gpgkey, fingerprints, sign },
    keyFiles: [...files, ...keyFiles],
  }
}

/** dnf5 has two names for the one option. What comes in an archive is vouched for by that as a whole. */
function gpgcheckOf({ layers, mistakes }: Judging): boolean {
  const [own] = layers as [Layer]
  const layer = layerWith(layers, 'gpgcheck', 'pkg_gpgcheck')
  if (layer === undefined) return false
  if (own.tree.within.has('archive')) {
    if (layer === own && (own.keys.gpgcheck ?? own.keys.pkg_gpgcheck) === true)
      mistakes.about(
        written(own, own.keys.gpgcheck === undefined ? 'pkg_gpgcheck' : 'gpgcheck', ''),
        'the signatures of packages that come in an archive are not checked',
        'write repo_gpgcheck: yes, by which the archive has to be signed',
      )
    return false
  }
  const { gpgcheck, pkg_gpgcheck: pkgGpgcheck } = layer.keys
  if (gpgcheck !== undefined && pkgGpgcheck !== undefined && gpgcheck !== pkgGpgcheck)
    mistakes.about(
      written(layer, 'pkg_gpgcheck', ''),
      `gpgcheck says ${gpgcheck ? 'yes' : 'no'}, and means the same`,
      'leave one of them out',
    )
  return (pkgGpgcheck ?? gpgcheck) === true
}

/** Nobody signs the index that is made here of local folders. */
function repoGpgcheckOf(isLocal: boolean, { layers, mistakes }: Judging): boolean {
  const layer = layerWith(layers, 'repo_gpgcheck')
  if (layer?.keys.repo_gpgcheck !== true) return false
  if (isLocal && layer === layers[0])
    mistakes.about(written(layer, 'repo_gpgcheck', ''), 'with local there is no upstream that signs', 'leave it out')
  return !isLocal
}

/** The keys that count, where all can be used. */
function keysOf({ layers, substitute, mistakes }: Judging): Written<URL>[] {
  return listSetting(layers, 'gpgkey').flatMap((item) => {
    const text = substitute(item)
    if (text === undefined) return []
    const value = keyUrl(text, dirname(item.place.file))
    if (value instanceof URL) return [{ ...item, value }]
    mistakes.about(item, `${quoted(text.replace(/\/\/[^/]*@/, '//...@'))} ${value.wrong}`, value.write)
    return []
  })
}

type Asked = Pick<Trusting, 'gpgcheck' | 'repoGpgcheck' | 'fingerprints'>

/**
 * Says where signatures are asked for and nothing says whose. The first key that comes over http, or from a host that need not
 * prove who it is, is believed by nobody: whoever can change packages on their way can change it, too.
 */
function checkKeys(
  { gpgcheck, repoGpgcheck, fingerprints }: Asked,
  keys: Written<URL>[],
  { layers, mistakes }: Judging,
): void {
  const [own] = layers as [Layer]
  const pins = written(own, 'fingerprints', '')
  if (!gpgcheck && !repoGpgcheck && own.keys.fingerprints !== undefined && own.keys.fingerprints.length > 0)
    mistakes.warn(pins.place, `${pins.called}: no signature is asked for; write repo_gpgcheck: yes or gpgcheck: yes`)
  const asking = repoGpgcheck ? ['repo_gpgcheck'] : gpgcheck ? ['gpgcheck', 'pkg_gpgcheck'] : []
  const layer = layerWith(layers, ...(asking as ['gpgcheck']))
  if (layer !== undefined && layerWith(layers, 'gpgkey') === undefined) {
    const key = asking.find((name) => layer.tree.within.has(name)) as string
    const write = 'write gpgkey: and the files or URLs of the keys that upstream signs with'
    mistakes.about(written(layer, key, ''), 'no gpgkey says whose signatures count', write)
  }
  const isVerified = setting(layers, 'sslverify') ?? true
  for (const { value, ...item } of fingerprints.length > 0 ? [] : keys) {
    const write = 'write fingerprints: and its full fingerprint, or https://, or a file'
    if (value.protocol === 'http:') mistakes.about(item, "a key that comes over http may be anybody's", write)
    if (value.protocol !== 'https:' || isVerified) continue
    const what = "without sslverify a key may be anybody's"
    mistakes.about(item, what, 'write fingerprints: and its full fingerprint, or a file')
  }
}

/** What regenerated metadata is signed with. */
function signOf({ layers, substitute, mistakes }: Judging): { sign: Repo['sign']; keyFiles: KeyFile[] } {
  const layer = layerWith(layers, 'sign')
  if (layer?.keys.sign === undefined || layer.keys.sign === 'no') {
    for (const key of ['sign_command', 'sign_passphrase_file'] as const) {
      const alone = layerWith(layers, key)
      if (layer === undefined && alone !== undefined)
        mistakes.about(written(alone, key, ''), 'there is no key to sign with', 'write sign: and the file of the key')
    }
    return { sign: undefined, keyFiles: [] }
  }
  const file = (key: 'sign' | 'sign_command' | 'sign_passphrase_file') => {
    const found = layerWith(layers, key)
    const text = found?.keys[key]
    if (found === undefined || text === undefined || text === 'no') return undefined
    return secretFile(written(found, key, text), substitute, mistakes)
  }
  const [key, command, passphrase] = [file('sign'), file('sign_command'), file('sign_passphrase_file')]
  if (key === undefined) return { sign: undefined, keyFiles: [] }
  const keyFiles: KeyFile[] = [
    { ...key, kind: command === undefined ? 'secret' : 'public' },
    ...(command === undefined ? [] : [{ ...command, kind: 'program' } as const]),
    ...(passphrase === undefined ? [] : [{ ...passphrase, kind: 'passphrase' } as const]),
  ]
  return { sign: { key: key.value, command: command?.value, passphraseFile: passphrase?.value }, keyFiles }
}
