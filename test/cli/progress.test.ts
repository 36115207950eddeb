import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { type Mirrored, makeMirrored } from './mirrored.ts'

const packages = ['alpha', 'beta', 'gamma', 'delta'].map((name) => ({ name }))
const slow = { path: /\.rpm$/, fault: { kind: 'delay', ms: 400 } } as const

describe.skipIf(!judge('script', 'stty'))('on a terminal', () => {
  test('each repository has a bar, redrawn in place and gone at the end', async () => {
    await using mirrored = await makeMirrored({ one: packages, two: packages })
    mirrored.upstream.rules.push(slow)
    const shown = await onTerminal(mirrored, 'stty rows 24 cols 72')
    expect(plain(shown)).toMatch(/^one +\[-{20}\] 0\/4 /m)
    expect(plain(shown)).toMatch(/^total \(2\) +\[/m)
    expect(shown).toContain('\u001b[3A\u001b[J')
    const screen = shown.slice(shown.lastIndexOf('\u001b[J') + 3).split('\n')
    expect(screen[0]).toMatch(/^repository +packages/)
    expect(screen).toHaveLength(4)
    expect(shown).not.toContain('reading the upstream')
  })

  test('nothing is wider or taller than the terminal', async () => {
    await using mirrored = await makeMirrored({ one: packages, two: packages })
    mirrored.upstream.rules.push(slow)
    const shown = await onTerminal(mirrored, 'stty rows 3 cols 40')
    const bars = barsIn(shown)
    expect(bars.length).toBeGreaterThan(0)
    for (const bar of bars) expect(bar.length).toBeLessThan(40)
    const heights = [...shown.matchAll(/\u001b\[(\d+)A/g)].map(([, height]) => Number(height))
    expect(Math.max(...heights)).toBe(2)
  })

  test('one that does not know its size is taken for one of 80 columns', async () => {
    await using mirrored = await makeMirrored({ one: packages })
    mirrored.upstream.rules.push(slow)
    const bars = barsIn(await onTerminal(mirrored, 'stty rows 0 cols 0'))
    expect(bars.find((bar) => bar.includes(' 0/4 '))).toMatch(/ [\d.]+ k?B\/s$/)
  })

  test('--log-format json has lines there too', async () => {
    await using mirrored = await makeMirrored({ one: packages })
    const shown = await onTerminal(mirrored, 'stty rows 24 cols 80', '--log-format', 'json')
    expect(shown).toContain('"msg":"reading the upstream"')
    expect(shown).not.toContain('\u001b[')
  })
})

test('without a terminal there are lines, and no control characters', async () => {
  await using mirrored = await makeMirrored({ one: packages })
  const { stdout, stderr } = await mirrored.mirror('sync')
  expect(stderr).toContain('one: reading the upstream\n')
  expect(`${stdout}${stderr}`).not.toContain('\u001b')
})

/** What a sync writes to a terminal that was set up by a command before. */
async function onTerminal({ site }: Mirrored, before: string, ...options: string[]): Promise<string> {
  const main = join(import.meta.dirname, '../../src/main.ts')
  const command = `${before}; '${process.execPath}' '${main}' sync -c '${site.configFile}' ${options.join(' ')}`
  // Not spawnSync: the upstream lives in this process.
  const script = spawn('script', ['-qefc', command, '/dev/null'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [shown, [status]] = await Promise.all([text(script.stdout), once(script, 'close')])
  expect(status).toBe(0)
  return shown.replaceAll('\r\n', '\n')
}

function barsIn(shown: string): string[] {
  return plain(shown)
    .split('\n')
    .filter((line) => line.includes(' ['))
}

/** The text without what moves the cursor. */
function plain(shown: string): string {
  return shown.replaceAll(/\u001b\[\d*[A-Z]/g, '')
}
