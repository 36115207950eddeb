import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

/** Whether the system's Python has librepo, the library by which dnf fetches. CI must not skip its tests. */
export function hasLibrepo(): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import librepo'], { stdio: 'ignore' })
    return true
  } catch {
    if (process.env.CI === 'true') throw new Error('python3-librepo is not installed and CI must not skip its tests')
    console.warn('skipped: python3-librepo is not installed')
    return false
  }
}

const script = `
import json, sys, tempfile, librepo
kind, url = sys.argv[1:3]
with tempfile.TemporaryDirectory() as folder:
    h = librepo.Handle()
    h.repotype = librepo.LR_YUMREPO
    h.destdir = folder
    h.allowedmirrorfailures = 3
    h.fetchmirrors = len(sys.argv) > 3
    if kind == 'metalink': h.metalinkurl = url
    else: h.mirrorlisturl = url
    h.yumdlist = [] if len(sys.argv) > 3 else None
    try:
        r = librepo.Result()
        h.perform(r)
        repomd = None if h.fetchmirrors else open(r.getinfo(librepo.LRR_YUM_REPO)['repomd']).read()
        print(json.dumps({'mirrors': h.mirrors, 'metalink': h.metalink, 'repomd': repomd}))
    except librepo.LibrepoException as e:
        print(json.dumps({'error': str(e.args[1])}))
`

/** What librepo makes of a list of mirrors: what is in it, and with `fetch` the repomd.xml that it takes by it. */
export interface LibrepoVerdict {
  error?: string
  mirrors?: string[]
  metalink?: { hashes: [string, string][]; alternates?: unknown[]; urls: { url: string }[] } | null
  repomd?: string | null
}

/** Asks librepo, which runs in a process of its own. */
export async function askLibrepo(
  kind: 'metalink' | 'mirrorlist',
  url: string,
  what: 'list' | 'fetch',
): Promise<LibrepoVerdict> {
  const more = what === 'list' ? ['list'] : []
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', script, kind, url, ...more])
  return JSON.parse(stdout) as LibrepoVerdict
}
