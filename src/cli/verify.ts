import { exit, MirrorError } from '../errors.ts'
import type { Verb } from './verb.ts'

type VerifyFlags = { rate?: string; json?: boolean }

/** `mirror verify`: read what is published again, and say what is not as it was; beside a daemon too. */
export const verifyVerb: Verb<VerifyFlags> = {
  name: 'verify',
  help: 'read all that is published again and say what is damaged, missing or foreign',
  arguments: {
    name: '[repo...]',
    help: 'ids or globs of repositories, or paths below root (default: all, and the pool)',
  },
  options: [
    { flags: '--rate <size>', help: 'read so many bytes a second at most, such as 20M (default: as fast as the disk)' },
    { flags: '--json', help: 'print the result as JSON' },
  ],
  examples: ['mirror verify', 'mirror verify --rate 20M "centos-*"'],
  async run(operands, flags, context) {
    const { verifyRead } = await import('./verifying.ts')
    const { verifiedJson, verifiedText } = await import('./verifyReport.ts')
    const { isProblem } = await import('../lifecycle/verify/finding.ts')
    const verified = await verifyRead(operands, await rateOf(flags.rate), context)
    process.stdout.write(flags.json === true ? verifiedJson(verified) : verifiedText(verified))
    return verified.found.some(isProblem) ? exit.failed : exit.done
  },
}

async function rateOf(text: string | undefined): Promise<number> {
  if (text === undefined) return 0
  const { size } = await import('../config/units.ts')
  const rate = size(1).read(text)
  if (rate !== undefined) return rate
  throw new MirrorError('E_USAGE', `--rate ${text}: bytes a second are expected, such as 20M`)
}
