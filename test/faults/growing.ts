import { makeRepository, type PackageSpec } from '../helpers/repository.ts'

/** Packages of round `round`: some that stay, some that come and go, so that every round changes every document. */
export function packagesOf(round: number, count = 12): PackageSpec[] {
  const staying = Array.from({ length: count }, (_, i) => ({ name: `stays-${i}`, size: 900 }))
  const changing = Array.from({ length: 6 }, (_, i) => ({ name: `moves-${i}`, version: String(round), size: 3000 }))
  return [...staying, ...changing, { name: 'large', version: String(round % 5), size: 400_000 }]
}

/** Moves an upstream on to a round. Files of earlier rounds stay, as on a mirror that is updated. */
export async function moveUpstream(dir: string, round: number, count?: number): Promise<void> {
  await makeRepository(dir, packagesOf(round, count), { compression: 'zst' })
}
