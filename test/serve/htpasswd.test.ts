import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isUser, readUsers, type Users } from '../../src/serve/htpasswd.ts'
import { judge } from '../helpers/judges.ts'
import { tree } from './serving.ts'

function usersOf(text: string): Users {
  return readUsers(join(tree({ htpasswd: text }), 'htpasswd'))
}

/** The line's mistake, without the folder. */
function refusal(text: string): string {
  const root = tree({ htpasswd: text })
  try {
    readUsers(join(root, 'htpasswd'))
    return ''
  } catch (error) {
    return (error as Error & { code: string }).code + (error as Error).message.replace(`${root}/`, ' ')
  }
}

const passwords = [
  'x',
  'correct horse',
  'a'.repeat(16),
  'b'.repeat(64),
  'ä€ and more than sixty-four bytes of it, to pass a block',
]

describe.skipIf(!judge('openssl'))('passwords that openssl has hashed', () => {
  test.each(['-6', '-5', '-apr1'])('by %s are right, others wrong', (form) => {
    for (const password of passwords) {
      const stored = execFileSync('openssl', ['passwd', form, password], { encoding: 'utf8' })
      const users = usersOf(`# who may read\n\nann:${stored}`)
      expect(isUser(users, 'ann', password)).toBe(true)
      expect(isUser(users, 'ann', `${password}x`)).toBe(false)
      expect(isUser(users, 'bob', password)).toBe(false)
    }
  })
})

test('what crypt(3) made with more rounds and the longest salt', () => {
  const users = usersOf(
    [
      'a:$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA',
      'b:$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
    ].join('\n'),
  )
  expect([isUser(users, 'a', 'Hello world!'), isUser(users, 'b', 'Hello world!')]).toEqual([true, true])
})

test("htpasswd's {SHA}, with a comment behind it", () => {
  const users = usersOf('ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=:Ann\n')
  expect([isUser(users, 'ann', 'password'), isUser(users, 'ann', 'Password'), isUser(users, 'ann', '')]).toEqual([
    true,
    false,
    false,
  ])
})

test('a password that is longer than any is wrong at once', () => {
  const users = usersOf(
    'ann:$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/\n',
  )
  const began = performance.now()
  expect(isUser(users, 'ann', 'x'.repeat(1_000_000))).toBe(false)
  expect(performance.now() - began).toBeLessThan(1000)
})

test.each([
  ['ann:$2y$05$abcdefghijklmnopqrstuu', 'line 1 of htpasswd has a bcrypt password, which cannot be checked'],
  ['ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\nbob:rqXexS6ZhobKA', 'line 2 of htpasswd has a DES-crypt password, which'],
  ['ann:$1$abc$dOMcnWNjRCFxBgFl1ggWp1', 'line 1 of htpasswd has an MD5-crypt password, which'],
  ['ann:$y$j9T$abc$abc', 'line 1 of htpasswd has a yescrypt password, which'],
  ['ann:secret', 'line 1 of htpasswd has a password of an unknown form, which'],
  ['ann', 'line 1 of htpasswd is no name:password'],
  [':x', 'line 1 of htpasswd is no name:password'],
  [`ann:$6$rounds=999999999$abc$${'a'.repeat(86)}`, 'line 1 of htpasswd asks for 999999999 rounds, at most 100000'],
  ['# nobody\n', 'htpasswd names no user; write one line for each'],
])('%j is refused by name', (text, message) => {
  expect(refusal(text)).toContain(`E_CONFIGhtpasswd: ${message.startsWith('line') ? '' : ' '}`)
  expect(refusal(text).replaceAll('  ', ' ')).toContain(message)
})

test('a file that is not there is named', () => {
  expect(() => readUsers('/absent/htpasswd')).toThrow(
    'htpasswd: Cannot read /absent/htpasswd: no such file or directory',
  )
})
