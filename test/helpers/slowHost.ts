import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * A host that lets nobody connect at first, as a far one would not: its queue is full, so that the kernel drops what asks for
 * a connection, which is asked again after a second. Told to accept, it takes all that come. Node's servers cannot do that.
 */
const program = `
import socket, sys
server = socket.socket()
server.bind(('127.0.0.1', 0))
server.listen(0)
filling = [socket.socket() for _ in range(2)]
for one in filling:
    one.setblocking(False)
    one.connect_ex(server.getsockname())
print(server.getsockname()[1], flush=True)
sys.stdin.readline()
while True:
    server.accept()
`

/** Such a host, and how it is told to accept. */
export interface SlowHost extends AsyncDisposable {
  origin: string
  accept(): void
}

export async function startSlowHost(): Promise<SlowHost> {
  const child = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [port] = await once(createInterface(child.stdout), 'line')
  return {
    origin: `http://127.0.0.1:${port}`,
    accept: () => void child.stdin.write('\n'),
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'close')
    },
  }
}
