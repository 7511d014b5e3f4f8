const settings: { url?: { host: string } } = {}
export const a = { name: 'a', run: () => 1 }
export const host = (settings.url as { host: string }).host
