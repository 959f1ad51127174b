import { expect, test } from 'vitest'
import { wrap } from '../../settings/wrap.ts'

test('lines are as long as they may be, and never longer, but for one word', () => {
  const f = (text: string, want: readonly string[]) => expect(wrap(text, 7)).toEqual(want)
  f('', [''])
  f('a', ['a'])
  f('one two', ['one two'])
  f('one two three', ['one two', 'three'])
  f('a longword b', ['a', 'longword', 'b'])
})
