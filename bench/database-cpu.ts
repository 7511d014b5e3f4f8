/** Processor time of a PostgreSQL cluster on this machine: the postmaster and all of its children, dead ones included. */
import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second. */
const microsPerTick = 10_000

export function databaseCpuMicros(postmaster: number): number {
  let ticks = 0
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      // The command may hold spaces and brackets; the fields are counted from behind it.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number)
      const [parent, user, system, deadUser, deadSystem] = [
        fields[1],
        fields[11],
        fields[12],
        fields[13],
        fields[14],
      ]
      if (Number(name) === postmaster)
        ticks += (user ?? 0) + (system ?? 0) + (deadUser ?? 0) + (deadSystem ?? 0)
      else if (parent === postmaster) ticks += (user ?? 0) + (system ?? 0)
    } catch {
      // It ended between the two reads.
    }
  }
  return ticks * microsPerTick
}
