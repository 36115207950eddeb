import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const project = new URL('../..', import.meta.url).pathname
const lines = readFileSync(join(project, 'Dockerfile'), 'utf8').split('\n')

/** What is copied from the project's folder. */
const sources = lines.filter((line) => /^COPY (?!--from)/.test(line)).flatMap((line) => line.split(' ').slice(1, -1))

test('what the image is built of is there, and not ignored', () => {
  expect(sources.length).toBeGreaterThan(5)
  const taken = readFileSync(join(project, '.dockerignore'), 'utf8').split('\n')
  for (const source of sources) {
    expect(existsSync(join(project, source)), source).toBe(true)
    expect(taken).toContain(`!${source}`)
  }
})

test('the example for compose gives the container nothing that the image does not need', () => {
  const { services, volumes } = parse(readFileSync(join(project, 'compose.yaml'), 'utf8'))
  const { mirror } = services
  expect(mirror).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
  const volume = lines.find((line) => line.startsWith('VOLUME '))?.slice('VOLUME '.length)
  expect(mirror.volumes[0]).toBe(`mirror:${volume}`)
  expect(Object.keys(volumes)).toEqual(['mirror'])
})
