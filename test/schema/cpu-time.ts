/** Milliseconds that this process has computed: bounds on work hold on a busy machine too, where bounds on time would not. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
