/** Drives one shape: so many workflows, so many in flight; latencies, throughput, CPU and peak memory of this process. */

export interface Load {
  readonly total: number
  readonly inFlight: number
  /** Starts one workflow and resolves with its result. */
  run(n: number): Promise<unknown>
}

export interface Figures {
  readonly workflows: number
  readonly inFlight: number
  readonly seconds: number
  readonly workflowsPerSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  /** User and system time of this process per workflow. */
  readonly cpuMicrosPerWorkflow: number
  readonly peakRssMiB: number
}

export async function drive(load: Load): Promise<Figures> {
  const latencies = new Float64Array(load.total)
  let next = 0
  const lane = async () => {
    while (next < load.total) {
      const n = next
      next += 1
      const started = performance.now()
      await load.run(n)
      latencies[n] = performance.now() - started
    }
  }
  const cpu = process.cpuUsage()
  const started = performance.now()
  await Promise.all(Array.from({ length: Math.min(load.inFlight, load.total) }, lane))
  const seconds = (performance.now() - started) / 1000
  const used = process.cpuUsage(cpu)
  latencies.sort()
  const at = (share: number) =>
    round(latencies[Math.min(load.total - 1, Math.floor(load.total * share))] ?? 0)
  return {
    workflows: load.total,
    inFlight: load.inFlight,
    seconds: round(seconds),
    workflowsPerSecond: Math.round(load.total / seconds),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    cpuMicrosPerWorkflow: Math.round((used.user + used.system) / load.total),
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
