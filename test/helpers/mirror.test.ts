import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { makeSite, runMirror, spawnMirror } from './mirror.ts'

/** Makes the program say something and then wait for ever, before its own first line. */
const hangs = {
  NODE_OPTIONS: '--import=data:text/javascript,console.error(`here`);setInterval(()=>0,99);await(new(Promise)(()=>0))',
}

test('the real program runs to its end, with its output and status', async () => {
  const heard: string[] = []
  const result = await runMirror(['--help'], { onStderr: (text) => heard.push(text) })
  expect(result).toMatchObject({ status: 0, signal: null, stdout: expect.stringContaining('mirror') })
  expect(heard.join('')).toBe(result.stderr)
})

test('a run that takes too long is killed and is an error that shows what it said', async () => {
  await expect(runMirror(['sync'], { env: hangs, timeoutMs: 1500 })).rejects.toThrow(
    /^mirror sync did not end within 1500 ms and was killed\nhere/,
  )
})

test('an abort signal ends the program with SIGTERM', async () => {
  const abort = new AbortController()
  const result = await runMirror(['sync'], { env: hangs, signal: abort.signal, onStderr: () => abort.abort() })
  expect(result).toMatchObject({ status: null, signal: 'SIGTERM', stderr: 'here\n' })
})

test('a program can be waited for by what it says, and killed', async () => {
  await using running = spawnMirror(['sync'], { env: hangs })
  expect((await running.says(/h(.)re/))[1]).toBe('e')
  expect((await running.says(/here/)).index).toBe(0)
  const never = expect(running.says(/never/)).rejects.toThrow('mirror ended without saying /never/\nhere')
  running.child.kill('SIGKILL')
  expect(await running.ended).toMatchObject({ status: null, signal: 'SIGKILL' })
  await never
  await expect(running.says(/never/)).rejects.toThrow('mirror ended without saying')
})

test('a site holds a configuration and is gone afterwards', async () => {
  const site = await makeSite({ config: { repos: { one: { baseurl: 'http://127.0.0.1:1/' } } } })
  expect(parse(await readFile(site.configFile, 'utf8'))).toEqual({
    root: site.root,
    state: site.state,
    repos: { one: { baseurl: 'http://127.0.0.1:1/' } },
  })
  await site.writeConfig({ root: '/elsewhere' })
  expect(parse(await readFile(site.configFile, 'utf8'))).toEqual({ root: '/elsewhere', state: site.state })
  expect([existsSync(site.root), existsSync(site.state), site.path('a', 'b')]).toEqual([true, false, `${site.dir}/a/b`])
  await site[Symbol.asyncDispose]()
  expect(existsSync(site.dir)).toBe(false)
})
