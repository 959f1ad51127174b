/** Numbers as Prometheus writes them: all digits, no exponent, the shortest that reads back as the same. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  return text.includes('e') ? withoutExponent(text) : text
}

function withoutExponent(text: string): string {
  const [, sign, whole, fraction = '', power] = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text)!
  const digits = whole! + fraction
  const point = whole!.length + Number(power)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return `${sign}${digits.padEnd(point, '0')}`
}

/** As Go prints a number with %g, which is how its messages have them. */
export function formatShort(value: number): string {
  const magnitude = Math.abs(value)
  if (!Number.isFinite(value) || value === 0) return formatNumber(value)
  if (magnitude >= 1e-4 && magnitude < 1e21) return String(value)
  const [digits, power] = value.toExponential().split('e')
  return `${digits}e${power![0]}${power!.slice(1).padStart(2, '0')}`
}
