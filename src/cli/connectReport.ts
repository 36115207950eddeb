import { agoText, bytesText, countText } from '../amounts.ts'
import type { Planned } from '../jobs/plans.ts'
import type { Tried } from '../jobs/tryUpstreams.ts'
import { formatTable } from './table.ts'

const columns = [
  { heading: 'repository' },
  { heading: 'upstream' },
  { heading: 'state' },
  { heading: 'mirrors', number: true },
  { heading: 'metadata' },
  { heading: 'signed' },
  { heading: 'certificate', number: true },
  { heading: 'ours', number: true },
  { heading: 'packages', number: true },
  { heading: 'to fetch', number: true },
]

/** What upstreams are like, as a table for people. */
export function connectTable(tried: readonly Tried[], plans: readonly Planned[], now = Date.now()): string {
  const rows = tried.map((one) => [
    one.repo,
    one.upstream,
    one.error?.code ?? 'ok',
    one.mirrors === undefined ? '-' : countText(one.mirrors),
    one.repomd === undefined ? '-' : agoText(one.repomd, now),
    one.isSigned === undefined ? '-' : one.isSigned ? 'yes' : 'no',
    daysText(one.serverCertificate, now),
    daysText(one.clientCertificate, now),
    ...planCells(plans.find(({ repo }) => repo === one.repo)?.plan),
  ])
  return formatTable(columns, rows)
}

/** The same for machines; days are whole ones that are left. */
export function connectJson(tried: readonly Tried[], plans: readonly Planned[], now = Date.now()): string {
  const upstreams = tried.map(({ repo, upstream, mirrors, repomd, isSigned, error, ...certificates }) => {
    const { packages, bytes, missing, missingBytes } = plans.find((plan) => plan.repo === repo)?.plan ?? {}
    return {
      repo,
      upstream,
      ok: error === undefined,
      mirrors,
      metadata: repomd === undefined ? undefined : new Date(repomd).toISOString(),
      signed: isSigned,
      certificateDays: daysLeft(certificates.serverCertificate, now),
      clientCertificateDays: daysLeft(certificates.clientCertificate, now),
      plan: packages === undefined ? undefined : { packages, bytes, missing, missingBytes },
      error,
    }
  })
  return `${JSON.stringify({ upstreams }, null, 2)}\n`
}

function daysLeft(until: number | undefined, now: number): number | undefined {
  return until === undefined ? undefined : Math.floor((until - now) / 86_400_000)
}

function daysText(until: number | undefined, now: number): string {
  const days = daysLeft(until, now)
  return days === undefined ? '-' : `${days} d`
}

function planCells(plan: Planned['plan']): string[] {
  return plan === undefined ? ['-', '-'] : [countText(plan.packages), bytesText(plan.missingBytes)]
}
