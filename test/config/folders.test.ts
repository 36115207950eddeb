import { describe } from 'vitest'
import { refuses } from './configuration.ts'

describe('folders', () => {
  refuses(
    [
      'a folder of the system for a root',
      'root: /\nstate: /usr\nrepos: {}\n',
      '1:7: root: `/` is a folder of the system; write a folder of its own',
      '2:8: state: `/usr` is a folder of the system; write a folder of its own',
    ],
    [
      'a root in /etc',
      'root: /etc/mirror\nstate: state\nrepos: {}\n',
      '1:7: root: `/etc/mirror` lies in /etc; write a folder of its own',
    ],
    ['a root at home', 'root: home\nrepos: {}\n', '1:7: root: `DIR/home` is a home folder; write a folder of its own'],
    ['a root with a ~', 'root: ~/www\nrepos: {}\n', '1:7: root: ~ is not expanded here; write the folder out'],
    [
      'a state inside of root',
      'root: www\nstate: www/state\nrepos: {}\n',
      '2:8: state: `DIR/www/state` lies in root `DIR/www`; write a folder beside root',
    ],
    [
      'a root inside of state',
      'root: x/www\nstate: x\nrepos: {}\n',
      '1:7: root: `DIR/x/www` lies in state `DIR/x`; write a folder beside state',
    ],
    [
      'a root that is the state',
      'root: x\nstate: ./x/\nrepos: {}\n',
      '2:8: state: `DIR/x` lies in root `DIR/x`; write a folder beside root',
    ],
  )
})
