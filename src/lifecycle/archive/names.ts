/** The names of an archive's entries. Nothing else may be in it. */
export const names = {
  /** The first entry: all that the archive says of itself. */
  manifest: 'manifest.json',
  /** The second: `<sha256>  manifest.json`, which `sha256sum -c` reads. */
  digest: 'manifest.json.sha256',
  /** The third, where the archive is signed: a detached OpenPGP signature of the manifest, armored. */
  signature: 'manifest.json.asc',
} as const

/** Where a content lies in an archive. */
export function contentName(sha256: string): string {
  return `contents/${sha256}`
}

/** What stands in the entry of the manifest's digest. */
export function digestLine(sha256: string): string {
  return `${sha256}  ${names.manifest}\n`
}
