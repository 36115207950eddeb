import { configCheck } from './configCheck.ts'
import { serveVerb } from './serve.ts'
import { statusVerb } from './status.ts'
import { syncVerb } from './sync.ts'
import type { Verb } from './verb.ts'

/** Every verb, in the order in which help shows them. */
export const verbs = [syncVerb, serveVerb, statusVerb, configCheck] as unknown as readonly Verb[]
