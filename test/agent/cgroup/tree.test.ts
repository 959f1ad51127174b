import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { detectLayout } from '../../../agent/cgroup/mode.ts'
import { CgroupTree } from '../../../agent/cgroup/tree.ts'
import { limits } from '../../../catalog/limit.ts'
import { filesOf, folder, write } from '../fixture.ts'

const MINUTE_MS = 60_000

/** A machine whose cgroups are made by the test, with a look at them. */
function machine(kind: 'v1' | 'v2') {
  const root = folder()
  const mounts = kind === 'v2' ? [''] : ['/memory', '/cpu,cpuacct', '/pids']
  for (const mount of mounts) {
    write(`${root}/sys/fs/cgroup${mount}`, {
      'cgroup.procs': '',
      ...(kind === 'v2' && { 'cgroup.controllers': '', 'cgroup.stat': 'nr_descendants 0\n' }),
    })
  }
  write(root, { 'proc/cgroups': '#subsys_name\n' })
  const files = filesOf(root)
  const tree = new CgroupTree(files, detectLayout(files))
  const directories = (path: string) =>
    mounts.map((mount) => `${root}/sys/fs/cgroup${mount}${path}`)
  return {
    root,
    tree,
    directories,
    make: (path: string) => {
      for (const each of directories(path)) mkdirSync(each, { recursive: true })
    },
    remove: (path: string) => {
      for (const each of directories(path)) rmSync(each, { recursive: true })
    },
    paths: () => tree.nodes.map((node) => node.path),
  }
}

describe.each(['v1', 'v2'] as const)('%s', (kind) => {
  test('parents come before children, the root is not among them', () => {
    const { tree, make, paths } = machine(kind)
    make('/a/b/c')
    make('/d')
    expect(tree.look(0)).toBe(true)
    expect(paths().toSorted()).toEqual(['/a', '/a/b', '/a/b/c', '/d'])
    expect(paths().indexOf('/a')).toBeLessThan(paths().indexOf('/a/b'))
    expect(tree.find('/a/b')).toBe(tree.nodes.find(({ path }) => path === '/a/b'))
    expect(tree.find('/')).toBe(tree.root)
    expect(tree.find('/a/x')).toBeUndefined()
  })

  test('what does not change is not looked at again', () => {
    const { tree, make } = machine(kind)
    make('/a/b')
    tree.look(0)
    const before = tree.nodes
    expect(tree.look(1)).toBe(false)
    expect(tree.nodes).toBe(before)
  })

  test('a new cgroup below one that holds others is seen at once', () => {
    const { tree, make, paths } = machine(kind)
    make('/a/b')
    tree.look(0)
    make('/a/c')
    expect(tree.look(1)).toBe(true)
    expect(paths()).toEqual(['/a', '/a/b', '/a/c'])
  })

  test('below a leaf it is seen when the kernel counts one more', () => {
    const { root, tree, make, paths } = machine(kind)
    make('/a')
    tree.look(0)
    make('/a/b')
    expect(tree.look(1)).toBe(false)
    write(root, {
      'proc/cgroups': '#subsys_name\nmemory 1 2 1\n',
      ...(kind === 'v2' && { 'sys/fs/cgroup/cgroup.stat': 'nr_descendants 2\n' }),
    })
    expect(tree.look(2)).toBe(true)
    expect(paths()).toEqual(['/a', '/a/b'])
  })

  test('and in any case within a minute', () => {
    const { tree, make, paths } = machine(kind)
    make('/a')
    tree.look(0)
    make('/a/b')
    tree.look(MINUTE_MS)
    expect(paths()).toEqual(['/a', '/a/b'])
  })

  test('a removed cgroup leaves with all below it', () => {
    const { tree, make, remove, paths } = machine(kind)
    make('/a/b/c')
    make('/d')
    tree.look(0)
    remove('/a')
    expect(tree.look(1)).toBe(true)
    expect(paths()).toEqual(['/d'])
  })

  test('one that was made again under its name is another', () => {
    const { tree, make, remove, directories } = machine(kind)
    make('/a/b')
    make('/c')
    tree.look(0)
    const [a, b, c] = ['/a', '/a/b', '/c'].map((path) => tree.find(path))
    // The old directories stay alive, so that the new ones cannot have their inodes.
    for (const each of directories('/a')) renameSync(each, `${each}.old`)
    make('/a/b')
    tree.suspect()
    expect(tree.look(1)).toBe(true)
    remove('/a.old')
    tree.look(2)
    expect(tree.find('/a')!.inode).not.toBe(a!.inode)
    expect(tree.find('/a/b')!.inode).not.toBe(b!.inode)
    expect(tree.find('/c')).toBe(c)
    expect(tree.nodes).toHaveLength(3)
  })
})

