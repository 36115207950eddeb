import { exit, MirrorError } from '../errors.ts'
import type { Verb } from './verb.ts'

type VerifyFlags = { repair?: boolean; rate?: string; json?: boolean }

/**
 * `mirror verify`: read what is published again, and say what is not as it was; beside whoever writes. Only what is found
 * is repaired as an operation, for which others wait.
 */
export const verifyVerb: Verb<VerifyFlags> = {
  name: 'verify',
  help: 'read all that is published again and say what is damaged, missing or foreign',
  arguments: {
    name: '[repo...]',
    help: 'ids or globs of repositories, or paths below root (default: all, and the pool)',
  },
  options: [
    { flags: '--repair', help: 'put right what is damaged, and publish without what cannot be' },
    { flags: '--rate <size>', help: 'read so many bytes a second at most, such as 20M (default: as fast as the disk)' },
    { flags: '--json', help: 'print the result as JSON' },
  ],
  examples: ['mirror verify', 'mirror verify --repair', 'mirror verify --rate 20M "centos-*"'],
  async run(operands, flags, context) {
    const { verifyRead } = await import('./verifying.ts')
    const { verifiedJson, verifiedText } = await import('./verifyReport.ts')
    const { isProblem } = await import('../lifecycle/verify/finding.ts')
    const verified = await verifyRead(operands, await rateOf(flags.rate), context)
    const repairs = flags.repair === true && verified.found.length > 0
    const repaired = repairs
      ? await (await import('./repairing.ts')).repairFound(verified, operands, context)
      : undefined
    process.stdout.write(flags.json === true ? verifiedJson(verified, repaired) : verifiedText(verified, repaired))
    if ((repaired?.left ?? verified.found).some(isProblem)) return exit.failed
    return repaired !== undefined && repaired.withdrawn.length > 0 ? exit.degraded : exit.done
  },
}

async function rateOf(text: string | undefined): Promise<number> {
  if (text === undefined) return 0
  const { size } = await import('../config/units.ts')
  const rate = size(1).read(text)
  if (rate !== undefined) return rate
  throw new MirrorError('E_USAGE', `--rate ${text}: bytes a second are expected, such as 20M`)
}
