import { expect, test } from 'vitest'
import { attributes, KIND_ATTRIBUTE } from '../../catalog/entity.ts'
import { errors } from '../../catalog/error.ts'
import { findingRules } from '../../catalog/finding.ts'
import { limits } from '../../catalog/limit.ts'
import { own } from '../../catalog/own.ts'
import { inFolder, product, read, sources } from '../tree.ts'

/** The product without the catalogue itself: here a row must be used, or it says what is not so. */
const users = product.filter((path) => !path.startsWith('catalog/'))
const text = users.map(read).join('\n')
const mentions = (key: string, ...forms: readonly string[]) =>
  forms.some((form) => text.includes(form)) || new RegExp(`'${key}'`).test(text)

/** Codes of Node.js that our code looks at. */
const NODE_CODES = ['ERR_BUFFER_TOO_LARGE']

test('every error code that is thrown has a row', () => {
  const thrown = users.flatMap((path) =>
    [...read(path).matchAll(/'(ERR_[A-Z0-9_]+)'/g)].map(([, code]) => ({ path, code: code! })),
  )
  expect(thrown.filter(({ code }) => !(code in errors) && !NODE_CODES.includes(code))).toEqual([])
})

test('every error code with a row is thrown somewhere', () => {
  expect(Object.keys(errors).filter((code) => !mentions(code))).toEqual([])
})

test('every limit is held somewhere', () => {
  const unused = Object.keys(limits).filter((name) => !mentions(name, `limits.${name}`))
  expect(unused).toEqual([])
})

test('every own metric of the collector is set by it', () => {
  const mine = inFolder(product, 'collector', 'command').map(read).join('\n')
  const unused = Object.keys(own).filter(
    (name) => !mine.includes(`own.${name}`) && !mine.includes(`'${name}'`),
  )
  expect(unused).toEqual([])
})

test.each(Object.keys(findingRules))('the rule %s is judged and tested', (id) => {
  const having = (...folders: readonly string[]) =>
    inFolder(sources, ...folders).filter((path) => read(path).includes(`'${id}'`))
  expect(having('judge/rules')).not.toEqual([])
  expect(having('test/judge/rules').filter((path) => path.endsWith('.test.ts'))).not.toEqual([])
})

test('every documented attribute is set or read somewhere', () => {
  const unused = Object.keys(attributes).filter((name) => !mentions(name))
  expect(unused).toEqual([])
  expect(mentions(KIND_ATTRIBUTE, 'KIND_ATTRIBUTE')).toBe(true)
})