test('v1: a cgroup is where it is in any hierarchy', () => {
  const { root, tree } = machine('v1')
  mkdirSync(`${root}/sys/fs/cgroup/pids/only-pids`)
  mkdirSync(`${root}/sys/fs/cgroup/memory/only-memory`)
  tree.look(0)
  const at = (path: string) => [0, 1, 2].map((h) => tree.directory(tree.find(path)!, h))
  expect(at('/only-pids').map((each) => each !== undefined)).toEqual([false, false, true])
  expect(at('/only-memory').map((each) => each !== undefined)).toEqual([true, false, false])
})

test('v1: one that leaves a hierarchy is another version of itself', () => {
  const { root, tree, make } = machine('v1')
  make('/a')
  tree.look(0)
  const node = tree.find('/a')!
  const { version } = node
  rmSync(`${root}/sys/fs/cgroup/pids/a`, { recursive: true })
  expect(tree.look(1)).toBe(true)
  expect(tree.find('/a')).toBe(node)
  expect(node.version).toBeGreaterThan(version)
})

describe('limits', () => {
  test('deeper ones are counted, not read', () => {
    const { tree, make } = machine('v1')
    make(`/${Array.from({ length: limits.cgroupDepth.value + 2 }, (_, i) => `d${i}`).join('/')}`)
    tree.look(0)
    expect(tree.nodes).toHaveLength(limits.cgroupDepth.value)
    expect(tree.unread).toEqual(new Map([['cgroupDepth', 1]]))
  })
  test('longer paths are counted, not read', () => {
    const { tree, make } = machine('v2')
    make(`/${Array.from({ length: 6 }, () => 'x'.repeat(200)).join('/')}`)
    tree.look(0)
    expect(tree.nodes).toHaveLength(5)
    expect(tree.unread).toEqual(new Map([['labelBytes', 1]]))
  })
  test('names that are not UTF-8 are counted, not read', () => {
    const { root, tree } = machine('v2')
    const name = Buffer.concat([Buffer.from(`${root}/sys/fs/cgroup/`), Buffer.from([0xff, 0x61])])
    mkdirSync(name)
    tree.look(0)
    expect(tree.nodes).toEqual([])
    expect(tree.unread).toEqual(new Map([['name', 1]]))
  })
  test('more than the limit are counted, and read when there is room', () => {
    const { root, tree, remove } = machine('v2')
    const names = Array.from({ length: limits.cgroups.value + 3 }, (_, i) => `c${i}`)
    for (const name of names) mkdirSync(`${root}/sys/fs/cgroup/${name}`)
    tree.look(0)
    expect(tree.nodes).toHaveLength(limits.cgroups.value)
    expect(tree.unread).toEqual(new Map([['cgroups', 3]]))
    for (const node of tree.nodes.slice(0, 2)) remove(node.path)
    tree.look(MINUTE_MS)
    tree.look(2 * MINUTE_MS)
    expect(tree.nodes).toHaveLength(limits.cgroups.value)
    expect(tree.unread).toEqual(new Map([['cgroups', 1]]))
  })
})

