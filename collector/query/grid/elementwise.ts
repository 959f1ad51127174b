/** Operators between values, step by step; arithmetic is Go's where JavaScript has its own mind. */
import type { ArithmeticOperator, BinaryOperator, ComparisonOperator } from '../language/tree.ts'

/** Fills `into`, step by step. Each operator has a loop of its own, which the machine makes fast. */
type Arithmetic = (left: Float64Array, right: Float64Array, into: Float64Array) => void
/** 1 where it holds. */
type Comparison = (left: Float64Array, right: Float64Array, into: Uint8Array) => void

const arithmetic: Readonly<Record<ArithmeticOperator, Arithmetic>> = {
  '+': (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = left[i]! + right[i]!
  },
  '-': (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = left[i]! - right[i]!
  },
  '*': (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = left[i]! * right[i]!
  },
  '/': (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = left[i]! / right[i]!
  },
  '%': (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = left[i]! % right[i]!
  },
  '^': (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = power(left[i]!, right[i]!)
  },
  atan2: (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = Math.atan2(left[i]!, right[i]!)
  },
}

const comparison: Readonly<Record<ComparisonOperator, Comparison>> = {
  '==': (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = left[i] === right[i] ? 1 : 0
  },
  '!=': (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = left[i] !== right[i] ? 1 : 0
  },
  '<': (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = left[i]! < right[i]! ? 1 : 0
  },
  '<=': (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = left[i]! <= right[i]! ? 1 : 0
  },
  '>': (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = left[i]! > right[i]! ? 1 : 0
  },
  '>=': (left, right, into) => {
    for (let i = 0; i < into.length; i++) into[i] = left[i]! >= right[i]! ? 1 : 0
  },
}

/** 1 to any power is 1, and so is -1 to an infinite one, where JavaScript says NaN. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1
  return base ** exponent
}

export const isArithmetic = (operator: BinaryOperator): operator is ArithmeticOperator =>
  Object.hasOwn(arithmetic, operator)
const isComparison = (operator: BinaryOperator): operator is ComparisonOperator =>
  Object.hasOwn(comparison, operator)

interface Operand {
  readonly values: Float64Array
  /** Absent: at every step. */
  readonly present?: Uint8Array
}
interface Result {
  readonly values: Float64Array
  readonly present: Uint8Array
}

/** What two values give at the steps at which both are; `kept` is whose value a comparison lets through. */
export function elementwise(
  operator: BinaryOperator,
  { isBool, kept }: { isBool: boolean; kept: 'left' | 'right' },
): (left: Operand, right: Operand) => Result {
  if (isArithmetic(operator)) {
    const compute = arithmetic[operator]
    return (left, right) => {
      const values = new Float64Array(left.values.length)
      compute(left.values, right.values, values)
      return { values, present: bothPresent(left, right) }
    }
  }
  if (!isComparison(operator)) throw new TypeError(`${operator} is between sets`)
  const compare = comparison[operator]
  return (left, right) => {
    const holds = new Uint8Array(left.values.length)
    compare(left.values, right.values, holds)
    const present = bothPresent(left, right)
    if (isBool) return { values: Float64Array.from(holds), present }
    for (let step = 0; step < holds.length; step++) holds[step]! &= present[step]!
    return { values: (kept === 'left' ? left : right).values, present: holds }
  }
}

function bothPresent(left: Operand, right: Operand): Uint8Array {
  if (left.present === undefined || right.present === undefined) {
    return left.present ?? right.present ?? new Uint8Array(left.values.length).fill(1)
  }
  const both = new Uint8Array(left.values.length)
  for (let step = 0; step < both.length; step++)
    both[step] = left.present[step]! & right.present[step]!
  return both
}
