import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { makeSite, runMirror } from '../helpers/mirror.ts'

test('mirror config import-mrepo writes what config check takes, and no file that is there', async () => {
  await using site = await makeSite()
  const [mrepo, made] = [site.path('mrepo.conf'), site.path('made.yaml')]
  const main = `[main]\nwwwdir = ${site.root}\nsrcdir = ${site.path('src')}\nconfdir = ${site.path('conf.d')}\nmailto = a@b\n`
  await writeFile(mrepo, `${main}[el6]\narch = x86_64\nos = http://127.0.0.1:9/$dist/\nrh = rhns:///c\n`)
  const { status, stdout, stderr } = await runMirror(['config', 'import-mrepo', mrepo, '-o', made])
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  expect(stderr).toContain(`warning: ${mrepo}:5: [main] mailto: no mail is sent`)
  expect(stderr).toContain(`warning: ${mrepo}:9: [el6] rh: RHN is not spoken here`)
  expect(stderr).toMatch(
    /\n1 repository; 4 things are not as they were, each told above and at the head of the file\n$/,
  )
  expect(await readFile(made, 'utf8')).toContain(`\n# ${mrepo}:5: [main] mailto: no mail is sent`)
  const checked = await runMirror(['config', 'check', '-c', made])
  expect(checked.stdout).toMatch(
    /\nel6-x86_64-os +el6-x86_64\/RPMS\.os +http:\/\/127\.0\.0\.1:9\/el6\/\n.*: 1 repository, no mistakes\n$/,
  )
  const again = await runMirror(['config', 'import-mrepo', mrepo, '-o', made])
  expect(again).toMatchObject({ status: 2, stderr: expect.stringContaining(`--output ${made}: it is there already`) })
})

test('what mrepo would not read is a mistake with its place', async () => {
  await using site = await makeSite()
  const mrepo = site.path('mrepo.conf')
  await writeFile(mrepo, '[main]\nnothing\n')
  const { status, stdout, stderr } = await runMirror(['config', 'import-mrepo', mrepo])
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain(`E_CONFIG ${mrepo}:2:1: this is no option with a value; write name = value\n`)
})
