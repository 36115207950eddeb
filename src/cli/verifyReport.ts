import { bytesText, countText, durationText, numberText } from '../amounts.ts'
import { oneLine } from '../errors.ts'
import type { Repaired } from '../jobs/repair.ts'
import { type Finding, findingKinds, isProblem } from '../lifecycle/verify/finding.ts'
import type { Verified } from './verifying.ts'

/** How many findings of one kind are told one by one; `--json` has them all. */
const maxTold = 100

/** What was found for people: a line for each finding, problems first, and what was read. */
export function verifiedText(verified: Verified, repaired?: Repaired): string {
  const kinds = Object.keys(findingKinds) as Finding['kind'][]
  const lines = kinds.flatMap((kind) => linesOf(verified.found.filter((finding) => finding.kind === kind)))
  const done = repaired === undefined ? [] : repairedLines(repaired)
  return [...lines, summary(verified), ...done].map((line) => `${oneLine(line)}\n`).join('')
}

function linesOf(found: readonly Finding[]): string[] {
  const more = found.length > maxTold ? [`${found[0]?.kind}: and ${countText(found.length - maxTold)} more`] : []
  return [...found.slice(0, maxTold).map(findingLine), ...more]
}

/** `rot: /srv/www/el9/Packages/n/nginx.rpm: sha256 expected ab12..., found cd34... (at 3 names)` */
export function findingLine({ kind, path, detail, names }: Finding): string {
  return `${kind}: ${path}: ${detail}${names > 1 ? ` (at ${names} names)` : ''}`
}

/** What was done about it: what was put right and from where, what was not and why. */
function repairedLines({ mended, withdrawn, left, reasons }: Repaired): string[] {
  const few = (lines: string[]) => [
    ...lines.slice(0, maxTold),
    ...(lines.length > maxTold ? [`and ${countText(lines.length - maxTold)} more`] : []),
  ]
  return [
    ...few(mended.map(({ path, from }) => `repaired: ${path}: from ${from}`)),
    ...few(
      withdrawn.map((file) => `withdrawn: ${file}: published no more; a sync brings it back when the upstream has it`),
    ),
    ...few(reasons.map((reason) => `why not: ${reason}`)),
    ...few(left.map((finding) => `left: ${findingLine(finding)}`)),
    `${countText(mended.length)} repaired, ${countText(withdrawn.length)} withdrawn, ${countText(left.length)} left`,
  ]
}

function summary({ found, names, files, bytes, seconds }: Verified): string {
  const problems = found.filter(isProblem).length
  const notes = found.length - problems
  const result = problems === 0 ? 'no problems' : numberText(problems, 'problem')
  const noted = notes === 0 ? '' : `, ${numberText(notes, 'note')}`
  const read = `${countText(names)} names and ${countText(files)} files, ${bytesText(bytes)} read`
  return `${read} in ${durationText(seconds)}: ${result}${noted}`
}

/** The same for machines, whole. */
export function verifiedJson({ found, ...counts }: Verified, repaired?: Repaired): string {
  const problems = found.filter(isProblem).length
  return `${JSON.stringify({ ...counts, problems, found, ...(repaired && { repaired }) }, null, 2)}\n`
}
