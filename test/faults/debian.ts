import { execFileSync } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judge } from '../helpers/judges.ts'

/** Whether a Debian of our own can be made here and started or built on. */
export function canMakeDebian(...commands: string[]): boolean {
  if (process.getuid?.() !== 0) {
    console.warn('skipped: only root can start systems and build images')
    return false
  }
  return judge('debootstrap', 'unshare', ...commands)
}

const packages = 'systemd-sysv,dbus,libatomic1,procps,util-linux,curl'

/**
 * A folder that holds a small Debian 12 with systemd. It takes a minute to make and is kept, to be read and copied only;
 * MIRROR_TEST_DEBIAN names one that is there.
 */
export function debian(): string {
  const folder = process.env.MIRROR_TEST_DEBIAN ?? join(tmpdir(), 'mirror-test-debian')
  if (existsSync(folder)) return folder
  const making = `${folder}.${process.pid}`
  try {
    const options = ['--variant=minbase', `--include=${packages}`]
    execFileSync('debootstrap', [...options, 'bookworm', making], { stdio: ['ignore', 'ignore', 'inherit'] })
    renameSync(making, folder)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return folder
}
