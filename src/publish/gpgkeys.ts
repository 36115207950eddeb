import { posix } from 'node:path'

/** Where upstream's keys are published below a repository's directory, so that clients need not reach upstream for them. */
export const keysFolder = 'gpgkeys'

/** Each key's URL with the path that it is published at, called as the URL's last part is. */
export function publishedKeys(gpgkey: readonly string[]): { url: string; path: string }[] {
  const taken = new Set<string>()
  return gpgkey.map((url, i) => {
    const plain = decodeURIComponent(posix.basename(new URL(url).pathname)).replaceAll(/[^\w.+~-]/g, '_')
    const name = plain === '' || plain.startsWith('.') ? 'key' : plain.slice(0, 200)
    const path = `${keysFolder}/${taken.has(name) ? `${i + 1}-` : ''}${name}`
    taken.add(name)
    return { url, path }
  })
}
