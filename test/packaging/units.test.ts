import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

const project = new URL('../..', import.meta.url).pathname
const units = join(project, 'systemd')
const services = readdirSync(units).filter((name) => name.endsWith('.service'))

const read = (unit: string) => readFileSync(join(units, unit), 'utf8')

/** The settings of a unit that its comment calls the same as the daemon's, from UMask= to the end of the section. */
function sandbox(unit: string): string[] {
  const lines = read(unit)
    .split(/\n\[Install\]/)[0]!
    .split('\n')
  return lines.slice(lines.findIndex((line) => line.startsWith('UMask='))).filter((line) => /^[A-Z]/.test(line))
}

describe.skipIf(!judge('systemd-analyze'))('systemd-analyze', () => {
  test.each(services)('finds %s exposed by 1.5 at most', (service) => {
    const { stdout, stderr } = analyze('security', '--offline=true', '--no-pager', join(units, service))
    const exposure = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]
    expect(Number(exposure), stderr).toBeLessThanOrEqual(1.5)
  })

  test('has nothing to say against any unit', async () => {
    await using folder = await makeTemporaryFolder()
    cpSync(units, folder.path, { recursive: true })
    const names = readdirSync(folder.path).filter((name) => /\.(service|socket|timer)$/.test(name))
    const files = names.map((name) => join(folder.path, name))
    for (const file of files) writeFileSync(file, readFileSync(file, 'utf8').replaceAll('/opt/mirror/', project))
    expect(names).toHaveLength(5)
    expect(analyze('verify', ...files)).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})

test.skipIf(!judge('systemd-sysusers'))('the user is one that systemd-sysusers makes', () => {
  const { status, stderr } = spawnSync('systemd-sysusers', ['--dry-run', join(units, 'mirror.sysusers')], {
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('mirror.sysusers:') })
})

test('the sandbox is one, but that a server writes nothing', () => {
  const daemon = sandbox('mirror.service')
  expect(daemon.length).toBeGreaterThan(25)
  expect(sandbox('mirror-sync.service')).toEqual(daemon)
  expect(sandbox('mirror-serve.service')).toEqual(daemon.filter((line) => line !== 'SystemCallFilter=setpriority'))
})

test('the one folder that may be written to is the one that tmpfiles makes and the example configuration uses', () => {
  const writable = services.flatMap((service) => read(service).match(/^ReadWritePaths=.*$/gm) ?? [])
  expect(new Set(writable)).toEqual(new Set(['ReadWritePaths=/srv/mirror']))
  expect(read('mirror.tmpfiles')).toMatch(/^d \/srv\/mirror +0755 mirror mirror/m)
  const configuration = readFileSync(join(project, 'config/mirror.yaml'), 'utf8')
  expect(configuration).toMatch(/^root: \/srv\/mirror\/www$/m)
  expect(configuration).toMatch(/^state: \/srv\/mirror\/state$/m)
})

function analyze(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}
