/** Elements and tables. Text from outside becomes text and nothing else. */

/**
 * @typedef {string | Node | undefined | false} Child
 * @typedef {object} Cell
 * @property {string} text
 * @property {string} [note] Second line.
 * @property {number} [share] 0-1, drawn as a bar.
 * @property {string} [tone] good | warn | bad | quiet
 * @property {boolean} [badge]
 * @typedef {object} Column
 * @property {string} head
 * @property {boolean} [figure] Aligned to the right.
 * @property {(row: any) => Cell} cell
 * @property {(row: any) => number | string | undefined} by What the column sorts by.
 */

/** @param {string} tag @param {Record<string, string>} [attributes] @param {...Child} children */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children.filter((child) => child !== undefined && child !== false))
  return node
}

/** @param {Cell} cell */
function fill(cell) {
  const unknown = cell.text === '–'
  const text = el(
    'span',
    { class: unknown ? 'unknown' : cell.badge ? 'badge' : 'value' },
    cell.text,
  )
  if (unknown) text.append(el('span', { class: 'hidden' }, 'not measured'))
  const parts = [text]
  if (cell.note) parts.push(el('span', { class: 'small', title: cell.note }, cell.note))
  if (cell.share !== undefined) {
    const level = el('i')
    level.style.width = `${Math.min(1, Math.max(0, cell.share)) * 100}%`
    parts.push(el('span', { class: 'meter', 'aria-hidden': 'true' }, level))
  }
  return parts
}

/** Rows that are drawn until a person asks for all; with more of them a table can be searched. */
const FIRST = 25

/** A table whose rows stay where they are while their figures change. */
export class Table {
  /** @param {HTMLElement} host @param {string} caption @param {Column[]} columns */
  constructor(host, caption, columns) {
    this.host = host
    this.columns = columns
    this.rows = []
    /** @type {{ column: number, down: boolean } | undefined} */
    this.order = undefined
    /** @type {Map<string, { row: HTMLElement, cells: { node: HTMLElement, was: string }[] }>} */
    this.drawn = new Map()
    this.caption = el('caption', {}, caption)
    this.heads = columns.map(({ head, figure }, i) => {
      const button = el('button', { type: 'button' }, head)
      button.addEventListener('click', () => this.sort(i))
      return el(
        'th',
        { scope: 'col', role: 'columnheader', ...(figure ? { class: 'figure' } : {}) },
        button,
      )
    })
    this.all = false
    this.search = el('input', {
      type: 'search',
      placeholder: 'Search',
      'aria-label': `Search: ${caption}`,
    })
    this.search.addEventListener('input', () => this.show(this.rows))
    this.more = el('button', { type: 'button', class: 'more' })
    this.more.addEventListener('click', () => {
      this.all = !this.all
      this.show(this.rows)
    })
    this.tools = el('div', { class: 'tools' }, this.search)
    this.body = el('tbody', { role: 'rowgroup' })
    this.table = el(
      'table',
      { role: 'table' },
      this.caption,
      el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, ...this.heads)),
      this.body,
    )
  }

  /** @param {number} column */
  sort(column) {
    const same = this.order?.column === column
    this.order = { column, down: same ? !this.order.down : this.columns[column].figure === true }
    this.heads.forEach((head, i) => {
      if (i === column) head.setAttribute('aria-sort', this.order.down ? 'descending' : 'ascending')
      else head.removeAttribute('aria-sort')
    })
    this.show(this.rows)
  }

  /** @param {any[]} rows */
  show(rows) {
    this.rows = rows
    if (rows.length === 0) return this.host.replaceChildren()
    if (!this.table.isConnected) this.host.replaceChildren(this.tools, this.table, this.more)
    const found = this.sorted(this.found(rows))
    const shown = this.all ? found : found.slice(0, FIRST)
    this.tools.hidden = rows.length <= FIRST
    this.more.hidden = found.length <= FIRST
    this.more.textContent = this.all ? `Show the first ${FIRST}` : `Show all ${found.length}`
    this.place(shown)
  }

  /** Rows in which any cell has the text that is searched for. @param {any[]} rows */
  found(rows) {
    const wanted = this.search.value.trim().toLowerCase()
    if (wanted === '' || rows.length <= FIRST) return rows
    return rows.filter((each) =>
      this.columns.some(({ cell }) => {
        const { text, note } = cell(each)
        return `${text} ${note ?? ''}`.toLowerCase().includes(wanted)
      }),
    )
  }

  /** @param {any[]} rows */
  place(rows) {
    const keys = new Set(rows.map(({ id }) => id))
    for (const [key, { row }] of this.drawn) {
      if (keys.has(key)) continue
      row.remove()
      this.drawn.delete(key)
    }
    let next = this.body.firstElementChild
    for (const each of rows) {
      const row = this.draw(each)
      if (row === next) next = next.nextElementSibling
      else this.body.insertBefore(row, next)
    }
  }

  /** @param {any[]} rows */
  sorted(rows) {
    if (this.order === undefined) return rows
    const { column, down } = this.order
    const { by } = this.columns[column]
    const unknownLast = (value) => value === undefined || value === null
    return rows.toSorted((a, b) => {
      const [left, right] = [by(a), by(b)]
      if (unknownLast(left) || unknownLast(right)) return unknownLast(left) - unknownLast(right)
      const order =
        typeof left === 'string' ? left.localeCompare(right, 'en', { numeric: true }) : left - right
      return down ? -order : order
    })
  }

  /** @param {any} each */
  draw(each) {
    let drawn = this.drawn.get(each.id)
    if (drawn === undefined) {
      const cells = this.columns.map(({ head, figure }, i) => ({
        node: el(i === 0 ? 'th' : 'td', {
          'data-label': head,
          ...(i === 0 ? { scope: 'row', role: 'rowheader' } : { role: 'cell' }),
          ...(figure ? { class: 'figure' } : {}),
        }),
        was: '',
      }))
      drawn = { row: el('tr', { role: 'row' }, ...cells.map(({ node }) => node)), cells }
      this.drawn.set(each.id, drawn)
    }
    this.columns.forEach((column, i) => {
      const cell = column.cell(each)
      const now = JSON.stringify(cell)
      const at = drawn.cells[i]
      if (at.was === now) return
      at.was = now
      at.node.dataset.tone = cell.tone ?? ''
      at.node.replaceChildren(...fill(cell))
    })
    return drawn.row
  }
}
