import { expect, test } from 'vitest'
import { assertMayListen, isLoopback, parseListen } from '../../settings/listen.ts'

test('addresses', () => {
  expect(parseListen(':9790')).toEqual({ host: '', port: 9790 })
  expect(parseListen('127.0.0.1:0')).toEqual({ host: '127.0.0.1', port: 0 })
  expect(parseListen('[::1]:9790')).toEqual({ host: '::1', port: 9790 })
  for (const bad of ['9790', 'a:b', '::1:9790', 'h:70000', ''])
    expect(parseListen(bad)).toBeUndefined()
})

test('loopback', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost'])
    expect(isLoopback(host)).toBe(true)
  for (const host of ['', '0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example'])
    expect(isLoopback(host)).toBe(false)
})

test('a listener that others can reach needs --insecure', () => {
  const open = { host: '', port: 9790 }
  expect(() => assertMayListen(open, 'web.listen-address', false)).toThrow(/--insecure/)
  expect(() => assertMayListen(open, 'web.listen-address', true)).not.toThrow()
  expect(() => assertMayListen({ host: '127.0.0.1', port: 1 }, 'x', false)).not.toThrow()
})