describe.each(['v1', 'v2'] as const)('%s: one name below a cgroup', (kind) => {
  const refreshed = () => {
    const { tree, ...rest } = machine(kind)
    tree.look(0)
    const refresh = (path: string) => {
      const at = path.lastIndexOf('/')
      const { came, went } = tree.refresh(tree.find(path.slice(0, at))!, path.slice(at + 1))
      return { came: came.map((node) => node.path), went: went.map((node) => node.path) }
    }
    return { tree, refresh, ...rest }
  }
  const NOTHING = { came: [], went: [] }

  test('comes with all below it, and goes with it', () => {
    const { refresh, make, remove, tree } = refreshed()
    expect(refresh('/a')).toEqual(NOTHING)
    make('/a/b/c')
    make('/a/d')
    expect(refresh('/a').came.toSorted()).toEqual(['/a', '/a/b', '/a/b/c', '/a/d'])
    expect(refresh('/a')).toEqual(NOTHING)
    expect(tree.find('/a/b/c')).toBeDefined()
    remove('/a/b')
    expect(refresh('/a')).toEqual({ came: [], went: ['/a/b', '/a/b/c'] })
    remove('/a')
    expect(refresh('/a')).toEqual({ came: [], went: ['/a', '/a/d'] })
    expect(tree.find('/a')).toBe(tree.root.children.get('a'))
  })

  test('another of the same name came and the one before went', () => {
    const { refresh, make, directories, root, tree } = refreshed()
    make('/a')
    refresh('/a')
    const before = tree.find('/a')!
    // Kept elsewhere, so that no new directory can have its inode.
    directories('/a').forEach((each, i) => renameSync(each, `${root}/before-${i}`))
    make('/a')
    expect(refresh('/a')).toEqual({ came: ['/a'], went: ['/a'] })
    expect(tree.find('/a')!.inode).not.toBe(before.inode)
  })

  test('the next look finds nothing new in it, and counts the limit as before', () => {
    const { refresh, make, paths, tree } = refreshed()
    make('/a/b')
    refresh('/a')
    tree.look(MINUTE_MS)
    expect(paths()).toEqual(['/a', '/a/b'])
    expect(tree.unread).toEqual(new Map())
  })

  test('a file is none', () => {
    const { refresh, directories } = refreshed()
    write(directories('')[0]!, { 'cgroup.kill': '' })
    expect(refresh('/cgroup.kill')).toEqual(NOTHING)
  })

  test('whether it is still the one that is known', () => {
    const { refresh, make, remove, tree } = refreshed()
    make('/a')
    refresh('/a')
    const node = tree.find('/a')!
    expect(tree.isThere(node)).toBe(true)
    remove('/a')
    expect(tree.isThere(node)).toBe(false)
  })
})

test('v1: it may come to one hierarchy after the other, and leave them so', () => {
  const { tree, directories } = machine('v1')
  tree.look(0)
  const [memory, ...others] = directories('/a')
  const change = () => {
    const { came, went } = tree.refresh(tree.root, 'a')
    return [came.length, went.length, tree.find('/a')?.version]
  }
  mkdirSync(memory!)
  expect(change()).toEqual([1, 0, 1])
  for (const each of others) mkdirSync(each)
  expect(change()).toEqual([0, 0, 3])
  rmSync(memory!, { recursive: true })
  expect(change()).toEqual([0, 0, 4])
  for (const each of others) rmSync(each, { recursive: true })
  expect(change()).toEqual([0, 1, undefined])
})

test.each(['refresh', 'look'] as const)(
  'v1: one that comes back to a hierarchy is another when the old one has left the rest (%s)',
  (how) => {
    const { tree, directories, root } = machine('v1')
    tree.look(0)
    const [memory, ...others] = directories('/a')
    let timeMs = 0
    const found = () => {
      if (how === 'refresh') tree.refresh(tree.root, 'a')
      else tree.look((timeMs += MINUTE_MS))
      return tree.find('/a')
    }
    for (const each of [memory!, ...others]) mkdirSync(each)
    const before = found()
    renameSync(memory!, `${root}/before`)
    expect(found()).toBe(before)
    mkdirSync(memory!)
    expect(found()).toBe(before)
    others.forEach((each, i) => renameSync(each, `${root}/before-${i}`))
    for (const each of others) mkdirSync(each)
    const after = found()!
    expect(after).not.toBe(before)
    // It has the name that it would have had for who came later.
    expect(after.inode).toBe(after.places[0]!.inode)
  },
)
