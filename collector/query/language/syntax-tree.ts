/** Nodes of the grammar's tree, as they are read. */
import type { SyntaxNode } from '@lezer/common'
import type { Span } from './tree.ts'

/** Without comments, which may stand anywhere. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== 'LineComment') children.push(child)
  }
  return children
}

export const spanOf = ({ from, to }: Span): Span => ({ from, to })
