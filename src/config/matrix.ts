import { type Block, blockIn } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { RepoKeys } from './schema.ts'
import { label, part } from './tree.ts'
import { checkVariable } from './variables.ts'

/** The values that each variable takes, in the order in which they are written. */
export type Matrix = Readonly<Record<string, readonly string[]>>

/** One value for each variable of a matrix, in the matrix's key order. */
export type Combination = readonly (readonly [variable: string, value: string])[]

/** More repositories than this from one entry are a slip, not a plan. */
const most = 1000

/** Every combination of the values, the last variable turning fastest; no matrix has one empty combination. */
export function combinations(matrix: Matrix): Combination[] {
  let all: Combination[] = [[]]
  for (const [variable, values] of Object.entries(matrix)) {
    all = all.flatMap((combination) => values.map((value) => [...combination, [variable, value] as const]))
  }
  return all
}

/** The matrix of a block; what is mistaken in it is left out. */
export function matrixOf(block: Block<{ matrix?: RepoKeys['matrix'] }>, mistakes: Mistakes): Matrix {
  const { tree, label: called, keys } = blockIn(block, ['matrix'], block.keys.matrix)
  const matrix: Record<string, readonly string[]> = {}
  for (const [variable, values = []] of Object.entries(keys)) {
    const name = { value: variable, place: part(tree, variable).keyPlace, called: label(called, variable) }
    checkVariable(name, values, mistakes)
    const twice = values.find((value, i) => values.indexOf(value) < i)
    if (twice !== undefined) mistakes.about(name, `${quoted(twice)} stands twice`, 'leave one of them out')
    if (values.length === 0) mistakes.about(name, 'no value', 'write at least one')
    else matrix[variable] = [...new Set(values)]
  }
  const count = Object.values(matrix).reduce((product, values) => product * values.length, 1)
  if (count <= most) return matrix
  mistakes.about({ place: tree.keyPlace, called }, `it makes more than ${most} repositories`, 'write several entries')
  return {}
}
