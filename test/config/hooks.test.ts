import { describe, expect, it } from 'vitest'
import { load, repo } from './configuration.ts'

describe('hooks', () => {
  it('are programs by their paths from the folder of the file', async () => {
    const { repos, warnings } = await load(repo('on_publish: /bin/true\n    on_failure: tell\n    hook_timeout: 5s'))
    expect(repos[0]?.hooks).toEqual({ publish: '/bin/true', failure: 'DIR/tell', timeoutMs: 5000 })
    expect(warnings).toEqual([
      'DIR/mirror.yaml:6:17: repos.a.on_failure: there is no program `DIR/tell` that can be run',
    ])
  })

  it('of all can be switched off for one', async () => {
    const { repos } = await load(`defaults: { on_publish: /bin/true }\n${repo('on_publish: no')}`)
    expect(repos[0]?.hooks.publish).toBeUndefined()
  })
})
