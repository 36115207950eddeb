import { beforeAll, describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { runProgram } from '../../src/cli/program.ts'
import { exitStatus } from '../../src/errors.ts'
import { type MirrorResult, makeSite, runMirror } from '../helpers/mirror.ts'

const surroundings = { signal: new AbortController().signal, program: '' }
const configured = ['-c', 'config/demo.yaml']

describe.concurrent('a command line that cannot be used is one line and status 2', () => {
  test.each<[string[], string]>([
    [['snyc'], "unknown command 'snyc' (Did you mean sync?); mirror --help lists verbs and options"],
    [['sync', '--newest'], "unknown option '--newest'; mirror --help lists verbs and options"],
    [['--nothing'], "unknown option '--nothing'; mirror --help lists verbs and options"],
    [['sync', '-c'], "option '-c, --config <file>' argument missing; mirror --help lists verbs and options"],
    [
      ['sync', '--log-format', 'xml'],
      "option '--log-format <format>' argument 'xml' is invalid. Allowed choices are text, json.; mirror --help lists verbs and options",
    ],
    [
      ['config', 'check', 'extra'],
      "too many arguments for 'check'. Expected 0 arguments but got 1: extra.; mirror --help lists verbs and options",
    ],
    [['sync', '--workers', '0', ...configured], '--workers 0: a number from 1 to 999 is expected'],
    [['sync', '--workers', 'many', ...configured], '--workers many: a number from 1 to 999 is expected'],
    [
      ['sync', '--arch', 'x86_64,pdp11', ...configured],
      '--arch pdp11: no such arch; x86_64, aarch64, i686, noarch are some',
    ],
  ])('%j', async (args, message) => {
    const error: unknown = await runProgram(args, surroundings).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ line: `E_USAGE: ${message}` })
    expect(exitStatus(error)).toBe(2)
  })

  test('a repository that is not configured', async () => {
    const { status, stdout, stderr } = await runMirror(['sync', 'absent', ...configured])
    const line = expect.stringMatching(/^E_USAGE: no repository absent in \S+demo\.yaml; it has demo\n$/)
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: line })
  })
})

describe.concurrent('a configuration that cannot be used is status 2', () => {
  test('in one line where it is not there', async () => {
    const { status, stdout, stderr } = await runMirror(['sync', '-c', '/nonexistent/mirror.yaml'])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^E_CONFIG.*\/nonexistent\/mirror\.yaml.*\n$/)
  })

  test('in one line for each mistake', async () => {
    await using site = await makeSite({ config: { workers: 'x', repos: { a: { baseurl: 'ftp://h/', keep: 0 } } } })
    const { status, stdout, stderr } = await runMirror(['status', '-c', site.configFile])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(line).toMatch(new RegExp(`^E_CONFIG ${site.configFile}:\\d+:\\d+: `))
  })
})

describe.concurrent('help', () => {
  let all: MirrorResult
  beforeAll(async () => {
    all = await runMirror(['--help'])
  })

  test('is no mistake: it goes to stdout, with every verb and exit status', () => {
    expect(all).toMatchObject({ status: 0, stderr: '' })
    for (const word of ['sync', 'serve', 'status', 'config', '--config', '--log-format', '--version'])
      expect(all.stdout).toContain(word)
    for (const status of [0, 1, 2, 3, 4]) expect(all.stdout).toMatch(new RegExp(`^ {2}${status} {2}\\w`, 'm'))
  })

  test.each([[['sync', '--help']], [['help', 'sync']]])('of a verb has its options and examples: %j', async (args) => {
    const { status, stdout, stderr } = await runMirror(args)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    for (const word of [
      'Usage: mirror sync',
      '--newest-only',
      '--urls',
      '--dry-run',
      'Examples:',
      'mirror sync --newest-only appstream',
    ])
      expect(stdout).toContain(word)
  })

  test('of a group lists its verbs', async () => {
    expect(await runMirror(['config', '--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('check') })
  })

  test('is what a command line without a verb gets, on stderr and with status 2', async () => {
    const { status, stdout, stderr } = await runMirror([])
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: all.stdout })
  })
})

describe.concurrent('what may stand anywhere', () => {
  test('-V', async () => {
    expect(await runMirror(['-V'])).toMatchObject({ status: 0, stdout: `${manifest.version}\n`, stderr: '' })
  })

  test.each([
    ['before the verb', ['-c', 'FILE', 'config', 'check']],
    ['in the middle of it', ['config', '-c', 'FILE', 'check']],
    ['behind it, in its long form', ['config', 'check', '--config=FILE']],
  ])('-c %s', async (_, args) => {
    const given = args.map((arg) => arg.replace('FILE', 'config/demo.yaml'))
    const { status, stdout } = await runMirror(given)
    expect([status, stdout]).toEqual([0, expect.stringContaining('demo.yaml: 1 repository, no mistakes')])
  })
})
