/**
 * Loaded before a process (`node --import`): SIGUSR2 sets its clock to the next of CLOCK_STEPS, each ms
 * from the real time. Clocks that nobody can set go on.
 */
const steps = process.env['CLOCK_STEPS'].split(',').map(Number)
const now = Date.now
let step = 0
Date.now = () => now() + step
process.on('SIGUSR2', () => {
  step = steps.shift() ?? 0
  process.stderr.write(`clock stepped ${step}\n`)
})
