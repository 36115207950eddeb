import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, cpSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { canMakeDebian, debian } from './debian.ts'

const project = new URL('../..', import.meta.url).pathname
const user = 10_001

test.skipIf(!canMakeDebian('buildah', 'npm'))(
  'the image syncs, serves and is healthy with no right but to its volume',
  async () => {
    await using folder = await makeTemporaryFolder()
    using images = imagesIn(folder.path)
    images.build()
    const { config } = images.inspect()
    expect(config).toMatchObject({
      User: `${user}:${user}`,
      Entrypoint: ['mirror'],
      Cmd: ['daemon'],
      ExposedPorts: { '8080/tcp': {} },
      Volumes: { '/srv/mirror': {} },
    })
    const inside = containerOf(images.mount(), folder.path)
    const [, healthcheck = ''] = config.Healthcheck?.Test ?? []
    const isHealthy = async () => (await ended(inside('sh', '-c', healthcheck))).status

    const touched = await ended(inside('touch', '/opt/mirror/file'))
    expect(touched.stderr).toContain('Read-only file system')
    const synced = await ended(inside(...config.Entrypoint, 'sync'))
    expect(synced, synced.stderr).toMatchObject({ status: 0 })
    expect(await isHealthy()).toBe(1)

    const daemon = inside(...config.Entrypoint, ...config.Cmd)
    const stderr = text(daemon.stderr!)
    try {
      for (const deadline = Date.now() + 30_000; (await isHealthy()) !== 0; await sleep(100))
        expect(Date.now()).toBeLessThan(deadline)
    } finally {
      daemon.kill('SIGTERM')
    }
    expect(await once(daemon, 'close'), await stderr).toEqual([0, null])
    const { problems, packages } = await checkTree(join(folder.path, 'volume/www/demo'))
    expect({ problems, packages: packages.length > 10 }).toEqual({ problems: [], packages: true })
  },
)

type ImageConfig = {
  Entrypoint: string[]
  Cmd: string[]
  /** `CMD-SHELL` and a command. */
  Healthcheck?: { Test: string[] }
}

/** buildah with a storage of its own below the folder, and the image that the Dockerfile makes in it. */
function imagesIn(folder: string) {
  const storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs']
  const buildah = (...args: string[]) => {
    const env = { ...process.env, BUILDAH_ISOLATION: 'chroot' }
    return execFileSync('buildah', [...storage, ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }).trim()
  }
  const commit = (container: string, name: string) => {
    buildah('commit', '-q', '--rm', container, name)
    return name
  }
  const base = () => {
    const container = buildah('from', 'scratch')
    buildah('add', '-q', container, debian(), '/')
    return commit(container, 'localhost/base')
  }
  /** The Node.js that runs this, and npm; behind a proxy with a CA of its own npm needs that, too. */
  const node = () => {
    const container = buildah('from', 'localhost/base')
    buildah('copy', '-q', container, process.execPath, '/usr/local/bin/node')
    const npm = dirname(dirname(realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim())))
    buildah('copy', '-q', container, npm, '/usr/local/lib/node_modules/npm')
    buildah('run', container, '--', 'ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', '/usr/local/bin/npm')
    const authorities = process.env.NODE_EXTRA_CA_CERTS
    if (authorities !== undefined) {
      buildah('copy', '-q', container, authorities, '/etc/authorities.pem')
      buildah('config', '--env', 'NODE_EXTRA_CA_CERTS=/etc/authorities.pem', container)
    }
    return commit(container, 'localhost/node')
  }
  return {
    build() {
      const args = [`BASE_IMAGE=${base()}`, `NODE_IMAGE=${node()}`].flatMap((arg) => ['--build-arg', arg])
      const cache = execFileSync('npm', ['config', 'get', 'cache'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      if (existsSync(cache.trim())) args.push('--volume', `${cache.trim()}:/root/.npm`)
      buildah('build', '-q', '--format', 'docker', ...args, '-t', 'localhost/mirror', project)
    },
    inspect: () =>
      JSON.parse(buildah('inspect', '--type', 'image', 'localhost/mirror')).Docker as { config: ImageConfig },
    mount: () => buildah('mount', buildah('from', 'localhost/mirror')),
    [Symbol.dispose]: () => void buildah('rm', '--all'),
  }
}

/** Binds, as a container of `read_only: true` has it; then the user, without capabilities and ways to get any. */
const confined = `
image=$1 volume=$2 configuration=$3; shift 3
mount --bind "$image" "$image"
mount -o remount,ro,bind "$image"
mount --bind "$volume" "$image/srv/mirror"
mount --bind "$configuration" "$image/etc/mirror"
mount -t proc proc "$image/proc"
mount -t tmpfs tmpfs "$image/tmp"
mount --bind /dev "$image/dev"
exec chroot "$image" setpriv --reuid ${user} --regid ${user} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"`

/** Runs commands in the image's file system, with a volume, a configuration and an upstream below the folder. */
function containerOf(image: string, folder: string): (...command: string[]) => ChildProcess {
  const [volume, configuration] = [join(folder, 'volume'), join(folder, 'configuration')]
  mkdirSync(join(volume, 'www'), { recursive: true })
  for (const path of [volume, join(volume, 'www')]) chownSync(path, user, user)
  cpSync(join(project, 'demo/upstream'), join(configuration, 'upstream'), { recursive: true })
  const settings = { root: '/srv/mirror/www', state: '/srv/mirror/state', listen: '127.0.0.1:0' }
  const repos = { demo: { baseurl: 'file:///etc/mirror/upstream' } }
  writeFileSync(join(configuration, 'mirror.yaml'), JSON.stringify({ ...settings, repos }))
  const args = ['--mount', 'sh', '-ec', confined, 'sh', image, volume, configuration]
  return (...command) => spawn('unshare', [...args, ...command], { stdio: ['ignore', 'ignore', 'pipe'] })
}

async function ended(child: ChildProcess): Promise<{ status: number | null; stderr: string }> {
  const [stderr, [status]] = await Promise.all([text(child.stderr!), once(child, 'close')])
  return { status: status as number | null, stderr }
}
