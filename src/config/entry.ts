import type { Layer } from './layers.ts'
import type { Matrix } from './matrix.ts'
import type { Mistakes } from './mistakes.ts'
import type { Variables } from './variables.ts'

/** One repository or matrix of them as written, with what holds for it: weaker defaults, variables, the matrix. */
export type Entry = { id: string; own: Layer; defaults: readonly Layer[]; variables: Variables; matrix: Matrix }

/** What an entry inherits from around it. */
export type Around = { defaults: readonly Layer[]; variables: Variables; mistakes: Mistakes }
