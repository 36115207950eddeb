/** An upstream for tests: serves a folder over HTTP/1.1 as a good mirror does, and misbehaves where a rule says so. */
export { damaged, htmlPage, padded } from './upstream/bodies.ts'
export type { Request } from './upstream/request.ts'
export type { Fault, Rule } from './upstream/rules.ts'
export { type LoggedRequest, startUpstream, type Upstream } from './upstream/server.ts'
