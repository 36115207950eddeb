import { describe, expect, it } from 'vitest'
import { load, refuses } from './configuration.ts'

const start = 'root: www\nrepos: {}\n'

describe('the admin API', () => {
  it('has a socket of its own and may listen on TCP', async () => {
    const { admin } = await load(
      `${start}admin_socket: run/a.sock\nadmin_listen: 127.0.0.1:8081\nadmin_token_file: token\n`,
    )
    const listen = { host: '127.0.0.1', port: 8081 }
    expect(admin).toEqual({ socket: 'DIR/run/a.sock', listen, tokenFile: 'DIR/token' })
  })

  refuses(
    [
      'TCP without a token',
      `${start}admin_listen: "[::1]:8081"\n`,
      '3:15: admin_listen: whoever reaches it could do everything; write admin_token_file: too',
    ],
    [
      'a token that others can read on its way',
      `${start}admin_listen: 0.0.0.0:8081\nadmin_token_file: t\n`,
      '3:15: admin_listen: the token could be read on its way to 0.0.0.0; write admin_tls_cert: and admin_tls_key:, or listen on 127.0.0.1 only',
    ],
    [
      'half of what TLS needs',
      `${start}admin_listen: 0.0.0.0:8081\nadmin_token_file: t\nadmin_tls_cert: c\n`,
      '3:15: admin_listen: TLS needs both a certificate and its key; write admin_tls_cert: and admin_tls_key:',
    ],
  )

  it('says that a socket has too long a path', async () => {
    const message = /admin socket's path .* is longer than 107 bytes; write admin_socket: and a shorter one/
    await expect(load(`${start}admin_socket: ${'a'.repeat(120)}\n`)).rejects.toThrow(message)
  })
})
