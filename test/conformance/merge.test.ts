import { join } from 'node:path'
import { expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { makeRepository, type PackageSpec } from '../helpers/repository.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { isolated, lines, run } from './clients.ts'
import { upstream as demo } from './demo.ts'
import { publish } from './published.ts'

const updates: PackageSpec[] = [{ name: 'added' }, { name: 'added', version: '2.0' }]

/** Another repository with groups, one of them of the demo's too, a module stream and an advisory. */
const records = [
  {
    type: 'group',
    name: 'comps.xml',
    body: `<?xml version="1.0" encoding="UTF-8"?>
<comps><group><id>own</id><name>Own</name><description/><default>false</default><uservisible>true</uservisible>
<packagelist><packagereq type="mandatory">added</packagereq></packagelist></group></comps>
`,
  },
  {
    type: 'updateinfo',
    name: 'updateinfo.xml.gz',
    body: `<?xml version="1.0" encoding="UTF-8"?>
<updates><update from="a" status="final" type="security" version="1"><id>OWN-1</id><title>own</title>
<issued date="2026-01-01 00:00:00"/><description>own</description><references/>
<pkglist><collection short="o"><name>o</name><package name="added" version="2.0" release="1" epoch="0" arch="x86_64" src="added-2.0-1.src.rpm"><filename>added-2.0-1.x86_64.rpm</filename></package></collection></pkglist></update></updates>
`,
  },
]

const questions = [
  ['repoquery', '--disable-modular-filtering', '--queryformat=%{name}-%{epoch}:%{version}-%{release}.%{arch}\n'],
  ['group', 'list', '--ids'],
  ['group', 'info', 'own'],
  ['module', 'list'],
  ['repoquery', '--security'],
  ['repoquery', '--advisory=OWN-1'],
]

test.skipIf(!judge('dnf'))(
  'dnf is told of a merged repository what it is of its upstreams together',
  { timeout: 180_000 },
  async () => {
    await using folder = await makeTemporaryFolder()
    const other = join(folder.path, 'other')
    await makeRepository(other, updates, { records })
    const archs = { arch: ['x86_64', 'i686', 'aarch64'], source: 'also' }
    await using published = await publish({ t: { merge: [demo, `${other}/`], ...archs } })
    const ask = async (repos: Record<string, string>, question: string[]) => {
      const sources = Object.entries(repos).flatMap(([id, url]) => [`--repofrompath=${id},${url}`, `--repo=${id}`])
      const options = isolated(join(folder.path, Object.keys(repos).join('')))
      const told = await run('dnf', [...options, ...sources, ...question])
      return lines(told.replace(/^Last metadata.*\n/gm, '')).filter((line) => !/^(?:t|a|b)$/.test(line))
    }
    for (const question of questions) {
      const together = await ask({ a: demo, b: other }, question)
      expect(together.length, question.join(' ')).toBeGreaterThan(0)
      expect(new Set(await ask({ t: published.url('t') }, question)), question.join(' ')).toEqual(new Set(together))
    }
  },
)
