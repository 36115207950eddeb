import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { AccessEntry } from '../../src/serve/answer.ts'
import { combinedLine } from '../../src/serve/combined.ts'
import { raw, rawGet, running, tree } from './serving.ts'

const entry: AccessEntry = {
  time: new Date('2026-11-22T21:57:05Z'),
  remote: '192.0.2.1',
  user: undefined,
  method: 'GET',
  target: '/r/repodata/repomd.xml',
  httpVersion: '1.1',
  referer: undefined,
  userAgent: 'libdnf (CentOS Stream 9; generic; Linux.x86_64)',
  status: 200,
  bytes: 3100,
  milliseconds: 1.5,
  complete: true,
}

test('a line is as nginx writes it, in the time zone of the host', () => {
  const line = combinedLine(entry)
  const [, time] = /\[(.+?)\]/.exec(line) ?? []
  expect(time).toMatch(/^\d\d\/Nov\/2026:\d\d:\d\d:05 [+-]\d{4}$/)
  expect(new Date((time as string).replaceAll('/', ' ').replace(':', ' '))).toEqual(entry.time)
  expect(line.replace(time as string, 'TIME')).toBe(
    '192.0.2.1 - - [TIME] "GET /r/repodata/repomd.xml HTTP/1.1" 200 3100 "-" "libdnf (CentOS Stream 9; generic; Linux.x86_64)"\n',
  )
})

test('nothing that a client sends can end a field or a line', () => {
  const line = combinedLine({
    ...entry,
    user: 'a b"c',
    target: '/x"\\y',
    referer: 'é" 200 0 "-" "',
    userAgent: '\x1b[31m\r\nred\x7f',
    remote: '',
  })
  const [, after] = line.split(/\[.+?\] /)
  expect(line).toMatch(/^- - a_b\\x22c \[/)
  expect(after).toBe(
    '"GET /x\\x22\\x5Cy HTTP/1.1" 200 3100 "\\xE9\\x22 200 0 \\x22-\\x22 \\x22" "\\x1B[31m\\x0D\\x0Ared\\x7F"\n',
  )
})

test('each request is a line, in the new file after logrotate renamed the old one', async () => {
  const root = tree({ file: 'ours' })
  const path = join(dirname(root), 'access.log')
  const site = await running(root, {}, { accessLog: path })
  const read = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [])
  await rawGet(site.port, '/file')
  await raw(site.port, 'HEAD /absent?"\\ HTTP/1.0\r\nHost: x\r\nUser-Agent: caf\xe9\r\nReferer: http://a/\r\n\r\n')
  await vi.waitFor(() => expect(read(path)).toHaveLength(2), 5000)
  expect(read(path)[0]).toMatch(/^127\.0\.0\.1 - - \[.+\] "GET \/file HTTP\/1\.1" 200 4 "-" "-"$/)
  expect(read(path)[1]).toMatch(/ "HEAD \/absent\?\\x22\\x5C HTTP\/1\.0" 404 0 "http:\/\/a\/" "caf\\x/)
  expect(statSync(path).mode & 0o007).toBe(0)
  renameSync(path, `${path}.1`)
  await rawGet(site.port, '/file')
  await vi.waitFor(() => expect(read(path)).toHaveLength(1), 5000)
  await rawGet(site.port, '/file?last')
  await site.stop()
  expect(read(path)[1]).toContain('/file?last')
  expect(read(`${path}.1`)).toHaveLength(2)
})

test('a log that cannot be written costs lines and one warning, and no answer', async () => {
  const root = tree({ file: 'ours' })
  const folder = join(dirname(root), 'logs')
  mkdirSync(folder)
  const warnings: string[] = []
  const path = join(folder, 'access.log')
  const site = await running(root, {}, { accessLog: path, warn: (message) => warnings.push(message) })
  rmSync(folder, { recursive: true })
  for (let time = 0; time < 2; time++) {
    expect(await rawGet(site.port, '/file')).toContain('ours')
    await vi.waitFor(() => expect(warnings).toHaveLength(1), 5000)
  }
  expect(warnings).toEqual([
    `Cannot open the access log ${path}: no such file or directory; lines are lost until it can`,
  ])
  mkdirSync(folder)
  await rawGet(site.port, '/file?again')
  await site.stop()
  expect(readFileSync(path, 'utf8')).toContain('/file?again')
})

test('a log that cannot be opened at start is an error', async () => {
  await expect(running(tree({}), {}, { accessLog: '/absent/access.log' })).rejects.toThrow(
    'Cannot open the access log /absent/access.log: no such file or directory',
  )
})
